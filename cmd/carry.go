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
	outcomes, err := a.carryAll(ctx, s, []patchset.TrainRequest{req})
	if err != nil {
		return nil, err
	}
	return outcomes[0], nil
}

// carryAll is carry for several versions side by side. None of them may start from another.
func (a *app) carryAll(ctx context.Context, s *step, reqs []patchset.TrainRequest) ([]map[string][]patchset.Outcome, error) {
	work, outcomes, total := make([][]patchset.StackWork, len(reqs)), make([]map[string][]patchset.Outcome, len(reqs)), 0
	for i := range reqs {
		s.asksConsent(ctx, &reqs[i])
		work[i], outcomes[i] = s.ledger.Work(reqs[i]), map[string][]patchset.Outcome{}
		total += len(work[i])
	}
	done := 0
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	defer a.endProgress()
	for i, stacks := range work {
		for _, w := range stacks {
			g.Go(func() error {
				out, err := patchset.CarryStack(gctx, s.bench, w.Base.Commit, w.Items, a.env.Now())
				if err != nil {
					return fmt.Errorf("component %s: %w", w.Component, err)
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[i][w.Component] = out
				done++
				a.progressLine("carried to %s: %d of %s", reqs[i].Version, done, count(total, "stack", "stacks"))
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	before := s.ledger
	for i, req := range reqs {
		s.ledger = s.ledger.Record(req, work[i], outcomes[i], a.env.Now())
	}
	s.tellEnded(before)
	for _, req := range reqs {
		if err := a.judge(ctx, s, req.Version, req.Bases); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// asksConsent lets a request ask the registry.
func (s *step) asksConsent(ctx context.Context, req *patchset.TrainRequest) {
	req.Signed = func(at patchset.Spot, r patchset.Resolution) bool { return s.signed(ctx, at, r) }
	req.Agreed = func(at patchset.Spot) bool {
		v, _, err := s.verdict(ctx, at)
		return err == nil && v.OK
	}
	req.Open = func(at patchset.Spot) bool {
		v, needed, err := s.verdict(ctx, at)
		return err != nil || needed && !v.OK
	}
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
