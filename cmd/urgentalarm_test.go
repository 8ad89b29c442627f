package cmd

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// What is known of a target, over all items and stacks, is the worst of it; who takes
// none of the components has nothing to catch up with, and a rollback is waited for too.
func TestSights(t *testing.T) {
	l := patchset.Ledger{}.Clone()
	l.Patches["T1"] = patchset.Patch{ID: "T1", Component: "core"}
	for _, target := range []patchset.Target{{Name: "all"}, {Name: "core", Component: "core"}, {Name: "skin", Component: "skin"}, {Name: "unseen", Component: "core"}} {
		l.Targets[target.Name] = target
	}
	at := func(target, version string) patchset.Place {
		return patchset.Place{Target: target, Stack: version + "/core"}
	}
	seen := func(v urgent.Verdict) urgent.Presence { return urgent.Presence{Verdict: v, At: time.Unix(1, 0)} }
	first := urgent.Item{ID: "U-2026-1", Patches: []string{"T1"}, Seen: map[patchset.Place]urgent.Presence{at("all", "1"): seen(urgent.Present)}}
	second := urgent.Item{ID: "U-2026-2", Patches: []string{"T1"}}
	back := urgent.Item{ID: "U-2026-3", Patches: []string{"T1"}, RolledBack: patchset.Event{At: time.Unix(1, 0)}}
	for name, tc := range map[string]struct {
		items  []urgent.Item
		found  map[string]map[patchset.Place]urgent.Presence
		target string
		want   serve.State
		reason string
		before bool
	}{
		"another component":  {[]urgent.Item{first}, nil, "skin", serve.Good, "", true},
		"not looked at":      {[]urgent.Item{first}, nil, "unseen", serve.Silent, "", false},
		"present, and known": {[]urgent.Item{first}, map[string]map[patchset.Place]urgent.Presence{"U-2026-1": {at("all", "1"): seen(urgent.Present)}}, "all", serve.Good, "", true},
		"present, and new":   {[]urgent.Item{first}, map[string]map[patchset.Place]urgent.Presence{"U-2026-1": {at("core", "1"): seen(urgent.Present)}}, "core", serve.Good, "", false},
		"one version lacks it": {
			[]urgent.Item{first},
			map[string]map[patchset.Place]urgent.Presence{"U-2026-1": {at("all", "1"): seen(urgent.Present), at("all", "2"): seen(urgent.Absent)}},
			"all", serve.Bad, "absent", false,
		},
		"absent weighs more than silence": {
			[]urgent.Item{first},
			map[string]map[patchset.Place]urgent.Presence{"U-2026-1": {at("all", "1"): seen(urgent.Unreachable), at("all", "2"): seen(urgent.Absent)}},
			"all", serve.Bad, "absent", false,
		},
		"good for one item, not for the other": {
			[]urgent.Item{first, second},
			map[string]map[patchset.Place]urgent.Presence{"U-2026-1": {at("all", "1"): seen(urgent.Present)}, "U-2026-2": {at("all", "1"): seen(urgent.Partial)}},
			"all", serve.Bad, "partial", false,
		},
		"rolled back, and gone":  {[]urgent.Item{back}, map[string]map[patchset.Place]urgent.Presence{"U-2026-3": {at("all", "1"): seen(urgent.Reverted)}}, "all", serve.Good, "", false},
		"rolled back, and there": {[]urgent.Item{back}, map[string]map[patchset.Place]urgent.Presence{"U-2026-3": {at("all", "1"): seen(urgent.Present)}}, "all", serve.Bad, "not rolled back", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := sights(l, tc.items, tc.found)[tc.target]
			if s.State != tc.want || s.Reason != tc.reason || s.Before != tc.before {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestJointAlarm(t *testing.T) {
	policy := urgent.Policy{}.Normal()
	if joint(nil, policy) != nil {
		t.Error("no item, and an alarm")
	}
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	j := joint(map[string]urgent.Alarm{"U-2026-10": {Until: late, Below: true}, "U-2026-2": {Until: early}}, policy)
	if j.Confirmed || !j.Until.Equal(late) || j.Items[0] != "U-2026-2" || j.Floor != 30 {
		t.Errorf("%+v", j)
	}
}

func TestByHostAsksEachHostOneAfterTheOther(t *testing.T) {
	var errands []errand
	for _, url := range []string{"https://a.example.org/1.git", "/srv/1.git", "https://A.example.org/2.git", "/srv/2.git", "git@b.example.org:1.git", "http://127.0.0.1:1/1.git", "http://localhost:2/1.git"} {
		errands = append(errands, errand{url: url})
	}
	lines := byHost(errands)
	if len(lines) != 6 || len(lines[0]) != 2 {
		t.Errorf("%d lines: %v", len(lines), lines)
	}
}
