package gitops

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
)

func TestTellingLeavesOutWhatEverybodyChanges(t *testing.T) {
	commits := func(n int) [][]string {
		changed := make([][]string, n)
		for i := range changed {
			changed[i] = []string{"ChangeLog"}
		}
		changed[3] = []string{"ChangeLog", "malloc.c"}
		return changed
	}
	paths := []string{"ChangeLog", "malloc.c"}
	if got := telling(paths, commits(20)); !slices.Equal(got, []string{"malloc.c"}) {
		t.Errorf("got %v", got)
	}
	if got := telling(paths, commits(19)); !slices.Equal(got, paths) {
		t.Errorf("of few commits: got %v", got)
	}
	if got := telling(paths[:1], commits(20)); !slices.Equal(got, paths[:1]) {
		t.Errorf("where nothing is left: got %v", got)
	}
}

// A public commit that cannot be read, as in a clone that lacks some objects, proves
// nothing and stops nobody; the others are found all the same.
func TestEvidenceDoesWithoutWhatIsMissing(t *testing.T) {
	r := gittest.Load(t, `git init
git add page
git commit -m first
git branch since
cp fixed page
git add page
git commit -m secret
git branch patch
git checkout -q since
cp odd page
git add page
git commit -m odd
git branch odd
git checkout -q patch^ -- page
git commit -m back
cp fixed page
git add page
git commit -m public
git branch base
-- page --
one
two
-- fixed --
one
TWO
-- odd --
something else altogether
`)
	blob := r.ID("odd:page")
	if err := os.Remove(filepath.Join(r.GitDir, "objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	id := idOf(r, "patch")
	source, err := w.Commit(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := w.Evidence(t.Context(), patchset.Query{
		Item: patchset.Item{Patch: "T1", Source: id}, Source: source, SourceID: id, Base: idOf(r, "base"), Closely: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Traces) == 0 || e.Traces[0].Commit != idOf(r, "base") {
		t.Errorf("found %+v, not the public commit %s", e.Traces, r.ID("base"))
	}
}
