package patchset

import (
	"slices"
)

// Changing the stack of a version that is live: its patches keep their ids, and the
// commits that they had stay in the ledger's past.

// Reorder puts a patch next to another one in a version's stack. The places are counted
// anew, and nothing is merged yet.
func (l Ledger) Reorder(version, id, other string, after bool) error {
	stack := l.places(version, l.Patches[id].Component)
	stack = slices.DeleteFunc(stack, func(p string) bool { return p == id })
	at := slices.Index(stack, other)
	if at < 0 {
		return Faultf(CodeUsage, "%s is not in the stack of %s in %s", other, l.Patches[id].Component, version)
	}
	if after {
		at++
	}
	l.place(version, slices.Insert(stack, at, id))
	return nil
}

// places lists what a version knows of a component, in the order of the stack.
func (l Ledger) places(version, component string) []string {
	var ids []string
	for _, p := range l.In(version) {
		if p.Component == component {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// place gives patches the places 1, 2, 3 … of a stack.
func (l Ledger) place(version string, ids []string) {
	for i, id := range ids {
		in := l.Patches[id].At[version]
		in.Position = i + 1
		l.Put(id, version, in)
	}
}

// Replace makes source what a patch is carried from in a version, instead of what it was.
// Its owner has to agree.
func (l Ledger) Replace(version, id string, source ID) {
	in := l.Patches[id].At[version]
	was := in.Commit
	if was == "" {
		was = in.Source
	}
	if in.Replaces != "" { // nobody agreed to that one: the owner last saw what it replaced
		was = in.Replaces
	}
	l.restart(version, id, source, was)
}

// restart is Replace with the commit that the owner last saw, or "" where the owner need
// not look.
func (l Ledger) restart(version, id string, source, replaces ID) {
	at := Spot{version, id}
	delete(l.Conflicts, at)
	delete(l.Resolutions, at)
	l.Put(id, version, Incarnation{Position: l.Patches[id].At[version].Position, Source: source, Replaces: replaces})
}

// Split makes two patches of one in a version: first stays what it was called, second is
// the source of the new patch, which comes right after it and has its owner and clocks.
func (l Ledger) Split(version, id string, added Patch, first, second ID) {
	p := l.Patches[id]
	added.Component, added.Owner, added.OwnerConfirmed, added.Deputies = p.Component, p.Owner, p.OwnerConfirmed, slices.Clone(p.Deputies)
	added.Severity, added.Task, added.CVE = p.Severity, p.Task, p.CVE
	added.Found, added.FoundFrom, added.CarriedSince, added.CarriedFrom = p.Found, p.FoundFrom, p.CarriedSince, p.CarriedFrom
	added.Disclosed = p.Disclosed
	added.At = map[string]Incarnation{}
	l.Patches[added.ID] = added
	l.restart(version, id, first, "")
	l.Put(added.ID, version, Incarnation{Source: second})
	stack := slices.DeleteFunc(l.places(version, p.Component), func(x string) bool { return x == added.ID })
	l.place(version, slices.Insert(stack, slices.Index(stack, id)+1, added.ID))
}

// Squash makes one patch of two in a version: source has the change of both. The patch
// has the older clocks, the worse severity and the checks of both; the other is given up,
// as the event says.
func (l Ledger) Squash(version, id, other string, source ID, event Event) error {
	p, o := l.Patches[id], l.Patches[other]
	for name, check := range o.Checks {
		if _, taken := p.Checks[name]; taken {
			return Faultf(CodeUsage, "both %s and %s have a check %s", id, other, name).
				WithHint("git carry check remove %s %s", other, name)
		}
		p.Checks = orNew(p.Checks)
		p.Checks[name] = check
	}
	if o.Severity.Compare(p.Severity) < 0 {
		p.Severity = o.Severity
	}
	p.FoundAt(o.Found, o.FoundFrom)
	p.CarriedAt(o.CarriedSince, o.CarriedFrom)
	l.Patches[id] = p
	l.restart(version, id, source, "")
	o.Dropped = event
	l.Patches[other] = o
	was := o.At[version]
	l.Put(other, version, Incarnation{
		State: StateDropped, Position: was.Position, Source: was.Source, From: was.From, Why: event.Reason, Event: &event,
	})
	return nil
}

// NewestWith is the newest version in which a patch is live.
func (p Patch) NewestWith() string {
	newest := ""
	for v, in := range p.At {
		if in.State.Live() && (newest == "" || CompareVersions(v, newest) > 0) {
			newest = v
		}
	}
	return newest
}

// Neighbours tells whether other comes right after id in the commits of a stack.
func (s Stack) Neighbours(id, other string) bool {
	for i, p := range s.Patches[:max(0, len(s.Patches)-1)] {
		if p.ID == id && s.Patches[i+1].ID == other {
			return true
		}
	}
	return false
}
