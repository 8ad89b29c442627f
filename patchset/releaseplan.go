package patchset

import (
	"cmp"
	"slices"
	"time"
)

// ReleaseStep is a patch that is not public yet, as a release plan has it.
type ReleaseStep struct {
	Patch   Patch
	Version string // the newest that has it
	// Group numbers the patches, from 1, that touch the same places, directly or through
	// others: they become public together, or in this order.
	Group int
	// Needs are the patches before it in the stack that touch the same files.
	Needs []string
	// HeldBy are the patches, itself among them, that must first get out of the way:
	// embargoed ones, and those with something of their own in it. Empty: it could be
	// public now.
	HeldBy []string
	// Hindrance is what is in the way of this patch besides an embargo; "" for nothing.
	Hindrance string
}

// Ready tells whether the patch could be public now.
func (s ReleaseStep) Ready() bool { return len(s.HeldBy) == 0 }

// ReleaseFacts are what a release plan rests on besides the ledger.
type ReleaseFacts struct {
	Now time.Time
	// Paths are the files that a patch changes, by its id.
	Paths map[string][]string
	// Hindrance says in words why a patch cannot go out as it is, its embargo aside.
	Hindrance func(Patch) string
}

// ReleasePlan lists every patch that is neither public nor dropped, in the order in which
// they can become public: group by group, those first of which something could go out now, then by severity
// and age; in a group as the stack has them.
func (l Ledger) ReleasePlan(f ReleaseFacts) []ReleaseStep {
	var groups [][]ReleaseStep
	for _, component := range l.ComponentNames() {
		groups = append(groups, l.releaseGroups(component, f)...)
	}
	slices.SortStableFunc(groups, func(a, b []ReleaseStep) int {
		x, y := urgency(a, f.Now), urgency(b, f.Now)
		return cmp.Or(y.ready-x.ready, x.severity.Compare(y.severity), y.days-x.days)
	})
	var plan []ReleaseStep
	for i, group := range groups {
		for _, s := range group {
			s.Group = i + 1
			plan = append(plan, s)
		}
	}
	return plan
}

// releaseGroups parts the patches of a component by the files that they touch.
func (l Ledger) releaseGroups(component string, f ReleaseFacts) [][]ReleaseStep {
	var groups [][]ReleaseStep
	for _, p := range l.secretOf(component) {
		version, in := p.Latest()
		s := ReleaseStep{Patch: p, Version: version, Hindrance: f.Hindrance(p)}
		var mine []ReleaseStep
		groups = slices.DeleteFunc(groups, func(group []ReleaseStep) bool {
			near := false
			for _, other := range group {
				if other.Patch.ID == in.Cause || shareAny(f.Paths[other.Patch.ID], f.Paths[p.ID]) {
					near = true
					s.Needs = append(s.Needs, other.Patch.ID)
					s.HeldBy = append(s.HeldBy, other.HeldBy...)
				}
			}
			if near {
				mine = append(mine, group...)
			}
			return near
		})
		if p.Embargoed() || s.Hindrance != "" {
			s.HeldBy = append(s.HeldBy, p.ID)
		}
		slices.SortFunc(s.HeldBy, CompareVersions)
		s.HeldBy = slices.Compact(s.HeldBy)
		slices.SortFunc(mine, func(a, b ReleaseStep) int { return inStack(a.Patch, b.Patch) })
		groups = append(groups, append(mine, s))
	}
	return groups
}

// secretOf lists the patches of a component whose fix is not in public, in stack order.
func (l Ledger) secretOf(component string) []Patch {
	var out []Patch
	for _, p := range l.Patches {
		if p.Component == component && !p.Dropped.Happened() && !p.Landed.Happened() && len(p.At) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, inStack)
	return out
}

// inStack orders patches as their newest stacks do.
func inStack(a, b Patch) int {
	_, x := a.Latest()
	_, y := b.Latest()
	return cmp.Or(x.Position-y.Position, CompareVersions(a.ID, b.ID))
}

func shareAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(path string) bool { return slices.Contains(b, path) })
}

// groupUrgency is how soon a group should go out.
type groupUrgency struct {
	ready    int // patches
	severity Severity
	days     int
}

// urgency is that of the worst and the oldest of the patches that could go out now; where
// none could, of all.
func urgency(group []ReleaseStep, now time.Time) groupUrgency {
	ready := slices.DeleteFunc(slices.Clone(group), func(s ReleaseStep) bool { return !s.Ready() })
	u := groupUrgency{ready: min(len(ready), 1), severity: group[0].Patch.Severity}
	if len(ready) > 0 {
		group, u.severity = ready, ready[0].Patch.Severity
	}
	for _, s := range group {
		if s.Patch.Severity.Compare(u.severity) < 0 {
			u.severity = s.Patch.Severity
		}
		u.days = max(u.days, s.Patch.AgeDays(now))
	}
	return u
}

// WithNeeds adds to some patches of a plan those that they need, and gives them in the
// order of the plan.
func WithNeeds(plan []ReleaseStep, ids []string) []ReleaseStep {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	for _, s := range slices.Backward(plan) { // what is needed comes before
		if wanted[s.Patch.ID] {
			for _, need := range s.Needs {
				wanted[need] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(plan), func(s ReleaseStep) bool { return !wanted[s.Patch.ID] })
}
