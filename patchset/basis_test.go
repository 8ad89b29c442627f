package patchset

import (
	"strings"
	"testing"
	"time"
)

// Every state says what it rests on: a clause for a table, and at least one sentence
// that names a commit or a person.
func TestBasisOfEveryState(t *testing.T) {
	day := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	id := func(c string) ID { return ID(strings.Repeat(c, 40)) }
	event := &Event{At: day, By: "sam", Reason: "it is public"}
	cases := map[State]struct {
		in     Incarnation
		clause string
		says   []string
	}{
		StateClean: {
			Incarnation{Commit: id("c"), From: "1.0"},
			"the same change as in 1.0",
			[]string{"aaaaaaaaaa of 1.0", "cccccccccc on the base bbbbbbbbbb"},
		},
		StateMoved:    {Incarnation{Commit: id("c")}, "the same change at other lines or in a renamed file", []string{"aaaaaaaaaa, as it was added"}},
		StateDrift:    {Incarnation{Commit: id("c"), Why: "the function changed"}, "the function changed", []string{"cccccccccc on the base"}},
		StateConflict: {Incarnation{Paths: []string{"a", "b"}, Culprit: id("d")}, "in dispute: a, b", []string{"merged into the base bbbbbbbbbb", "record of it is eeeeeeeeee, since 2026-11-22", "from public commit dddddddddd on"}},
		StateWaiting:  {Incarnation{Cause: "T9"}, "waits for T9", []string{"as soon as T9 does"}},
		StateProposed: {Incarnation{}, "settled by priya on 2026-11-22, to be signed by lee", []string{"ffffffffff answers the conflict eeeeeeeeee"}},
		StateResolved: {Incarnation{Commit: id("c")}, "settled by priya on 2026-11-22 and signed", []string{"ffffffffff answers the conflict eeeeeeeeee"}},
		StateLanded:   {Incarnation{Public: id("9"), Why: "a public commit makes the same change"}, "9999999999: a public commit makes the same change", []string{"aaaaaaaaaa, as it was added, and the base bbbbbbbbbb"}},
		StateRetired:  {Incarnation{Public: id("9"), Event: event}, "9999999999: it is public", []string{"retired by sam on 2026-11-22: it is public"}},
		StateDropped:  {Incarnation{Event: event}, "it is public", []string{"dropped by sam on 2026-11-22"}},
		StateFailed:   {Incarnation{Commit: id("c"), Why: "phpunit: exit 1"}, "phpunit: exit 1", []string{"checked: the finished stack, cccccccccc"}},
	}
	for _, state := range States {
		tc, ok := cases[state]
		if !ok {
			t.Errorf("no words for %s", state)
		}
		t.Run(string(state), func(t *testing.T) {
			tc.in.State, tc.in.Source = state, id("a")
			at := Spot{"1.1", "T1"}
			l := Ledger{
				Versions:    map[string]Version{"1.1": {Name: "1.1", Bases: map[string]Base{"core": {Commit: id("b")}}}},
				Patches:     map[string]Patch{"T1": {ID: "T1", Component: "core", Owner: "lee", At: map[string]Incarnation{"1.1": tc.in}}},
				Conflicts:   map[Spot]Conflict{at: {Record: id("e"), Upstream: id("b"), Base: id("b"), Source: id("a"), Found: day}},
				Resolutions: map[Spot]Resolution{at: {Conflict: id("e"), Result: id("f"), By: "priya", At: day}},
			}
			b := l.Basis(at)
			if b.Clause != tc.clause {
				t.Errorf("clause %q, want %q", b.Clause, tc.clause)
			}
			all := strings.Join(b.Sentences, "\n")
			for _, want := range tc.says {
				if !strings.Contains(all, want) {
					t.Errorf("nothing says %q:\n%s", want, all)
				}
			}
		})
	}
}
