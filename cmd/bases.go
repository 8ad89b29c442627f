package cmd

import (
	"cmp"
	"context"
	"fmt"
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
func (a *app) findBases(ctx context.Context, s *step, dryRun bool, components []patchset.Component, version string) (map[string]patchset.Base, error) {
	defer a.endProgress()
	var mu sync.Mutex
	bases := map[string]patchset.Base{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelFetches)
	for _, c := range components {
		g.Go(func() error {
			base, ok, err := a.findBase(ctx, s, dryRun, c, version)
			if err != nil {
				return fmt.Errorf("component %s: %w", c.Name, err)
			}
			if ok {
				mu.Lock()
				bases[c.Name] = base
				mu.Unlock()
			}
			return nil
		})
	}
	return bases, g.Wait()
}

func (a *app) findBase(ctx context.Context, s *step, dryRun bool, c patchset.Component, version string) (patchset.Base, bool, error) {
	refs, err := gitops.ListRemote(ctx, s.vault.Git(), c.URL)
	if err != nil {
		return patchset.Base{}, false, err
	}
	names := make([]string, 0, len(refs))
	for name := range refs {
		names = append(names, name)
	}
	slices.Sort(names)
	fit := patchset.BaseCandidates(version, c.Branch, names)
	if len(fit) == 0 {
		return patchset.Base{}, false, nil
	}
	for _, other := range fit[1:] {
		if refs[other] != refs[fit[0]] {
			return patchset.Base{}, false, patchset.Faultf(patchset.CodeAmbiguousBase,
				"%s fits two public refs: %s and %s", version, fit[0], other).
				WithHint("say which: git carry component add %s=%s --branch 'PREFIX/{version}'", c.Name, c.URL)
		}
	}
	base := patchset.Base{Commit: refs[fit[0]], Ref: fit[0]}
	if dryRun {
		return base, true, s.vault.FetchInto(ctx, s.bench.Scratch, c.Name, c.URL, base.Ref, base.Commit, a.progress())
	}
	return base, true, s.vault.FetchCommit(ctx, c.Name, c.URL, base.Ref, base.Commit, a.progress())
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
	base, ok, err := a.findBase(ctx, s, false, c, version)
	a.endProgress()
	if err == nil && !ok {
		err = noBase(c, version)
	}
	return base, err
}

func noBase(c patchset.Component, version string) error {
	pattern := cmp.Or(c.Branch, "named "+version+", or whose last part is "+version)
	return patchset.Faultf(patchset.CodeNoBase, "component %s has no public branch or tag %s", c.Name, pattern).
		WithHint("see what it has: git ls-remote --heads --tags %s", gitops.MaskURL(c.URL)).
		WithHint("or give a pattern: git carry component add %s=%s --branch 'PREFIX/{version}'", c.Name, gitops.MaskURL(c.URL))
}
