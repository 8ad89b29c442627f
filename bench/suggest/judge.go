package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
)

// judge holds the suggestions for the rows of one repository against what landed.
type judge struct {
	git     *gitops.Git
	repo    picks.Repository
	tmp     string
	workers int
}

// verdict is what came of one row.
type verdict struct {
	skipped string // why the row does not count, or ""
	files   []fileVerdict
}

// fileVerdict is what came of one file in dispute.
type fileVerdict struct {
	disputes []disputeVerdict
	whole    bool // with all the first suggestions it is the landed file
}

// disputeVerdict is what came of one dispute.
type disputeVerdict struct {
	key     suggest.Key
	offered []offer
	landed  []byte // what stands there in the landed file
	known   bool   // whether landed could be told
}

// offer is a suggestion and whether it is what landed.
type offer struct {
	source suggest.Source
	right  bool
}

// all judges the rows, in parallel, and counts.
func (j judge) all(ctx context.Context, rows []row) (*tally, error) {
	source, err := gitops.OpenSource(ctx, j.git, j.repo.Dir)
	if err != nil {
		return nil, err
	}
	verdicts := make([]verdict, len(rows))
	next := make(chan int)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for range max(1, j.workers) {
		workers.Go(func() {
			if err := j.work(ctx, source, rows, verdicts, next); err != nil {
				stop(err)
			}
		})
	}
	for i := range rows {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	t := newTally(j.repo.Name)
	for _, v := range verdicts {
		t.add(v)
	}
	return t, nil
}

// work judges rows until there are none. What is merged stays in the scratch until
// it is closed, so it does not live long.
func (j judge) work(ctx context.Context, source *gitops.Source, rows []row, verdicts []verdict, next <-chan int) error {
	const lifetime = 100
	for {
		scratch, err := source.Scratch(j.tmp)
		if err != nil {
			return err
		}
		bench, done := gitops.NewWorkbench(scratch, gitops.EngineOwn), false
		for range lifetime {
			i, ok := <-next
			if done = !ok; done {
				break
			}
			if verdicts[i], err = judgeRow(ctx, bench, rows[i]); err != nil {
				verdicts[i] = verdict{skipped: "an object is missing, or cannot be merged"}
			}
		}
		if err := errors.Join(scratch.Close(), ctx.Err()); err != nil || done {
			return err
		}
	}
}

func judgeRow(ctx context.Context, bench *gitops.Workbench, r row) (verdict, error) {
	trees := map[merge3.ID]merge3.ID{}
	for _, id := range []merge3.ID{r.base, r.pick, r.onto, r.landed} {
		c, err := bench.Commit(ctx, id)
		if err != nil {
			return verdict{}, err
		}
		trees[id] = c.Tree
	}
	res, err := bench.Merge(ctx, merge3.Request{
		Base:     merge3.Side{Commit: r.base, Tree: trees[r.base]},
		Upstream: merge3.Side{Commit: r.onto, Tree: trees[r.onto]},
		Patch:    merge3.Side{Commit: r.pick, Tree: trees[r.pick]},
	})
	if err != nil {
		return verdict{}, err
	}
	elsewhere := suggest.NewElsewhere(bench.Scratch, trees[r.base], trees[r.onto])
	v := verdict{}
	for _, k := range res.Conflicts {
		if k.Kind != merge3.KindContent {
			continue
		}
		f, err := judgeFile(ctx, bench, k, elsewhere, trees[r.landed])
		if err != nil {
			return verdict{}, err
		}
		if len(f.disputes) > 0 {
			v.files = append(v.files, f)
		}
	}
	if len(v.files) == 0 {
		v.skipped = "no text is in dispute"
	}
	return v, elsewhere.Err()
}

func judgeFile(ctx context.Context, bench *gitops.Workbench, k merge3.Conflict, elsewhere *suggest.Elsewhere, landedTree merge3.ID) (fileVerdict, error) {
	f := suggest.File{Path: k.Path, Elsewhere: elsewhere.Files(ctx, k.Path)}
	for _, side := range []struct {
		entry merge3.Entry
		to    *[]byte
	}{{k.Base, &f.Base}, {k.Upstream, &f.Upstream}, {k.Patch, &f.Patch}} {
		if side.entry.ID == "" {
			return fileVerdict{}, nil
		}
		var err error
		if *side.to, err = bench.ReadBlob(ctx, side.entry.ID); err != nil {
			return fileVerdict{}, fmt.Errorf("%s: %w", k.Path, err)
		}
	}
	l := landed{ctx: ctx, bench: bench, tree: landedTree}
	text, there, err := l.read(k.Path)
	if err != nil {
		return fileVerdict{}, err
	}
	return compare(suggest.For(f), text, there, l.has), nil
}

// landed is what people made of it.
type landed struct {
	ctx   context.Context
	bench *gitops.Workbench
	tree  merge3.ID
}

// read is the landed version of a file; false when there is none.
func (l landed) read(path string) ([]byte, bool, error) {
	entry, ok, err := l.bench.Entry(l.ctx, l.tree, path)
	if err != nil || !ok || entry.Mode != merge3.ModeFile && entry.Mode != merge3.ModeExecutable {
		return nil, false, err
	}
	text, err := l.bench.ReadBlob(l.ctx, entry.ID)
	return text, err == nil, err
}
