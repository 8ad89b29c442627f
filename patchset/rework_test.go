package patchset

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func reworkLedger() Ledger {
	l := Ledger{}.Clone()
	l.Versions["1.0"] = Version{Name: "1.0", Bases: map[string]Base{"core": {Commit: "base"}}}
	for i, id := range []string{"T1", "T2", "T3"} {
		l.Patches[id] = Patch{ID: id, Component: "core", Owner: "priya", Severity: Low, At: map[string]Incarnation{
			"1.0": {State: StateClean, Position: i + 1, Commit: ID("c" + id), Source: ID("s" + id)},
		}}
	}
	return l
}

func TestReorder(t *testing.T) {
	for _, c := range []struct {
		id, other string
		after     bool
		want      []string
	}{
		{"T3", "T1", false, []string{"T3", "T1", "T2"}},
		{"T3", "T1", true, []string{"T1", "T3", "T2"}},
		{"T1", "T3", true, []string{"T2", "T3", "T1"}},
		{"T1", "T2", false, []string{"T1", "T2", "T3"}},
	} {
		l := reworkLedger()
		if err := l.Reorder("1.0", c.id, c.other, c.after); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, l.places("1.0", "core")); diff != "" {
			t.Errorf("%s, %s, after %v: %s", c.id, c.other, c.after, diff)
		}
	}
	if err := reworkLedger().Reorder("1.0", "T1", "T9", true); err == nil {
		t.Error("beside a patch that is not there")
	}
}

// Who replaced twice has not shown the owner the form in between.
func TestReplaceRemembersWhatTheOwnerSaw(t *testing.T) {
	l := reworkLedger()
	l.Replace("1.0", "T2", "one")
	l.Replace("1.0", "T2", "two")
	want := Incarnation{Position: 2, Source: "two", Replaces: "cT2"}
	if diff := cmp.Diff(want, l.Patches["T2"].At["1.0"]); diff != "" {
		t.Error(diff)
	}
}

// What took a patch's place asks for consent in the next version, too, until it has it.
func TestReplacedUntilAgreed(t *testing.T) {
	l := reworkLedger()
	l.Put("T2", "1.0", Incarnation{State: StateDrift, Position: 2, Commit: "new", Source: "s", Replaces: "old"})
	for agreed, want := range map[bool]ID{true: "", false: "old"} {
		req := TrainRequest{Version: "1.1", From: "1.0", Agreed: func(Spot) bool { return agreed }}
		item, ok := l.item(l.Patches["T2"], req, l.tips())
		if !ok || item.Replaces != want {
			t.Errorf("agreed %v: replaces %q, want %q", agreed, item.Replaces, want)
		}
	}
}

func TestSquashKeepsClocksAndChecks(t *testing.T) {
	l := reworkLedger()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	p, o := l.Patches["T1"], l.Patches["T2"]
	p.CarriedSince, o.CarriedSince, o.Found = day(5), day(3), day(1)
	o.Severity, o.Checks = High, map[string]Check{"x": {}}
	l.Patches["T1"], l.Patches["T2"] = p, o
	if err := l.Squash("1.0", "T1", "T2", "both", Event{At: day(9), By: "priya", Where: "T1", Reason: "squashed into T1"}); err != nil {
		t.Fatal(err)
	}
	p = l.Patches["T1"]
	_, check := p.Checks["x"]
	if !p.CarriedSince.Equal(day(3)) || !p.Found.Equal(day(1)) || p.Severity != High || !check {
		t.Errorf("T1 is %+v", p)
	}
	if o = l.Patches["T2"]; !o.Dropped.Happened() || o.At["1.0"].State != StateDropped {
		t.Errorf("T2 is %+v", o)
	}
}

func TestRollBack(t *testing.T) {
	then := reworkLedger()
	then.Conflicts[Spot{"1.0", "T3"}] = Conflict{Record: "k"}
	now := then.Clone()
	now.Versions["1.0"] = Version{Name: "1.0", Bases: map[string]Base{"core": {Commit: "moved"}}}
	delete(now.Conflicts, Spot{"1.0", "T3"})
	if err := now.Squash("1.0", "T1", "T2", "both", Event{At: time.Unix(9, 0), Where: "T1", Reason: "squashed"}); err != nil {
		t.Fatal(err)
	}
	dropped := now.Patches["T3"]
	dropped.Dropped = Event{At: time.Unix(9, 0), Reason: "given up"}
	now.Patches["T3"] = dropped
	now.Patches["T4"] = Patch{ID: "T4", Component: "core", At: map[string]Incarnation{"1.0": {State: StateClean, Commit: "c4"}}}
	now.Put("T1", "1.1", Incarnation{State: StateClean, Commit: "other version"})

	after, leftOut := now.RollBack("1.0", then)
	if diff := cmp.Diff([]string{"T4"}, leftOut); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(then.StackTips("1.0"), after.StackTips("1.0")); diff != "" {
		t.Error(diff)
	}
	for _, id := range []string{"T1", "T2", "T3"} {
		if diff := cmp.Diff(then.Patches[id].At["1.0"], after.Patches[id].At["1.0"]); diff != "" {
			t.Error(id, diff)
		}
	}
	switch {
	case after.Patches["T2"].Dropped.Happened():
		t.Error("what was squashed is still dropped")
	case !after.Patches["T3"].Dropped.Happened():
		t.Error("what a person dropped is dropped no more")
	case after.Patches["T1"].At["1.1"].Commit != "other version":
		t.Error("another version changed")
	case after.Conflicts[Spot{"1.0", "T3"}].Record != "k":
		t.Error("the conflict is not back")
	case now.Patches["T4"].At["1.0"].Commit != "c4":
		t.Error("the ledger that was rolled back changed itself")
	}
	after.Versions["1.1"] = Version{Name: "1.1"}
	missing := 0
	for _, p := range after.VerifyLedger("1.1", Consent{HasOwner: func(Patch) bool { return true }, Missing: func(Patch, string) string { return "" }}) {
		if p.Patch == "T4" && p.Problem == ProblemMissing {
			missing++
		}
	}
	if missing != 1 {
		t.Errorf("T4 is asked for %d times in the next version", missing)
	}
}
