package cmd

import (
	"context"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type replaceOptions struct {
	source  addOptions // where the new form comes from
	version string
}

func newReplaceCmd(a *app) *cobra.Command {
	o := &replaceOptions{}
	c := &cobra.Command{
		Use:   "replace ID (--commit REV [--repo DIR] | --patch FILE)",
		Short: "Carry a patch in another form from now on",
		Long: `Put a better form of a patch in the place of the one that a version carries. The patch keeps
its id, its Carry-Id, its owner, its clocks and its place in the stack; the commit that it had
stays in the ledger. The stack above it is carried again.

What its owner last saw was the old form. So it is drift until the owner has signed the new
one, whoever replaced it, and verify says so. Other versions are as they were; a newer one
takes the new form with its next train.`,
		Example: `  git carry replace T401234 --commit HEAD --repo ~/src/core
  git carry replace T401234 --version 1.46.0-wmf.5 --patch better.patch`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.source.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the newest that carries it)")
	f.StringVar(&o.source.commit, "commit", "", "take the commit `REV`")
	f.StringVar(&o.source.repo, "repo", ".", "the repository's `DIR`")
	f.StringVar(&o.source.patch, "patch", "", "take the patch `FILE`")
	return c
}

func (o *replaceOptions) run(ctx context.Context, a *app) error {
	id := o.source.id
	take, err := o.source.taker(ctx, a)
	if err != nil {
		return err
	}
	var r reworked
	err = a.record(ctx, "replace", func(ctx context.Context, s *step) error {
		if r, err = s.rework(id, o.version); err != nil {
			return err
		}
		below, err := s.below(ctx, r)
		if err != nil {
			return err
		}
		source, err := take(ctx, s, below)
		if err != nil {
			return err
		}
		s.ledger.Replace(r.version, id, source.Commit)
		s.did("replaced %s in %s", id, r.version)
		return a.resettle(ctx, s, r)
	})
	if err != nil {
		return err
	}
	if err := a.showPatch(ctx, "replace", id, "%s is replaced in %s; %s must sign it.", id, r.version, r.Owner); err != nil {
		return err
	}
	a.next("git carry sign %s --version %s      (owner %s)", id, shellWord(r.version), r.Owner)
	return nil
}

// below is the commit that a patch stands on, or would stand on.
func (s *step) below(ctx context.Context, r reworked) (patchset.ID, error) {
	in := r.At[r.version]
	if !in.State.InStack() {
		return s.ledger.Stack(r.Component, r.version).Tip(), nil
	}
	c, err := s.bench.ReadCommit(ctx, in.Commit)
	return c.Parent(), err
}
