package demoworld_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/gitops/demoworld"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

func build(t *testing.T) (dir string, git *gitops.Git) {
	t.Helper()
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := demoworld.Build(t.Context(), git, dir, demoworld.FixedDay()); err != nil {
		t.Fatal(err)
	}
	return dir, git
}

func TestBuildHasBranchesForEveryVersion(t *testing.T) {
	dir, git := build(t)
	for _, c := range demoworld.Components() {
		refs, err := gitops.ListRemote(t.Context(), git, filepath.Join(dir, c.URL))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{demoworld.Before, demoworld.Last, demoworld.Current} {
			if refs["refs/heads/wmf/"+v] == "" {
				t.Errorf("%s has no branch for %s: %v", c.Name, v, refs)
			}
		}
		if len(refs) != 4 {
			t.Errorf("%s shows %d public refs, want main and three cuts: %v", c.Name, len(refs), refs)
		}
	}
}

func TestBuildIsTheSameEveryTime(t *testing.T) {
	one, git := build(t)
	two, _ := build(t)
	for _, c := range demoworld.Components() {
		a, err := gitops.ListRemote(t.Context(), git, filepath.Join(one, c.URL))
		if err != nil {
			t.Fatal(err)
		}
		b, err := gitops.ListRemote(t.Context(), git, filepath.Join(two, c.URL))
		if err != nil {
			t.Fatal(err)
		}
		for ref, id := range a {
			if b[ref] != id {
				t.Errorf("%s %s: %s and %s", c.Name, ref, id, b[ref])
			}
		}
	}
}

func TestPatchFilesAreReadable(t *testing.T) {
	dir, _ := build(t)
	tree, err := mailbox.ReadTree(os.DirFS(filepath.Join(dir, demoworld.PatchesDir)))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Refused) > 0 {
		t.Errorf("refused: %v", tree.Refused)
	}
	n := 0
	for _, c := range demoworld.Components() {
		files, err := filepath.Glob(filepath.Join(dir, demoworld.PatchesDir, demoworld.Before, filepath.FromSlash(c.Name), "*.patch"))
		if err != nil {
			t.Fatal(err)
		}
		n += len(files)
	}
	if n != 11 {
		t.Errorf("%d patch files, want 11: with the one that is added, a dozen", n)
	}
}

func TestTuesday(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-17T11:59:00Z": "2026-11-10", // the morning of the cut is not over
		"2026-11-17T12:00:00Z": "2026-11-17",
		"2026-11-22T09:00:00Z": "2026-11-17",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := demoworld.Tuesday(at).Format(time.DateOnly); got != want {
			t.Errorf("Tuesday(%s) = %s, want %s", now, got, want)
		}
	}
}
