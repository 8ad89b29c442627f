package patchset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deployed is a core that pins a, which pins a/deep; a/deep carries a patch.
func deployed() Ledger {
	l := pinnedFleet()
	core := l.Components["core"]
	core.Pins = true
	l.Components["core"] = core
	l.Versions["1"] = Version{Name: "1", Bases: map[string]Base{
		"core": {Commit: "core"}, "a": {Commit: "a", Ref: "core:renamed"}, "b": {Commit: "b"}, "a/deep": {Commit: "deep"}, "hand": {Commit: "hand"},
	}}
	l.Patches["T1"] = Patch{ID: "T1", Component: "a/deep", At: map[string]Incarnation{"1": {State: StateClean, Position: 1, Commit: "fix"}}}
	return l
}

func TestPinsToMakeDeepestFirst(t *testing.T) {
	l := deployed()
	if diff := cmp.Diff([]string{"a", "core"}, l.PinsToMake("1")); diff != "" {
		t.Fatal(diff)
	}
	if _, ready := l.Links("core", "1"); ready {
		t.Error("core is ready before a is")
	}
	l.Pins[Spot{"1", "a"}] = Pin{Commit: "a-pin", On: "a", Links: map[string]ID{"deep": "fix"}}
	links, ready := l.Links("core", "1")
	if diff := cmp.Diff([]Linked{{"a", "renamed", "a-pin"}}, links); diff != "" || !ready {
		t.Error(diff, ready)
	}
	l.Pins[Spot{"1", "core"}] = Pin{Commit: "core-pin", On: "core", Links: map[string]ID{"renamed": "a-pin"}}
	if tip, ok := l.Published("core", "1"); tip != "core-pin" || !ok || len(l.PinsToMake("1")) > 0 {
		t.Errorf("core is published as %s, %v", tip, ok)
	}
	if tip, ok := l.Published("hand", "1"); tip != "hand" || !ok {
		t.Errorf("what is not pinned is published as %s, %v", tip, ok)
	}
}

// A pin is old as soon as anything that it stands on or points at has moved.
func TestPinGrowsOld(t *testing.T) {
	for name, move := range map[string]func(Ledger){
		"the stack under it":   func(l Ledger) { l.Versions["1"].Bases["core"] = Base{Commit: "core2"} },
		"a stack it points at": func(l Ledger) { l.Put("T1", "1", Incarnation{State: StateClean, Position: 1, Commit: "fix2"}) },
		"a path":               func(l Ledger) { l.Versions["1"].Bases["a"] = Base{Commit: "a", Ref: "core:again"} },
		"a patch less":         func(l Ledger) { l.Put("T1", "1", Incarnation{State: StateDropped}) },
	} {
		l := deployed()
		l.Pins[Spot{"1", "a"}] = Pin{Commit: "a-pin", On: "a", Links: map[string]ID{"deep": "fix"}}
		l.Pins[Spot{"1", "core"}] = Pin{Commit: "core-pin", On: "core", Links: map[string]ID{"renamed": "a-pin"}}
		move(l)
		if tip, _ := l.Published("core", "1"); tip == "core-pin" {
			t.Errorf("%s moved, and the pin is still published", name)
		}
	}
}

// A pin is delivered only where its ring serves what it points at.
func TestPinFollows(t *testing.T) {
	l := deployed()
	l.Pins[Spot{"1", "a"}] = Pin{Commit: "a-pin", On: "a", Links: map[string]ID{"deep": "fix"}}
	l.Targets["t"] = Target{Name: "t", URL: "u", Component: "a", Ring: "stable", Published: map[string]Published{}}
	list, err := l.Deliveries(l.Targets["t"], "1")
	if err != nil || len(list) != 0 {
		t.Errorf("delivered before what it points at: %v, %v", list, err)
	}
	l.Targets["test"] = Target{Name: "test", Ring: "testing", Published: map[string]Published{"1/a/deep": {Commit: "fix"}}}
	if list, _ = l.Deliveries(l.Targets["t"], "1"); len(list) != 0 {
		t.Errorf("another ring counted: %v", list)
	}
	l.Targets["d"] = Target{Name: "d", Component: "a/deep", Ring: "stable", Published: map[string]Published{"1/a/deep": {Commit: "fix"}}}
	if list, err = l.Deliveries(l.Targets["t"], "1"); err != nil || len(list) != 1 || list[0].Tip != "a-pin" || list[0].Length != 1 {
		t.Errorf("got %+v, %v", list, err)
	}
}
