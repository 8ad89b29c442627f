package patchset

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// TrainRequest asks to carry every stack to a version.
type TrainRequest struct {
	Version string
	// From is the version to carry from; "" for patches that were added to Version
	// itself only.
	From string
	// Bases are the public commits to carry onto, by component. Components without
	// one are left alone.
	Bases map[string]Base
	// Only, unless empty, limits the train to these patches and those already in
	// Version; Settle to the latter alone.
	Only   []string
	Settle bool
	// Signed tells whether a resolution has the consent that it needs.
	Signed func(at Spot, r Resolution) bool
	// Agreed tells whether what took a patch's place in a version has the consent that
	// it needs.
	Agreed func(at Spot) bool
	// Open tells whether a drift still asks for its owner; nil: none does.
	Open func(at Spot) bool
}

// StackWork is what a train has to do in one component.
type StackWork struct {
	Component string
	Base      Base
	Items     []Item
}

// Work lists what a train has to do, by component in order of name.
func (l Ledger) Work(req TrainRequest) []StackWork {
	var out []StackWork
	tip := l.tips()
	for _, component := range l.ComponentNames() {
		base, ok := req.Bases[component]
		if !ok {
			continue
		}
		w := StackWork{Component: component, Base: base}
		for _, p := range l.Patches {
			if p.Component != component {
				continue
			}
			if item, ok := l.item(p, req, tip); ok {
				w.Items = append(w.Items, item)
			}
		}
		sort.Slice(w.Items, func(i, j int) bool {
			a, b := w.Items[i], w.Items[j]
			if a.Position != b.Position {
				return a.Position < b.Position
			}
			return CompareVersions(a.Patch, b.Patch) < 0
		})
		out = append(out, w)
	}
	return out
}

func (l Ledger) item(p Patch, req TrainRequest, tip tipFinder) (Item, bool) {
	here, isHere := p.At[req.Version]
	from, there, isThere := p.lastSeen(req.From)
	if p.Dropped.Happened() && (!isHere || here.State == StateDropped) {
		return Item{}, false // where it was live before it was dropped, it stays
	}
	item := Item{Patch: p.ID, CarryID: p.CarryID, Task: p.Task}
	switch {
	case isHere && here.State == StateRetired:
		// A person retired it in this very version: that is final here.
		item.Position, item.Source, item.From, item.Was = here.Position, here.Source, here.From, here
		item.Final = true
	case isHere && here.From == "":
		item.Position, item.Source = here.Position, here.Source
	case isThere:
		if !isHere && (req.Settle || len(req.Only) > 0 && !slices.Contains(req.Only, p.ID)) {
			return Item{}, false
		}
		item.Position, item.Source, item.From, item.Was = there.Position, there.Source, from, there
		if there.State.InStack() {
			item.Source = there.Commit
		}
		if isHere {
			item.Position = here.Position
		}
	case isHere: // carried from a version that no longer knows it
		item.Position, item.Source, item.From = here.Position, here.Source, here.From
	default:
		return Item{}, false
	}
	switch {
	case isHere && here.Source == item.Source:
		item.Replaces = here.Replaces
	case item.From != "" && there.Replaces != "" && (req.Agreed == nil || !req.Agreed(Spot{from, p.ID})):
		item.Replaces = there.Replaces
	}
	for _, in := range p.At {
		if in.State == StateLanded {
			item.LandedFor++
		}
	}
	item.Origin, item.Seen = p.origin(item.From, item.Source), l.seenOf(p, item.From, item.Source, req.Open, tip)
	item.Since = l.Versions[item.From].Bases[p.Component].Commit
	l.addResolution(&item, req)
	return item, true
}

// lastSeen is the patch as it was last live, in from or in the newest version below
// it: a component may skip a week, and what is not accounted for there is not lost.
func (p Patch) lastSeen(from string) (version string, in Incarnation, ok bool) {
	for v, at := range p.At {
		if from == "" || CompareVersions(v, from) > 0 || !at.State.Live() {
			continue
		}
		if !ok || CompareVersions(v, version) > 0 {
			version, in, ok = v, at, true
		}
	}
	return version, in, ok
}

func (l Ledger) addResolution(item *Item, req TrainRequest) {
	at := Spot{req.Version, item.Patch}
	r, ok := l.Resolutions[at]
	k := l.Conflicts[at]
	if !ok || k.Record != r.Conflict || k.Source != item.Source {
		return
	}
	item.Proposal = &r
	if r.Proposed() && req.Signed != nil && req.Signed(at, r) {
		item.Signed = r.Result
	}
}

// Record returns the ledger after a train: what became of every patch, the
// conflicts that are parked, the bases of the version.
func (l Ledger) Record(req TrainRequest, work []StackWork, outcomes map[string][]Outcome, now time.Time) Ledger {
	after := l.Clone()
	v, known := after.Versions[req.Version]
	if !known {
		v = Version{Name: req.Version, Made: utc(now), From: req.From, Bases: map[string]Base{}}
	}
	if req.From != "" && !req.Settle {
		v.From = req.From
	}
	after.Versions[req.Version] = v
	for _, w := range work {
		v.Bases[w.Component] = w.Base
		for _, out := range outcomes[w.Component] {
			after.recordOutcome(req.Version, out, now)
		}
	}
	after.endHandoffs()
	return after
}

func (l Ledger) recordOutcome(version string, out Outcome, now time.Time) {
	at := Spot{version, out.Patch}
	in := out.Incarnation
	if out.Conflict != nil {
		k := *out.Conflict
		if h, stands := l.Handoff(at); stands && out.Proposal != nil {
			h.About = k.Record // the same change, carried on to where the stack stands now
			l.Handoffs[at] = h
		}
		if old, had := l.Conflicts[at]; had && old.Record == k.Record {
			k.Found = old.Found
		}
		l.Conflicts[at] = k
		if r, had := l.Resolutions[at]; out.Proposal != nil {
			l.Resolutions[at] = *out.Proposal
		} else if had {
			delete(l.Resolutions, at)
			in.Why = fmt.Sprintf("the conflict changed: what %s had made of it on %s no longer fits", r.By, r.At.Format(time.DateOnly))
		}
	}
	l.Put(out.Patch, version, in)
	p := l.Patches[out.Patch]
	if p.CarriedSince.IsZero() && in.State.Carried() {
		p.CarriedSince = utc(now)
	}
	if in.State == StateLanded && !p.Landed.Happened() {
		p.Landed = Event{At: utc(now), Where: string(in.Public), Reason: in.Why}
		if !out.PublicAt.IsZero() {
			p.Landed.At = utc(out.PublicAt)
		}
	}
	l.Patches[out.Patch] = p
}

// Uncarried lists the patches that are live in the version a train starts from
// and whose component has no base in the new one. They must be dropped, retired
// or given a base by a person.
func (l Ledger) Uncarried(req TrainRequest) []Patch {
	var out []Patch
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		_, has := req.Bases[p.Component]
		_, in, ok := p.lastSeen(req.From)
		if ok && !has && !p.Dropped.Happened() && in.State.Carried() {
			out = append(out, p)
		}
	}
	return out
}
