package gitops

import (
	"cmp"
	"context"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// TreeChange is one path that differs between two trees. A zero entry means that
// the path is not there.
type TreeChange struct {
	Path     string
	Old, New merge3.Entry
}

// maxTreeDepth bounds how deep directories may nest.
const maxTreeDepth = 512

// DiffTrees lists the paths that differ, in tree order, without following
// renames. It reads only directories that differ. Either tree may be "" for
// empty.
func (s *Scratch) DiffTrees(ctx context.Context, a, b merge3.ID) ([]TreeChange, error) {
	d := treeDiffer{list: s.diffParsed}
	err := d.walk(ctx, "", a, b, 0)
	return d.changes, err
}

// DiffFar is DiffTrees for the trees of two bases. Those are not kept, but what they have
// differently is: merges from one to the other look for renames there.
func (s *Scratch) DiffFar(ctx context.Context, a, b merge3.ID) ([]TreeChange, error) {
	d := treeDiffer{list: s.diffKept}
	err := d.walk(ctx, "", a, b, 0)
	return d.changes, err
}

// diffParsed compares two directories of a patch: a merge will want the same trees.
func (s *Scratch) diffParsed(ctx context.Context, a, b merge3.ID) ([]merge3.EntryPair, error) {
	old, err := s.ReadTree(ctx, a)
	if err != nil {
		return nil, err
	}
	now, err := s.ReadTree(ctx, b)
	return merge3.DiffEntries(old, now), err
}

func (s *Scratch) diffKept(ctx context.Context, a, b merge3.ID) ([]merge3.EntryPair, error) {
	pairs, err := s.DiffTree(ctx, a, b)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.differing.put(treePair{a, b}, pairs, 1+len(pairs), maxDiffering)
	}
	return pairs, err
}

type treeDiffer struct {
	list    func(ctx context.Context, a, b merge3.ID) ([]merge3.EntryPair, error)
	changes []TreeChange
}

func (d *treeDiffer) walk(ctx context.Context, prefix string, a, b merge3.ID, depth int) error {
	if a == b {
		return nil
	}
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	pairs, err := d.list(ctx, a, b)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if err := d.compare(ctx, prefix, p.Old, p.New, depth); err != nil {
			return err
		}
	}
	return nil
}

// compare looks at what two trees have in one place, which is of the same kind in
// both or in one tree only.
func (d *treeDiffer) compare(ctx context.Context, prefix string, x, y merge3.TreeEntry, depth int) error {
	path := prefix + cmp.Or(x.Name, y.Name)
	if x.IsDir() || y.IsDir() {
		return d.walk(ctx, path+"/", x.ID, y.ID, depth+1)
	}
	d.changes = append(d.changes, TreeChange{path, merge3.Entry{Mode: x.Mode, ID: x.ID}, merge3.Entry{Mode: y.Mode, ID: y.ID}})
	return nil
}

// DepthError is a directory that is nested deeper than anybody needs.
type DepthError struct{ Path string }

func (e *DepthError) Error() string { return "directories nested too deeply" }
