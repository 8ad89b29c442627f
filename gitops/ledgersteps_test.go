package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// TestStepsReplayTheLedger: after each entry, the changes so far give the state that the
// entry's tree gives, and each entry tells only what it changed.
func TestStepsReplayTheLedger(t *testing.T) {
	v := newVault(t)
	for i := range stretchLength + 5 {
		s := snapshot(t, v)
		l := s.Ledger.Clone()
		name := fmt.Sprintf("c%d", i%7)
		if _, there := l.Components[name]; there && i%3 == 0 {
			delete(l.Components, name)
		} else {
			l.Components[name] = patchset.Component{Name: name, URL: fmt.Sprintf("/srv/%d", i)}
		}
		l.Other[fmt.Sprintf("signatures/wmf.1/T%d/sam.toml", i)] = []byte{} // an empty file is there
		if err := carryOut(t.Context(), v, s, l, "changed "+name); err != nil {
			t.Fatal(err)
		}
	}
	replayed := patchset.Ledger{}.Clone()
	tip, steps := snapshot(t, v).Tip, 0
	err := v.Steps(t.Context(), tip, func(step LedgerStep) error {
		for name, data := range step.Changes {
			if err := replayed.Set(name, data); err != nil {
				return err
			}
		}
		if steps++; steps > 1 && len(step.Changes) != 2 {
			t.Errorf("entry %d changes %d files, want 2", steps, len(step.Changes))
		}
		s, err := v.SnapshotAt(t.Context(), step.ID)
		if diff := cmp.Diff(s.Ledger, replayed, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after entry %d:\n%s", steps, diff)
		}
		return err
	})
	if err != nil || steps != stretchLength+6 {
		t.Errorf("%d steps, %v", steps, err)
	}
	stop := errors.New("enough")
	if err := v.Steps(t.Context(), tip, func(LedgerStep) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v", err)
	}
	if err := v.Steps(t.Context(), merge3.ID(fmt.Sprintf("%040x", 1)), func(LedgerStep) error { return nil }); err == nil {
		t.Error("an entry that is not there was read")
	}
}

// What cutEqual leaves of two trees holds every entry that differs.
func TestCutEqualKeepsEveryDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) map[string]byte {
			return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "bb", "c", "long name", "z"}), rapid.ByteRange(1, 2), 0, 6).Draw(t, label)
		}
		a, b := draw("a"), draw("b")
		cutA, cutB := cutEqual(treeBytes(a), treeBytes(b), 20)
		left := [2]map[string]byte{readBytes(t, cutA), readBytes(t, cutB)}
		for name := range merged(a, b) {
			if a[name] != b[name] && (left[0][name] != a[name] || left[1][name] != b[name]) {
				t.Fatalf("%s is %d and %d, what is left says %d and %d", name, a[name], b[name], left[0][name], left[1][name])
			}
			if a[name] == b[name] && left[0][name] != left[1][name] {
				t.Fatalf("%s is equal, and what is left has it on one side only", name)
			}
		}
	})
}

func merged(a, b map[string]byte) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

func treeBytes(entries map[string]byte) []byte {
	var names []string
	for name := range entries {
		names = append(names, name)
	}
	slices.Sort(names)
	var tree []byte
	for _, name := range names {
		tree = append(tree, "100644 "+name+"\x00"...)
		tree = append(tree, bytes.Repeat([]byte{entries[name]}, 20)...)
	}
	return tree
}

func readBytes(t *rapid.T, tree []byte) map[string]byte {
	entries, err := ParseTree(tree, 20)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]byte{}
	for _, e := range entries {
		out[e.Name] = e.ID[1] - '0'
	}
	return out
}
