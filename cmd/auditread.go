package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// report is what the flags ask for, and the state of the ledger that it is about.
func (o *auditOptions) report(ctx context.Context, a *app) (reading, audit.Report, error) {
	order, err := audit.ParseOrder(o.order)
	if err != nil {
		return reading{}, audit.Report{}, err
	}
	r, asOf, err := o.read(ctx, a)
	if err != nil {
		return r, audit.Report{}, err
	}
	filter, err := o.filter(r)
	if err != nil {
		return r, audit.Report{}, err
	}
	report, err := r.audit(ctx, asOf, o.all)
	return r, report.Only(filter).Sorted(order), err
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
