package gitops

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

// Somebody runs git gc --prune=now in the vault, again and again, while changes are
// accepted: none may be lost. Without the .keep beside a new pack this fails within
// a few dozen rounds.
func TestGarbageCollectionBesideAWriter(t *testing.T) {
	v := newVault(t)
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = exec.Command("git", "-C", v.dir, "gc", "--quiet", "--prune=now").Run() // to its end: killed, it leaves rubbish
		}
	}()
	accepted := 0
	for i := range rounds {
		// A gc at work can make a command fail; it must not make it lie.
		own := openVault(v.git, v.dir)
		s, err := own.Snapshot(t.Context())
		if err == nil && addComponent(t.Context(), own, s, fmt.Sprintf("c%d", i)) == nil {
			accepted++
		}
		_ = own.Close()
	}
	stop()
	<-done
	own := openVault(v.git, v.dir)
	defer own.Close()
	s, err := own.Snapshot(t.Context())
	if err != nil {
		t.Fatalf("after %d accepted changes: %v", accepted, err)
	}
	if got := len(s.Ledger.Components); got != accepted {
		t.Errorf("%d changes were accepted, %d are there", accepted, got)
	}
	if accepted < rounds/2 {
		t.Errorf("only %d of %d changes were accepted beside a gc", accepted, rounds)
	}
	if out, err := exec.Command("git", "-C", v.dir, "fsck", "--full", "--strict").CombinedOutput(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

func TestManyPacksAreRolledUp(t *testing.T) {
	v := newVault(t)
	for i := range maxPacks + 5 {
		if err := addComponent(t.Context(), v, snapshot(t, v), fmt.Sprintf("c%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	packs, _ := filepath.Glob(filepath.Join(v.dir, "objects", "pack", "*.pack"))
	if len(packs) > maxPacks {
		t.Errorf("%d packs", len(packs))
	}
	if kept, _ := filepath.Glob(filepath.Join(v.dir, "objects", "pack", "*.keep")); len(kept) > 0 {
		t.Errorf("packs are still kept: %v", kept)
	}
	if got := len(snapshot(t, v).Ledger.Components); got != maxPacks+5 {
		t.Errorf("%d components", got)
	}
}

// Large packs are not joined again and again: a list of all packs makes them quick to
// look through.
func TestManyLargePacksAreListed(t *testing.T) {
	v := newVault(t)
	dir := filepath.Join(v.dir, "objects", "pack")
	random := rand.New(rand.NewPCG(1, 1))
	for range maxPacks + 1 {
		data := make([]byte, maxRolledUp)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		hash := exec.Command("git", "-C", v.dir, "hash-object", "-w", "--stdin")
		hash.Stdin = bytes.NewReader(data)
		id, err := hash.Output()
		if err != nil {
			t.Fatal(err)
		}
		pack := exec.Command("git", "-C", v.dir, "pack-objects", "-q", filepath.Join(dir, "pack"))
		pack.Stdin = bytes.NewReader(id)
		if out, err := pack.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	before, _ := filepath.Glob(filepath.Join(dir, "*.pack"))
	if err := addComponent(t.Context(), v, snapshot(t, v), "core"); err != nil {
		t.Fatal(err)
	}
	after, _ := filepath.Glob(filepath.Join(dir, "*.pack"))
	if len(after) < maxPacks+1 || len(after) > len(before)+1 {
		t.Errorf("%d packs, of %d", len(after), len(before))
	}
	list := filepath.Join(dir, "multi-pack-index")
	first, err := os.Stat(list)
	if err != nil {
		t.Fatal("the packs are not listed:", err)
	}
	if err := addComponent(t.Context(), v, snapshot(t, v), "vendor"); err != nil {
		t.Fatal(err)
	}
	if second, err := os.Stat(list); err != nil || !second.ModTime().Equal(first.ModTime()) {
		t.Error("listed again for one more pack:", err)
	}
	if got := len(snapshot(t, v).Ledger.Components); got != 2 {
		t.Errorf("%d components", got)
	}
	if out, err := exec.Command("git", "-C", v.dir, "fsck", "--full").CombinedOutput(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

func TestNamesThatCannotBeRefsBesideEachOther(t *testing.T) {
	l := patchset.Ledger{}.Clone()
	base := map[string]patchset.Base{"core": {Commit: "a"}, "core/lib": {Commit: "b"}}
	l.Versions["lib"] = patchset.Version{Name: "lib", Bases: map[string]patchset.Base{"core": base["core"]}}
	l.Versions["v1"] = patchset.Version{Name: "v1", Bases: base}
	if checkStackRefs(l) == nil {
		t.Error("core in version lib, and core/lib: accepted")
	}
	delete(l.Versions, "lib")
	if err := checkStackRefs(l); err != nil {
		t.Error(err)
	}
}
