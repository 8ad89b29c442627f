package cmd

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
)

// inOrder publishes, and where pins are wanted the stacks that they point at first: what
// came of those is told with the rest, by the second run, which reads them back again.
func (o *publishOptions) inOrder(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	if _, err := r.ledger.Version(o.version); err != nil {
		return err
	}
	if len(r.ledger.Following(o.version)) == 0 {
		return o.run(ctx, a)
	}
	if !o.dryRun {
		if err := o.pointedAt(ctx, a); err != nil {
			return err
		}
	}
	if err := o.run(ctx, a); err != nil {
		return err
	}
	return o.waits(ctx, a)
}

// pointedAt publishes what pins point at, the deepest first, and makes the pins.
func (o *publishOptions) pointedAt(ctx context.Context, a *app) error {
	var before map[string][]string
	for {
		var told bytes.Buffer
		silent := *a
		silent.env.Stdout = &told
		err := o.run(ctx, &silent)
		var done outcome
		if err != nil && !errors.As(err, &done) {
			_, _ = a.env.Stdout.Write(told.Bytes())
			return err
		}
		r, err := a.makePins(ctx, o.version)
		if err != nil {
			return err
		}
		waiting := r.ledger.Following(o.version)
		if len(waiting) == 0 || maps.EqualFunc(waiting, before, slices.Equal) {
			return nil
		}
		before = waiting
	}
}

// waits says which pins were not published because nobody serves what they point at.
func (o *publishOptions) waits(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	waiting := r.ledger.Following(o.version)
	for _, component := range slices.Sorted(maps.Keys(waiting)) {
		if o.dryRun && len(waiting[component]) == 0 {
			a.talk("%s follows, pointing at the stacks of its submodules", component)
			continue
		}
		a.talk("%s follows when the targets of its ring serve %s", component, joinWords(waiting[component]))
		a.next("git carry target list")
	}
	if o.dryRun || len(waiting) == 0 {
		return nil
	}
	return outcome{exitPending}
}
