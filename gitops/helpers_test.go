package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// testGit is the installed git with a home that holds nothing, and environ.
func testGit(t testing.TB, environ ...string) *Git {
	t.Helper()
	g, err := FindGit(append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environ...))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// testScratch borrows from r.
func testScratch(t testing.TB, r *gittest.Repo) *Scratch {
	t.Helper()
	s, err := NewScratch(testGit(t), t.TempDir(), filepath.Join(r.GitDir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// madeHere lists what is in the scratch repository itself, borrowed objects left out.
func madeHere(t testing.TB, s *Scratch) []string {
	t.Helper()
	out, err := s.Git(t.Context(), Cmd{
		Args: []string{"cat-file", "--batch-all-objects", "--batch-check=%(objectname)"}, Env: []string{"GIT_ALTERNATE_OBJECT_DIRECTORIES="},
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

func idOf(r *gittest.Repo, rev string) merge3.ID { return merge3.ID(r.ID(rev)) }

// patchsetCommit is a commit by nobody in particular.
func patchsetCommit(tree merge3.ID, parents ...merge3.ID) patchset.Commit {
	const who = "Test <test@example.org> 1700000000 +0000"
	return patchset.Commit{Tree: tree, Parents: parents, Author: who, Committer: who}
}

func treeOf(t testing.TB, s *Scratch, commit merge3.ID) merge3.ID {
	t.Helper()
	c, err := s.ReadCommit(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	return c.Tree
}

// mergedHere is the file f after a merge.
func mergedHere(t testing.TB, s *Scratch, m *GitMerger, base, upstream, patch merge3.ID) string {
	t.Helper()
	res, err := m.Merge(t.Context(), merge3.Request{
		Base: merge3.Side{Commit: base}, Upstream: merge3.Side{Commit: upstream}, Patch: merge3.Side{Commit: patch},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fileF(t, s, res.Tree)
}

// fileF is the file f of a tree.
func fileF(t testing.TB, s *Scratch, tree merge3.ID) string {
	t.Helper()
	e, _, err := s.Entry(t.Context(), tree, "f")
	if err != nil {
		t.Fatal(err)
	}
	obj, err := s.Read(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return string(obj.Data)
}
