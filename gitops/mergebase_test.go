package gitops

import (
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Real history must not count: only the given base does.
func TestMergeBaseIsForced(t *testing.T) {
	r := gittest.Load(t, `
git init
git add f
git commit -m root
git tag root
git commit --allow-empty -m base
git tag base
cp fix f
git commit -a -m fix
git tag patch
git checkout -q -b picked base
git cherry-pick patch
git revert --no-edit HEAD
cp top f
git commit -a -m top
git checkout -q -b merged base
git merge -q --no-ff --no-edit patch
git revert --no-edit -m 1 HEAD
cp top f
git commit -a -m top
git checkout -q -b onpatch patch
git revert --no-edit HEAD
cp top f
git commit -a -m top
-- f --
1
2
3
4
5
-- fix --
1
2
3
4
FIXED
-- top --
TOP
2
3
4
5
`)
	s := testScratch(t, r)
	m := NewGitMerger(s)
	merged := func(t *testing.T, base, upstream, patch merge3.ID) string {
		t.Helper()
		req := merge3.Request{
			Base: merge3.Side{Commit: base}, Upstream: merge3.Side{Commit: upstream, Label: "UPSTREAM-1.46.0-wmf.6"},
			Patch: merge3.Side{Commit: patch, Label: "T1234"},
		}
		res, err := m.Merge(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		sameAsCrafted(t, r, m, req, res)
		return fileF(t, s, res.Tree)
	}
	const both = "TOP\n2\n3\n4\nFIXED\n"
	for _, upstream := range []string{"picked", "merged", "onpatch"} {
		t.Run(upstream, func(t *testing.T) {
			if got := merged(t, idOf(r, "base"), idOf(r, upstream), idOf(r, "patch")); got != both {
				t.Errorf("the fix is lost: %q", got)
			}
		})
	}
	t.Run("upstream is an ancestor of base", func(t *testing.T) {
		// base added TOP, upstream lacks it, the patch fixes on top of base.
		top, err := s.WriteCommit(patchsetCommit(treeOf(t, s, idOf(r, "picked")), idOf(r, "base")))
		if err != nil {
			t.Fatal(err)
		}
		e, _, err := s.Entry(t.Context(), treeOf(t, s, top), "f")
		if err != nil {
			t.Fatal(err)
		}
		blob, err := s.Write("blob", []byte(both))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := s.EditTree(t.Context(), treeOf(t, s, top), map[string]merge3.Entry{"f": {Mode: e.Mode, ID: blob}})
		if err != nil {
			t.Fatal(err)
		}
		fix, err := s.WriteCommit(patchsetCommit(tree, top))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := mergedHere(t, s, m, top, idOf(r, "root"), fix), "1\n2\n3\n4\nFIXED\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("no base", func(t *testing.T) {
		res, err := m.Merge(t.Context(), merge3.Request{
			Upstream: merge3.Side{Commit: idOf(r, "picked")}, Patch: merge3.Side{Commit: idOf(r, "patch")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Conflicts) != 1 || res.Conflicts[0].Kind != merge3.KindAddAdd {
			t.Errorf("%+v", res.Conflicts)
		}
	})
}
