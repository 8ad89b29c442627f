package patchset

import (
	"maps"
	"slices"
)

// StackTips are the commits that the stacks of a version end in, by component.
func (l Ledger) StackTips(version string) map[string]ID {
	tips := map[string]ID{}
	for component := range l.Versions[version].Bases {
		tips[component] = l.Stack(component, version).Tip()
	}
	return tips
}

// RollBack gives a version the stacks, bases and conflicts that it had in an earlier
// ledger. What was said of patches as such stays, and every signature: one counts for
// exactly one result. A patch that was squashed into another since is itself again. leftOut
// are the patches that came into the version since; the next version must account for them.
func (l Ledger) RollBack(version string, then Ledger) (after Ledger, leftOut []string) {
	after = l.Clone()
	for id, was := range then.Patches {
		if in, had := was.At[version]; had {
			after.putBack(id, version, was, in)
		}
	}
	for id, p := range after.Patches {
		if _, had := then.Patches[id].At[version]; !had {
			if _, has := p.At[version]; has {
				leftOut = append(leftOut, id)
			}
			delete(p.At, version)
		}
		maps.DeleteFunc(p.Results, func(at CheckAt, _ CheckResult) bool { return at.Version == version })
		for at, result := range then.Patches[id].Results {
			if at.Version == version {
				p.Results = orNew(p.Results)
				p.Results[at] = result
			}
		}
		after.Patches[id] = p
	}
	slices.SortFunc(leftOut, CompareVersions)
	putBackSpots(after.Conflicts, then.Conflicts, version)
	putBackSpots(after.Resolutions, then.Resolutions, version)
	putBackSpots(after.Handoffs, then.Handoffs, version)
	putBackSpots(after.Pins, then.Pins, version)
	v := then.Versions[version]
	v.Bases = maps.Clone(v.Bases)
	v.LeftOut = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(v.LeftOut), leftOut...))))
	after.Versions[version] = v
	return after, leftOut
}

// putBack puts an earlier incarnation back.
func (l Ledger) putBack(id, version string, was Patch, in Incarnation) {
	p, known := l.Patches[id]
	if !known {
		p = was
		p.At = map[string]Incarnation{}
	}
	if p.Dropped.Where != "" && !was.Dropped.Happened() { // it was squashed: see Ledger.Squash
		p.Dropped = Event{}
	}
	l.Patches[id] = p
	l.Put(id, version, in)
}

// putBackSpots makes what a map has of one version what another has of it.
func putBackSpots[V any](now, then map[Spot]V, version string) {
	maps.DeleteFunc(now, func(at Spot, _ V) bool { return at.Version == version })
	for at, v := range then {
		if at.Version == version {
			now[at] = v
		}
	}
}
