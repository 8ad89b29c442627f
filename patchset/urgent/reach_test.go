package urgent

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// goingOut is an item that goes out, and where it has arrived.
func goingOut(arrivals ...Arrival) Standing {
	event := patchset.Event{At: noon, By: "sam"}
	s := Standing{Now: noon.Add(time.Hour), Policy: Policy{}.Normal(), Item: Item{
		ID: "U-2026-1", Patches: []string{"T1"}, Opened: event, Accepted: Acceptance{Event: event, Versions: []string{"1.0"}},
		Runs: map[Stage]Run{Release: {Started: noon}}, Seen: map[patchset.Place]Presence{},
	}}
	s.Stacks = []Stack{{
		Component: "core", Version: "1.0", States: map[string]patchset.State{"T1": patchset.StateClean}, Commit: "aa", Content: "c",
		Testing: []Arrival{{Target: "canary", There: true, At: noon}}, Stable: arrivals,
	}}
	return s
}

func TestFates(t *testing.T) {
	there := Arrival{Target: "near", There: true, At: noon.Add(time.Minute)}
	for _, c := range []struct {
		name    string
		arrival Arrival
		seen    Verdict
		commit  patchset.ID
		want    Fate
	}{
		{"seen there", Arrival{Target: "x", There: true}, Present, "aa", FateVerified},
		{"read back only", Arrival{Target: "x", There: true}, "", "", FateVerified},
		{"not there yet", Arrival{Target: "x"}, Absent, "aa", FateLagging},
		{"others have it", Arrival{Target: "x"}, "", "", FateLagging},
		{"gone again", Arrival{Target: "x"}, Reverted, "aa", FateWrong},
		{"by one family only", Arrival{Target: "x"}, Partial, "aa", FateWrong},
		{"broken", Arrival{Target: "x"}, Corrupt, "aa", FateWrong},
		{"unreachable", Arrival{Target: "x"}, Unreachable, "aa", FateDead},
		{"of an older form", Arrival{Target: "x"}, Unreachable, "00", FateLagging},
		{"excused", Arrival{Target: "x", Excused: true}, Unreachable, "aa", FateExcused},
		{"excused and there", Arrival{Target: "x", Excused: true, There: true}, Present, "aa", FateVerified},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := goingOut(there, c.arrival)
			s.Item.Seen[patchset.Place{Target: "x", Stack: "1.0/core"}] = Presence{Verdict: c.seen, Commit: c.commit, At: noon}
			for _, r := range s.Reaches() {
				if r.Target == "x" && r.Fate != c.want {
					t.Errorf("%s, want %s", r.Fate, c.want)
				}
			}
		})
	}

	s := goingOut(Arrival{Target: "x"})
	if got := s.Reaches()[0].Fate; got != FateToCome {
		t.Errorf("before anything was sent: %s", got)
	}
	s = goingOut(there)
	s.Item.RolledBack = patchset.Event{At: noon, By: "sam"}
	s.Item.Seen[patchset.Place{Target: "near", Stack: "1.0/core"}] = Presence{Verdict: Present, Commit: "aa", At: noon}
	if got := s.Reaches()[slices.IndexFunc(s.Reaches(), func(r Reach) bool { return r.Target == "near" })].Fate; got != FateLagging {
		t.Errorf("still there after it was rolled back: %s", got)
	}
}

// TestReachesInOrder: who needs somebody comes first, then who was slow; a stack that is behind is
// no target's fault.
func TestReachesInOrder(t *testing.T) {
	at := func(name string, minutes int) Arrival {
		return Arrival{Target: name, There: true, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	s := goingOut(at("fast", 1), at("slow", 9), Arrival{Target: "late"}, Arrival{Target: "gone"})
	s.Item.Seen[patchset.Place{Target: "gone", Stack: "1.0/core"}] = Presence{Verdict: Unreachable, Commit: "aa", At: noon}
	behind := s.Stacks[0]
	behind.Version, behind.States = "1.1", map[string]patchset.State{"T1": patchset.StateConflict}
	behind.Testing, behind.Stable = []Arrival{{Target: "canary"}}, []Arrival{{Target: "fast"}, {Target: "slow"}, {Target: "late"}, {Target: "gone"}}
	public := behind
	public.Version, public.States = "1.2", map[string]patchset.State{"T1": patchset.StateLanded}
	s.Stacks = append(s.Stacks, behind, public)
	var got []string
	for _, r := range s.Reaches() {
		got = append(got, fmt.Sprintf("%s %s %d/%d %v", r.Target, r.Fate, r.There, len(r.Stacks), r.Took))
	}
	want := []string{"gone dead 0/2 0s", "late lagging 0/2 0s", "slow verified 1/2 9m0s", "fast verified 1/2 1m0s", "canary verified 1/2 0s"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestWaits(t *testing.T) {
	vote := func(person string) Vote { return Vote{Person: person, Content: "c", Score: 1, At: noon} }
	approved := []Vote{vote("sam"), vote("kim"), vote("deb")}
	for _, c := range []struct {
		want   Wait
		change func(*Standing, *Stack)
	}{
		{WaitApprovals, func(*Standing, *Stack) {}},
		{WaitAccepted, func(s *Standing, _ *Stack) { s.Item.Accepted = Acceptance{} }},
		{WaitCarry, func(_ *Standing, k *Stack) { k.States = map[string]patchset.State{"T1": ""} }},
		{WaitBehind, func(_ *Standing, k *Stack) { k.States = map[string]patchset.State{"T1": patchset.StateConflict} }},
		{WaitBehind, func(_ *Standing, k *Stack) { k.Problems = []string{"no consent"} }},
		{WaitHold, func(s *Standing, _ *Stack) { s.Holds = []Hold{{Person: "lee"}} }},
		{WaitTesting, func(_ *Standing, k *Stack) { k.Testing[0].There = false }},
		{WaitRelease, func(s *Standing, _ *Stack) { s.Votes = approved }},
		{WaitSoak, func(s *Standing, _ *Stack) { s.Votes, s.Now = approved, noon.Add(time.Minute) }},
		{WaitTargets, func(_ *Standing, k *Stack) { k.Stable[0].There = true }},
		{WaitNothing, func(_ *Standing, k *Stack) { k.Stable[0].There, k.Stable[1].There = true, true }},
		{WaitNothing, func(_ *Standing, k *Stack) { k.States = map[string]patchset.State{"T1": patchset.StateLanded} }},
		{WaitNothing, func(s *Standing, _ *Stack) { s.Item.Rejected = patchset.Event{At: noon, By: "sam"} }},
		{WaitOthers, func(s *Standing, k *Stack) {
			s.Policy.Whole = true
			other := *k
			other.Version, other.States = "1.1", map[string]patchset.State{"T1": patchset.StateConflict}
			s.Stacks = append(s.Stacks, other)
		}},
	} {
		s := goingOut(Arrival{Target: "a"}, Arrival{Target: "b"})
		c.change(&s, &s.Stacks[0])
		if got := s.Waits(s.Stacks[0]); got != c.want {
			t.Errorf("waits for %q, want %q", got, c.want)
		}
	}
}
