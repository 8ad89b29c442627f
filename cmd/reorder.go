package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

type reorderOptions struct {
	id      string
	before  string
	after   string
	version string
}

func newReorderCmd(a *app) *cobra.Command {
	o := &reorderOptions{}
	c := &cobra.Command{
		Use:   "reorder ID (--before OTHER | --after OTHER)",
		Short: "Put a patch at another place in its stack",
		Long: `Put a patch before or after another one of the same stack, and carry the stack again from
there. Refused when a patch would then no longer merge. Newer versions keep their order; those
that are still to come take this one.`,
		Example: `  git carry reorder T401234 --before T398117
  git carry reorder T401234 --after T401590 --version 1.46.0-wmf.5`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.before, "before", "", "the patch `ID` that comes right after it")
	f.StringVar(&o.after, "after", "", "the patch `ID` that comes right before it")
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the newest that carries it)")
	return c
}

func (o *reorderOptions) run(ctx context.Context, a *app) error {
	if (o.before == "") == (o.after == "") {
		return usagef("give --before OTHER or --after OTHER")
	}
	other, where := o.before, "before"
	if o.after != "" {
		other, where = o.after, "after"
	}
	if other == o.id {
		return usagef("%s cannot be %s itself", o.id, where)
	}
	var r reworked
	err := a.record(ctx, "reorder", func(ctx context.Context, s *step) error {
		var err error
		if r, err = s.rework(o.id, o.version); err != nil {
			return err
		}
		if err := s.ledger.Reorder(r.version, o.id, other, o.after != ""); err != nil {
			return err
		}
		s.did("put %s %s %s in %s", o.id, where, other, r.version)
		return a.resettle(ctx, s, r)
	})
	if err != nil {
		return err
	}
	return a.showChanged(ctx, "reorder", o.id, "%s comes %s %s in %s now.", o.id, where, other, r.version)
}
