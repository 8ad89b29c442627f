package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// contestant is one way to carry the stack.
type contestant struct {
	name string
	// reset puts everything back to what it was before the first run.
	reset func(ctx context.Context) error
	// run carries the stack, and gives what that took.
	run func(ctx context.Context) (drive.Cost, error)
	// tree is the tree that it made.
	tree func(ctx context.Context) (string, error)
}

// contestants makes them all; the first is what the others are compared with.
func contestants(ctx context.Context, s *scene) ([]contestant, error) {
	all := []contestant{
		s.inWorktree("git rebase, in a worktree", s.stack, "rebase", "--quiet", "--onto", s.onto, s.base),
		s.inWorktree("git cherry-pick, in a worktree", s.onto, "cherry-pick", s.base+".."+s.stack),
		s.inWorktree("git am -3, in a worktree", s.onto, "am", "--quiet", "-3", s.mbox),
		s.oneProcessEach(),
	}
	carry, err := s.carryContestants(ctx)
	return append(all, carry...), err
}

// inWorktree runs a git command with a commit checked out.
func (s *scene) inWorktree(name, at string, args ...string) contestant {
	return contestant{
		name: name,
		reset: func(ctx context.Context) error {
			if err := s.resetWorktree(ctx); err != nil {
				return err
			}
			if _, err := s.sh.Git(ctx, s.work, "checkout", "--quiet", "--force", "--detach", at); err != nil {
				return err
			}
			_, err := s.sh.Git(ctx, s.work, "update-index", "-q", "--refresh")
			return err
		},
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.sh.Run(ctx, drive.Cmd{Dir: s.work, Args: append([]string{"git"}, args...)})
			if err == nil && out.Exit != 0 {
				err = fmt.Errorf("exit code %d: %s", out.Exit, out.Stderr)
			}
			return out.Cost, err
		},
		tree: func(ctx context.Context) (string, error) { return s.sh.Git(ctx, s.work, "rev-parse", "HEAD^{tree}") },
	}
}

// resetWorktree checks the base out and removes every object that a run made:
// those left lying about would make the next one faster.
func (s *scene) resetWorktree(ctx context.Context) error {
	if _, err := s.sh.Git(ctx, s.work, "checkout", "--quiet", "--force", "--detach", s.base); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.workObjects())
	if err != nil {
		return err
	}
	for _, e := range entries { // info holds the way to the borrowed objects
		if e.Name() != "info" {
			if err := os.RemoveAll(filepath.Join(s.workObjects(), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scene) oneProcessEach() contestant {
	var tip commit
	return contestant{
		name:  "git merge-tree, one process a patch",
		reset: s.resetWorktree,
		run: func(ctx context.Context) (drive.Cost, error) {
			begin := time.Now()
			m := newMergeTree(s.sh, s.work, s.workObjects())
			onto, err := readCommits(ctx, s.sh, s.work, []string{s.onto})
			if err != nil {
				return drive.Cost{}, err
			}
			tip = onto[0]
			for _, c := range s.commits {
				var clean bool
				if tip, clean, err = m.carry(ctx, tip, c); err != nil {
					return m.cost, err
				}
				if !clean {
					return m.cost, fmt.Errorf("conflict at %s", c.id)
				}
			}
			m.cost.Wall = time.Since(begin)
			return m.cost, nil
		},
		tree: func(context.Context) (string, error) { return tip.tree, nil },
	}
}

// linkTree copies a directory. Files below objects become hard links: git and
// git-carry never write into a file that is there.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case filepath.Dir(rel) != "." && rel[:len("objects")] == "objects":
			return os.Link(path, target)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
}
