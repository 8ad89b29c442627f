package merge3

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// prose is a text of 12 lines. Each edit changes one of them: of two texts of the
// same subject, one edited n times, 12-n lines are the same.
func prose(subject string, edits ...int) string {
	lines := make([]string, 12)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %2d is about %s\n", i, subject)
	}
	for _, i := range edits {
		lines[i] = fmt.Sprintf("line %2d is edited, %s\n", i, subject)
	}
	return strings.Join(lines, "")
}

// gone is what takes a file out of a tree.
const gone = "\x00"

// with is a tree with other files in it.
func (f fileTree) with(changes fileTree) fileTree {
	out := maps.Clone(f)
	for path, content := range changes {
		if out[path] = content; content == gone {
			delete(out, path)
		}
	}
	return out
}

var one, two, three = prose("one"), prose("two"), prose("three")

var renameCases = []struct {
	name            string
	base            fileTree
	upstream, patch fileTree // what they change
	want            string
}{
	{
		"moved here, edited there",
		fileTree{"a": one},
		fileTree{"a": gone, "b": one},
		fileTree{"a": prose("one", 3)},
		"upstream a -> b",
	},
	{
		"moved and edited here, deleted there",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "b": prose("one", 3)},
		fileTree{"a": gone},
		"upstream a -> b",
	},
	{
		"moved here, left alone there: nobody asks",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "b": one},
		fileTree{"k": three},
		"",
	},
	{
		"an empty file is no rename",
		fileTree{"a": "", "k": two},
		fileTree{"a": gone, "b": ""},
		fileTree{"a": one},
		"",
	},
	{
		"a link that points elsewhere is no rename",
		fileTree{"a": "-> " + one, "k": two},
		fileTree{"a": gone, "b": "-> " + prose("one", 3)},
		fileTree{"a": "-> x"},
		"",
	},
	{
		"a link that points to the same is",
		fileTree{"a": "-> x", "k": two},
		fileTree{"a": gone, "b": "-> x"},
		fileTree{"a": "-> y"},
		"upstream a -> b",
	},
	{
		"a link is no file of the same content",
		fileTree{"a": "-> x", "k": two},
		fileTree{"a": gone, "k": "-> x"},
		fileTree{"a": "-> y"},
		"",
	},
	{
		"too little in common",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "b": prose("one", 0, 1, 2, 3, 4, 5, 6)},
		fileTree{"a": prose("one", 3)},
		"",
	},
	{
		"of equal files, the one of the same name",
		fileTree{"a/x": one, "a/y": one, "k": two},
		fileTree{"a/x": gone, "a/y": gone, "b/y": one},
		fileTree{"a/x": two, "a/y": three},
		"upstream a/y -> b/y",
	},
	{
		"the same name before the greater likeness",
		fileTree{"a/f": one, "k": two},
		fileTree{"a/f": gone, "b/f": prose("one", 1, 2), "b/g": prose("one", 1)},
		fileTree{"a/f": prose("one", 9)},
		"upstream a/f -> b/f",
	},
	{
		"the same name is not enough",
		fileTree{"a/f": one, "k": two},
		fileTree{"a/f": gone, "b/f": prose("one", 1, 2, 3), "b/g": prose("one", 1)},
		fileTree{"a/f": prose("one", 9)},
		"upstream a/f -> b/g",
	},
	{
		"a file that many are called, guided by its directory",
		fileTree{"a/f": one, "a/mk": two, "k": three},
		fileTree{"a/f": gone, "a/mk": gone, "b/f": one, "b/mk": prose("two", 1, 2), "c/mk": prose("two", 1)},
		fileTree{"a/mk": prose("two", 9)},
		"upstream a/f -> b/f\nupstream a/mk -> b/mk",
	},
	{
		"guided only by files that moved as they were",
		fileTree{"a/f": one, "a/mk": two, "k": three},
		fileTree{"a/f": gone, "a/mk": gone, "b/f": prose("one", 1), "b/mk": prose("two", 1, 2), "c/mk": prose("two", 1)},
		fileTree{"a/f": gone, "a/mk": gone},
		"upstream a/f -> b/f\nupstream a/mk -> c/mk",
	},
	{
		"a directory that went to two places alike: by the hash table",
		fileTree{"d/1": one, "d/2": two, "d/mk": three, "k": "k\n"},
		fileTree{"d/1": gone, "d/2": gone, "d/mk": gone, "e195/1": one, "f925/2": two, "e195/mk": prose("three", 1, 2), "f925/mk": prose("three", 1)},
		fileTree{"d/mk": gone},
		"upstream d/1 -> e195/1\nupstream d/2 -> f925/2\nupstream d/mk -> e195/mk",
	},
	{
		"all four that are kept in mind are taken",
		fileTree{"s1": prose("one", 1), "s2": prose("one", 2), "s3": prose("one", 3), "s4": prose("one", 4), "s5": prose("one", 6, 7, 8), "k": two},
		fileTree{
			"s1": gone, "s2": gone, "s3": gone, "s4": gone, "s5": gone,
			"d1": prose("one", 1, 11), "d2": prose("one", 2, 11), "d3": prose("one", 3, 11), "d4": prose("one", 4, 11), "z": prose("one", 5),
		},
		fileTree{"s1": gone, "s2": gone, "s3": gone, "s4": gone, "s5": gone},
		"upstream s1 -> d1\nupstream s2 -> d2\nupstream s3 -> d3\nupstream s4 -> d4",
	},
	{
		"where files are added to a directory that is gone, the order is that of the paths",
		fileTree{"a/y/f": one, "a/y/q/g": two, "z/g": two, "z/k": three},
		fileTree{"a/y/f": gone, "a/y/q/g": gone, "z/g": gone, "n/g": two},
		fileTree{"a/y/new": three, "z/k": one},
		"upstream a/y/q/g -> n/g",
	},
	{
		"both renamed",
		fileTree{"a": one, "k": two},
		fileTree{"a": gone, "b": prose("one", 1)},
		fileTree{"a": gone, "c": prose("one", 2)},
		"upstream a -> b\npatch a -> c",
	},
	{
		"a file for a directory that moved",
		fileTree{"old/a": one, "old/b": two, "k": three},
		fileTree{"old/a": gone, "old/b": gone, "new/a": one, "new/b": prose("two", 1)},
		fileTree{"old/c": three},
		"upstream old/a -> new/a\nupstream old/b -> new/b\npatch moves old/c to new/c",
	},
	{
		"to the root, from below the directory that moved",
		fileTree{"old/a": one, "old/x/b": two, "k": three},
		fileTree{"old/a": gone, "old/x/b": gone, "a": one, "x/b": two},
		fileTree{"old/x/c": three},
		"upstream old/a -> a\nupstream old/x/b -> x/b\npatch moves old/x/c to x/c",
	},
	{
		"the directory is still there",
		fileTree{"old/a": one, "old/b": two, "k": three},
		fileTree{"old/a": gone, "new/a": one},
		fileTree{"old/c": three},
		"",
	},
	{
		"most files decide",
		fileTree{"old/a": one, "old/b": two, "old/c": three},
		fileTree{"old/a": gone, "old/b": gone, "old/c": gone, "x/a": one, "y/b": two, "y/c": three},
		fileTree{"old/d": "d\n"},
		"upstream old/a -> x/a\nupstream old/b -> y/b\nupstream old/c -> y/c\npatch moves old/d to y/d",
	},
	{
		"torn in two",
		fileTree{"old/a": one, "old/b": two, "k": three},
		fileTree{"old/a": gone, "old/b": gone, "x/a": one, "y/b": two},
		fileTree{"old/c": three},
		"upstream old/a -> x/a\nupstream old/b -> y/b\nupstream splits old",
	},
	{
		"two files for one place",
		fileTree{"p/a": one, "q/b": two, "k": three},
		fileTree{"p/a": gone, "q/b": gone, "new/a": one, "new/b": two},
		fileTree{"p/c": "1\n", "q/c": "2\n"},
		"upstream p/a -> new/a\nupstream q/b -> new/b\npatch: many p/c to new/c\npatch: many q/c to new/c",
	},
	{
		"something is in the way",
		fileTree{"old/a": one, "new/c": two, "k": three},
		fileTree{"old/a": gone, "new/a": one},
		fileTree{"old/c": three},
		"upstream old/a -> new/a\npatch: in the way old/c to new/c",
	},
	{
		"what is in the way is in a directory that nobody changed",
		fileTree{"old/a": one, "new/s/f": two, "k": three},
		fileTree{"old/a": gone, "new/a": one},
		fileTree{"old/n": "n\n", "old/s/f": three},
		"upstream old/a -> new/a\npatch moves old/n to new/n\npatch moves old/s/f to new/s/f",
	},
	{
		"a file stays where one of the other side would go",
		fileTree{"a/f": one, "b/g": two, "k": "k\n"},
		fileTree{"a/f": gone, "c/f": one, "b/n": three},
		fileTree{"b/g": gone, "a/g": two, "a/n": "n\n"},
		"upstream a/f -> c/f\nupstream: avoided b/n to a/n\npatch b/g -> a/g\npatch moves a/g to c/g",
	},
	{
		"the place itself was renamed",
		fileTree{"old/a": one, "new/b": two, "k": three},
		fileTree{"old/a": gone, "new/a": one, "new/x": "x\n"},
		fileTree{"new/b": gone, "other/b": two, "old/c": three},
		"upstream old/a -> new/a\nupstream moves new/a to other/a\nupstream moves new/x to other/x\npatch new/b -> other/b\npatch: avoided old/c to new/c",
	},
	{
		"of equal files, the one in a before the one in a-b, which upstream does not have",
		fileTree{"p/a-b/f": one, "p/a/f": one},
		fileTree{"p/a-b/f": gone, "p/a/f": prose("one", 3)},
		fileTree{"p/a-b/f": gone, "p/a/f": gone, "q/f": one},
		"patch p/a/f -> q/f",
	},
	{
		"of equal files, the one in a-b before the one in a, where all have both",
		fileTree{"p/a-b/f": one, "p/a-b/k": two, "p/a/f": one, "p/a/k": two},
		fileTree{"p/a-b/f": gone, "p/a/f": prose("one", 3)},
		fileTree{"p/a-b/f": gone, "p/a/f": gone, "q/f": one},
		"patch p/a-b/f -> q/f",
	},
	{
		"a directory of the base alone is in nobody's way",
		fileTree{"a/y/k": one, "d/x/h": two},
		fileTree{"d/x/h": gone, "a/y/x": three},
		fileTree{"a/y/k": gone, "d/k": one, "d/x/h": gone},
		"upstream moves a/y/x to d/x\npatch a/y/k -> d/k",
	},
	{
		"nor one that the other side has",
		fileTree{"a/y/k": one, "d/x/h": two},
		fileTree{"d/x/h": gone, "a/y/x": three},
		fileTree{"a/y/k": gone, "d/k": one},
		"upstream moves a/y/x to d/x\npatch a/y/k -> d/k",
	},
	{
		"but one that the side itself has is",
		fileTree{"a/y/k": one, "d/x/h": two},
		fileTree{"d/x/h": prose("two", 3), "a/y/x": three},
		fileTree{"a/y/k": gone, "d/k": one},
		"upstream: in the way a/y/x to d/x\npatch a/y/k -> d/k",
	},
}

