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
	d := treeDiffer{s: s}
	err := d.walk(ctx, "", a, b, 0)
	return d.changes, err
}

type treeDiffer struct {
	s       *Scratch
	changes []TreeChange
}

func (d *treeDiffer) walk(ctx context.Context, prefix string, a, b merge3.ID, depth int) error {
	if a == b {
		return nil
	}
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	// Parsed, and so kept: a merge will want the same trees.
	old, err := d.s.ReadTree(ctx, a)
	if err != nil {
		return err
	}
	now, err := d.s.ReadTree(ctx, b)
	if err != nil {
		return err
	}
	for _, p := range merge3.DiffEntries(old, now) {
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
