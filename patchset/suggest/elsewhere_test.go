package suggest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// store is a store of trees and files by name.
type store struct {
	merge3.Objects // nothing is written
	trees          map[merge3.ID][]merge3.TreeEntry
}

func (s store) DiffTree(ctx context.Context, a, b merge3.ID) ([]merge3.EntryPair, error) {
	old, err := s.ReadTree(ctx, a)
	if err != nil {
		return nil, err
	}
	now, err := s.ReadTree(ctx, b)
	return merge3.DiffEntries(old, now), err
}

func (s store) ReadTree(_ context.Context, id merge3.ID) ([]merge3.TreeEntry, error) {
	if id == "" {
		return nil, nil
	}
	tree, ok := s.trees[id]
	if !ok {
		return nil, errors.New("no such tree")
	}
	return tree, nil
}

func (s store) BlobSize(ctx context.Context, id merge3.ID) (int64, error) {
	data, err := s.ReadBlob(ctx, id)
	return int64(len(data)), err
}

func (s store) ReadBlob(_ context.Context, id merge3.ID) ([]byte, error) {
	if id == "missing" {
		return nil, errors.New("no such file")
	}
	return []byte(id), nil
}

func blob(name string, id merge3.ID) merge3.TreeEntry {
	return merge3.TreeEntry{Mode: merge3.ModeFile, Name: name, ID: id}
}

func dir(name string, id merge3.ID) merge3.TreeEntry {
	return merge3.TreeEntry{Mode: merge3.ModeTree, Name: name, ID: id}
}

func TestElsewhere(t *testing.T) {
	s := store{trees: map[merge3.ID][]merge3.TreeEntry{
		"base": {blob("a.php", "a1"), blob("same.php", "s"), dir("inc", "i1"), dir("lib", "l1")},
		"new":  {blob("a.php", "a2"), blob("note.txt", "n"), blob("same.php", "s"), dir("inc", "i1"), dir("lib", "l2"), dir("src", "s1"), {Mode: merge3.ModeSymlink, Name: "x.php", ID: "x"}},
		"l1":   {blob("b.php", "b1"), blob("c.php", "c1")},
		"l2":   {blob("b.php", "b2"), blob("c.php", "c1")},
		"s1":   {blob("d.php", "d1")},
		"bad":  {blob("a.php", "a2"), blob("m.php", "missing")},
	}}
	paths := func(e *Elsewhere, of string) []string {
		var out []string
		for path := range e.Files(t.Context(), of) {
			out = append(out, path)
		}
		return out
	}
	e := NewElsewhere(s, "base", "new")
	if got, want := paths(e, "a.php"), []string{"src/d.php", "lib/b.php"}; !slices.Equal(got, want) || e.Err() != nil {
		t.Errorf("got %v, %v", got, e.Err())
	}
	if got, want := paths(e, "lib/c.php"), []string{"lib/b.php", "src/d.php", "a.php"}; !slices.Equal(got, want) {
		t.Errorf("beside the file first: got %v", got)
	}
	for _, upstream := range []merge3.ID{"bad", "gone"} {
		e = NewElsewhere(s, "base", upstream)
		if got := paths(e, "a.php"); len(got) > 0 || e.Err() == nil {
			t.Errorf("%s: got %v, %v", upstream, got, e.Err())
		}
	}
}
