package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// kind is the table that a case is from.
type kind string

const (
	kindTrain kind = "train"
	kindLoss  kind = "loss"
	kindPick  kind = "pick"
)

// result is a case and what came of it.
type result struct {
	repo    string
	kind    kind
	fix     merge3.ID
	train   train
	loss    loss
	pick    pick
	skipped string // why it does not count, or ""

	weeks   []week // of a train, of a pick
	watched scene  // of a loss: the fix is public
	carried scene  // of a loss: the fix is secret
}

// fleet carries many fixes side by side.
type fleet struct {
	git     *gitops.Git
	repos   picks.Repositories
	tmp     string
	workers int

	mu      sync.Mutex
	sources map[string]*gitops.Source
}

// all carries every case, and puts into it what came of it.
func (f *fleet) all(ctx context.Context, cases []*result) ([]*result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo := make(chan *result)
	var workers sync.WaitGroup
	var done int
	begin := time.Now()
	for range max(1, f.workers) {
		workers.Go(func() {
			for r := range todo {
				if err := f.one(ctx, r); err != nil {
					stop(fmt.Errorf("%s %s: %w", r.repo, r.fix.Short(), err))
					return
				}
				f.mu.Lock()
				if done++; done%100 == 0 {
					talk("%d of %d in %v", done, len(cases), time.Since(begin).Round(time.Second))
				}
				f.mu.Unlock()
			}
		})
	}
	for _, r := range cases {
		select {
		case todo <- r:
		case <-ctx.Done():
		}
	}
	close(todo)
	workers.Wait()
	return cases, context.Cause(ctx)
}

// one carries a case in a scratch of its own. What cannot be carried is skipped.
func (f *fleet) one(ctx context.Context, r *result) error {
	source, err := f.source(ctx, r.repo)
	if err != nil {
		return err
	}
	if source == nil {
		r.skipped = "the repository is not there"
		return nil
	}
	scratch, err := source.Scratch(f.tmp)
	if err != nil {
		return err
	}
	bench := gitops.NewWorkbench(scratch, gitops.EngineOwn)
	failed := r.run(ctx, bench)
	if err := errors.Join(bench.Close(), ctx.Err()); err != nil {
		return err
	}
	if failed != nil {
		talk("%s %s: %v", r.repo, r.fix.Short(), failed)
		r.skipped = reason(failed)
	}
	return nil
}

func (r *result) run(ctx context.Context, bench *gitops.Workbench) error {
	switch r.kind {
	case kindTrain:
		return r.runTrain(ctx, bench)
	case kindPick:
		return r.runPick(ctx, bench)
	}
	return r.runLoss(ctx, bench)
}

// source opens a clone once; nil when there is none.
func (f *fleet) source(ctx context.Context, name string) (*gitops.Source, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.sources[name]; ok {
		return s, nil
	}
	for _, repo := range f.repos {
		if repo.Name != name {
			continue
		}
		s, err := gitops.OpenSource(ctx, f.git, repo.Dir)
		f.sources[name] = s
		return s, err
	}
	return nil, nil
}

var anyID = regexp.MustCompile(`[0-9a-f]{10,64}`)

// reason says in words that many cases share why one could not be carried.
func reason(err error) string {
	var missing *gitops.MissingObjectError
	if errors.As(err, &missing) {
		return "the copy lacks an object"
	}
	return anyID.ReplaceAllString(err.Error(), "ID")
}
