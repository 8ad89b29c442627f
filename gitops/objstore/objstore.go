// Package objstore reads the objects of a git repository in this process, at a
// cost that does not grow with the number of objects in the repository.
//
// [Open] looks at the repository's configuration and no more. [Store.Read] then reads what
// it needs for one object: of a pack's index the fan-out and about one block, of
// the pack the object and what it is a delta of. Start reading at directory.go
// (where an object can be), idtable.go (how it is found) and unpack.go (how it is
// put together).
//
// What is read: loose objects; packs of version 2 and 3 with an index of version 1
// or 2; a multi-pack index of version 1; alternates. Packs that come or go
// meanwhile, as a repack makes them, are noticed when an object is not found.
//
// What is not: SHA-256, and whatever a repository's configuration announces that
// this package does not know. Then the error is an [*Unsupported], and git
// itself (`git cat-file --batch`) is the way. Objects that a partial clone has
// not fetched are [*Missing]. Replace refs and grafts are not looked at.
//
// Everything read is hostile until checked. No input makes this package panic,
// recurse or loop. The memory of one Read is a few times [Options].MaxSize at
// most, and is not taken on the word of a header alone. What is cheap is checked:
// sizes, offsets, the checksum that zlib keeps; whether an object has the
// content that its id stands for only with [Options].Verify.
//
// Files are read, never mapped: when somebody cuts a mapped file short, the next
// look behind its end kills the process. It takes some two reads to find an object
// and one to read it, and one for each delta; inflating takes longer than all of them.
//
// The formats are described in gitformat-pack(5) and gitrepository-layout(5).
package objstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Options of a Store. The zero value is good.
type Options struct {
	// Alternates are further objects directories to borrow from, absolute, beside
	// those that the repository names itself.
	Alternates []string
	// ObjectFormat is "sha1" where the caller knows; "" leaves it to the
	// repository's configuration. Anything else is refused.
	ObjectFormat string
	// MaxSize is the size in bytes above which an object is refused; 0 means
	// DefaultMaxSize.
	MaxSize int64
	// CacheSize is how much to keep in memory of what was read from packs, in
	// bytes; 0 means DefaultCacheSize.
	CacheSize int64
	// Verify compares every object with its id.
	Verify bool
	// Still says that nobody writes there as long as the Store is open: what is not
	// found is not looked for again.
	Still bool
}

// Defaults of Options.
const (
	DefaultMaxSize   = 256 << 20
	DefaultCacheSize = 16 << 20
)

// Store reads the objects of one repository and of those it borrows from. It is
// safe for concurrent use, and readers do not wait for each other's inflating.
type Store struct {
	files  files
	unpack unpacker
	verify bool
	still  bool

	main *directory
	// all is main and, looked up once, its alternates; those that can be had, on error.
	all func() ([]*directory, error)

	generation atomic.Int64 // counts the rescans that found something
	rescanning sync.Mutex
}

// Open prepares to read from objectsDir, the absolute path of a repository's objects
// directory. An object format that is not SHA-1 is an [*Unsupported].
func Open(objectsDir string, opts Options) (*Store, error) {
	for _, dir := range append([]string{objectsDir}, opts.Alternates...) {
		if !filepath.IsAbs(dir) {
			return nil, fmt.Errorf("open object store: %q is not an absolute path", dir)
		}
	}
	if opts.ObjectFormat != "" && opts.ObjectFormat != "sha1" {
		return nil, &Unsupported{fmt.Sprintf("the object format %.20q", opts.ObjectFormat)}
	}
	if info, err := os.Stat(objectsDir); err != nil {
		return nil, fmt.Errorf("open object store: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open object store: %s is not a directory", objectsDir)
	}
	if err := checkFormat(objectsDir); err != nil {
		return nil, fmt.Errorf("open object store: %w", err)
	}
	s := &Store{verify: opts.Verify, still: opts.Still, unpack: unpacker{
		cache: &cache{limit: orDefault(opts.CacheSize, DefaultCacheSize)},
		limit: orDefault(opts.MaxSize, DefaultMaxSize),
	}}
	s.main = s.directory(objectsDir)
	extra := slices.Clone(opts.Alternates)
	s.all = sync.OnceValues(func() ([]*directory, error) { return s.borrow(extra) })
	return s, nil
}

func orDefault(n, fallback int64) int64 {
	if n == 0 {
		return fallback
	}
	return n
}

func (s *Store) directory(path string) *directory {
	d := &directory{path: path, pool: &s.files}
	if s.still {
		d.fanout = sync.OnceValue(func() *[256]bool { return looseFanout(path) })
	}
	return d
}

