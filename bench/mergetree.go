package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// oneProcess carries with one git merge-tree process a patch.
func oneProcess(_ context.Context, s *scene) ([]contestant, error) {
	var all []contestant
	for _, g := range s.gits {
		all = append(all, s.scripted(g.title("merge-tree, one process a patch"), func(_ context.Context, p *place) (merger, error) {
			return newMergeTree(p, g), nil
		}))
	}
	return all, nil
}

// merger merges the change of a commit into a tip; with a conflict the tree is empty.
type merger interface {
	merge(ctx context.Context, tip, c commit) (tree string, err error)
	// close says what the processes cost.
	close() (drive.Cost, error)
}

// scripted carries as a careful script would: a merger merges, the script writes
// the commits, and a patch that conflicts is left out.
func (s *scene) scripted(name string, open func(context.Context, *place) (merger, error)) contestant {
	tips := map[*place]commit{}
	return contestant{
		name:  name,
		reset: s.everywhere(forgetObjects),
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			begin := time.Now()
			m, err := open(ctx, p)
			if err != nil {
				return drive.Cost{}, err
			}
			tip, err := p.carryAll(ctx, m)
			cost, closing := m.close()
			if err == nil {
				err = closing
			}
			tips[p] = tip
			cost.Wall = time.Since(begin)
			return cost, err
		}),
		trees: s.treesOf(func(_ context.Context, p *place) (string, error) { return tips[p].tree, nil }),
	}
}

func (p *place) carryAll(ctx context.Context, m merger) (commit, error) {
	onto, err := readCommits(ctx, p.sh, p.work, []string{p.onto})
	if err != nil {
		return commit{}, err
	}
	tip, w := onto[0], newWriter(p.objects())
	for _, c := range p.commits {
		tree, err := m.merge(ctx, tip, c)
		if err != nil {
			return tip, err
		}
		if tree == "" {
			continue
		}
		if tip, err = w.write(commit{tree: tree, parent: tip.id, rest: c.rest}); err != nil {
			return tip, err
		}
	}
	return tip, nil
}

// mergeTree merges with one process each.
type mergeTree struct {
	sh   *drive.Shell
	git  gitProgram
	repo string // where git runs
	writer
	cost drive.Cost // of the git processes
}

func newMergeTree(p *place, g gitProgram) *mergeTree {
	return &mergeTree{sh: p.sh, git: g, repo: p.work, writer: newWriter(p.objects())}
}

func (m *mergeTree) merge(ctx context.Context, tip, c commit) (string, error) {
	args := []string{m.git.path, "merge-tree", "--write-tree", "--no-messages"}
	if m.git.atLeast(mergesTrees) {
		args = append(args, "--merge-base="+c.parent, tip.tree, c.id)
	} else {
		// The base is forced to c's parent by merging into a commit with the tree of
		// tip and that parent. Its date must be now, else git walks all of the
		// history to find the base.
		ours, err := m.write(commit{tree: tip.tree, parent: c.parent, rest: c.rest})
		if err != nil {
			return "", err
		}
		args = append(args, ours.id, c.id)
	}
	out, err := m.sh.Run(ctx, drive.Cmd{Dir: m.repo, Args: args})
	m.cost = m.cost.Add(out.Cost)
	switch {
	case err != nil:
		return "", err
	case out.Exit > 1:
		return "", fmt.Errorf("git merge-tree of %s: exit code %d: %s", c.id, out.Exit, out.Stderr)
	case out.Exit == 1:
		return "", nil
	}
	return strings.TrimSpace(out.Stdout), nil
}

func (m *mergeTree) close() (drive.Cost, error) { return m.cost, nil }
