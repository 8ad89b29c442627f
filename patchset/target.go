package patchset

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// The rings. What goes to stable targets has been on the testing ones before.
const (
	RingTesting = "testing"
	RingStable  = "stable"
)

// The classes of targets.
const (
	ClassMirror  = ""        // somebody's server, from which users fetch
	ClassOrigin  = "origin"  // a server of one's own, which users can always be sent to
	ClassPrivate = "private" // no user fetches from it
)

// DefaultWeight is the weight of a target for which none is given.
const DefaultWeight = 100

// MaxWeight bounds a weight.
const MaxWeight = 1_000_000

// Bears is the weight of the target.
func (t Target) Bears() int {
	if t.Weight == 0 {
		return DefaultWeight
	}
	return t.Weight
}

// ServedURL is where users fetch the stacks of a component from.
func (t Target) ServedURL(component, version string) string {
	if t.Serves != "" {
		t.URL = t.Serves
	}
	return t.URLFor(component, version)
}

// CheckUse refuses a class or a weight that means nothing.
func (t Target) CheckUse() error {
	switch {
	case t.Class != ClassMirror && t.Class != ClassOrigin && t.Class != ClassPrivate:
		return Faultf(CodeBadInput, "target %s: %q is no class", t.Name, t.Class)
	case t.Weight < 0 || t.Weight > MaxWeight:
		return Faultf(CodeBadInput, "target %s: the weight %d is not 1 to %d", t.Name, t.Weight, MaxWeight)
	}
	return nil
}

// Place is one stack, "version/component", on one target.
type Place struct{ Target, Stack string }

// Failure is why a stack did not get to a target, or is not served by it.
type Failure struct {
	Commit ID        `toml:"commit"` // that was to get there
	Error  string    `toml:"error"`  // one line
	At     time.Time `toml:"at"`     // when it first failed like this
	By     string    `toml:"by"`
}

// BranchFor is the branch that a stack goes to on the target.
func (t Target) BranchFor(component, version string, base Base) string {
	if t.Branch != "" {
		return strings.NewReplacer("{version}", version, "{component}", component).Replace(t.Branch)
	}
	if strings.HasPrefix(base.Ref, "refs/heads/") {
		return ShortRef(base.Ref)
	}
	return version
}

// URLFor is where the stacks of a component go on the target.
func (t Target) URLFor(component, version string) string {
	return strings.NewReplacer("{version}", version, "{component}", component).Replace(t.URL)
}

// Delivery is one stack that belongs on one branch of a target.
type Delivery struct {
	Target    string
	Ring      string
	URL       string
	Branch    string
	Component string
	Version   string
	Base, Tip ID
	Length    int // commits above the base, a pin among them
	// Last is what this program last put on that branch, "" for nothing.
	Last ID
}

// Deliveries lists what a target should get of a version, by component. Two
// stacks that would land on one branch of one repository are an error.
func (l Ledger) Deliveries(t Target, version string) ([]Delivery, error) {
	var out []Delivery
	taken := map[string]string{}
	for _, component := range l.ComponentNames() {
		base, has := l.Versions[version].Bases[component]
		if !has || (t.Component != "" && t.Component != component) {
			continue
		}
		s := l.Stack(component, version)
		tip, made := l.Published(component, version)
		length := len(s.Patches)
		if tip != s.Tip() {
			length++ // its pin
		}
		if !made || len(l.Unlinked(component, version, t.Ring)) > 0 {
			continue // it follows the stacks that it points at
		}
		d := Delivery{
			Target: t.Name, Ring: t.Ring, URL: t.URLFor(component, version),
			Branch: t.BranchFor(component, version, l.namedBase(version, base)), Component: component, Version: version,
			Base: base.Commit, Tip: tip, Length: length,
		}
		if last, ok := t.Published[d.Place().Stack]; ok && last.Branch == d.Branch {
			d.Last = last.Commit
		}
		if other, clash := taken[d.URL+" "+d.Branch]; clash {
			return nil, Faultf(CodeUsage, "target %s would put %s and %s on one branch (%s)", t.Name, other, component, d.Branch).
				WithHint("git carry target add %s URL/{component}.git", t.Name).
				WithHint("or one target for each: --component %s", component)
		}
		taken[d.URL+" "+d.Branch] = component
		out = append(out, d)
	}
	return out, nil
}

// namedBase is a base, or that of the component that pins it, which has a branch's name.
func (l Ledger) namedBase(version string, base Base) Base {
	for range l.Components {
		parent, _, pinned := base.Pin()
		if !pinned {
			break
		}
		base = l.Versions[version].Bases[parent]
	}
	return base
}

// Place is the stack on its target.
func (d Delivery) Place() Place { return Place{d.Target, d.Version + "/" + d.Component} }

// Untested lists the testing targets that are to have a stack before a stable one gets
// it, and do not. tried tells what came of it where it was just tried; of other
// targets counts what was last read back.
func (l Ledger) Untested(d Delivery, tried map[Place]bool) []string {
	if d.Ring == RingTesting {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(l.Targets)) {
		t := l.Targets[name]
		if t.Ring != RingTesting || t.Component != "" && t.Component != d.Component {
			continue
		}
		at := Place{name, d.Place().Stack}
		has := t.Published[at.Stack].Commit
		well, now := tried[at]
		switch {
		case now && well, !now && has == d.Tip:
		case !now && has == "" && d.Length == 0: // an empty stack goes only where an earlier one is
		default:
			names = append(names, name)
		}
	}
	return names
}
