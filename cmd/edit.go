package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type editOptions struct {
	id       string
	title    string
	task     string
	cve      string
	severity string
	found    string
	deputies []string
	reason   string
	changed  func(flag string) bool
}

func newEditCmd(a *app) *cobra.Command {
	o := &editOptions{}
	c := &cobra.Command{
		Use:   "edit ID",
		Short: "Change what the ledger says of a patch",
		Long: `Change the title, the task, the CVE id, the severity, the day the hole was found, or the deputies of a
patch. What it was before stays in the ledger. The owner is changed with git carry own.

Severity and the day it was found decide when a patch is overdue: somebody who is neither
the owner nor a deputy changes them with a reason.`,
		Example: `  git carry edit T401234 --severity critical --found 2026-08-16
  git carry edit T401234 --severity low --reason 'only on the test wiki'
  git carry edit T401234 --deputy sam --deputy lee`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id, o.changed = args[0], c.Flags().Changed
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "a line of `TEXT` that says what it fixes")
	f.StringVar(&o.task, "task", "", "the `ID` of the task that public commits will name")
	f.StringVar(&o.cve, "cve", "", "the `ID` by which the public will know the hole: CVE-2026-12345; '' for none")
	f.StringVar(&o.severity, "severity", "", "the `SEVERITY`: critical, high, medium or low")
	f.StringVar(&o.found, "found", "", "the `DATE` on which the hole became known; '' for unknown")
	f.StringArrayVar(&o.deputies, "deputy", nil, "the `ID` of a person who may sign for the owner; the list is replaced; '' for nobody")
	f.StringVar(&o.reason, "reason", "", "why, in one line of `TEXT`, when you are neither owner nor deputy")
	return c
}

func (o *editOptions) run(ctx context.Context, a *app) error {
	if !slices.ContainsFunc([]string{"title", "task", "cve", "severity", "found", "deputy"}, o.changed) {
		return usagef("nothing to change: give --title, --task, --cve, --severity, --found or --deputy")
	}
	for flag, text := range map[string]string{"title": o.title, "task": o.task, "reason": o.reason} {
		if err := checkText(flag, text); err != nil {
			return err
		}
	}
	found, err := o.foundAt(a)
	if err != nil {
		return err
	}
	var changes []string
	err = a.record(ctx, "edit", func(_ context.Context, s *step) error {
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return err
		}
		if err := o.mayEdit(s, p); err != nil {
			return err
		}
		changes, err = o.apply(s, &p, found)
		if err != nil {
			return err
		}
		s.ledger.Patches[p.ID] = p
		s.details = changes
		s.did("changed %s", p.ID)
		if o.reason != "" {
			s.did("changed %s: %s", p.ID, o.reason)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.showPatch(ctx, "edit", o.id, "%s: %s", o.id, cmp.Or(strings.Join(changes, "; "), "nothing changed"))
}

// mayEdit wants a person, and a reason from one who moves the clock of a patch
// that is not theirs.
func (o *editOptions) mayEdit(s *step, p patchset.Patch) error {
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	if o.changed("deputy") { // a deputy may sign
		if err := s.mustSpeakFor(p, "name its deputies"); err != nil {
			return err
		}
	}
	if s.speaksForOwner(p) || strings.TrimSpace(o.reason) != "" || !o.changed("severity") && !o.changed("found") {
		return nil
	}
	f := patchset.Faultf(patchset.CodeNotAllowed, "%s is neither the owner of %s nor a deputy, and these decide when it is overdue", s.actor.Person, p.ID)
	for _, signer := range s.registry.Signers(ownerOf(p)) {
		f.WithHint("ask the %s %s", signer.As, signer)
	}
	return f.WithHint("or give a reason: --reason TEXT")
}

func (o *editOptions) foundAt(a *app) (time.Time, error) {
	if o.found == "" {
		return time.Time{}, nil
	}
	return a.parsePast("found", o.found)
}

// apply changes the patch and tells every change as "severity: low -> high".
func (o *editOptions) apply(s *step, p *patchset.Patch, found time.Time) (changes []string, err error) {
	note := func(what, was, is string) {
		if was != is {
			changes = append(changes, fmt.Sprintf("%s: %s -> %s", what, cmp.Or(was, "none"), cmp.Or(is, "none")))
		}
	}
	if o.changed("title") {
		note("title", p.Title, o.title)
		p.Title = o.title
	}
	if o.changed("task") {
		note("task", p.Task, o.task)
		p.Task = o.task
	}
	if o.changed("cve") {
		if o.cve != "" {
			if err := patchset.CheckCVE(o.cve); err != nil {
				return nil, err
			}
		}
		note("cve", p.CVE, o.cve)
		p.CVE = o.cve
	}
	if o.changed("severity") {
		severity, err := patchset.ParseSeverity(o.severity)
		if err != nil {
			return nil, err
		}
		note("severity", string(p.Severity), string(severity))
		p.Severity = severity
	}
	if o.changed("found") {
		note("found", stamp(p.Found), stamp(found))
		p.Found, p.FoundFrom = found, ""
	}
	if o.changed("deputy") {
		deputies, err := o.deputyList(s, *p)
		if err != nil {
			return nil, err
		}
		note("deputies", joinWords(p.Deputies), joinWords(deputies))
		p.Deputies = deputies
	}
	return changes, nil
}

func (o *editOptions) deputyList(s *step, p patchset.Patch) ([]string, error) {
	var list []string
	for _, id := range o.deputies {
		switch _, known := s.registry.Person(id); {
		case id == "" || slices.Contains(list, id):
		case !known:
			return nil, unknownPerson(s.registry, id)
		case id == p.Owner:
			return nil, usagef("%s is the owner of %s and needs no deputy's right", id, p.ID)
		default:
			list = append(list, id)
		}
	}
	return list, nil
}
