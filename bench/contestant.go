package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// contestant is one way to carry the stacks of a scene.
type contestant struct {
	name string
	// rival is one of git's own ways that stay in memory in one process. Ours is
	// compared with the fastest of them, too.
	rival bool
	// ours must not fail; of others it is reported.
	ours bool
	// fallback is ours, but not meant to be fast.
	fallback bool
	// aside answers another question, and is compared with nobody.
	aside bool
	// reset puts everything back to what it was before the first run.
	reset func(ctx context.Context) error
	// run carries the stacks, and gives what that took.
	run func(ctx context.Context) (drive.Cost, error)
	// trees are those that it made, one for each place.
	trees func(ctx context.Context) (string, error)
}

// entry makes the contestants of one kind: one for each git that can, or none,
// with a word in scene.absent.
type entry func(ctx context.Context, s *scene) ([]contestant, error)

// everywhere gives a step that is taken in one place after the other.
func (s *scene) everywhere(step func(context.Context, *place) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, p := range s.places {
			if err := step(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
}

// summed is everywhere for a step that costs something.
func (s *scene) summed(step func(context.Context, *place) (drive.Cost, error)) func(context.Context) (drive.Cost, error) {
	return func(ctx context.Context) (drive.Cost, error) {
		var sum drive.Cost
		err := s.everywhere(func(ctx context.Context, p *place) error {
			cost, err := step(ctx, p)
			sum = sum.Add(cost)
			return err
		})(ctx)
		return sum, err
	}
}

// treesOf asks every place for its tree.
func (s *scene) treesOf(one func(context.Context, *place) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		var all []string
		err := s.everywhere(func(ctx context.Context, p *place) error {
			tree, err := one(ctx, p)
			all = append(all, tree)
			return err
		})(ctx)
		return strings.Join(all, " "), err
	}
}

func forgetObjects(_ context.Context, p *place) error { return p.forgetObjects() }

// mustRun runs a program in the worktree; an exit code other than 0 is an error.
func (p *place) mustRun(ctx context.Context, c drive.Cmd) (drive.Outcome, error) {
	c.Dir = p.work
	out, err := p.sh.Run(ctx, c)
	if err == nil && out.Exit != 0 {
		err = fmt.Errorf("exit code %d: %s", out.Exit, strings.TrimSpace(out.Stderr+out.Stdout))
	}
	return out, err
}
