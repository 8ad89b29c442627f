package patchset

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestReleasePlan: whatever the stacks are, what is needed comes before, and nothing is ready that
// rests on what is not.
func TestReleasePlan(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		l := Ledger{Components: map[string]Component{"core": {}, "lib": {}}, Versions: map[string]Version{"1": {}}, Patches: map[string]Patch{}}
		facts := ReleaseFacts{Now: now, Paths: map[string][]string{}, Hindrance: func(Patch) string { return "" }}
		for i := range rapid.IntRange(0, 12).Draw(t, "patches") {
			p := Patch{
				ID: fmt.Sprintf("T%d", i), Component: rapid.SampledFrom([]string{"core", "lib"}).Draw(t, "component"),
				Severity: rapid.SampledFrom(Severities).Draw(t, "severity"),
				At:       map[string]Incarnation{"1": {State: StateClean, Position: rapid.IntRange(0, 5).Draw(t, "position")}},
			}
			if rapid.Bool().Draw(t, "disclosed") {
				p.Disclosed.At = now
			}
			if rapid.IntRange(0, 9).Draw(t, "landed") == 0 {
				p.Landed.At = now
			}
			l.Patches[p.ID] = p
			facts.Paths[p.ID] = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}), 1, 2).Draw(t, "paths")
		}
		plan := l.ReleasePlan(facts)
		before := map[string]ReleaseStep{}
		lastGroup := 0
		for _, s := range plan {
			p := s.Patch
			if p.Landed.Happened() {
				t.Fatalf("%s is public", p.ID)
			}
			if s.Group != lastGroup && s.Group != lastGroup+1 {
				t.Fatalf("group %d after %d", s.Group, lastGroup)
			}
			lastGroup = s.Group
			for _, other := range before {
				if other.Patch.Component == p.Component && shareAny(facts.Paths[p.ID], facts.Paths[other.Patch.ID]) != slices.Contains(s.Needs, other.Patch.ID) {
					t.Fatalf("%s needs %v, and %s comes before it", p.ID, s.Needs, other.Patch.ID)
				}
			}
			ready := !p.Embargoed()
			for _, need := range s.Needs {
				n, there := before[need]
				if !there || n.Group != s.Group {
					t.Fatalf("%s needs %s, which does not come before it in its group", p.ID, need)
				}
				ready = ready && n.Ready()
			}
			if s.Ready() != ready {
				t.Fatalf("%s: ready %v, held by %v", p.ID, s.Ready(), s.HeldBy)
			}
			before[p.ID] = s
		}
		for _, s := range plan {
			chosen := WithNeeds(plan, []string{s.Patch.ID})
			for _, c := range chosen {
				for _, need := range c.Needs {
					if !slices.ContainsFunc(chosen, func(x ReleaseStep) bool { return x.Patch.ID == need }) {
						t.Fatalf("%s alone would go without %s", s.Patch.ID, need)
					}
				}
			}
		}
	})
}

// TestReleasePlanOrder: what could go out now first, then the worst, then the oldest.
func TestReleasePlanOrder(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l := Ledger{Components: map[string]Component{"core": {}}, Patches: map[string]Patch{}}
	facts := ReleaseFacts{Now: now, Paths: map[string][]string{}, Hindrance: func(p Patch) string { return p.Title }}
	for _, p := range []Patch{
		{ID: "secret", Severity: Critical},
		{ID: "old", Severity: Low, Found: now.AddDate(0, 0, -30), Disclosed: Event{At: now}},
		{ID: "new", Severity: Low, Found: now.AddDate(0, 0, -3), Disclosed: Event{At: now}},
		{ID: "bad", Severity: High, Disclosed: Event{At: now}},
		{ID: "open", Severity: Critical, Disclosed: Event{At: now}, Title: "does not merge"},
	} {
		p.Component, p.At = "core", map[string]Incarnation{"1": {State: StateClean}}
		l.Patches[p.ID], facts.Paths[p.ID] = p, []string{p.ID}
	}
	var got []string
	for _, s := range l.ReleasePlan(facts) {
		got = append(got, s.Patch.ID)
	}
	want := []string{"bad", "old", "new", "open", "secret"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
