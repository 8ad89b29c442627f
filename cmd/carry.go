package cmd

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/git-carry/git-carry/patchset"
	"golang.org/x/sync/errgroup"
)

// carry carries the stacks that a request asks for, components side by side, and
// records the outcome in the step's ledger.
func (a *app) carry(ctx context.Context, s *step, req patchset.TrainRequest) (map[string][]patchset.Outcome, error) {
	req.Signed = func(at patchset.Spot, r patchset.Resolution) bool { return s.signed(ctx, at, r) }
	req.Agreed = func(at patchset.Spot) bool {
		v, _, err := s.verdict(ctx, at)
		return err == nil && v.OK
	}
	req.Open = func(at patchset.Spot) bool {
		v, needed, err := s.verdict(ctx, at)
		return err != nil || needed && !v.OK
	}
	work := s.ledger.Work(req)
	outcomes := map[string][]patchset.Outcome{}
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	defer a.endProgress()
	for _, w := range work {
		g.Go(func() error {
			out, err := patchset.CarryStack(gctx, s.bench, w.Base.Commit, w.Items, a.env.Now())
			if err != nil {
				return fmt.Errorf("component %s: %w", w.Component, err)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[w.Component] = out
			a.progressLine("carried to %s: %d of %s", req.Version, len(outcomes), count(len(work), "component", "components"))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	before := s.ledger
	s.ledger = before.Record(req, work, outcomes, a.env.Now())
	s.tellEnded(before)
	return outcomes, a.judge(ctx, s, req.Version, req.Bases)
}

// settle carries one component's stack in a version again, on the base that it
// has: after a patch was added, a resolution signed, a patch dropped.
func (a *app) settle(ctx context.Context, s *step, component, version string) error {
	v := s.ledger.Versions[version]
	_, err := a.carry(ctx, s, patchset.TrainRequest{
		Version: version, From: v.From, Settle: true,
		Bases: map[string]patchset.Base{component: v.Bases[component]},
	})
	return err
}
