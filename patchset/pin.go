package patchset

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Pin is the commit that publish puts on a stack to point its submodules at the stacks
// that carry their patches. It is not part of the stack: it can be made again from it.
type Pin struct {
	Commit ID `toml:"commit"`
	On     ID `toml:"on"` // the last commit of the stack
	// Links are the commits that it points at, by path.
	Links map[string]ID `toml:"links"`
}

// pins tells whether publish makes pins for a component: it or one that it is pinned in,
// round about, is set to.
func (l Ledger) pins(component string) bool {
	for range l.Components {
		c, known := l.Components[component]
		if c.Pins || !known {
			return c.Pins
		}
		component = c.PinnedIn
	}
	return false
}

// Linked is a component whose stack a pin points at.
type Linked struct {
	Component, Path string
	Tip             ID
}

// Links lists what the pin of a component has to point at in a version, by path: the
// submodules that carry patches, or have a pin of their own. ready is false while such a
// pin of their own is to be made first.
func (l Ledger) Links(component, version string) (links []Linked, ready bool) {
	if !l.pins(component) {
		return nil, true
	}
	ready = true
	for _, c := range l.PinnedBy(component) {
		base, has := l.Versions[version].Bases[c.Name]
		if !has {
			continue
		}
		path := c.PinnedAt
		if _, at, pinned := base.Pin(); pinned {
			path = at
		}
		tip, whole := l.Published(c.Name, version)
		ready = ready && whole
		if tip != base.Commit || !whole {
			links = append(links, Linked{c.Name, path, tip})
		}
	}
	slices.SortFunc(links, func(a, b Linked) int { return cmp.Compare(a.Path, b.Path) })
	return links, ready
}

// Published is the commit that publish puts on the branch of a component: the last of its
// stack, or the pin on it. ok is false while the pin is still to be made.
func (l Ledger) Published(component, version string) (tip ID, ok bool) {
	tip = l.Stack(component, version).Tip()
	links, ready := l.Links(component, version)
	if len(links) == 0 {
		return tip, true
	}
	pin := l.Pins[Spot{version, component}]
	if !ready || pin.On != tip || !maps.Equal(pin.Links, linkMap(links)) {
		return tip, false
	}
	return pin.Commit, true
}

func linkMap(links []Linked) map[string]ID {
	m := map[string]ID{}
	for _, link := range links {
		m[link.Path] = link.Tip
	}
	return m
}

// PinsToMake lists the components whose pins are missing or old in a version: those that
// are pinned deepest first.
func (l Ledger) PinsToMake(version string) []string {
	var components []Component
	for _, name := range l.ComponentNames() {
		components = append(components, l.Components[name])
	}
	var names []string
	for _, round := range slices.Backward(l.PinRounds(components)) {
		for _, c := range round {
			if _, has := l.Versions[version].Bases[c.Name]; !has {
				continue
			}
			if _, ok := l.Published(c.Name, version); !ok {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// PinCommit is the pin on the last commit of a stack, with the tree in which its submodules
// are moved: the same stacks give the same commit.
func PinCommit(on ID, onto Commit, tree ID, links []Linked, newest int64) Commit {
	var message strings.Builder
	message.WriteString("Point submodules at their stacks\n\n")
	for _, link := range links {
		fmt.Fprintf(&message, "%s: %s\n", link.Path, link.Tip)
	}
	line := CommitterAt(max(newest, onto.CommitterTime()))
	return Commit{Tree: tree, Parents: []ID{on}, Author: line, Committer: line, Message: []byte(message.String())}
}

// Unlinked lists the components that the pin of a component points at and that no target of
// a ring serves yet: it would point at what nobody can fetch.
func (l Ledger) Unlinked(component, version, ring string) []string {
	links, _ := l.Links(component, version)
	var names []string
	for _, link := range links {
		there := false
		for _, t := range l.Targets {
			there = there || t.Ring == ring && t.Published[version+"/"+link.Component].Commit == link.Tip
		}
		if !there {
			names = append(names, link.Component)
		}
	}
	return names
}

// Following tells, of each component whose pin a target is to get, what it waits for: the
// components that it points at and that the target's ring does not serve yet.
func (l Ledger) Following(version string) map[string][]string {
	waits := map[string][]string{}
	for _, component := range l.ComponentNames() {
		if links, _ := l.Links(component, version); len(links) == 0 {
			continue
		}
		_, made := l.Published(component, version)
		for _, t := range l.Targets {
			if t.Component != "" && t.Component != component {
				continue
			}
			if names := l.Unlinked(component, version, t.Ring); len(names) > 0 || !made {
				waits[component] = names
			}
		}
	}
	return waits
}
