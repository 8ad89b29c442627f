package cmd

import (
	"context"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type dropOptions struct {
	id     string
	reason string
}

func newDropCmd(a *app) *cobra.Command {
	o := &dropOptions{}
	c := &cobra.Command{
		Use:   "drop ID --reason TEXT",
		Short: "Give a patch up: no version carries it any more",
		Long: `Take a patch out of the version that is being prepared, and out of every later one. The
stack is carried again without it. Who did it and why stays in the ledger. A patch whose
fix is public is not dropped but retired: git carry retire.`,
		Example: `  git carry drop T401234 --reason 'the feature is off since 1.46'`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.reason, "reason", "", "why, in one line of `TEXT`")
	return c
}

func (o *dropOptions) run(ctx context.Context, a *app) error {
	if err := requireReason(o.reason); err != nil {
		return err
	}
	var version string
	err := a.record(ctx, "drop", func(ctx context.Context, s *step) error {
		var err error
		version, err = o.drop(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	if version == "" {
		return a.showChanged(ctx, "drop", o.id, "Dropped %s.", o.id)
	}
	return a.showChanged(ctx, "drop", o.id, "Dropped %s: %s goes on without it.", o.id, version)
}

// drop gives the version whose stack was carried again, "" when none had it.
func (o *dropOptions) drop(ctx context.Context, a *app, s *step) (version string, err error) {
	p, err := s.ledger.Patch(o.id)
	if err != nil {
		return "", err
	}
	if err := s.mustBeSomebody(); err != nil {
		return "", err
	}
	if p.Dropped.Happened() {
		return "", patchset.Faultf(patchset.CodeUsage, "%s was dropped on %s by %s: %s", p.ID, date(p.Dropped.At), p.Dropped.By, p.Dropped.Reason)
	}
	if s.ledger.Life(p) == patchset.LifeClosed {
		return "", patchset.Faultf(patchset.CodeUsage, "%s is closed: its fix is public since %s, and no version needs it any more", p.ID, date(p.PublicAt()))
	}
	p.Dropped = a.event(s, "", o.reason)
	s.ledger.Patches[p.ID] = p
	s.did("dropped %s: %s", p.ID, o.reason)
	newest, _ := s.ledger.Newest()
	in, here := p.At[newest]
	if !here {
		return "", nil
	}
	at := patchset.Spot{Version: newest, Patch: p.ID}
	delete(s.ledger.Conflicts, at)
	delete(s.ledger.Resolutions, at)
	s.ledger.Put(p.ID, newest, patchset.Incarnation{
		State: patchset.StateDropped, Position: in.Position, Source: in.Source, From: in.From, Why: o.reason, Event: &p.Dropped,
	})
	return newest, a.settle(ctx, s, p.Component, newest)
}