// borrow finds the directories of alternates and puts them behind the main one.
func (s *Store) borrow(extra []string) ([]*directory, error) {
	dirs := []*directory{s.main}
	paths, err := alternates(s.main.path, extra)
	if err != nil {
		return dirs, err
	}
	for _, path := range paths {
		if err := checkFormat(path); err != nil {
			return dirs, fmt.Errorf("the alternate %s: %w", path, err)
		}
		dirs = append(dirs, s.directory(path))
	}
	return dirs, nil
}

// Close closes the files. Reads that follow fail with [ErrClosed].
func (s *Store) Close() error {
	s.files.close()
	return nil
}

// Read returns the type ("commit", "tree", "blob" or "tag") and the content of an
// object. The data is shared and must not be changed. Errors that a caller may
// want to know: [*Missing], [*TooLarge], [*Corrupt], [*Unsupported].
func (s *Store) Read(ctx context.Context, id merge3.ID) (typ string, data []byte, err error) {
	return s.ReadUpTo(ctx, id, s.unpack.limit)
}

// ReadUpTo is Read, but an object of more than limit bytes is a [*TooLarge] and is not put
// together.
func (s *Store) ReadUpTo(ctx context.Context, id merge3.ID, limit int64) (typ string, data []byte, err error) {
	limit = min(limit, s.unpack.limit)
	var obj object
	err = s.find(ctx, id, func(h hash, at place) (err error) {
		if obj, err = at.read(ctx, &s.unpack, limit); err != nil || !s.verify {
			return err
		}
		return at.fault(obj.check(h))
	})
	if err != nil {
		return "", nil, err
	}
	return obj.kind.String(), obj.data, nil
}

// Size returns an object's size in bytes, also of one that is too large to be read. It
// inflates no more than a few bytes, and does not look at what the object is a delta of.
// Errors are those of Read.
func (s *Store) Size(ctx context.Context, id merge3.ID) (size int64, err error) {
	err = s.find(ctx, id, func(_ hash, at place) (err error) {
		size, err = at.size(&s.unpack)
		return err
	})
	return size, err
}

// Has tells whether an object is there. It does not look at the object itself.
func (s *Store) Has(ctx context.Context, id merge3.ID) (bool, error) {
	err := s.find(ctx, id, func(_ hash, at place) error { return at.exists() })
	var missing *Missing
	if errors.As(err, &missing) {
		return false, nil
	}
	return err == nil, err
}

// maxTries is how often a repository is looked through that changes all the time.
const maxTries = 5

// find calls try for copies of an object until it succeeds. What it fails to find it
// looks for again as long as packs come and go.
func (s *Store) find(ctx context.Context, id merge3.ID, try func(hash, place) error) error {
	h, err := parseID(id)
	if err != nil {
		return err
	}
	for range maxTries {
		if err := stopped(ctx); err != nil {
			return public(id, err)
		}
		seen := s.generation.Load()
		err = s.findOnce(h, func(at place) error { return try(h, at) })
		if err == nil || isFinal(err) || s.still {
			break
		}
		if changed, rescanErr := s.rescan(seen); rescanErr != nil {
			return public(id, rescanErr)
		} else if !changed {
			break
		}
	}
	return public(id, err)
}

// findOnce goes through the packs of the repository and its alternates, and then, as
// git does, through their loose objects: most objects are packed.
func (s *Store) findOnce(h hash, try func(place) error) error {
	dirs, broken := s.all()
	result := errAbsent
	for _, find := range []func(*directory, hash, func(place) error) error{(*directory).findPacked, (*directory).findLoose} {
		for _, d := range dirs {
			err := find(d, h, try)
			if err == nil || isFinal(err) {
				return err
			}
			result = first(result, err)
		}
	}
	switch {
	case broken != nil:
		return first(result, broken)
	case result == errAbsent && h == emptyTree:
		return try(place{})
	}
	return result
}

// first is the error to report of two: an object that is absent here is news only
// when nothing went wrong elsewhere.
func first(a, b error) error {
	if a == errAbsent {
		return b
	}
	return a
}

// rescan lists the packs again. It tells whether anything has changed since
// generation seen.
func (s *Store) rescan(seen int64) (bool, error) {
	s.rescanning.Lock()
	defer s.rescanning.Unlock()
	if s.generation.Load() != seen {
		return true, nil
	}
	dirs, _ := s.all() // findOnce has reported the error
	any := false
	for _, d := range dirs {
		changed, err := d.rescan()
		if err != nil {
			return false, err
		}
		any = any || changed
	}
	if any {
		s.generation.Add(1)
	}
	return any, nil
}