func TestRenames(t *testing.T) {
	for _, c := range renameCases {
		t.Run(c.name, func(t *testing.T) {
			s := newRenameStore()
			base, upstream, patch := s.write(t, c.base), s.write(t, c.base.with(c.upstream)), s.write(t, c.base.with(c.patch))
			got, err := newRenameFinder(s).find(t.Context(), base, upstream, patch)
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(got); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

var moveWords = map[dirMoveCase]string{
	moveSuggested: " moves", moveMany: ": many", moveInTheWay: ": in the way", moveAvoided: ": avoided",
}

// describe writes renames down, one to a line.
func describe(r renames) string {
	var lines []string
	list := func(side string, r sideRenames) {
		for _, f := range r.Files {
			lines = append(lines, fmt.Sprintf("%s %s -> %s", side, f.From, f.To))
		}
		for _, m := range r.Moves {
			lines = append(lines, fmt.Sprintf("%s%s %s to %s", side, moveWords[m.Case], m.Path, m.To))
		}
		for _, dir := range r.Splits {
			lines = append(lines, fmt.Sprintf("%s splits %s", side, dir))
		}
	}
	list("upstream", r.Upstream)
	list("patch", r.Patch)
	return strings.Join(lines, "\n")
}

// Laws that hold whatever was renamed.
func TestRenameLaws(t *testing.T) {
	s := newRenameStore()
	shared := newRenameFinder(s)
	rapid.Check(t, func(rt *rapid.T) {
		w := newRenameWorld(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)))
		base, sides := w.base, [3]fileTree{ofUpstream: w.upstream, ofPatch: w.patch}
		b, u, p := s.write(t, base), s.write(t, w.upstream), s.write(t, w.patch)
		got, err := newRenameFinder(s).find(t.Context(), b, u, p)
		if err != nil {
			rt.Fatal(err)
		}
		if again, err := shared.find(t.Context(), b, u, p); err != nil || !reflect.DeepEqual(got, again) {
			rt.Fatalf("a finder that has seen other merges says otherwise (%v):\n%s\n\n%s", err, describe(got), describe(again))
		}
		if swapped, err := shared.find(t.Context(), b, p, u); err != nil || !reflect.DeepEqual(got, renames{Upstream: swapped.Patch, Patch: swapped.Upstream, Unseen: swapped.Unseen}) {
			rt.Fatalf("the sides do not change places (%v):\n%s\n\n%s", err, describe(got), describe(swapped))
		}
		for i, side := range [3]sideRenames{ofUpstream: got.Upstream, ofPatch: got.Patch} {
			seen := map[string]bool{}
			for _, r := range side.Files {
				_, from := base[r.From]
				_, to := sides[i][r.To]
				_, stays := sides[i][r.From]
				_, wasThere := base[r.To]
				if !from || !to || stays || wasThere || seen["<"+r.From] || seen[">"+r.To] {
					rt.Fatalf("%+v is no rename", r)
				}
				seen["<"+r.From], seen[">"+r.To] = true, true
			}
			if !slices.IsSortedFunc(side.Files, func(a, b rename) int { return strings.Compare(a.From, b.From) }) ||
				!slices.IsSortedFunc(side.Moves, func(a, b dirMove) int { return strings.Compare(a.Path, b.Path) }) {
				rt.Fatal("not sorted")
			}
		}
	})
}

// What cannot be read is an error, not a guess.
func TestRenamesOfMissingObjects(t *testing.T) {
	s := newRenameStore()
	base := s.write(t, fileTree{"a": one, "k": two})
	upstream, patch := s.write(t, fileTree{"b": prose("one", 1), "k": two}), s.write(t, fileTree{"k": two})
	delete(s.blobs, gitID("blob", []byte(one)))
	if _, err := newRenameFinder(s).find(t.Context(), base, upstream, patch); err == nil {
		t.Error("no error without a blob")
	}
	delete(s.trees, upstream)
	if _, err := newRenameFinder(s).find(t.Context(), base, upstream, patch); err == nil {
		t.Error("no error without a tree")
	}
}

// Git looks for the same name among the first hundred equal files only.
func TestRenameOfManyEqual(t *testing.T) {
	for n, want := range map[int]string{maxEqual: "d/last -> e/last", maxEqual + 1: "d/000 -> e/last"} {
		s := newRenameStore()
		base := fileTree{"k": two}
		for i := range n - 1 {
			base[fmt.Sprintf("d/%03d", i)] = one
		}
		base["d/last"] = one
		upstream, patch := s.write(t, fileTree{"k": two, "e/last": one}), s.write(t, fileTree{"k": two})
		got, err := newRenameFinder(s).find(t.Context(), s.write(t, base), upstream, patch)
		if got := describe(got); err != nil || got != "upstream "+want {
			t.Errorf("%d equal files: %q, %v", n, got, err)
		}
	}
}
