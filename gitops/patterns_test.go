package gitops

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// What to look for on behalf of a patch is worked out once, and read again as it was.
func TestPatternsAreKept(t *testing.T) {
	r := gittest.Load(t, radarScript+radarFiles)
	fix := idOf(r, "fix")
	want, err := NewWorkbench(testScratch(t, r), EngineOwn).patterns(t.Context(), fix)
	if err != nil || len(want) == 0 {
		t.Fatalf("%d patterns: %v", len(want), err)
	}
	v := newVault(t)
	first := v.Workbench(testScratch(t, r), EngineOwn)
	v.KeepPatterns(t.Context(), first, []merge3.ID{fix})
	if first.known().news != 1 {
		t.Errorf("%d worked out, want 1", first.known().news)
	}

	second := v.Workbench(testScratch(t, r), EngineOwn)
	got, err := second.patterns(t.Context(), fix)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("not what was kept:\n%s", diff)
	}
	if second.known().news != 0 {
		t.Error("worked out again although it was kept")
	}

	if err := os.WriteFile(filepath.Join(v.dir, patternsFile), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	third := v.Workbench(testScratch(t, r), EngineOwn)
	if got, err = third.patterns(t.Context(), fix); err != nil || !cmp.Equal(want, got) || third.known().news != 1 {
		t.Errorf("a broken file: %v, %d worked out", err, third.known().news)
	}
}

// Another change of the same file, and the same change of another file, have keys of
// their own.
func TestKeyOfChanges(t *testing.T) {
	entry := func(id string) merge3.Entry { return merge3.Entry{Mode: merge3.ModeFile, ID: merge3.ID(id)} }
	keys := map[changeKey]bool{}
	for _, c := range [][]TreeChange{
		nil,
		{{"a.php", entry("1"), entry("2")}},
		{{"b.php", entry("1"), entry("2")}},
		{{"a.php", entry("1"), entry("3")}},
		{{"a.php", entry("1"), entry("2")}, {"b.php", entry("1"), entry("2")}},
		{{"a.php", entry("1"), merge3.Entry{Mode: merge3.ModeExecutable, ID: "2"}}},
	} {
		keys[keyOf(c)] = true
	}
	if len(keys) != 6 {
		t.Errorf("%d keys for 6 changes", len(keys))
	}
}
