package merge3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// directory is what a directory rename test has at the start.
var directory = fileTree{"k": "k\n", "d/a": prose("a"), "d/b": prose("b"), "d/c": prose("c")}

// treeCases are merges of trees. What is wanted are the files of the merged tree and,
// behind a bar, the disputes: kind, path and who has a version of it (base,
// upstream, patch).
var treeCases = []struct {
	name                  string
	base, upstream, patch fileTree // upstream and patch: what they change
	want                  string
}{
	{"nothing in common", fileTree{"a": one, "b": two}, fileTree{"a": three}, fileTree{"b": three}, "a b"},
	{"texts merge", fileTree{"d/a": one}, fileTree{"d/a": prose("one", 1)}, fileTree{"d/a": prose("one", 9)}, "d/a"},
	{"content", fileTree{"d/a": one}, fileTree{"d/a": two}, fileTree{"d/a": three}, "d/a | content d/a bup"},
	{"add/add", fileTree{"k": one}, fileTree{"a": two}, fileTree{"a": three}, "a k | add/add a up"},
	{"both add the same", fileTree{"k": one}, fileTree{"d/a": two}, fileTree{"d/a": two, "k": three}, "d/a k"},
	{"modify/delete", fileTree{"a": one, "k": two}, fileTree{"a": three}, fileTree{"a": gone}, "a k | modify/delete a bu"},
	{"delete/modify", fileTree{"a": one, "k": two}, fileTree{"a": gone}, fileTree{"a": three}, "a k | modify/delete a bp"},
	{"everything goes", fileTree{"a": one, "b": two}, fileTree{"a": gone}, fileTree{"b": gone}, ""},
	{"binary", fileTree{"a": "\x00"}, fileTree{"a": "\x001"}, fileTree{"a": "\x002"}, "a | binary a bup"},
	{"an empty file beside a binary one", fileTree{"k": one}, fileTree{"a": "\x001"}, fileTree{"a": "", "k": two}, "a k | binary a up"},
	{"links", fileTree{"l": "-> a"}, fileTree{"l": "-> b"}, fileTree{"l": "-> c"}, "l | symlink l bup"},
	{"types", fileTree{"a": one}, fileTree{"a": prose("one", 1)}, fileTree{"a": "-> x"}, "a a~U | mode a p, mode a~U bu"},
	{
		"types, where the name is taken",
		fileTree{"a": one, "a~U": two, "a~U_0": two},
		fileTree{"a": prose("one", 1)},
		fileTree{"a": "-> x"},
		"a a~U a~U_0 a~U_1 | mode a p, mode a~U_1 bu",
	},
	{"file/directory", fileTree{"k": one}, fileTree{"a": two}, fileTree{"a/b": three}, "a/b a~U k | file/directory a~U u"},
	{"directory/file", fileTree{"k": one}, fileTree{"a/b": two}, fileTree{"a": three}, "a/b a~P_x k | file/directory a~P_x p"},
	{
		"a file between a directory and its namesake in git's order",
		fileTree{"k": one, "a.c": two},
		fileTree{"a": two},
		fileTree{"a/b": three, "a.c": one},
		"a.c a/b a~U k | file/directory a~U u",
	},
	{"a file that upstream left alone becomes a directory", fileTree{"a": one, "k": one}, fileTree{"k": two}, fileTree{"a": gone, "a/b": three}, "a/b k"},
	{"renamed here, edited there", fileTree{"a": one, "k": two}, fileTree{"a": gone, "d/b": prose("one", 1)}, fileTree{"a": prose("one", 9)}, "d/b k"},
	{"renamed, content", fileTree{"a": one, "k": two}, fileTree{"a": gone, "b": prose("one", 1)}, fileTree{"a": prose("one", 1, 2)}, "b k | content b bup"},
	{"renamed alike", fileTree{"a": one, "k": two}, fileTree{"a": gone, "b": prose("one", 1)}, fileTree{"a": gone, "b": prose("one", 9)}, "b k"},
	{"rename/delete", fileTree{"a": one, "k": two}, fileTree{"a": gone, "b": one}, fileTree{"a": gone}, "b k | rename/delete b bu"},
	{
		"one to two",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "b": prose("one", 1)},
		fileTree{"a": gone, "c": prose("one", 2, 3)},
		"b c k | rename/rename a b, rename/rename b u, rename/rename c p",
	},
	{
		"one to two, binary",
		fileTree{"a": "\x00\n" + one, "k": two},
		fileTree{"a": gone, "b": "\x00\n" + prose("one", 1)},
		fileTree{"a": gone, "c": "\x00\n" + prose("one", 2, 3)},
		"b c k | rename/rename a b, rename/rename b u, rename/rename c p",
	},
	{
		"two to one",
		fileTree{"a": one, "b": two},
		fileTree{"a": gone, "q": one, "b": prose("two", 1)},
		fileTree{"b": gone, "q": two, "a": prose("one", 1)},
		"q | add/add q up",
	},
	{
		"renamed to where the other side has a file",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "q": prose("one", 1)},
		fileTree{"a": prose("one", 1, 2), "q": three},
		"k q | rename/rename q up",
	},
	{
		"renamed, deleted, and another file is there",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "q": one},
		fileTree{"a": gone, "q": three},
		"k q | rename/delete q up",
	},
	{"renamed here, a link there", fileTree{"a": one, "k": two}, fileTree{"a": gone, "q": one}, fileTree{"a": "-> x"}, "a k q | modify/delete q bu"},
	{
		"added to a directory that was renamed",
		directory,
		fileTree{"d/a": gone, "d/b": gone, "d/c": gone, "e/a": prose("a"), "e/b": prose("b"), "e/c": prose("c")},
		fileTree{"d/n": one},
		"e/a e/b e/c e/n k | directory rename e/n p",
	},
	{
		"the same, where something is in the way",
		directory,
		fileTree{"d/a": gone, "d/b": gone, "d/c": gone, "e/a": prose("a"), "e/b": prose("b"), "e/c": prose("c")},
		fileTree{"d/n": one, "e/n": two},
		"d/n e/a e/b e/c e/n k | directory rename e/n ",
	},
	{
		"a directory that was split",
		directory,
		fileTree{"d/a": gone, "d/b": gone, "d/c": gone, "e/a": prose("a"), "f/b": prose("b")},
		fileTree{"d/n": one},
		"d/n e/a f/b k | directory rename d ",
	},
}

