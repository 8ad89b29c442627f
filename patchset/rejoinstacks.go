package patchset

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A stack is linear, and its patches are facts of their own: two sides can each change
// another patch of one stack, and no fact clashes. Such stacks are carried again.

// StackName names a stack.
type StackName struct{ Component, Version string }

// StacksChangedByBoth lists the stacks of l that both sides changed.
func (f Fork) StacksChangedByBoth(l Ledger) []StackName {
	theirs := l.stacksIn(f.Others)
	var both []StackName
	for name := range l.stacksIn(f.Own) {
		if theirs[name] {
			both = append(both, name)
		}
	}
	slices.SortFunc(both, func(a, b StackName) int {
		return cmp.Or(CompareVersions(a.Version, b.Version), cmp.Compare(a.Component, b.Component))
	})
	return both
}

func (l Ledger) stacksIn(steps []Step) map[StackName]bool {
	names := map[StackName]bool{}
	for _, s := range steps {
		for path := range s.Changes {
			room, rest, _ := strings.Cut(strings.TrimSuffix(path, ".toml"), "/")
			first, second, nested := strings.Cut(rest, "/")
			switch {
			case room == "versions" && nested:
				names[StackName{second, first}] = true
			case room == "patches":
				if version, ok := strings.CutPrefix(second, "at/"); ok {
					names[StackName{l.Patches[first].Component, version}] = true
				}
			case room == "conflicts" || room == "resolutions" || room == "signatures" || room == "delegations":
				id, _, _ := strings.Cut(second, "/")
				names[StackName{l.Patches[id].Component, first}] = true
			}
		}
	}
	return names
}

// MoveUp gives the patches that our side added to a stack of l places behind those that
// the others added: what others may have published already stays as it is.
func (f Fork) MoveUp(l Ledger, at StackName) {
	ours, theirs := f.added(l, f.Own, at), f.added(l, f.Others, at)
	highest := 0
	for _, id := range theirs {
		highest = max(highest, l.Patches[id].At[at.Version].Position)
	}
	for _, id := range ours {
		in := l.Patches[id].At[at.Version]
		if slices.Contains(theirs, id) || in.Position > highest {
			continue
		}
		in.Position = l.NextPosition(at.Component, at.Version)
		l.Put(id, at.Version, in)
	}
}

// added lists the patches that steps added to a stack itself, in its order.
func (f Fork) added(l Ledger, steps []Step, at StackName) []string {
	var ids []string
	for _, p := range l.In(at.Version) {
		path := "patches/" + p.ID + "/at/" + at.Version + ".toml"
		_, before := f.Before[path]
		if p.Component != at.Component || before || p.At[at.Version].From != "" {
			continue
		}
		if slices.ContainsFunc(steps, func(s Step) bool { return s.Changes[path] != nil }) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Signed lists where our side recorded a signature.
func (f Fork) Signed() []Spot {
	spots := map[Spot]bool{}
	for _, s := range f.Own {
		for path, data := range s.Changes {
			rest, ok := strings.CutPrefix(path, "signatures/")
			parts := strings.Split(rest, "/")
			if ok && data != nil && len(parts) == 3 {
				spots[Spot{parts[0], parts[1]}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(spots), func(a, b Spot) int {
		return cmp.Or(CompareVersions(a.Version, b.Version), CompareVersions(a.Patch, b.Patch))
	})
}
