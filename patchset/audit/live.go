package audit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Live is a stack that is in use: what a target was last given of a component, or what
// the newest version has and no target.
type Live struct {
	Component, Version string
	Target, Ring       string // "" while it is only being prepared
	Commit             patchset.ID
	At                 time.Time
	By                 string
	Patches            []LivePatch
}

// LivePatch is one patch of such a stack, in order.
type LivePatch struct {
	ID     string
	State  patchset.State
	Commit patchset.ID // "" while it is parked
	// Shipped tells whether the patch was there when the stack was published: its
	// commit is below or at what was put on the target.
	Shipped bool
}

// newLive lists the stacks by component, version and target.
func newLive(l patchset.Ledger) []Live {
	var out []Live
	published := map[patchset.Spot]bool{}
	contents := map[patchset.Spot][]LivePatch{}
	for _, name := range slices.Sorted(maps.Keys(l.Targets)) {
		newest := map[string]patchset.Published{}
		for _, key := range slices.Sorted(maps.Keys(l.Targets[name].Published)) {
			p := l.Targets[name].Published[key]
			if was, ok := newest[p.Component]; !ok || p.At.After(was.At) {
				newest[p.Component] = p
			}
		}
		for _, component := range slices.Sorted(maps.Keys(newest)) {
			p := newest[component]
			spot := patchset.Spot{Version: p.Version, Patch: component}
			published[spot] = true
			out = append(out, Live{
				Component: component, Version: p.Version, Target: name, Ring: l.Targets[name].Ring,
				Commit: p.Commit, At: p.At, By: p.By, Patches: shipped(contentsOf(l, contents, spot), p.Commit),
			})
		}
	}
	if version, ok := l.Newest(); ok {
		for _, component := range slices.Sorted(maps.Keys(l.Versions[version].Bases)) {
			spot := patchset.Spot{Version: version, Patch: component}
			if patches := contentsOf(l, contents, spot); !published[spot] && len(patches) > 0 {
				out = append(out, Live{Component: component, Version: version, Patches: patches})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Live) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), patchset.CompareVersions(b.Version, a.Version), cmp.Compare(a.Target, b.Target))
	})
	return out
}

// contentsOf lists what is carried of a component in a version. A version is gone
// through once, for all of its components.
func contentsOf(l patchset.Ledger, known map[patchset.Spot][]LivePatch, spot patchset.Spot) []LivePatch {
	whole := patchset.Spot{Version: spot.Version}
	if _, done := known[whole]; !done {
		known[whole] = nil
		for _, p := range l.In(spot.Version) {
			if in := p.At[spot.Version]; in.State.Carried() {
				at := patchset.Spot{Version: spot.Version, Patch: p.Component}
				known[at] = append(known[at], LivePatch{ID: p.ID, State: in.State, Commit: in.Commit})
			}
		}
	}
	return known[spot]
}

// shipped marks the patches up to the one whose commit was published. Where none has
// it, the stack was made anew since, and nothing is marked.
func shipped(patches []LivePatch, tip patchset.ID) []LivePatch {
	patches = slices.Clone(patches)
	last := slices.IndexFunc(patches, func(p LivePatch) bool { return p.Commit != "" && p.Commit == tip })
	for i := range patches {
		patches[i].Shipped = i <= last && patches[i].Commit != ""
	}
	return patches
}
