package patchset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pinnedFleet() Ledger {
	l := Ledger{}.Clone()
	for _, c := range []Component{
		{Name: "core", URL: "core"},
		{Name: "a", URL: "a", PinnedIn: "core", PinnedAt: "a"},
		{Name: "b", URL: "b", PinnedIn: "core", PinnedAt: "b"},
		{Name: "a/deep", URL: "deep", PinnedIn: "a", PinnedAt: "deep"},
		{Name: "hand", URL: "hand"},
		{Name: "other", URL: "other"},
	} {
		l.Components[c.Name] = c
	}
	return l
}

func same(a, b string) bool { return a == b }

func TestDiscover(t *testing.T) {
	subs := []Submodule{
		{Path: "x", URL: "a"},        // a at another path
		{Path: "b", URL: "b2"},       // another URL
		{Path: "new", URL: "new"},    //
		{Path: "hand", URL: "hand"},  // recorded by hand: pinned from now on
		{Path: "other", URL: "else"}, // another repository of that name
		{Path: "-x", URL: "x"},       // no component's name
	}
	got := pinnedFleet().Discover("core", subs, same)
	for i := range got.Refused {
		got.Refused[i].Why = ""
	}
	want := Discovery{
		Added:   []Component{{Name: "new", URL: "new", PinnedIn: "core", PinnedAt: "new"}, {Name: "hand", URL: "hand", PinnedIn: "core", PinnedAt: "hand"}},
		Known:   []string{"a", "b"},
		Renamed: []Renaming{{"a", "a", "x"}},
		Moved:   []Component{{Name: "b", URL: "b2", PinnedIn: "core", PinnedAt: "b"}},
		Refused: []RefusedSubmodule{{Path: "other"}, {Path: "-x"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if gone := pinnedFleet().Discover("core", nil, same).Gone; !cmp.Equal(gone, []string{"a", "b"}) {
		t.Errorf("gone: %v", gone)
	}
}

// A path that another component has is not a renaming, whatever its URL.
func TestPinOfTakenPath(t *testing.T) {
	l := pinnedFleet()
	if s, ok := l.PinOf(l.Components["a"], []Submodule{{Path: "b", URL: "a"}}, same); ok {
		t.Errorf("a was taken for %v", s)
	}
}

func TestComparePins(t *testing.T) {
	before := []Submodule{{Path: "a", URL: "a"}}
	now := []Submodule{{Path: "b", URL: "b"}, {Path: "c", URL: "c"}}
	var got Fleet
	got.ComparePins(pinnedFleet(), "core", before, now, same)
	want := Fleet{Added: []string{"b"}, Gone: []string{"a"}, Unknown: []string{"c"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = Fleet{}
	got.ComparePins(pinnedFleet(), "core", before, []Submodule{{Path: "z", URL: "a"}}, same)
	if diff := cmp.Diff(Fleet{Renamed: []Renaming{{"a", "a", "z"}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPinRounds(t *testing.T) {
	l := pinnedFleet()
	rounds := l.PinRounds([]Component{l.Components["a/deep"], l.Components["hand"]})
	var got [][]string
	for _, round := range rounds {
		var names []string
		for _, c := range round {
			names = append(names, c.Name)
		}
		got = append(got, names)
	}
	if diff := cmp.Diff([][]string{{"core", "hand"}, {"a"}, {"a/deep"}}, got); diff != "" {
		t.Error(diff)
	}
	l.Components["core"] = Component{Name: "core", PinnedIn: "a/deep", PinnedAt: "x"} // a circle ends
	if n := len(l.PinRounds([]Component{l.Components["core"]})); n == 0 {
		t.Error("a circle gives no rounds")
	}
}
