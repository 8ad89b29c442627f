package cmd

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// alarm weighs what people said of panic about an item.
func (r reading) alarm(ctx context.Context, lane urgent.Lane, item urgent.Item) (urgent.Alarm, error) {
	var words []urgent.Word
	for _, person := range slices.Sorted(maps.Keys(lane.Alarms[item.ID])) {
		file := urgent.File(item.ID, "panic/"+person)
		sig, err := owners.ParseSignature(lane.Alarms[item.ID][person])
		if err != nil {
			return urgent.Alarm{}, patchset.Faultf(patchset.CodeBadInput, "%s: %w", file, err)
		}
		act := sig.Statement.Act
		if sig.Person != person || act != urgent.ActPanic && act != urgent.ActBelow {
			return urgent.Alarm{}, patchset.Faultf(patchset.CodeBadInput, "%s holds what %s said of something else", file, sig.Person)
		}
		by, problem := r.registry.Approval(alarmStatement(r.ledger, item, act), sig, r.takenIn(ctx))
		if problem == "" {
			words = append(words, urgent.Word{Person: person, At: sig.At, Reason: sig.Reason, Below: act == urgent.ActBelow, Label: by.String()})
		}
	}
	return item.Alarm(words, lane.Policy), nil
}

func alarmStatement(l patchset.Ledger, item urgent.Item, act string) owners.Statement {
	return owners.Statement{Store: l.Store.ID, Item: item.ID, Act: act, Purpose: owners.PurposeUrgent}
}

// alarms are the items of the lane for which panic is on.
func (r reading) alarms(ctx context.Context, lane urgent.Lane) (map[string]urgent.Alarm, error) {
	on := map[string]urgent.Alarm{}
	for _, id := range lane.Open() {
		a, err := r.alarm(ctx, lane, lane.Items[id])
		if err != nil {
			return nil, err
		}
		if a.On() {
			on[id] = a
		}
	}
	return on, nil
}

// joint is one panic for all items: it lasts as long as the longest, and goes below the
// floor where all let it.
func joint(alarms map[string]urgent.Alarm, p urgent.Policy) *serve.Alarm {
	if len(alarms) == 0 {
		return nil
	}
	j := &serve.Alarm{Floor: max(0, p.PanicFloor), Confirmed: true}
	for _, id := range slices.SortedFunc(maps.Keys(alarms), patchset.CompareVersions) {
		a := alarms[id]
		j.Items = append(j.Items, id)
		j.Confirmed = j.Confirmed && a.Below
		if a.Until.After(j.Until) {
			j.Until = a.Until
		}
	}
	return j
}

// servedTargets are the targets of the ledger as the serve file has them. Nobody waits for
// an optional one, nor for one that all items excuse.
func servedTargets(l patchset.Ledger, items []urgent.Item) []serve.Target {
	var out []serve.Target
	for _, name := range slices.Sorted(maps.Keys(l.Targets)) {
		t := l.Targets[name]
		excused := len(items) > 0 && !slices.ContainsFunc(items, func(i urgent.Item) bool { return !i.Excused[name].Happened() })
		out = append(out, serve.Target{ID: name, URL: gitops.MaskURL(cmp.Or(t.Serves, t.URL)), Class: t.Class, Weight: t.Bears(), Required: !t.Optional && !excused})
	}
	return out
}

// sights is what is known of each target for the items of a panic. Who takes none of
// their components has nothing to catch up with.
func sights(l patchset.Ledger, items []urgent.Item, now map[string]map[patchset.Place]urgent.Presence) map[string]serve.Sight {
	seen := map[string]serve.Sight{}
	for name, t := range l.Targets {
		s := serve.Sight{State: serve.Good, Before: true}
		looked, takes := false, false
		for _, item := range items {
			takes = takes || slices.ContainsFunc(item.Patches, func(id string) bool { return t.Component == "" || t.Component == l.Patches[id].Component })
			gone := item.RolledBack.Happened()
			for at, p := range now[item.ID] {
				if at.Target == name {
					looked, s.At = true, p.At
					s = worseSight(s, p, gone)
					s.Before = s.Before && item.Seen[at].Verdict.For(gone) == urgent.Well
				}
			}
		}
		if takes && !looked {
			s = serve.Sight{}
		}
		seen[name] = s
	}
	return seen
}

// worseSight adds one stack to what is known of a target.
func worseSight(s serve.Sight, p urgent.Presence, gone bool) serve.Sight {
	state := serve.Bad
	switch {
	case p.Verdict.For(gone) == urgent.Well:
		state = serve.Good
	case p.Verdict == urgent.Unreachable, p.Verdict == urgent.Unknown:
		state = serve.Silent
	}
	worse := s.Reason == "" || s.State == serve.Good || s.State == serve.Silent && state == serve.Bad
	if state != serve.Good && worse {
		s.State, s.Reason = state, string(p.Verdict)
		if gone && p.Verdict == urgent.Present {
			s.Reason = "not rolled back"
		}
	}
	for _, family := range slices.Sorted(maps.Keys(p.Families)) {
		if !slices.Contains(s.Families, family) {
			s.Families = append(s.Families, family)
		}
	}
	return s
}

// presences puts what was found into the form of the ledger.
func presences(lane urgent.Lane, looks []urgent.Look, now time.Time) map[string]map[patchset.Place]urgent.Presence {
	out := map[string]map[patchset.Place]urgent.Presence{}
	for _, l := range looks {
		if out[l.Item] == nil {
			out[l.Item] = map[patchset.Place]urgent.Presence{}
		}
		out[l.Item][l.Place] = l.Presence(lane.Items[l.Item].Seen[l.Place], now, "")
	}
	return out
}
