package cmd

import (
	"cmp"
	"context"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type retireOptions struct {
	id      string
	version string
	commit  string
}

func newRetireCmd(a *app) *cobra.Command {
	o := &retireOptions{}
	c := &cobra.Command{
		Use:   "retire ID --commit REV",
		Short: "Say which public commit has the fix, so that a version need not carry it",
		Long: `Name the public commit that has the fix of a patch. The commit must be in the history of
the version's base; the patch then leaves the stack of that version. A later version whose
base lacks the commit carries the patch again.

A train finds most such commits itself (state landed). This is for the others: the fix
went public in another form. Where a train names a commit that seems to have the fix, this
is the answer if it does; only the owner or a deputy may give it. Upstream's history stays
under watch: if it takes the fix back, the next train carries the patch again.`,
		Example: `  git carry retire T401234 --commit 9f1c2e7
  git carry retire T401234 --version 1.46.0-wmf.6 --commit 9f1c2e7`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` that has the fix (else the newest)")
	c.Flags().StringVar(&o.commit, "commit", "", "the public commit `REV`")
	return c
}

func (o *retireOptions) run(ctx context.Context, a *app) error {
	if o.commit == "" {
		return usagef("name the public commit that has the fix: --commit REV")
	}
	var public patchset.ID
	var version string
	err := a.record(ctx, "retire", func(ctx context.Context, s *step) error {
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return err
		}
		if err := s.mustBeSomebody(); err != nil {
			return err
		}
		if version, err = o.spot(s, p); err != nil {
			return err
		}
		if public, err = o.public(ctx, s, p, version); err != nil {
			return err
		}
		return o.retire(ctx, a, s, p, version, public)
	})
	if err != nil {
		return err
	}
	return a.showChanged(ctx, "retire", o.id, "Retired %s in %s: %s has the fix.", o.id, version, public.Short())
}

// spot finds the version and checks that the patch is there to be retired.
func (o *retireOptions) spot(s *step, p patchset.Patch) (string, error) {
	version := o.version
	if version == "" {
		version, _ = s.ledger.Newest()
	} else if _, err := s.ledger.Version(version); err != nil {
		return "", err
	}
	in, here := p.At[version]
	switch {
	case !here:
		return "", patchset.Faultf(patchset.CodeUsage, "%s is not in %s", p.ID, cmp.Or(version, "any version")).
			WithHint("git carry show %s", p.ID)
	case p.Dropped.Happened():
		return "", patchset.Faultf(patchset.CodeUsage, "%s was dropped on %s", p.ID, date(p.Dropped.At))
	case in.State == patchset.StateRetired:
		return "", patchset.Faultf(patchset.CodeUsage, "%s is retired in %s already: %s has the fix", p.ID, version, in.Public.Short())
	}
	return version, nil
}

// public finds the commit and checks that the version's base has it.
func (o *retireOptions) public(ctx context.Context, s *step, p patchset.Patch, version string) (patchset.ID, error) {
	base, ok := s.ledger.Versions[version].Bases[p.Component]
	if !ok {
		return "", patchset.Faultf(patchset.CodeNoBase, "%s has no base in %s", p.Component, version)
	}
	id, err := s.vault.Git().Resolve(ctx, s.vault.Dir(), o.commit)
	if err != nil {
		return "", patchset.Faultf(patchset.CodeBadInput, "the vault has no public commit %q: %w", o.commit, err).
			WithHint("it must be in %s, the base of %s; a newer one comes with: git carry train %s", base.Ref, version, version)
	}
	has, err := s.bench.Contains(ctx, base.Commit, id)
	if err == nil && !has {
		err = patchset.Faultf(patchset.CodeBadInput, "%s is not in the history of %s (%s), so %s still needs %s",
			id.Short(), base.Ref, base.Commit.Short(), version, p.ID).
			WithHint("if the public branch has moved: git carry train %s", version)
	}
	return id, err
}

func (o *retireOptions) retire(ctx context.Context, a *app, s *step, p patchset.Patch, version string, public patchset.ID) error {
	c, err := s.vault.Commit(ctx, public)
	if err != nil {
		return err
	}
	if in := p.At[version]; in.State.Parked() || in.State == patchset.StateDrift {
		// Here somebody asked for the owner's consent: retiring is no way round it.
		if err := s.mustSpeakFor(p, "retire it while it waits for their answer"); err != nil {
			return err
		}
	}
	event := a.event(s, string(public), "")
	if !p.Landed.Happened() {
		p.Landed = event
		p.Landed.At = time.Unix(c.CommitterTime(), 0).UTC()
		s.ledger.Patches[p.ID] = p
	}
	in := p.At[version]
	s.ledger.Put(p.ID, version, patchset.Incarnation{
		State: patchset.StateRetired, Position: in.Position, Source: in.Source, From: in.From,
		Public: public, Why: "named by " + s.by() + ": " + patchset.Subject(c.Message), Event: &event,
	})
	s.did("retired %s in %s: public commit %s has the fix", p.ID, version, public.Short())
	return a.settle(ctx, s, p.Component, version)
}
