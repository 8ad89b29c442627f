package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// comparer does the merges of one repository.
type comparer struct {
	git     *gitops.Git
	repo    picks.Repository
	source  *gitops.Source
	style   merge3.Style
	tmp     string
	workers int
}

func newComparer(ctx context.Context, git *gitops.Git, repo picks.Repository, style merge3.Style, tmp string, workers int) (*comparer, error) {
	source, err := gitops.OpenSource(ctx, git, repo.Dir)
	if err != nil {
		return nil, err
	}
	return &comparer{git, repo, source, style, tmp, workers}, nil
}

// all does the merges and counts them, a tally for each group of rows.
func (c *comparer) all(ctx context.Context, rows []row) ([]*tally, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo, done := make(chan row), make(chan comparison)
	go func() {
		defer close(todo)
		for _, r := range rows {
			select {
			case todo <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range max(1, c.workers) {
		workers.Go(func() {
			if err := c.work(ctx, todo, done); err != nil {
				stop(err)
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	tallies := c.count(done, rows)
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", c.repo.Name, err)
	}
	return tallies, nil
}

// count adds up, prints what differs, and says now and then how far it is.
func (c *comparer) count(done <-chan comparison, rows []row) []*tally {
	const often = 5 * time.Second
	var tallies []*tally
	byGroup := map[string]*tally{}
	for _, r := range rows {
		if byGroup[r.group] == nil {
			byGroup[r.group] = newTally(r.group)
			tallies = append(tallies, byGroup[r.group])
		}
	}
	begin := time.Now()
	n, differ, told := 0, 0, begin
	progress := func() {
		talk("%s: %d of %d, %d differ, %.0f a second", c.repo.Name, n, len(rows), differ, float64(n)/time.Since(begin).Seconds())
	}
	for one := range done {
		byGroup[one.row.group].add(one)
		n++
		if one.skipped() == "" && one.difference() != same {
			differ++
			fmt.Fprintln(os.Stdout, one.command(c.repo.Dir))
		}
		if time.Since(told) > often {
			told = time.Now()
			progress()
		}
	}
	progress()
	return tallies
}

// work merges rows until there are none.
func (c *comparer) work(ctx context.Context, todo <-chan row, done chan<- comparison) error {
	// What is merged stays in memory and on disk until its scratch repository is
	// closed, so they do not live long.
	const lifetime = 200
	var both *rivals
	defer func() { both.close() }()
	for r := range todo {
		if both == nil || both.merged == lifetime || both.failed {
			both.close()
			var err error
			if both, err = c.newRivals(); err != nil {
				return err
			}
		}
		one := both.compare(ctx, r, c.style)
		if err := ctx.Err(); err != nil {
			return err
		}
		done <- one
	}
	return nil
}

// rivals are the two mergers, each with objects of its own.
type rivals struct {
	engine    *gitops.Engine
	oracle    *gitops.GitMerger
	scratches []*gitops.Scratch
	merged    int
	failed    bool // a process of theirs may be gone
}

func (c *comparer) newRivals() (*rivals, error) {
	both := &rivals{}
	for range 2 {
		s, err := c.source.Scratch(c.tmp)
		if err != nil {
			both.close()
			return nil, err
		}
		both.scratches = append(both.scratches, s)
	}
	both.engine = gitops.NewEngine(both.scratches[0], gitops.EngineOwn)
	both.oracle = gitops.NewGitMerger(both.scratches[1])
	return both, nil
}

func (both *rivals) close() {
	if both == nil {
		return
	}
	for _, s := range both.scratches {
		_ = s.Close() // a throw-away directory below another
	}
}

// compare merges by both, in turn the one or the other first, because the first
// one may have to wait for the disk.
func (both *rivals) compare(ctx context.Context, r row, style merge3.Style) comparison {
	req := merge3.Request{
		Base: merge3.Side{Commit: r.base}, Upstream: merge3.Side{Commit: r.onto}, Patch: merge3.Side{Commit: r.pick},
		Style: style,
	}
	c := comparison{row: r}
	before := both.engine.Asked()
	if both.merged%2 == 0 {
		c.ours, c.git = timed(ctx, both.engine, req), timed(ctx, both.oracle, req)
	} else {
		c.git, c.ours = timed(ctx, both.oracle, req), timed(ctx, both.engine, req)
	}
	for why, n := range both.engine.Asked() {
		if n > before[why] {
			c.asked = why
		}
	}
	both.merged++
	both.failed = c.ours.err != nil || c.git.err != nil
	return c
}

// timed merges. A panic is an answer too: one that must not be.
func timed(ctx context.Context, m merge3.Merger, r merge3.Request) (a answer) {
	begin := time.Now()
	defer func() {
		a.took = time.Since(begin)
		if p := recover(); p != nil {
			a.err = fmt.Errorf("panic: %v", p)
		}
	}()
	a.result, a.err = m.Merge(ctx, r)
	return a
}
