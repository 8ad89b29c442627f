package patchset_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

func TestNotices(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	type patches map[string]patchset.Patch
	in := func(state patchset.State, age int) patchset.Patch {
		return patchset.Patch{
			ID: "T1", Severity: patchset.High, CarriedSince: days(age),
			At: map[string]patchset.Incarnation{"1.0": {State: patchset.StateConflict}, "1.1": {State: state, Commit: "c", Public: "p"}},
		}
	}
	public := in(patchset.StateClean, 90)
	public.Disclosed = patchset.Event{At: days(1)}
	dropped := in(patchset.StateClean, 90)
	dropped.Dropped = patchset.Event{At: days(1)}
	for name, c := range map[string]struct {
		patch    patchset.Patch
		unsigned bool
		want     string
	}{
		"clean":            {in(patchset.StateClean, 1), false, ""},
		"conflict":         {in(patchset.StateConflict, 1), false, "conflict 1.1 record"},
		"waiting":          {in(patchset.StateWaiting, 1), false, ""},
		"proposed":         {in(patchset.StateProposed, 1), false, "proposed 1.1 result"},
		"drift":            {in(patchset.StateDrift, 1), true, "drift 1.1 c"},
		"drift, signed":    {in(patchset.StateDrift, 1), false, ""},
		"failed":           {in(patchset.StateFailed, 1), false, "failed 1.1 c"},
		"landed":           {in(patchset.StateLanded, 1), false, "landed p"},
		"just young":       {in(patchset.StateClean, 24), false, ""},
		"old":              {in(patchset.StateClean, 25), false, "old 30 days"},
		"on the last day":  {in(patchset.StateClean, 30), false, "old 30 days, the last day"},
		"overdue":          {in(patchset.StateClean, 31), false, "overdue 30 days"},
		"two things":       {in(patchset.StateConflict, 31), false, "conflict 1.1 record, overdue 30 days"},
		"public, and old":  {public, false, ""},
		"dropped, and old": {dropped, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := patchset.Spot{Version: "1.1", Patch: "T1"}
			l := patchset.Ledger{
				Versions: map[string]patchset.Version{"1.0": {}, "1.1": {}}, Patches: patches{"T1": c.patch},
				Conflicts:   map[patchset.Spot]patchset.Conflict{at: {Record: "record"}},
				Resolutions: map[patchset.Spot]patchset.Resolution{at: {Result: "result"}},
			}
			var got []string
			for _, n := range l.Notices(now, func(patchset.Spot) bool { return c.unsigned }, func(patchset.Severity) (int, bool) { return 30, true }) {
				got = append(got, string(n.Kind)+" "+n.Of)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%q, want %q", strings.Join(got, ", "), c.want)
			}
		})
	}
}

// Every patch has a word of its own, which leads back to it and changes with the store.
func TestWords(t *testing.T) {
	l := patchset.Ledger{Store: patchset.Store{ID: "one"}, Patches: map[string]patchset.Patch{}}
	for i := range 5000 { // some of them share four letters
		id := fmt.Sprintf("T%d", i)
		l.Patches[id] = patchset.Patch{ID: id}
	}
	seen, longest := map[string]string{}, 0
	for id, word := range l.Words() {
		longest = max(longest, len(word))
		if other, taken := seen[word]; taken || len(word) < 4 {
			t.Fatalf("%s and %s are both %s", id, other, word)
		}
		seen[word] = id
		if strings.Contains(word, id) {
			t.Errorf("%s is called %s", id, word)
		}
	}
	if longest == 4 {
		t.Error("no two began alike: this test proves nothing")
	}
	for _, word := range slices.Sorted(maps.Keys(seen))[:50] {
		if p, err := l.Named(strings.ToLower(word)); err != nil || p.ID != seen[word] {
			t.Errorf("%s leads to %q (%v), not to %s", word, p.ID, err, seen[word])
		}
	}
	other := patchset.Ledger{Store: patchset.Store{ID: "two"}, Patches: l.Patches}
	if l.Words()["T1"] == other.Words()["T1"] {
		t.Error("the words of two stores are the same")
	}
}
