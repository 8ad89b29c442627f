package gitops

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// EditTree returns the tree root ("" is the empty tree) with changes made: path
// to new entry, the zero entry to delete. A file takes the place of a directory and the other way
// round; directories that become empty vanish; deleting what is not there
// changes nothing.
func (s *Scratch) EditTree(ctx context.Context, root merge3.ID, changes map[string]merge3.Entry) (merge3.ID, error) {
	edits := &edit{}
	for path, e := range changes {
		if err := edits.add(path, e); err != nil {
			return "", fmt.Errorf("edit tree: %w", err)
		}
	}
	entries, err := s.ReadTree(ctx, root)
	if err != nil {
		return "", fmt.Errorf("edit tree: %w", err)
	}
	id, _, err := s.applyEdits(ctx, entries, edits)
	if err != nil {
		return "", fmt.Errorf("edit tree: %w", err)
	}
	return id, nil
}

// Entry finds path in the tree root; false when there is none. The mode has
// six digits, as git prints it.
func (s *Scratch) Entry(ctx context.Context, root merge3.ID, path string) (merge3.Entry, bool, error) {
	tree, rest := root, path
	for {
		name, below, deeper := strings.Cut(rest, "/")
		entries, err := s.ReadTree(ctx, tree)
		if err != nil {
			return merge3.Entry{}, false, err
		}
		e, ok := findEntry(entries, name)
		switch {
		case !ok, deeper && !e.IsDir():
			return merge3.Entry{}, false, nil
		case !deeper:
			return merge3.Entry{Mode: merge3.PrintedMode(e.Mode), ID: e.ID}, true, nil
		}
		tree, rest = e.ID, below
	}
}

// edit is what is to be done at one path: set an entry, delete (the zero
// entry), or, for a directory, the edits below it.
type edit struct {
	entry merge3.Entry
	below map[string]*edit
	leaf  bool
}

func (d *edit) add(path string, e merge3.Entry) error {
	if e != (merge3.Entry{}) {
		if err := checkEntry(path, e); err != nil {
			return err
		}
	}
	for name := range strings.SplitSeq(path, "/") {
		if err := checkName(name, path); err != nil {
			return err
		}
		if d.below == nil {
			d.below = map[string]*edit{}
		}
		if d.below[name] == nil {
			d.below[name] = &edit{}
		}
		d = d.below[name]
	}
	d.entry, d.leaf = e, true
	return nil
}

func checkEntry(path string, e merge3.Entry) error {
	switch e.Mode {
	case merge3.ModeFile, merge3.ModeExecutable, merge3.ModeSymlink, merge3.ModeGitlink, merge3.ModeTree, merge3.PrintedMode(merge3.ModeTree):
	default:
		return fmt.Errorf("%.200q: bad mode %.20q", path, e.Mode)
	}
	if !e.ID.Valid() {
		return fmt.Errorf("%.200q: %.80q is not an object id", path, e.ID)
	}
	return nil
}

// checkName refuses the names that git refuses to check out everywhere.
func checkName(name, path string) error {
	switch {
	case name == "", name == ".", name == "..", strings.EqualFold(name, ".git"), strings.EqualFold(name, "git~1"),
		strings.ContainsRune(name, 0):
		return fmt.Errorf("path %.200q is not allowed in a tree", path)
	}
	return nil
}

// applyEdits returns the changed tree and how many entries it has.
func (s *Scratch) applyEdits(ctx context.Context, entries []merge3.TreeEntry, d *edit) (merge3.ID, int, error) {
	var kept []merge3.TreeEntry
	for _, e := range entries {
		if d.below[e.Name] == nil {
			kept = append(kept, e)
		}
	}
	for name, sub := range d.below {
		old, _ := findEntry(entries, name)
		e, ok, err := s.applyEdit(ctx, old, name, sub)
		if err != nil {
			return "", 0, err
		}
		if ok {
			kept = append(kept, e)
		}
	}
	id, err := s.WriteTree(kept)
	return id, len(kept), err
}

// applyEdit returns what becomes of one name; false when nothing is left.
func (s *Scratch) applyEdit(ctx context.Context, old merge3.TreeEntry, name string, d *edit) (merge3.TreeEntry, bool, error) {
	if d.leaf && d.entry.ID != "" {
		if d.setsBelow() {
			return merge3.TreeEntry{}, false, fmt.Errorf("%.200q is to be a file and a directory", name)
		}
		return merge3.TreeEntry{Mode: d.entry.Mode, Name: name, ID: d.entry.ID}, true, nil
	}
	var entries []merge3.TreeEntry
	if old.IsDir() && !d.leaf {
		var err error
		if entries, err = s.ReadTree(ctx, old.ID); err != nil {
			return merge3.TreeEntry{}, false, err
		}
	}
	if !d.setsBelow() && !old.IsDir() && !d.leaf {
		return old, old.ID != "", nil // deletes below a path that is no directory
	}
	id, n, err := s.applyEdits(ctx, entries, d)
	return merge3.TreeEntry{Mode: merge3.ModeTree, Name: name, ID: id}, n > 0, err
}

// setsBelow tells whether anything is put below this path.
func (d *edit) setsBelow() bool {
	for _, sub := range d.below {
		if sub.leaf && sub.entry.ID != "" || sub.setsBelow() {
			return true
		}
	}
	return false
}

func findEntry(entries []merge3.TreeEntry, name string) (merge3.TreeEntry, bool) {
	for _, e := range entries {
		if e.Name == name {
			return e, true
		}
	}
	return merge3.TreeEntry{}, false
}

// TakePaths is the tree of the commit parent with some paths as another tree has them.
func (s *Scratch) TakePaths(ctx context.Context, parent, tree merge3.ID, paths []string) (merge3.ID, error) {
	var root merge3.ID
	if parent != "" {
		c, err := s.ReadCommit(ctx, parent)
		if err != nil {
			return "", err
		}
		root = c.Tree
	}
	changes := map[string]merge3.Entry{}
	for _, path := range paths {
		e, _, err := s.Entry(ctx, tree, path)
		if err != nil {
			return "", err
		}
		changes[path] = e
	}
	return s.EditTree(ctx, root, changes)
}
