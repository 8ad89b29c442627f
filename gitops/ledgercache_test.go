package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/git-carry/git-carry/patchset"
)

// largeVault has enough facts that what was read is kept.
func largeVault(t *testing.T) *Vault {
	t.Helper()
	v := newVault(t)
	from := snapshot(t, v)
	l := from.Ledger.Clone()
	for n := range keepLedgerFrom {
		l.Told[patchset.Telling{Patch: fmt.Sprintf("T%d", n), Kind: "conflict", Person: "sam"}] = patchset.Told{Of: "wmf.1", At: time.Unix(1e9, 0).UTC()}
	}
	l.Versions["wmf.1"] = patchset.Version{Name: "wmf.1", Made: time.Unix(1e9, 0).UTC()}
	if err := carryOut(t.Context(), v, from, l, "told many"); err != nil {
		t.Fatal(err)
	}
	return v
}

func mustBeAsInFull(t *testing.T, v *Vault) {
	t.Helper()
	got := snapshot(t, v)
	in := *v
	in.dir = t.TempDir() // where nothing is kept
	want, err := in.SnapshotAt(t.Context(), got.Tip)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("not what reading all files gives:\n%s", diff)
	}
}

// A ledger that is kept is what reading all of its files would give, whatever came after.
func TestKeptLedgerIsTheLedger(t *testing.T) {
	v := largeVault(t)
	file := filepath.Join(v.dir, ledgerCacheFile)
	mustBeAsInFull(t, v)
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal("a large ledger is not kept:", err)
	}
	mustBeAsInFull(t, v)

	from := snapshot(t, v)
	l := from.Ledger.Clone()
	delete(l.Told, patchset.Telling{Patch: "T7", Kind: "conflict", Person: "sam"})
	l.Components["core"] = patchset.Component{Name: "core", URL: "/srv/core"}
	l.Other["owners.toml"] = []byte("# people\n")
	delete(l.Versions, "wmf.1")
	if err := carryOut(t.Context(), v, from, l, "changed a little"); err != nil {
		t.Fatal(err)
	}
	mustBeAsInFull(t, v)
	if second, _ := os.ReadFile(file); string(second) != string(first) {
		t.Error("written again for four changed files")
	}

	from = snapshot(t, v)
	l = from.Ledger.Clone()
	for n := range keepLedgerAfter {
		delete(l.Told, patchset.Telling{Patch: fmt.Sprintf("T%d", 100+n), Kind: "conflict", Person: "sam"})
	}
	if err := carryOut(t.Context(), v, from, l, "changed much"); err != nil {
		t.Fatal(err)
	}
	mustBeAsInFull(t, v)
	if third, _ := os.ReadFile(file); string(third) == string(first) {
		t.Error("not written again although much has changed")
	}
}

// A cache file that is broken, cut off or of another program is as good as none.
func TestBrokenLedgerCacheIsNotRead(t *testing.T) {
	v := largeVault(t)
	snapshot(t, v)
	file := filepath.Join(v.dir, ledgerCacheFile)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.keptLedger(); !ok {
		t.Fatal("what was just kept is not read")
	}
	flipped := append([]byte{}, whole...)
	flipped[len(flipped)/2] ^= 1
	for name, data := range map[string][]byte{
		"empty": {}, "cut off": whole[:len(whole)-1], "only a sum": whole[:32], "one bit": flipped, "another sum": append(make([]byte, 32), whole[32:]...),
	} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := v.keptLedger(); ok {
			t.Errorf("%s: it is read", name)
		}
		mustBeAsInFull(t, v)
	}
	if kept, err := os.ReadFile(file); err != nil || len(kept) != len(whole) {
		t.Error("a broken file is not put right:", err)
	}
}

// A small ledger is not kept.
func TestSmallLedgerIsNotKept(t *testing.T) {
	v := newVault(t)
	snapshot(t, v)
	if _, err := os.Stat(filepath.Join(v.dir, ledgerCacheFile)); !os.IsNotExist(err) {
		t.Error("there is a cache file:", err)
	}
}
