package main

import (
	"path/filepath"
	"testing"

	"github.com/git-carry/git-carry/bench/internal/generate"
)

// TestOthersAgree lets the ways of others, but the slow StGit, carry a small stack in
// two places: each makes the same trees, twice.
func TestOthersAgree(t *testing.T) {
	b := testBench(t)
	b.rounds, b.cache = 1, t.TempDir()
	small := scenario{name: "test", enter: []entry{rebase, cherryPick, am, oneProcess, oneConversation, replay, quilt}}
	res, err := b.table(t.Context(), filepath.Join(t.TempDir(), "part"), small, stock{generated: part{
		2, generate.History{Files: 200, Objects: 500, Seed: 3}, generate.Change{Drift: 20, Changed: 60, Stack: 4, Merges: 0.5},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Patches != 8 {
		t.Errorf("%d patches, want 8", res.Patches)
	}
	for _, f := range res.Ways {
		if !f.Same {
			t.Errorf("%s made another tree", f.Name)
		}
	}
	if len(res.Ways) < 4 {
		t.Errorf("only %d took part; absent: %q", len(res.Ways), res.Absent)
	}
	t.Logf("absent: %q", res.Absent)
}
