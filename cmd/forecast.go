package cmd

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/pattern"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

type forecastOptions struct {
	ref       string
	component string
	sinceLast bool
	noFetch   bool
}

func newForecastCmd(a *app) *cobra.Command {
	o := &forecastOptions{}
	c := &cobra.Command{
		Use:   "forecast [REF]",
		Short: "Which patches will conflict, drift or land next, and because of which public commit",
		Long: `Carry every patch of the newest version to the public branch that the next one will be
cut from, in memory, and say what would become of it: to the main branch of each
component, or to REF, a public branch, tag or commit. Nothing is written to the ledger.

For each patch that will conflict, wait, drift or land, the first public commit that does
it is named. It is found by halving the first parents between the version's base and REF:
with it the patch is in that state, with its parent it is not, and both were tried with
the patches of the stack that share files with it. Where upstream went back and forth,
several commits are like that, and this is one of them. Of a merge, the commit that it
brings is named when it is the only one that touches the patch's files.

--since-last shows only what the last forecast for the same REF did not say, for a job that
runs every night. Exit code 3 when conflicts are foreseen, new or not, else 0.`,
		Example: `  git carry forecast
  git carry forecast wmf/next --component core
  git carry forecast --since-last --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.ref = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.component, "component", "", "look at this component only: `NAME`")
	f.BoolVar(&o.sinceLast, "since-last", false, "show only what the last forecast did not say")
	f.BoolVar(&o.noFetch, "no-fetch", false, "look at the public branches as they were fetched last")
	return c
}

func (o *forecastOptions) run(ctx context.Context, a *app) error {
	var doc forecastDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		var err error
		doc, err = o.forecast(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	if doc.Summary.Conflict+doc.Summary.Waiting > 0 {
		return outcome{exitConflicts}
	}
	return nil
}

func (o *forecastOptions) forecast(ctx context.Context, a *app, s *step) (forecastDoc, error) {
	req := patchset.TrainRequest{From: newestStacks(s.ledger)} // no version: nobody has cut it yet
	components, err := o.components(s.ledger)
	if err != nil {
		return forecastDoc{}, err
	}
	memory := a.recallForecasts(s.vault)
	if req.Bases, err = o.points(ctx, a, s, components, memory); err != nil {
		return forecastDoc{}, err
	}
	prospects, err := a.foresee(ctx, s, req)
	if err != nil {
		return forecastDoc{}, err
	}
	doc, err := o.document(ctx, s, req, components, prospects, memory.Refs[o.ref])
	if err != nil {
		return forecastDoc{}, err
	}
	memory.remember(o.ref, forecastSaid{
		Version: req.From, At: a.now(), Bases: req.Bases, Patches: foreseenOf(prospects),
	})
	a.keepForecasts(ctx, s.vault, memory)
	return doc, nil
}

// newestStacks is the newest version that has stacks; "" when there is none.
func newestStacks(l patchset.Ledger) string {
	for _, v := range slices.Backward(l.VersionNames()) {
		if l.HasStacks(v) {
			return v
		}
	}
	return ""
}

// components are those that have patches, or the one that was asked for.
func (o *forecastOptions) components(l patchset.Ledger) ([]patchset.Component, error) {
	if o.component != "" {
		c, err := l.Component(o.component)
		return []patchset.Component{c}, err
	}
	used := map[string]bool{}
	for _, p := range l.Patches {
		used[p.Component] = used[p.Component] || !p.Dropped.Happened()
	}
	var out []patchset.Component
	for _, name := range l.ComponentNames() {
		if used[name] {
			out = append(out, l.Components[name])
		}
	}
	return out, nil
}

// points finds the public commit to carry to in every component that has it.
func (o *forecastOptions) points(ctx context.Context, a *app, s *step, components []patchset.Component, memory forecastMemory) (map[string]patchset.Base, error) {
	defer a.endProgress()
	var mu sync.Mutex
	points := map[string]patchset.Base{}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelFetches)
	for _, c := range components {
		g.Go(func() error {
			find := o.ask
			if o.noFetch {
				find = o.recall
			}
			point, err := find(gctx, a, s, c, memory)
			if err != nil {
				return fmt.Errorf("component %s: %w", c.Name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if point.Commit != "" {
				points[c.Name] = point
			}
			return nil
		})
	}
	err := g.Wait()
	if err == nil && len(points) == 0 && len(components) > 0 {
		err = patchset.Faultf(patchset.CodeNoBase, "no component has a public branch, tag or commit %q", o.ref).
			WithHint("see what there is: git ls-remote --heads --tags %s", gitops.MaskURL(components[0].URL))
	}
	return points, err
}

// ask asks the component's server for the point, and fetches it; a zero Base when it
// is not there.
func (o *forecastOptions) ask(ctx context.Context, a *app, s *step, c patchset.Component, _ forecastMemory) (patchset.Base, error) {
	point, err := o.listed(ctx, s, c)
	if err == nil && point.Commit != "" {
		err = s.vault.FetchCommit(ctx, c.Name, c.URL, point.Ref, point.Commit, a.progress())
	}
	if err != nil {
		return patchset.Base{}, withHint(err, "or look at what was fetched last: git carry forecast --no-fetch")
	}
	if o.ref != "" && !o.names(point.Ref) {
		return o.commit(ctx, s, c)
	}
	return point, nil
}

// listed is what the server has for REF. Where that may be a commit, it is the main
// branch, which is the likeliest to have it.
func (o *forecastOptions) listed(ctx context.Context, s *step, c patchset.Component) (point patchset.Base, err error) {
	if o.ref != "" {
		refs, err := gitops.ListRemote(ctx, s.vault.Git(), c.URL)
		if err != nil {
			return point, err
		}
		point = o.among(refs)
		if point.Commit != "" || !commitLike().MatchString(o.ref) {
			return point, nil
		}
	}
	point.Ref, point.Commit, err = gitops.RemoteHead(ctx, s.vault.Git(), c.URL)
	return point, err
}

// commitLike is what may be a commit's id, or the beginning of one.
var commitLike = pattern.Of(`^[0-9a-f]{7,64}$`)

// recall finds the point in what was fetched before.
func (o *forecastOptions) recall(ctx context.Context, _ *app, s *step, c patchset.Component, memory forecastMemory) (patchset.Base, error) {
	kept, err := s.vault.KeptPublic(c.Name)
	if err != nil {
		return patchset.Base{}, err
	}
	if o.ref == "" {
		ref := memory.Refs[""].Bases[c.Name].Ref
		if kept[ref] == "" {
			return patchset.Base{}, patchset.Faultf(patchset.CodeNoBase, "no forecast has looked at the main branch yet").
				WithHint("leave out --no-fetch, or name a branch that was fetched")
		}
		return patchset.Base{Ref: ref, Commit: kept[ref]}, nil
	}
	if point := o.among(kept); point.Commit != "" {
		return point, nil
	}
	return o.commit(ctx, s, c)
}

// among picks the branch or tag that REF names; a branch goes first.
func (o *forecastOptions) among(refs map[string]patchset.ID) patchset.Base {
	for _, name := range []string{o.ref, "refs/heads/" + o.ref, "refs/tags/" + o.ref} {
		if id, ok := refs[name]; ok {
			return patchset.Base{Ref: name, Commit: id}
		}
	}
	return patchset.Base{}
}

// names tells whether REF is a way to write a full ref name.
func (o *forecastOptions) names(ref string) bool {
	return o.among(map[string]patchset.ID{ref: "some"}).Commit != ""
}

// commit takes REF for a commit, which must be in the component's public history: the
// vault holds others as well.
func (o *forecastOptions) commit(ctx context.Context, s *step, c patchset.Component) (patchset.Base, error) {
	if !commitLike().MatchString(o.ref) {
		return patchset.Base{}, nil
	}
	id, err := s.vault.Git().Resolve(ctx, s.vault.Dir(), o.ref)
	if err != nil {
		return patchset.Base{}, nil // an unknown one, or several
	}
	kept, err := s.vault.KeptPublic(c.Name)
	if err != nil {
		return patchset.Base{}, err
	}
	for _, ref := range slices.Sorted(maps.Keys(kept)) {
		has, err := s.bench.Contains(ctx, kept[ref], id)
		if err != nil {
			return patchset.Base{}, err
		}
		if has {
			return patchset.Base{Ref: ref, Commit: id}, nil
		}
	}
	return patchset.Base{}, nil
}

// foresee runs the train in memory, and looks for where it goes another way.
func (a *app) foresee(ctx context.Context, s *step, req patchset.TrainRequest) ([]patchset.Prospect, error) {
	var all []patchset.Prospect
	for _, w := range s.ledger.Work(req) {
		prospects, err := patchset.Foresee(ctx, s.bench, w.Base.Commit, w.Items, runtime.GOMAXPROCS(0))
		if err != nil {
			return nil, fmt.Errorf("component %s: %w", w.Component, err)
		}
		all = append(all, prospects...)
	}
	return all, nil
}

func foreseenOf(prospects []patchset.Prospect) map[string]patchset.Foreseen {
	said := map[string]patchset.Foreseen{}
	for _, p := range prospects {
		said[p.Patch] = p.Foreseen()
	}
	return said
}
