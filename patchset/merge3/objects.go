package merge3

import (
	"cmp"
	"context"
	"strings"
)

// Objects is the object store that trees are merged with. It is safe for concurrent
// use. What it returns is shared and must not be changed.
type Objects interface {
	// ReadTree returns the entries of a tree in git's order; "" is the empty tree.
	ReadTree(ctx context.Context, id ID) ([]TreeEntry, error)
	// DiffTree lists the entries in which two trees differ, in git's order. It may be
	// much cheaper than reading both.
	DiffTree(ctx context.Context, a, b ID) ([]EntryPair, error)
	// ReadBlob returns the content of a file.
	ReadBlob(ctx context.Context, id ID) ([]byte, error)
	// BlobSize is the length of a file in bytes. It may be much cheaper than ReadBlob.
	BlobSize(ctx context.Context, id ID) (int64, error)
	// WriteTree stores a tree, whose entries may come in any order. They are kept: nobody may
	// change them afterwards.
	WriteTree(entries []TreeEntry) (ID, error)
	// WriteBlob stores the content of a file.
	WriteBlob(data []byte) (ID, error)
}

// The modes of a [TreeEntry], as git stores them. In an [Entry] a directory is
// "040000", as git prints it.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeSymlink    = "120000"
	ModeGitlink    = "160000" // a submodule: the id is a commit of another repository
	ModeTree       = "40000"
)

// TreeEntry is one line of a tree.
type TreeEntry struct {
	Mode string // octal as stored: "100644", "40000"
	Name string // one path component, raw bytes
	ID   ID
}

// EntryPair is what two trees have under one name, both a directory or neither. The zero
// entry is none.
type EntryPair struct{ Old, New TreeEntry }

// DiffEntries is DiffTree for trees that have been read.
func DiffEntries(a, b []TreeEntry) []EntryPair {
	var pairs []EntryPair
	for len(a) > 0 || len(b) > 0 {
		order := cmp.Compare(len(b), len(a)) // which of them is not at its end
		if len(a) > 0 && len(b) > 0 {
			order = treeOrder(&a[0], &b[0])
		}
		var p EntryPair
		if order <= 0 {
			p.Old, a = a[0], a[1:]
		}
		if order >= 0 {
			p.New, b = b[0], b[1:]
		}
		if p.Old != p.New {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// entry is what an entry that is no directory stands for, with the mode that git writes
// today.
func (e TreeEntry) entry() Entry { return Entry{Mode: currentMode(e.Mode), ID: e.ID} }

// IsDir tells whether the entry is a directory.
func (e TreeEntry) IsDir() bool {
	return e.Mode == ModeTree || strings.TrimLeft(e.Mode, "0") == ModeTree
}
