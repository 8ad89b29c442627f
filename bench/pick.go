package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// candidates bounds how far after the second week commits are picked from.
const candidates = 2000

// pickStack makes a stack of n real commits: the first ones from after onto that change
// something and merge without a conflict on the base and, carried on, on onto.
func (p *place) pickStack(ctx context.Context, g gitProgram, n int) error {
	talk("picking %d commits", n)
	date, err := p.sh.Git(ctx, p.source.repo, "log", "-1", "--format=%cI", p.onto)
	if err != nil {
		return err
	}
	// The date keeps out the old histories of libraries that were merged in later.
	list, err := p.sh.Git(ctx, p.source.repo, "rev-list", "--reverse", "--no-merges", "--since="+date, p.onto+"..HEAD")
	if err != nil {
		return err
	}
	ids := drive.Lines(list)
	all, err := readCommits(ctx, p.sh, p.public, ids[:min(len(ids), candidates)])
	if err != nil {
		return err
	}
	tips, err := readCommits(ctx, p.sh, p.public, []string{p.base, p.onto})
	if err != nil {
		return err
	}
	here, there := tips[0], tips[1]
	m := &mergeTree{sh: p.sh, git: g, repo: p.public, writer: newWriter(filepath.Join(p.public, "objects"))}
	picked := 0
	for _, c := range all {
		next, ok, err := m.fits(ctx, here, c)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		after, ok, err := m.fits(ctx, there, next)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		here, there = next, after
		if picked++; picked == n {
			p.stack = here.id
			return nil
		}
	}
	return fmt.Errorf("only %d of %d commits after %s can be carried without a conflict", picked, len(all), p.onto)
}

// fits carries a commit, and tells whether that is clean and changes something.
func (m *mergeTree) fits(ctx context.Context, tip, c commit) (commit, bool, error) {
	if c.parent == "" {
		return tip, false, nil
	}
	tree, err := m.merge(ctx, tip, c)
	if err != nil || tree == "" || tree == tip.tree {
		return tip, false, err
	}
	next, err := m.write(commit{tree: tree, parent: tip.id, rest: c.rest})
	return next, true, err
}
