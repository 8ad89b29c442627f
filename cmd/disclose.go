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
}

func newDiscloseCmd(a *app) *cobra.Command {
	o := &discloseOptions{}
	c := &cobra.Command{
		Use:   "disclose ID",
		Short: "End the embargo of a patch: the hole is public",
		Long: `Record that the hole is public. An embargo ends by the act of a person, never by a date:
--at takes a day that has been. The patch is carried on until the fix has landed.

Given again with --at or --where, it corrects what was recorded.`,
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
	return c
}

func (o *discloseOptions) run(ctx context.Context, a *app) error {
	if err := checkText("where", o.where); err != nil {
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
	return a.showChanged(ctx, "disclose", o.id, "%s is public. It is carried until the fix has landed.", o.id)
}

func (o *discloseOptions) disclose(s *step, p patchset.Patch, at time.Time) (patchset.Patch, error) {
	was, verb := p.Disclosed, "disclosed"
	if was.Happened() {
		if o.at == "" && o.where == "" {
			return p, patchset.Faultf(patchset.CodeUsage, "%s", strings.TrimSpace(
				p.ID+" was disclosed on "+date(was.At)+" by "+was.By+" "+was.Where)).
				WithHint("to correct that, give --at or --where")
		}
		if o.at == "" {
			at = was.At
		}
		verb = "corrected the disclosure of"
	}
	p.Disclosed = patchset.Event{At: at, By: s.by(), Where: cmp.Or(o.where, was.Where)}
	s.did("%s %s, public since %s", verb, p.ID, date(at))
	if p.Disclosed.Where != "" {
		s.details = append(s.details, "where: "+p.Disclosed.Where)
	}
	return p, nil
}
