package main

import (
	"path/filepath"
	"strings"
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
		repositories: 2, patched: 2, live: 2,
		History: generate.History{Files: 200, Objects: 500, Seed: 3}, Change: generate.Change{Drift: 20, Changed: 60, Stack: 8, Merges: 0.5},
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

// TestFleetsAgree has repositories without patches, and versions before the base.
func TestFleetsAgree(t *testing.T) {
	b := testBench(t)
	b.rounds, b.cache = 1, t.TempDir()
	fleet := scenario{name: "test", enter: []entry{rebase, am, fetchAndRebase}}
	res, err := b.table(t.Context(), filepath.Join(t.TempDir(), "part"), fleet, stock{generated: part{
		repositories: 4, patched: 2, live: 4,
		History: generate.History{Files: 60, Commits: 10, Seed: 3}, Change: generate.Change{Drift: 10, Changed: 30, Stack: 3, Merges: 0.5},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Patches != 3 || len(res.Ways) != 3 {
		t.Errorf("%d patches, %d ways", res.Patches, len(res.Ways))
	}
	for _, f := range res.Ways {
		if !f.Same || len(strings.Fields(f.Trees)) != 2 {
			t.Errorf("%s made the trees %s", f.Name, f.Trees)
		}
	}
}
