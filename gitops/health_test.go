package gitops

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// TestSweepTakesOnlyWhatIsDead: what is young or belongs to a living process
// stays, whatever its name.
func TestSweepTakesOnlyWhatIsDead(t *testing.T) {
	v := newVault(t)
	alive, err := v.Scratch()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	now := time.Now()
	place := func(name string, age time.Duration) string {
		path := filepath.Join(v.Dir(), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	old := []string{
		place("objects/pack/tmp_pack_a", 48*time.Hour), place("objects/ab/tmp_obj_b", 48*time.Hour),
		place("refs/carry/stacks/core/1.lock", 48*time.Hour),
	}
	young := []string{place("objects/pack/tmp_pack_c", time.Hour), place("refs/carry/stacks/core/2.lock", time.Minute)}
	dead := filepath.Dir(place("carry-tmp/"+scratchPrefix+"dead/"+scratchLock, 0))

	found, err := v.LeftOvers(now)
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(old), dead)
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Fatalf("LeftOvers = %q, want %q", found, want)
	}
	if n, err := v.Sweep(t.Context(), now); err != nil || n != len(want) {
		t.Errorf("Sweep removed %d, %v; want %d", n, err, len(want))
	}
	for _, name := range young {
		if _, err := os.Stat(filepath.Join(v.Dir(), name)); err != nil {
			t.Errorf("a young file went: %v", err)
		}
	}
	if _, err := os.Stat(alive.Dir()); err != nil {
		t.Errorf("the scratch of a living process went: %v", err)
	}
}

func TestInspectChangesNothing(t *testing.T) {
	v := newVault(t)
	s := snapshot(t, v)
	if err := writeRef(v.Dir(), "refs/carry/stacks/core/9", s.Tip, false); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, wrong, err := v.Inspect(t.Context())
		if err != nil || !slices.Equal(wrong, []string{"refs/carry/stacks/core/9"}) {
			t.Fatalf("Inspect: wrong refs %q, %v", wrong, err)
		}
	}
	absent := merge3.ID("1234567890123456789012345678901234567890")
	missing, err := v.Missing(t.Context(), map[merge3.ID]bool{s.Tip: true, absent: true})
	if err != nil || !slices.Equal(missing, []merge3.ID{absent}) {
		t.Errorf("Missing = %q, %v", missing, err)
	}
}

func TestConfigureKeepsTheAllowList(t *testing.T) {
	v := newVault(t)
	if err := v.Configure(t.Context(), [2]string{"user.name", "Priya Nair"}); err != nil {
		t.Error(err)
	}
	if err := v.Configure(t.Context(), [2]string{"remote.x.url", "/elsewhere"}); err == nil {
		t.Error("a vault got a remote")
	}
	if err := checkVaultConfig(v.Dir()); err != nil {
		t.Error(err)
	}
}
