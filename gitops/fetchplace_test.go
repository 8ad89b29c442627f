package gitops

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
)

// A fetch reads nothing of other components: not even the loss of a whole one keeps it
// from its work. (With a look at all refs of the vault, a train over many components would take
// time that grows with the square of their number.)
func TestFetchReadsNoOtherComponent(t *testing.T) {
	v := newVault(t)
	core := gittest.Load(t, "git init\ngit add a\ngit commit -m one\n-- a --\n1\n")
	other := gittest.Load(t, "git init\ngit add b\ngit commit -m two\n-- b --\n2\n")
	fetch := func(component string, repo *gittest.Repo) {
		t.Helper()
		got, err := v.FetchPublic(t.Context(), component, repo.GitDir, "refs/heads/main", nil)
		if err != nil || got != idOf(repo, "HEAD") {
			t.Fatalf("%s: fetched %s (%v)", component, got, err)
		}
	}
	packs := func() map[string]bool {
		all, err := filepath.Glob(filepath.Join(v.dir, "objects", "pack", "*"))
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]bool{}
		for _, name := range all {
			set[name] = true
		}
		return set
	}
	fetch("core", core)
	before := packs()
	fetch("other", other)
	for name := range packs() {
		if !before[name] {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	core.Run("git commit --allow-empty -m three")
	fetch("core", core)
	left, err := os.ReadDir(v.tmp())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
