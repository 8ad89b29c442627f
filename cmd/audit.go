package cmd

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/spf13/cobra"
)

type auditOptions struct {
	at     string
	failOn []string
	csv    bool
	all    bool
	by     string
	order  string
	public bool
	auditFilter
}

// auditFilter is the flags that narrow an audit.
type auditFilter struct {
	owner, component, severity string
	problems                   []string
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

--fail-on exits 6 when a patch has one of these problems; --problem shows only those that have:

  overdue      not public after the days that its severity allows
  due-soon     in the last fifth of those days, and the last two at least
  no-owner     its owner is not in the registry, or has left
  owner-away   its owner is away now
  unconfirmed  an import guessed its owner
  override     accepted without the owner, who has not reviewed it
  unverified   a signature counts that no key proves
  public-late  public for more than 30 days, and still carried

With --fail-on overdue, what will be overdue soon is named as a warning. --at reads the ledger as
it was at the end of a day, and its policy too. --by counts by owner, component or severity.

--public prints what may be published: counts, with nothing that names a patch, a person, a
component or a version.`,
		Example: `  git carry audit
  git carry audit --owner priya --sort age
  git carry audit --by component
  git carry audit --fail-on overdue,no-owner,override,unverified
  git carry audit --at 2026-11-01 --csv > audit.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.StringVar(&o.at, "at", "", "as it was at the end of this `DATE`, or at this time")
	f.StringArrayVar(&o.failOn, "fail-on", nil, "exit 6 when a patch has one of these problems: `WORD,…`")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.all, "all", false, "closed and dropped patches too")
	f.BoolVar(&o.public, "public", false, "counts only: nothing that names a patch, a person or a place")
	f.StringVar(&o.owner, "owner", "", "only those of the person with this `ID`")
	f.StringVar(&o.component, "component", "", "only those of this component `NAME`")
	f.StringVar(&o.severity, "severity", "", "only those of this `SEVERITY`: critical, high, medium, low")
	f.StringArrayVar(&o.problems, "problem", nil, "only those with one of these problems: `WORD,…`")
	f.StringVar(&o.order, "sort", string(audit.OrderOverdue), "the `ORDER`: overdue, age, severity, owner, component, conflicts")
	f.StringVar(&o.by, "by", "", "count by `WHAT`: owner, component, severity")
	return c
}

// filter reads the flags that narrow an audit. A word that can match nothing is an
// error, not an empty list.
func (o auditFilter) filter(r reading) (audit.Filter, error) {
	f := audit.Filter{Owner: o.owner, Component: o.component}
	if _, known := r.registry.Person(o.owner); o.owner != "" && !known && len(ownedBy(r.ledger, o.owner)) == 0 {
		return f, unknownPerson(r.registry, o.owner)
	}
	if o.component != "" {
		if _, err := r.ledger.Component(o.component); err != nil {
			return f, err
		}
	}
	var err error
	if o.severity != "" {
		f.Severity, err = patchset.ParseSeverity(o.severity)
	}
	if len(o.problems) > 0 && err == nil {
		f.Problems, err = audit.ParseProblems(strings.Join(o.problems, ","))
	}
	return f, err
}

// auditDoc adds the verdict of --fail-on to the report, and what --by counts.
type auditDoc struct {
	audit.Document
	FailOn   []audit.Problem `json:"fail_on"`
	Breaches []string        `json:"breaches"` // ids
	Groups   []auditGroup    `json:"groups"`
}

type auditGroup struct {
	Name          string   `json:"name"`
	Carried       int      `json:"carried"`
	Overdue       int      `json:"overdue"`
	DueSoon       int      `json:"due_soon"`
	OldestAgeDays int      `json:"oldest_age_days"`
	MedianAgeDays *float64 `json:"median_age_days"`
	Conflicts     int      `json:"conflicts"`
}

func newAuditGroup(g audit.Group) auditGroup {
	return auditGroup{g.Name, g.Carried, g.Overdue, g.DueSoon, g.OldestDays, g.Age.Median, g.Conflicts}
}

func (o *auditOptions) run(ctx context.Context, a *app) error {
	switch {
	case o.csv && a.json:
		return usagef("--csv or --json, not both")
	case o.public && o.by != "" && o.by != "severity":
		return usagef("--public names no owner and no component: --by severity")
	}
	var failOn []audit.Problem
	if len(o.failOn) > 0 {
		var err error
		if failOn, err = audit.ParseProblems(strings.Join(o.failOn, ",")); err != nil {
			return err
		}
	}
	r, report, err := o.report(ctx, a)
	if err != nil {
		return err
	}
	if o.public {
		err = o.sayPublic(a, report.Counts(r.limitDays))
	} else {
		err = o.sayAll(a, report, failOn)
	}
	if err != nil {
		return err
	}
	return o.verdict(a, report, failOn)
}

func (o *auditOptions) sayPublic(a *app, counts audit.Counts) error {
	if o.csv {
		return audit.CountsCSV(a.env.Stdout, counts)
	}
	a.show(audit.NewCountsDocument(counts), func() { a.say("%s", strings.TrimSuffix(audit.CountsText(counts), "\n")) })
	return nil
}

func (o *auditOptions) sayAll(a *app, report audit.Report, failOn []audit.Problem) error {
	if o.csv {
		return audit.CSV(a.env.Stdout, report)
	}
	doc := auditDoc{audit.NewDocument(report), nonNil(failOn), []string{}, []auditGroup{}}
	for _, row := range report.Breaches(failOn) {
		doc.Breaches = append(doc.Breaches, row.ID)
	}
	var groups []audit.Group
	if o.by != "" {
		var err error
		if groups, err = report.Groups(o.by); err != nil {
			return err
		}
		for _, g := range groups {
			doc.Groups = append(doc.Groups, newAuditGroup(g))
		}
	}
	a.show(doc, func() {
		a.say("%s", strings.TrimSuffix(audit.TextHead(report), "\n"))
		switch {
		case o.by != "":
			a.say("\n%s", strings.TrimSuffix(audit.GroupsText(o.by, groups), "\n"))
		case len(report.Rows) > 0:
			a.say("")
			a.fittedTable(audit.TextRows(report), audit.Spare...)
		}
	})
	return nil
}

// verdict is exit code 6 when --fail-on finds something.
func (o *auditOptions) verdict(a *app, report audit.Report, failOn []audit.Problem) error {
	o.warn(a, report, failOn)
	breaches := report.Breaches(failOn)
	if len(breaches) == 0 {
		return nil
	}
	words := count(len(breaches), "patch", "patches")
	if !o.public {
		var ids []string
		for _, row := range breaches {
			ids = append(ids, row.ID)
		}
		words = joinWords(ids)
	}
	if !a.json {
		a.talk("Policy breach (--fail-on %s): %s", strings.Join(o.failOn, ","), words)
	}
	return outcome{exitPolicy}
}

// warn names what will be overdue soon to who wants a failure for what is.
func (o *auditOptions) warn(a *app, report audit.Report, failOn []audit.Problem) {
	if a.json || o.public || !slices.Contains(failOn, audit.ProblemOverdue) {
		return
	}
	for _, row := range report.Breaches([]audit.Problem{audit.ProblemDueSoon}) {
		a.talk("Warning: %s (owner %s) is overdue from %s on", row.ID, cmp.Or(row.Owner, "nobody"), date(row.OverdueFrom))
	}
}
