package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"golang.org/x/sync/errgroup"
)

// parallelFetches bounds how many servers are asked at once.
const parallelFetches = 8

// findBases finds the public commit that a version starts from in every
// component that has it, and fetches it; for a dry run into the scratch only.
// Components that others pin come after those.
func (a *app) findBases(ctx context.Context, s *step, dryRun bool, components []patchset.Component, version string) (map[string]patchset.Base, error) {
	defer a.endProgress()
	f := &baseFinder{a: a, s: s, dryRun: dryRun, version: version, bases: map[string]patchset.Base{}, pins: map[string][]patchset.Submodule{}}
	rounds := s.ledger.PinRounds(components)
	for _, round := range rounds {
		f.total += len(round)
	}
	for _, round := range rounds {
		if err := f.round(ctx, round); err != nil {
			return f.bases, err
		}
	}
	asked := map[string]patchset.Base{}
	for _, c := range components {
		if base, ok := f.bases[c.Name]; ok {
			asked[c.Name] = base
		}
	}
	return asked, nil
}

// baseFinder finds the bases of one version.
type baseFinder struct {
	a           *app
	s           *step
	dryRun      bool
	version     string
	bases       map[string]patchset.Base
	pins        map[string][]patchset.Submodule // by the component that pins
	done, total int
	mu          sync.Mutex // guards bases and done
}

// round finds the bases of components of which none pins another.
func (f *baseFinder) round(ctx context.Context, components []patchset.Component) error {
	for _, c := range components {
		if err := f.readPins(ctx, c.PinnedIn); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelFetches)
	for _, c := range components {
		g.Go(func() error {
			base, ok, err := f.find(ctx, c)
			if err != nil {
				return fmt.Errorf("component %s: %w", c.Name, err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if ok {
				f.bases[c.Name] = base
			}
			f.done++
			f.a.progressLine("bases of %s: %d of %s", f.version, f.done, count(f.total, "component", "components"))
			return nil
		})
	}
	return g.Wait()
}

// find is the base of a component: the public branch or tag, else what is pinned.
func (f *baseFinder) find(ctx context.Context, c patchset.Component) (patchset.Base, bool, error) {
	subs, pinned := f.pins[c.PinnedIn]
	pin, there := f.s.ledger.PinOf(c, subs, gitops.SameRemote)
	if pinned && !there { // not deployed in this version, whatever branches it has
		return patchset.Base{}, false, nil
	}
	refs, err := gitops.ListRemote(ctx, f.s.vault.Git(), c.URL)
	if err != nil {
		return patchset.Base{}, false, err
	}
	base, ok, err := publicBase(c, f.version, refs)
	if err != nil || ok {
		return base, ok, f.fetch(ctx, c, base, err)
	}
	if !pinned {
		return base, false, nil
	}
	base = patchset.Base{Commit: pin.Commit, Ref: patchset.PinRef(c.PinnedIn, pin.Path)}
	return base, true, f.s.vault.FetchPinned(ctx, f.scratch(), f.s.ledger, c, refs, pin.Commit, f.version, f.a.progress())
}

func (f *baseFinder) fetch(ctx context.Context, c patchset.Component, base patchset.Base, err error) error {
	switch {
	case err != nil:
		return err
	case f.dryRun:
		return f.s.vault.FetchInto(ctx, f.s.bench.Scratch, c.Name, c.URL, base.Ref, base.Commit, f.a.progress())
	}
	return f.s.vault.FetchCommit(ctx, c.Name, c.URL, base.Ref, base.Commit, f.a.progress())
}

// scratch is where a dry run fetches to; nil for the vault.
func (f *baseFinder) scratch() *gitops.Scratch {
	if f.dryRun {
		return f.s.bench.Scratch
	}
	return nil
}

// readPins reads what the base of a component pins, once.
func (f *baseFinder) readPins(ctx context.Context, component string) error {
	base, ok := f.bases[component]
	if _, read := f.pins[component]; read || !ok {
		return nil
	}
	subs, _, err := f.s.bench.Submodules(ctx, base.Commit, f.s.ledger.Components[component].URL)
	if err != nil {
		return fmt.Errorf("component %s: %w", component, err)
	}
	f.pins[component] = subs
	return nil
}

// publicBase picks the public branch or tag of a version; ok is false when there is none.
func publicBase(c patchset.Component, version string, refs map[string]patchset.ID) (base patchset.Base, ok bool, err error) {
	fit := patchset.BaseCandidates(version, c.Branch, slices.Sorted(maps.Keys(refs)))
	if len(fit) == 0 {
		return base, false, nil
	}
	for _, other := range fit[1:] {
		if refs[other] != refs[fit[0]] {
			return base, false, patchset.Faultf(patchset.CodeAmbiguousBase,
				"%s fits two public refs: %s and %s", version, fit[0], other).
				WithHint("say which: git carry component add %s=%s --branch 'PREFIX/{version}'", c.Name, c.URL)
		}
	}
	return patchset.Base{Commit: refs[fit[0]], Ref: fit[0]}, true, nil
}

// baseFor gives the base of a version in one component: the recorded one, else
// the public branch, fetched now.
func (a *app) baseFor(ctx context.Context, s *step, component, version string) (patchset.Base, error) {
	if base, ok := s.ledger.Versions[version].Bases[component]; ok {
		return base, nil
	}
	c, err := s.ledger.Component(component)
	if err != nil {
		return patchset.Base{}, err
	}
	bases, err := a.findBases(ctx, s, false, []patchset.Component{c}, version)
	base, ok := bases[component]
	if err == nil && !ok {
		err = noBase(c, version)
	}
	return base, err
}

func noBase(c patchset.Component, version string) error {
	pattern := cmp.Or(c.Branch, "named "+version+", or whose last part is "+version)
	if c.PinnedIn != "" {
		pattern += ", or is not pinned there by " + c.PinnedIn
	}
	return patchset.Faultf(patchset.CodeNoBase, "component %s has no public branch or tag %s", c.Name, pattern).
		WithHint("see what it has: git ls-remote --heads --tags %s", gitops.MaskURL(c.URL)).
		WithHint("or give a pattern: git carry component add %s=%s --branch 'PREFIX/{version}'", c.Name, gitops.MaskURL(c.URL))
}
