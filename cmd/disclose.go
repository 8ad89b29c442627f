package cmd

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type discloseOptions struct {
	id    string
	at    string
	where string

	reason string
}

func newDiscloseCmd(a *app) *cobra.Command {
	o := &discloseOptions{}
	c := &cobra.Command{
		Use:   "disclose ID",
		Short: "End the embargo of a patch: the hole is public",
		Long: `Record that the hole is public. An embargo ends by the act of a person, never by a date:
--at takes a day that has been. Who ends it goes on record, with the place and the reason, and whether
they are neither the owner nor a deputy. The patch is carried on until the fix has landed.

What the public review needs, release-plan writes; the advisory, git carry advisory.

Given again with --at, --where or --reason, it corrects what was recorded.`,
		Example: `  git carry disclose T401234 --where https://example.org/advisories/12
  git carry disclose T401234 --at 2026-11-20`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.at, "at", "", "the `DATE` on which it became public (else now)")
	c.Flags().StringVar(&o.where, "where", "", "the `URL` of the advisory")
	c.Flags().StringVar(&o.reason, "reason", "", "why now, in one line of `TEXT`")
	return c
}

func (o *discloseOptions) run(ctx context.Context, a *app) error {
	if err := checkText("where", o.where); err != nil {
		return err
	}
	if err := checkText("reason", o.reason); err != nil {
		return err
	}
	at := a.env.Now().UTC().Truncate(time.Second)
	if o.at != "" {
		var err error
		if at, err = a.parsePast("at", o.at); err != nil {
			return err
		}
	}
	err := a.record(ctx, "disclose", func(_ context.Context, s *step) error {
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return err
		}
		if err := s.mustBeSomebody(); err != nil {
			return err
		}
		if p, err = o.disclose(s, p, at); err != nil {
			return err
		}
		s.ledger.Patches[p.ID] = p
		return nil
	})
	if err != nil {
		return err
	}
	if err := a.showChanged(ctx, "disclose", o.id, "%s is public. It is carried until the fix has landed.", o.id); err != nil {
		return err
	}
	a.next("git carry release-plan %s", o.id)
	return nil
}

func (o *discloseOptions) disclose(s *step, p patchset.Patch, at time.Time) (patchset.Patch, error) {
	was, verb := p.Disclosed, "disclosed"
	if was.Happened() {
		if o.at == "" && o.where == "" && o.reason == "" {
			return p, patchset.Faultf(patchset.CodeUsage, "%s", strings.TrimSpace(
				p.ID+" was disclosed on "+date(was.At)+" by "+was.By+" "+was.Where)).
				WithHint("to correct that, give --at, --where or --reason")
		}
		if o.at == "" {
			at = was.At
		}
		verb = "corrected the disclosure of"
	}
	p.Disclosed = patchset.Event{At: at, By: s.by(), Where: cmp.Or(o.where, was.Where), Reason: cmp.Or(o.reason, was.Reason)}
	s.did("%s %s, public since %s", verb, p.ID, date(at))
	if p.Disclosed.Where != "" {
		s.details = append(s.details, "where: "+p.Disclosed.Where)
	}
	if p.Disclosed.Reason != "" {
		s.details = append(s.details, "reason: "+p.Disclosed.Reason)
	}
	if !s.speaksForOwner(p) {
		s.details = append(s.details, s.by()+" is neither the owner nor a deputy")
	}
	return p, nil
}
