package patchset_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/git-carry/git-carry/patchset"
)

// What the owner last saw is the newest form about which nothing is open.
func TestSeen(t *testing.T) {
	at := func(state patchset.State, commit patchset.ID, from string, grounds ...patchset.Ground) patchset.Incarnation {
		return patchset.Incarnation{State: state, Commit: commit, Source: "s" + commit, From: from, Grounds: grounds}
	}
	elsewhere := patchset.Ground{Kind: patchset.GroundElsewhere}
	for name, tt := range map[string]struct {
		v1, v2 patchset.Incarnation
		open   bool // v2's drift waits for its owner
		want   patchset.Seen
	}{
		"clean":                       {at("clean", "c1", ""), at("clean", "c2", "v1"), true, patchset.Seen{Commit: "c2", Base: "b2", Tip: "c2"}},
		"drift that nobody answered":  {at("clean", "c1", ""), at("drift", "c2", "v1"), true, patchset.Seen{Commit: "c1", Base: "b1", Tip: "c1"}},
		"drift that was signed":       {at("clean", "c1", ""), at("drift", "c2", "v1"), false, patchset.Seen{Commit: "c2", Base: "b2", Tip: "c2"}},
		"a resolution":                {at("clean", "c1", ""), at("resolved", "c2", "v1"), true, patchset.Seen{Commit: "c2", Base: "b2", Tip: "c2"}},
		"a resolution, more found":    {at("clean", "c1", ""), at("resolved", "c2", "v1", elsewhere), true, patchset.Seen{Commit: "c2", Base: "b1", Tip: "c1"}},
		"in conflict":                 {at("clean", "c1", ""), at("conflict", "", "v1"), true, patchset.Seen{Commit: "c1", Base: "b1", Tip: "c1"}},
		"never answered since it was": {at("drift", "c1", ""), at("drift", "c2", "v1"), true, patchset.Seen{Commit: "sc1"}},
		"from each other":             {at("drift", "c1", "v2"), at("drift", "c2", "v1"), true, patchset.Seen{Commit: "sc1"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := patchset.Ledger{}.Clone()
			l.Components["core"] = patchset.Component{}
			for v, base := range map[string]patchset.ID{"v1": "b1", "v2": "b2"} {
				l.Versions[v] = patchset.Version{Name: v, Bases: map[string]patchset.Base{"core": {Commit: base}}}
			}
			l.Patches["T1"] = patchset.Patch{ID: "T1", Component: "core", At: map[string]patchset.Incarnation{"v1": tt.v1, "v2": tt.v2}}
			work := l.Work(patchset.TrainRequest{
				Version: "v3", From: "v2", Bases: map[string]patchset.Base{"core": {Commit: "b3"}},
				Open: func(patchset.Spot) bool { return tt.open },
			})
			if diff := cmp.Diff(tt.want, work[0].Items[0].Seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is found beside a signed resolution is told, and leaves its state.
func TestFoundBesideAResolution(t *testing.T) {
	f := newFakeBench()
	base := f.commit("", "base", map[string]string{"a": "1"})
	source := f.commit(base, "fix", map[string]string{"a": "2"})
	now := time.Unix(1700000000, 0)
	for _, signed := range []patchset.ID{"", source} {
		f.again = map[string]string{"T1": "put it there"}
		out, err := patchset.CarryStack(t.Context(), f, base, []patchset.Item{{Patch: "T1", CarryID: "x", Source: source, Signed: signed}}, now)
		if err != nil {
			t.Fatal(err)
		}
		in := out[0].Incarnation
		if len(in.Grounds) != 1 || in.Why == "" {
			t.Errorf("signed %q: %+v", signed, in)
		}
		if drift := in.State == patchset.StateDrift; drift != (signed == "") {
			t.Errorf("signed %q: %s", signed, in.State)
		}
	}
}
