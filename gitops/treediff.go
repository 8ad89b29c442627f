package gitops

import (
	"context"
	"slices"
	"strings"

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
	old, err := d.entries(ctx, a)
	if err != nil {
		return err
	}
	now, err := d.entries(ctx, b)
	if err != nil {
		return err
	}
	for _, name := range unionNames(old, now) {
		if err := d.compare(ctx, prefix+name, old[name], now[name], depth); err != nil {
			return err
		}
	}
	return nil
}

func (d *treeDiffer) compare(ctx context.Context, path string, x, y merge3.TreeEntry, depth int) error {
	if x.Mode == y.Mode && x.ID == y.ID {
		return nil
	}
	xDir, yDir := x.IsDir(), y.IsDir()
	var xTree, yTree merge3.ID
	change := TreeChange{Path: path}
	if xDir {
		xTree = x.ID
	} else {
		change.Old = merge3.Entry{Mode: x.Mode, ID: x.ID}
	}
	if yDir {
		yTree = y.ID
	} else {
		change.New = merge3.Entry{Mode: y.Mode, ID: y.ID}
	}
	if change.Old != change.New {
		d.changes = append(d.changes, change)
	}
	return d.walk(ctx, path+"/", xTree, yTree, depth+1)
}

func (d *treeDiffer) entries(ctx context.Context, tree merge3.ID) (map[string]merge3.TreeEntry, error) {
	if tree == "" {
		return nil, nil
	}
	list, err := d.s.ReadTree(ctx, tree)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]merge3.TreeEntry, len(list))
	for _, e := range list {
		byName[e.Name] = e
	}
	return byName, nil
}

func unionNames(a, b map[string]merge3.TreeEntry) []string {
	names := make([]string, 0, max(len(a), len(b)))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}

// DepthError is a directory that is nested deeper than anybody needs.
type DepthError struct{ Path string }

func (e *DepthError) Error() string { return "directories nested too deeply" }
