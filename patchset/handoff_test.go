package patchset_test

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

var (
	handedAt    = patchset.Spot{Version: "1.2", Patch: "T1"}
	handoffTime = time.Date(2026, 11, 22, 9, 0, 0, 5, time.UTC)
)

// handedLedger has a patch in a state, with a conflict, handed to somebody.
func handedLedger(in patchset.Incarnation) patchset.Ledger {
	l := patchset.Ledger{}.Clone()
	l.Versions["1.2"] = patchset.Version{Name: "1.2", Bases: map[string]patchset.Base{}}
	l.Patches["T1"] = patchset.Patch{ID: "T1", Component: "core"}
	l.Conflicts[handedAt] = patchset.Conflict{Record: "aaaa"}
	l.Put("T1", "1.2", in)
	l.HandOff(handedAt, patchset.Handoff{To: "priya", By: "dana", At: handoffTime, Note: "please look"})
	return l
}

func TestHandoffStandsWhileThePatchWaitsWithTheSame(t *testing.T) {
	conflict := patchset.Incarnation{State: patchset.StateConflict}
	drift := patchset.Incarnation{State: patchset.StateDrift, Commit: "bbbb"}
	tests := map[string]struct {
		in     patchset.Incarnation
		change func(l patchset.Ledger)
		stands bool
	}{
		"a conflict":              {conflict, func(patchset.Ledger) {}, true},
		"a conflict now proposed": {conflict, func(l patchset.Ledger) { l.Put("T1", "1.2", patchset.Incarnation{State: patchset.StateProposed}) }, true},
		"a drift":                 {drift, func(patchset.Ledger) {}, true},
		"nothing to go on with":   {patchset.Incarnation{State: patchset.StateClean, Commit: "bbbb"}, func(patchset.Ledger) {}, false},
		"another conflict":        {conflict, func(l patchset.Ledger) { l.Conflicts[handedAt] = patchset.Conflict{Record: "cccc"} }, false},
		"a conflict signed":       {conflict, func(l patchset.Ledger) { l.Put("T1", "1.2", patchset.Incarnation{State: patchset.StateResolved}) }, false},
		"a conflict that waits":   {conflict, func(l patchset.Ledger) { l.Put("T1", "1.2", patchset.Incarnation{State: patchset.StateWaiting}) }, false},
		"another drift": {drift, func(l patchset.Ledger) {
			l.Put("T1", "1.2", patchset.Incarnation{State: patchset.StateDrift, Commit: "cccc"})
		}, false},
		"a drift that is a merge":  {drift, func(l patchset.Ledger) { l.Put("T1", "1.2", patchset.Incarnation{State: patchset.StateConflict}) }, false},
		"a patch that is not here": {conflict, func(l patchset.Ledger) { delete(l.Patches["T1"].At, "1.2") }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := handedLedger(tt.in)
			tt.change(l)
			h, stands := l.Handoff(handedAt)
			if stands != tt.stands {
				t.Fatalf("stands: %v, want %v", stands, tt.stands)
			}
			if want := handoffTime.Truncate(time.Second); stands && (h.To != "priya" || h.Note != "please look" || !h.At.Equal(want)) {
				t.Errorf("got %+v", h)
			}
			after := l.Record(patchset.TrainRequest{Version: "1.2"}, nil, nil, handoffTime)
			if _, kept := after.Handoffs[handedAt]; kept != tt.stands {
				t.Errorf("kept by a train: %v, want %v", kept, tt.stands)
			}
		})
	}
}

// A conflict that changes ends the hand-off; one that only stands elsewhere, with
// the same proposal, does not.
func TestHandoffGoesAlongWithAProposal(t *testing.T) {
	for name, proposal := range map[string]*patchset.Resolution{"kept": {Conflict: "cccc", Result: "dddd"}, "lost": nil} {
		t.Run(name, func(t *testing.T) {
			l := handedLedger(patchset.Incarnation{State: patchset.StateProposed})
			l.Resolutions[handedAt] = patchset.Resolution{Conflict: "aaaa", Result: "eeee"}
			in := patchset.Incarnation{State: patchset.StateConflict}
			if proposal != nil {
				in.State = patchset.StateProposed
			}
			work := []patchset.StackWork{{Component: "core"}}
			out := patchset.Outcome{Patch: "T1", Incarnation: in, Conflict: &patchset.Conflict{Record: "cccc"}, Proposal: proposal}
			after := l.Record(patchset.TrainRequest{Version: "1.2"}, work, map[string][]patchset.Outcome{"core": {out}}, handoffTime)
			if _, stands := after.Handoff(handedAt); stands != (proposal != nil) {
				t.Errorf("stands: %v", stands)
			}
			if _, stands := l.Handoff(handedAt); !stands {
				t.Error("the ledger before was changed")
			}
		})
	}
}
