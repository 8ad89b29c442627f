package patchset

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Submodule is a repository that a base pins: what its .gitmodules says, and the commit
// in its tree.
type Submodule struct {
	Path   string
	URL    string // resolved: no relative one
	Commit ID
}

// pinMark stands between the component and the path in the Ref of a base that another
// component's base pins: "core:extensions/Foo". No ref has it.
const pinMark = ":"

// PinRef names a pinned base: which component's base pins it, and at which path.
func PinRef(component, path string) string { return component + pinMark + path }

// Pin takes the Ref of a pinned base apart; ok is false for a public branch or tag.
func (b Base) Pin() (component, path string, ok bool) { return strings.Cut(b.Ref, pinMark) }

// PinOf finds a pinned component among the submodules that a base of the component has
// which pins it: the one at its path, else the one that has its URL and a path that no
// other component has: it was renamed. same compares two URLs.
func (l Ledger) PinOf(c Component, subs []Submodule, same func(a, b string) bool) (Submodule, bool) {
	for _, s := range subs {
		if s.Path == c.PinnedAt {
			return s, true
		}
	}
	taken := map[string]bool{}
	for _, other := range l.Components {
		if other.PinnedIn == c.PinnedIn {
			taken[other.PinnedAt] = true
		}
	}
	for _, s := range subs {
		if !taken[s.Path] && same(s.URL, c.URL) {
			return s, true
		}
	}
	return Submodule{}, false
}

// Discovery compares the submodules of one component's base with what the vault knows.
type Discovery struct {
	Added   []Component // not known yet, as they would be recorded
	Known   []string
	Gone    []string // known as pinned there, and not pinned by this base
	Renamed []Renaming
	Moved   []Component // known at another URL: as the base has it
	Refused []RefusedSubmodule
}

// Renaming is a component whose repository is at another path than it was.
type Renaming struct{ Component, Was, Is string }

// RefusedSubmodule is an entry of .gitmodules that cannot be used, and why.
type RefusedSubmodule struct{ Path, Why string }

// Discover sorts the submodules of a base of the component in. A component of the same
// name that was added by hand counts as known, and pinned from now on.
func (l Ledger) Discover(in string, subs []Submodule, same func(a, b string) bool) Discovery {
	var d Discovery
	found := map[string]string{} // path to component
	for _, name := range l.ComponentNames() {
		c := l.Components[name]
		if c.PinnedIn != in {
			continue
		}
		s, ok := l.PinOf(c, subs, same)
		switch {
		case !ok:
			d.Gone = append(d.Gone, name)
			continue
		case s.Path != c.PinnedAt:
			d.Renamed = append(d.Renamed, Renaming{name, c.PinnedAt, s.Path})
		case !same(s.URL, c.URL):
			c.URL = s.URL
			d.Moved = append(d.Moved, c)
		}
		found[s.Path] = name
		d.Known = append(d.Known, name)
	}
	for _, s := range subs {
		if found[s.Path] == "" {
			d.take(l, in, s, same)
		}
	}
	return d
}

// take sorts a submodule that no component is pinned at yet.
func (d *Discovery) take(l Ledger, in string, s Submodule, same func(a, b string) bool) {
	c := Component{Name: l.submoduleName(in, s.Path), URL: s.URL, PinnedIn: in, PinnedAt: s.Path}
	if err := CheckComponent(c.Name); err != nil {
		d.Refused = append(d.Refused, RefusedSubmodule{s.Path, err.Error()})
		return
	}
	if old, known := l.Components[c.Name]; known {
		if old.PinnedIn != "" || !same(old.URL, s.URL) {
			d.Refused = append(d.Refused, RefusedSubmodule{s.Path, "the component " + c.Name + " is another repository"})
			return
		}
		c.URL, c.Branch = old.URL, old.Branch
	}
	d.Added = append(d.Added, c)
}

// submoduleName is the component name of a submodule: where it is deployed.
func (l Ledger) submoduleName(in, path string) string {
	if l.Components[in].PinnedIn == "" {
		return path
	}
	return in + "/" + path
}

// PinRounds puts components, and those whose bases pin them, into rounds: what is pinned
// comes after what pins it. One that pins itself, round about, stands by itself.
func (l Ledger) PinRounds(components []Component) [][]Component {
	depth := map[string]int{}
	var visit func(c Component, above int) int
	visit = func(c Component, above int) int {
		if d, seen := depth[c.Name]; seen {
			return d
		}
		parent, pinned := l.Components[c.PinnedIn]
		if pinned && above < len(l.Components) {
			depth[c.Name] = 1 + visit(parent, above+1)
		} else {
			depth[c.Name] = 0
		}
		return depth[c.Name]
	}
	for _, c := range components {
		visit(c, 0)
	}
	var rounds [][]Component
	for _, name := range slices.Sorted(maps.Keys(depth)) {
		for len(rounds) <= depth[name] {
			rounds = append(rounds, nil)
		}
		rounds[depth[name]] = append(rounds[depth[name]], l.Components[name])
	}
	return rounds
}

// PinnedBy lists the components that are pinned by one, in order of name.
func (l Ledger) PinnedBy(component string) []Component {
	var out []Component
	for _, c := range l.Components {
		if c.PinnedIn == component {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Component) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Fleet says how what is deployed in a version differs from the version before.
type Fleet struct {
	Added   []string // known components that were not pinned there
	Gone    []string // pinned or with a base there, and not here
	Renamed []Renaming
	Unknown []string // paths of submodules that are no components
}

// ComparePins adds how the submodules of a component's base differ from those of its base
// in the version before, which are nil when it had none.
func (f *Fleet) ComparePins(l Ledger, in string, before, now []Submodule, same func(a, b string) bool) {
	used := map[string]bool{}
	for _, c := range l.PinnedBy(in) {
		was, had := l.PinOf(c, before, same)
		is, has := l.PinOf(c, now, same)
		used[is.Path] = true
		switch {
		case had && !has:
			f.Gone = append(f.Gone, c.Name)
		case has && !had && before != nil:
			f.Added = append(f.Added, c.Name)
		case has && had && was.Path != is.Path:
			f.Renamed = append(f.Renamed, Renaming{c.Name, was.Path, is.Path})
		}
	}
	for _, s := range now {
		if !used[s.Path] {
			f.Unknown = append(f.Unknown, l.submoduleName(in, s.Path))
		}
	}
}

// LivePatches lists the patches of a component that are carried in some version.
func (l Ledger) LivePatches(component string) []string {
	var ids []string
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		if p.Component == component && p.VersionsCarried() > 0 && !p.Dropped.Happened() && !p.Landed.Happened() {
			ids = append(ids, id)
		}
	}
	return ids
}
