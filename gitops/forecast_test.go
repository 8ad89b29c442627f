package gitops

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// The line is git's own first-parent list, down to the first commit that the other
// side has; cut short, it is the newest part of that.
func TestFirstParentsEqualGit(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	r := rand.New(rand.NewPCG(7, 1))
	commits := randomCommits(t, s, r, 60)
	met := 0
	for range 25 {
		tip, since := commits[r.IntN(len(commits))], commits[r.IntN(len(commits))]
		out, err := s.Git(t.Context(), Cmd{Args: []string{"rev-list", "--first-parent", string(tip)}})
		if err != nil {
			t.Fatal(err)
		}
		var want []merge3.ID
		for _, word := range strings.Fields(string(out)) {
			id := merge3.ID(word)
			want = append(want, id)
			if isAncestor(t, s, id, since) {
				met++
				break
			}
		}
		slices.Reverse(want)
		got, whole, err := s.past.firstParents(t.Context(), tip, since, 1000)
		if err != nil || !whole || !slices.Equal(got, want) {
			t.Fatalf("%s beyond %s: %v (whole %v, %v), git says %v", tip, since, got, whole, err, want)
		}
		limit := 1 + r.IntN(len(want))
		got, whole, err = s.past.firstParents(t.Context(), tip, since, limit)
		if err != nil || whole != (limit == len(want)) || !slices.Equal(got, want[len(want)-limit:]) {
			t.Fatalf("%d of %d: %v (whole %v, %v)", limit, len(want), got, whole, err)
		}
	}
	if met == 0 {
		t.Error("no two commits had anything in common")
	}
}

// Two commits have the same content at paths when the files are the same; a file that is
// missing may be anywhere, so then nothing else may differ either.
func TestContent(t *testing.T) {
	repo := gittest.Load(t, `git init
git add a b
git commit -m one
git tag one
cp a2 b
git add b
git commit -m two
git tag two
-- a --
1
-- b --
1
-- a2 --
2
`)
	w := NewWorkbench(testScratch(t, repo), EngineOwn)
	content := func(tag string, paths ...string) string {
		text, err := w.Content(t.Context(), idOf(repo, tag), paths)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if content("one", "a") != content("two", "a") {
		t.Error("a is the same in both")
	}
	if content("one", "a", "b") == content("two", "a", "b") {
		t.Error("b differs")
	}
	if content("one", "a", "gone") == content("two", "a", "gone") {
		t.Error("a file is missing and the trees differ")
	}
}

func TestRemoteHead(t *testing.T) {
	repo := gittest.Load(t, "git init\ngit add a\ngit commit -m one\ngit branch other\n-- a --\n1\n")
	g := testGit(t)
	ref, id, err := RemoteHead(t.Context(), g, repo.GitDir)
	if err != nil || ref != "refs/heads/main" || id != idOf(repo, "main") {
		t.Errorf("got %s %s (%v)", ref, id, err)
	}
	head := filepath.Join(repo.GitDir, "HEAD")
	for name, text := range map[string]string{
		"a branch that is not born": "ref: refs/heads/none\n",
		"no branch":                 string(idOf(repo, "main")) + "\n",
		"a name that bites":         "ref: refs/heads/-x\n",
	} {
		if err := os.WriteFile(head, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if ref, _, err := RemoteHead(t.Context(), g, repo.GitDir); err == nil {
			t.Errorf("%s: taken for %s", name, ref)
		}
	}
}

func TestCacheFile(t *testing.T) {
	v := newVault(t)
	const name = "carry-test.json"
	path := filepath.Join(v.Dir(), name)
	if data, err := v.ReadCache(name); data != nil || err != nil {
		t.Errorf("before it is there: %q, %v", data, err)
	}
	if err := os.WriteFile(path+".new", []byte("left by the dead"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "2"} {
		if err := v.WriteCache(t.Context(), name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := v.ReadCache(name); err != nil || string(data) != text {
			t.Errorf("read back %q, %v", data, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("a draft is left")
	}
	for what, spoil := range map[string]func() error{
		"a link":      func() error { return os.Symlink("config", path) },
		"a directory": func() error { return os.Mkdir(path, 0o700) },
		"too large":   func() error { return os.WriteFile(path, bytes.Repeat([]byte("x"), maxCacheFile+1), 0o600) },
	} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := v.ReadCache(name); err == nil {
			t.Errorf("%s was read without a word", what)
		}
	}
}
