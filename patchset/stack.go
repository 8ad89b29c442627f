package patchset

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// HasStacks tells whether a version knows any patch.
func (l Ledger) HasStacks(version string) bool {
	for _, p := range l.Patches {
		if _, ok := p.At[version]; ok {
			return true
		}
	}
	return false
}

// In lists the patches that a version knows, by component and then in stack
// order.
func (l Ledger) In(version string) []Patch {
	var out []Patch
	for _, p := range l.Patches {
		if _, ok := p.At[version]; ok {
			out = append(out, p)
		}
	}
	sortStacks(out, version)
	return out
}

// sortStacks puts patches of a version in order of component and then of the stack.
func sortStacks(list []Patch, version string) {
	slices.SortFunc(list, func(a, b Patch) int {
		return cmp.Or(
			strings.Compare(a.Component, b.Component),
			cmp.Compare(a.At[version].Position, b.At[version].Position),
			CompareVersions(a.ID, b.ID),
		)
	})
}

// Stack is the ordered patches of one component in one version, on a base.
type Stack struct {
	Component, Version string
	Base               Base
	Patches            []Patch // those with a commit in the stack, in order
}

// Tip is the commit that the deployment branch must be: the last patch, or the
// base when there is none.
func (s Stack) Tip() ID {
	if len(s.Patches) == 0 {
		return s.Base.Commit
	}
	return s.Patches[len(s.Patches)-1].At[s.Version].Commit
}

// Ref is the derived ref that shows the stack.
func (s Stack) Ref() string { return "refs/carry/stacks/" + s.Component + "/" + s.Version }

// Stack gives the stack of a component in a version.
func (l Ledger) Stack(component, version string) Stack {
	s := Stack{Component: component, Version: version, Base: l.Versions[version].Bases[component]}
	for _, p := range l.Patches {
		if p.Component == component && p.At[version].State.InStack() {
			s.Patches = append(s.Patches, p)
		}
	}
	sortStacks(s.Patches, version)
	return s
}

// Stacks gives every stack of every version.
func (l Ledger) Stacks() []Stack {
	inStack := map[Spot][]Patch{} // by version and component
	for _, p := range l.Patches {
		for version, in := range p.At {
			if in.State.InStack() {
				at := Spot{version, p.Component}
				inStack[at] = append(inStack[at], p)
			}
		}
	}
	var stacks []Stack
	for _, version := range l.VersionNames() {
		bases := l.Versions[version].Bases
		for _, component := range slices.Sorted(maps.Keys(bases)) {
			patches := inStack[Spot{version, component}]
			sortStacks(patches, version)
			stacks = append(stacks, Stack{Component: component, Version: version, Base: bases[component], Patches: patches})
		}
	}
	return stacks
}

// NextPosition is the place at the end of a component's stack.
func (l Ledger) NextPosition(component, version string) int {
	last := 0
	for _, p := range l.Patches {
		if in, ok := p.At[version]; ok && p.Component == component && in.Position > last {
			last = in.Position
		}
	}
	return last + 1
}
