package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/spf13/cobra"
)

type auditOptions struct {
	at     string
	failOn []string
	csv    bool
	all    bool
}

func newAuditCmd(a *app) *cobra.Command {
	o := &auditOptions{}
	c := &cobra.Command{
		Use:   "audit",
		Short: "What is carried, since when, whose it is, and what is overdue",
		Long: `List every patch that is not closed or dropped, the longest overdue first. Age counts in
whole days from the day the hole was found, else from the first time it was carried, until
it is public. The limit per severity is the policy in the registry; more days than that and
not public is overdue.

--at reads the ledger as it was at the end of a day, and its policy too. --fail-on exits 6
when a patch is: overdue, no-owner (unknown or gone), unconfirmed (guessed by an import),
override (accepted without the owner), unverified (a signature that no key proves).`,
		Example: `  git carry audit
  git carry audit --fail-on overdue,no-owner
  git carry audit --at 2026-11-01 --csv > audit.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.StringVar(&o.at, "at", "", "as it was at the end of this `DATE`, or at this time")
	f.StringArrayVar(&o.failOn, "fail-on", nil, "exit 6 when a patch has one of these problems: `WORD,…`")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.all, "all", false, "closed and dropped patches too")
	return c
}

// auditDoc adds the verdict of --fail-on to the report.
type auditDoc struct {
	audit.Document
	FailOn   []audit.Problem `json:"fail_on"`
	Breaches []string        `json:"breaches"` // ids
}

func (o *auditOptions) run(ctx context.Context, a *app) error {
	if o.csv && a.json {
		return usagef("--csv or --json, not both")
	}
	var failOn []audit.Problem
	if len(o.failOn) > 0 {
		var err error
		if failOn, err = audit.ParseProblems(strings.Join(o.failOn, ",")); err != nil {
			return err
		}
	}
	report, err := o.report(ctx, a)
	if err != nil {
		return err
	}
	doc := auditDoc{audit.NewDocument(report), nonNil(failOn), []string{}}
	for _, row := range report.Breaches(failOn) {
		doc.Breaches = append(doc.Breaches, row.ID)
	}
	if o.csv {
		err = audit.CSV(a.env.Stdout, report)
	} else {
		a.show(doc, func() { a.say("%s", strings.TrimSuffix(audit.Text(report), "\n")) })
	}
	if err == nil && len(doc.Breaches) > 0 {
		if !a.json {
			a.talk("Policy breach (--fail-on %s): %s", strings.Join(o.failOn, ","), joinWords(doc.Breaches))
		}
		err = outcome{exitPolicy}
	}
	return err
}

func (o *auditOptions) report(ctx context.Context, a *app) (audit.Report, error) {
	r, asOf, err := o.read(ctx, a)
	if err != nil {
		return audit.Report{}, err
	}
	return r.audit(ctx, asOf, o.all)
}

// read reads the ledger as it was at the time that was asked for, or now.
func (o *auditOptions) read(ctx context.Context, a *app) (reading, time.Time, error) {
	if o.at == "" {
		r, err := a.read(ctx)
		return r, a.env.Now(), err
	}
	asOf, err := a.parseAsOf(o.at)
	if err != nil {
		return reading{}, asOf, err
	}
	r, err := a.readAt(ctx, asOf)
	return r, asOf, err
}

// parseAsOf reads --at: a time, or the end of a day, or now for "".
func (a *app) parseAsOf(at string) (time.Time, error) {
	if at == "" {
		return a.env.Now(), nil
	}
	asOf, err := parseDate("at", at)
	switch {
	case err != nil:
		return asOf, err
	case asOf.After(a.env.Now()):
		return asOf, usagef("--at %s is still to come", at)
	case len(at) == len(time.DateOnly):
		asOf = asOf.AddDate(0, 0, 1).Add(-time.Second)
	}
	return asOf, nil
}

// readAt reads the ledger as it was at a time.
func (a *app) readAt(ctx context.Context, at time.Time) (reading, error) {
	v, err := a.vault(ctx)
	if err != nil {
		return reading{}, err
	}
	entry, err := entryAt(ctx, v, at)
	if err != nil {
		return reading{}, err
	}
	s, err := v.SnapshotAt(ctx, entry)
	if err != nil {
		return reading{}, err
	}
	return newReading(ctx, v, s)
}

// entryAt finds the ledger entry that was the newest at a time.
func entryAt(ctx context.Context, v *gitops.Vault, at time.Time) (patchset.ID, error) {
	var entry gitops.LogEntry
	err := v.Log(ctx, func(e gitops.LogEntry) bool {
		entry = e
		return e.Entry.At.After(at)
	})
	if err == nil && entry.Entry.At.After(at) {
		err = patchset.Faultf(patchset.CodeBadInput, "the ledger begins on %s; before that there is nothing to read", stamp(entry.Entry.At))
	}
	return entry.ID, err
}

// audit makes the report on this state of the ledger.
func (r reading) audit(ctx context.Context, asOf time.Time, all bool) (audit.Report, error) {
	facts, err := r.auditFacts(ctx, asOf, all)
	return audit.New(facts), err
}

// auditFacts takes the facts for a report from this state of the ledger.
func (r reading) auditFacts(ctx context.Context, asOf time.Time, all bool) (audit.Facts, error) {
	var failed error
	signatures := signatureFiles(r.ledger)
	facts := audit.Gather(r.ledger, audit.Registry{
		LimitDays: r.limitDays,
		Active: func(person string) bool {
			p, known := r.registry.Person(person)
			return known && p.Active()
		},
		Away: func(person string) string {
			away, is := r.registry.AwayOn(person, owners.DateOf(asOf.UTC()))
			if !is {
				return ""
			}
			return fmt.Sprintf("%s to %s", away.From, away.To)
		},
		Consent: func(p patchset.Patch) audit.Consent {
			c, err := r.auditConsent(ctx, p, signatures)
			if err != nil && failed == nil {
				failed = err
			}
			return c
		},
	}, asOf, all)
	return facts, failed
}

// limitDays is the limit of a severity; for a word that the policy does not know,
// the strictest one.
func (r reading) limitDays(s patchset.Severity) int {
	if days, ok := r.registry.Policy.Limits.Days(string(s)); ok {
		return days
	}
	days, _ := r.registry.Policy.Limits.Days(string(patchset.Critical))
	return days
}

// auditConsent looks at every consent that a version of the patch rests on.
func (r reading) auditConsent(ctx context.Context, p patchset.Patch, signatures map[patchset.Spot][]string) (audit.Consent, error) {
	var c audit.Consent
	for version := range p.At {
		at := patchset.Spot{Version: version, Patch: p.ID}
		sigs, err := readSignatures(r.ledger, signatures[at])
		if err != nil {
			return c, err
		}
		v, needed, err := r.weigh(ctx, at, sigs)
		if err != nil {
			return c, err
		}
		if !needed || !v.OK {
			continue
		}
		c.Override = c.Override || v.Override
		c.Unverified = c.Unverified || v.Unverified
	}
	return c, nil
}
