// Package packwriter writes git packs: a .pack, its index (.idx, version 2) and
// its reverse index (.rev, version 1), for SHA-1 repositories.
//
// Start reading at [Write]. It
//
//  1. puts the objects into an order in which bases come first (order.go),
//  2. makes a pack entry of each, whole or as a delta (entry.go, delta.go),
//  3. makes the two indexes from where the entries came to be (index.go),
//  4. stages the three files beside their places and renames them (stage.go).
//
// The formats are those of gitformat-pack(5) and, of the same input, the indexes
// are byte for byte what git index-pack would make of the pack.
//
// Promises: the output depends on the input alone; what is packed has the name it
// goes by; no delta takes more time than a few looks at each byte; an index
// is never there without its pack.
//
// Not promised: small packs. Deltas are made against the base that the caller
// names and no other is looked for; git repack does that, later and at leisure.
package packwriter

import (
	"errors"
	"fmt"
	"io"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Object is one object of the pack.
type Object struct {
	ID   merge3.ID
	Type string // "commit", "tree", "blob" or "tag"
	Data []byte

	// Base names an object of the same pack and type that this one resembles, such
	// as the tree that a tree was derived from; "" for none. A base that is not in
	// the pack, or that builds on this very object, is no base.
	Base merge3.ID

	// Load, if set, is asked once for the content instead of Data: for objects too
	// large to hold all of them at a time. Such an object is stored whole and is
	// nobody's base.
	Load func() ([]byte, error)
}

// Options of [Write]; the zero value is good.
type Options struct {
	// Step, if set, is called before each change to the file system: the making,
	// each write, the sync, the renaming and the removal of a file. It is there for
	// tests that end the process between two of them.
	Step func()
}

// Summary tells what [Write] wrote.
type Summary struct {
	Checksum merge3.ID // of the pack, as in its trailer
	Objects  int       // how many are in the pack
	Deltas   int       // how many of them are deltas
	Size     int64     // of the .pack file, in bytes
}

// ErrNoObjects says that there is nothing to write a pack of.
var ErrNoObjects = errors.New("no objects to pack")

// Write makes path.pack, path.rev and path.idx, which must not be there yet. They
// appear in this order, so that with the index the pack is there. An id that comes
// twice is packed once, as what came first.
//
// Each file is written to disk (fsync) before it appears under its name. Their
// directory is not: that is for the caller, once, before a ref may name what is in
// the pack. The files are read-only, as the umask lets them be.
//
// After an error nothing is left of the three files. Where the process is killed,
// what is left under a temporary name is what git gc sweeps up (tmp_*), or files of a pack
// without an index, which git ignores.
//
// It is an error ([ErrNoObjects]) to pack nothing, and to pack data that does not
// hash to its id.
func Write(path string, objects []Object, opts Options) (Summary, error) {
	summary, err := write(path, objects, opts)
	if err != nil {
		return Summary{}, fmt.Errorf("write pack: %w", err)
	}
	return summary, nil
}

func write(path string, objects []Object, opts Options) (_ Summary, err error) {
	if len(objects) == 0 {
		return Summary{}, ErrNoObjects
	}
	stage, err := newStage(path, opts.Step)
	if err != nil {
		return Summary{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stage.discard())
		}
	}()
	var p packed
	if err := stage.add(".pack", func(w io.Writer) (err error) {
		p, err = writePack(w, order(objects))
		return err
	}); err != nil {
		return Summary{}, err
	}
	if err := stage.add(".rev", p.writeRev); err != nil {
		return Summary{}, err
	}
	if err := stage.add(".idx", p.writeIdx); err != nil {
		return Summary{}, err
	}
	if err := stage.sync(); err != nil {
		return Summary{}, err
	}
	return p.summary(), stage.publish()
}
