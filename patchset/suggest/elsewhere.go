package suggest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Elsewhere finds the files that upstream has added or changed since the base:
// where lines of the base may have gone. It is not safe for concurrent use.
type Elsewhere struct {
	objects        merge3.Objects
	base, upstream merge3.ID
	changed        []changedFile
	walked         bool
	err            error
}

// NewElsewhere looks at two trees, when it is first asked.
func NewElsewhere(objects merge3.Objects, base, upstream merge3.ID) *Elsewhere {
	return &Elsewhere{objects: objects, base: base, upstream: upstream}
}

type changedFile struct {
	path  string
	id    merge3.ID
	added bool
}

// Bounds on what is looked at for one file.
const (
	maxFiles = 200    // files that are read
	maxWalk  = 200000 // entries of trees
	maxDepth = 512    // directories in one another
)

// Files are other files with the same extension as the one at name, for
// [File.Elsewhere]: those in the same directory first, then added ones, then changed ones.
func (e *Elsewhere) Files(ctx context.Context, name string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		files := e.candidates(ctx, name)
		for _, f := range files[:min(len(files), maxFiles)] {
			text, err := e.objects.ReadBlob(ctx, f.id)
			if err != nil {
				e.err = errors.Join(e.err, fmt.Errorf("reading %s: %w", f.path, err))
				return
			}
			if !yield(f.path, text) {
				return
			}
		}
	}
}

// Err is what went wrong in reading, if anything did; the search ended there.
func (e *Elsewhere) Err() error { return e.err }

func (e *Elsewhere) candidates(ctx context.Context, name string) []changedFile {
	if !e.walked {
		e.walked = true
		left := maxWalk
		e.err = e.walk(ctx, "", e.base, e.upstream, 0, &left)
	}
	var out []changedFile
	for _, f := range e.changed {
		if f.path != name && path.Ext(f.path) == path.Ext(name) {
			out = append(out, f)
		}
	}
	rank := func(f changedFile) int {
		switch {
		case path.Dir(f.path) == path.Dir(name):
			return 0
		case f.added:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b changedFile) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// walk collects the files of tree b that are not the same in a, at most as many entries as
// are left.
func (e *Elsewhere) walk(ctx context.Context, prefix string, a, b merge3.ID, depth int, left *int) error {
	if a == b || depth > maxDepth || *left <= 0 {
		return nil
	}
	was, err := e.entries(ctx, a)
	if err != nil {
		return err
	}
	now, err := e.objects.ReadTree(ctx, b)
	if err != nil {
		return fmt.Errorf("reading the directory %q: %w", prefix, err)
	}
	for _, n := range now {
		if *left--; *left < 0 {
			return nil
		}
		old, there := was[n.Name]
		switch {
		case there && old.ID == n.ID:
		case n.IsDir():
			if !old.IsDir() {
				old.ID = ""
			}
			if err := e.walk(ctx, prefix+n.Name+"/", old.ID, n.ID, depth+1, left); err != nil {
				return err
			}
		case n.Mode == merge3.ModeFile || n.Mode == merge3.ModeExecutable:
			e.changed = append(e.changed, changedFile{prefix + n.Name, n.ID, !there})
		}
	}
	return nil
}

func (e *Elsewhere) entries(ctx context.Context, id merge3.ID) (map[string]merge3.TreeEntry, error) {
	list, err := e.objects.ReadTree(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading a tree: %w", err)
	}
	named := make(map[string]merge3.TreeEntry, len(list))
	for _, entry := range list {
		named[entry.Name] = entry
	}
	return named, nil
}