func TestTreeCases(t *testing.T) {
	for _, tt := range treeCases {
		t.Run(tt.name, func(t *testing.T) {
			s := newRenameStore()
			m := TreeMerger{Objects: s}
			r := Request{
				Base:     Side{Tree: s.write(t, tt.base)},
				Upstream: Side{Tree: s.write(t, tt.base.with(tt.upstream)), Label: "U"},
				Patch:    Side{Tree: s.write(t, tt.base.with(tt.patch)), Label: "P/x"},
			}
			res, err := m.Merge(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.say(t, res); got != tt.want {
				t.Errorf("got  %s\nwant %s\n%+v", got, tt.want, res.Conflicts)
			}
		})
	}
}

// Markers name the paths of a renamed file, and are longer where they may come
// to stand inside others.
func TestTreeMarkers(t *testing.T) {
	for _, tt := range []struct {
		name            string
		upstream, patch fileTree
		style           Style
		want            []string
	}{
		{
			"one name",
			fileTree{"a": prose("one", 1)},
			fileTree{"a": prose("one", 1, 2)},
			StyleDiff3,
			[]string{"<<<<<<< U", "||||||| BASE", "=======", ">>>>>>> P"},
		},
		{
			"renamed",
			fileTree{"a": gone, "b": prose("one", 1)},
			fileTree{"a": prose("one", 1, 2)},
			StyleDiff3,
			[]string{"<<<<<<< U:b", "||||||| BASE:a", "=======", ">>>>>>> P:a"},
		},
		{
			"renamed alike",
			fileTree{"a": gone, "b": prose("one", 1)},
			fileTree{"a": gone, "b": prose("one", 1, 2)},
			StyleMerge,
			[]string{"<<<<<<< U", "=======", ">>>>>>> P"},
		},
		{
			"in a collision",
			fileTree{"a": gone, "b": prose("one", 1)},
			fileTree{"a": prose("one", 1, 2), "b": ""},
			StyleMerge,
			[]string{"<<<<<<<< U:b", "========", ">>>>>>>> P:a"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newRenameStore()
			base := fileTree{"a": one, "k": two}
			m := TreeMerger{Objects: s}
			res, err := m.Merge(t.Context(), Request{
				Base:     Side{Tree: s.write(t, base), Commit: "BASE", Label: "not in use"},
				Upstream: Side{Tree: s.write(t, base.with(tt.upstream)), Commit: "not in use", Label: "U"},
				Patch:    Side{Tree: s.write(t, base.with(tt.patch)), Commit: "P"},
				Style:    tt.style,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, content := range s.read(t, "", res.Tree) {
				for line := range strings.Lines(content) {
					if strings.ContainsAny(line[:1], "<|=>") {
						got = append(got, strings.TrimSpace(line))
					}
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What only one side changed is that side's tree, whatever is in it: not even
// read.
func TestTreeOneSided(t *testing.T) {
	m := TreeMerger{Objects: newRenameStore()}
	for _, tt := range []struct{ base, upstream, patch, want ID }{
		{"1", "1", "2", "2"}, {"1", "2", "1", "2"}, {"1", "2", "2", "2"},
	} {
		res, err := m.Merge(t.Context(), Request{Base: Side{Tree: tt.base}, Upstream: Side{Tree: tt.upstream}, Patch: Side{Tree: tt.patch}})
		if err != nil || res.Tree != tt.want || !res.Clean() {
			t.Errorf("%+v: %+v, %v", tt, res, err)
		}
	}
}

func TestTreeBeyond(t *testing.T) {
	nested := fileTree{strings.Repeat("d/", maxTreeDepth+2) + "f": "1"}
	large := strings.Repeat("x\n", maxMergedText/2)
	for _, tt := range []struct {
		name                  string
		base, upstream, patch fileTree
		want                  string
	}{
		{"depth", nested, fileTree{"x": "1"}, fileTree{"y": "1"}, ""},
		{"depth on both sides", fileTree{}, nested, fileTree{slices.Collect(maps.Keys(nested))[0]: "2"}, beyondDepth},
		{"large", fileTree{"a": one}, fileTree{"a": large + one}, fileTree{"a": two}, beyondText},
		{"fairly large", fileTree{"a": large[:1<<20] + one}, fileTree{"a": large[:1<<20] + prose("one", 1)}, fileTree{"a": large[:1<<20] + prose("one", 9)}, ""},
		{"clash", fileTree{"a": one, "k": two}, fileTree{"a": gone, "q": one}, fileTree{"a": prose("one", 1), "q/x": two}, beyondClash},
		{
			"twins",
			fileTree{"a": one, "k": two},
			fileTree{"a": gone, "q": one, "k": three},
			fileTree{"a": prose("one", 1), "q": one},
			"",
		},
		{
			"twins in dispute",
			fileTree{"a": one, "k": two},
			fileTree{"a": gone, "q": prose("one", 1)},
			fileTree{"a": prose("one", 1, 2), "q": prose("one", 1)},
			beyondTwins,
		},
		{
			"replaced",
			fileTree{"a": one, "g": two, "h": three},
			fileTree{"a": two, "h": prose("three", 1)},
			fileTree{"a": three, "g": gone, "g/x": "x", "h": gone},
			beyondReplaced,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newRenameStore()
			m := TreeMerger{Objects: s}
			_, err := m.Merge(t.Context(), Request{
				Base:     Side{Tree: s.write(t, tt.base)},
				Upstream: Side{Tree: s.write(t, tt.base.with(tt.upstream))},
				Patch:    Side{Tree: s.write(t, tt.base.with(tt.patch))},
			})
			var beyond *BeyondError
			if errors.As(err, &beyond); tt.want == "" && err != nil || tt.want != "" && (beyond == nil || beyond.Reason != tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// Trees that git would not write are left to git, or merged; never a panic.
func TestTreeHostile(t *testing.T) {
	s := newRenameStore()
	file := s.blob(t, one)
	other := s.blob(t, two)
	tree := func(entries ...TreeEntry) ID {
		id, err := s.WriteTree(entries)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	sub := tree(TreeEntry{ModeFile, "f", file})
	trees := []ID{
		"", tree(), sub,
		tree(TreeEntry{ModeFile, "a", file}, TreeEntry{ModeTree, "a", sub}),
		tree(TreeEntry{ModeFile, "a", other}, TreeEntry{ModeTree, "a", tree()}),
		tree(TreeEntry{"100664", "a", file}), tree(TreeEntry{"0", "a", file}), tree(TreeEntry{"", "a", ""}),
		tree(TreeEntry{ModeGitlink, "a", file}), tree(TreeEntry{ModeTree, "a", file}), tree(TreeEntry{ModeFile, "a", sub}),
		tree(TreeEntry{ModeFile, "", file}), tree(TreeEntry{ModeFile, "..", file}),
	}
	m := TreeMerger{Objects: s}
	for _, base := range trees {
		for _, upstream := range trees {
			for _, patch := range trees {
				_, _ = m.Merge(t.Context(), Request{Base: Side{Tree: base}, Upstream: Side{Tree: upstream}, Patch: Side{Tree: patch}})
			}
		}
	}
}

// A mode that git no longer writes is no change, and is written as today's
// where the tree is written.
func TestTreeLegacyModes(t *testing.T) {
	s := newRenameStore()
	a, b := s.blob(t, one), s.blob(t, two)
	tree := func(mode string, id, other ID) ID {
		root, err := s.WriteTree([]TreeEntry{{mode, "a", id}, {ModeFile, "b", other}})
		if err != nil {
			t.Fatal(err)
		}
		return root
	}
	for old, now := range map[string]string{"100664": ModeFile, "100640": ModeFile, "100775": ModeExecutable, "120777": ModeSymlink} {
		m := TreeMerger{Objects: s}
		res, err := m.Merge(t.Context(), Request{
			Base: Side{Tree: tree(old, a, a)}, Upstream: Side{Tree: tree(old, a, b)}, Patch: Side{Tree: tree(now, b, a)},
		})
		if want := tree(now, b, b); err != nil || res.Tree != want {
			t.Errorf("mode %s: %+v, %v, want tree %s", old, res, err, want)
		}
	}
}

// Objects that are missing are an error, not a merge.
func TestTreeMissing(t *testing.T) {
	s := newRenameStore()
	m := TreeMerger{Objects: s}
	_, err := m.Merge(context.Background(), Request{Base: Side{Tree: "1"}, Upstream: Side{Tree: "2"}, Patch: Side{Tree: "3"}})
	var beyond *BeyondError
	if err == nil || errors.As(err, &beyond) {
		t.Errorf("missing trees: %v", err)
	}
}

// A merger that has seen other merges merges as a new one does, and its disputes are in order.
func TestTreeMergerRemembers(t *testing.T) {
	s := newRenameStore()
	used := TreeMerger{Objects: s}
	for i := range uint64(60) {
		w := newRenameWorld(rand.New(rand.NewPCG(13, i)))
		r := Request{
			Base:     Side{Tree: s.write(t, w.base)},
			Upstream: Side{Tree: s.write(t, w.upstream), Label: "U"},
			Patch:    Side{Tree: s.write(t, w.patch), Label: "P"},
		}
		fresh := TreeMerger{Objects: s}
		want, wantErr := fresh.Merge(t.Context(), r)
		for range 2 {
			got, err := used.Merge(t.Context(), r)
			if !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("world %d: %+v, %v, at first %+v, %v", i, got, err, want, wantErr)
			}
		}
		for j := range len(want.Conflicts) - 1 {
			if want.Conflicts[j].Path >= want.Conflicts[j+1].Path {
				t.Errorf("world %d: %s comes before %s", i, want.Conflicts[j].Path, want.Conflicts[j+1].Path)
			}
		}
	}
}
