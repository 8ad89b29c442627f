package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
)

// Text writes the report for people: the totals, then a table. Everything that
// comes from data is clean.
func Text(r Report) string {
	var b strings.Builder
	b.WriteString(TextHead(r))
	if len(r.Rows) == 0 {
		return b.String()
	}
	b.WriteString("\n" + printable.Table(TextRows(r)))
	return b.String()
}

// Spare are the columns of TextRows that a narrow terminal does without, the first first.
var Spare = []string{"VERSIONS", "CONFLICTS", "SINCE", "LIMIT"}

// TextRows is the table of a report, with its head.
func TextRows(r Report) [][]string {
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "SEVERITY", "AGE", "LIMIT", "SINCE", "STATE", "VERSIONS", "CONFLICTS", "NOTES"}}
	for _, row := range r.Rows {
		rows = append(rows, row.cells())
	}
	return rows
}

// TextHead is the totals of a report, in two lines.
func TextHead(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "AUDIT as of %s", r.AsOf.UTC().Format("2006-01-02 15:04 UTC"))
	if r.Version != "" {
		fmt.Fprintf(&b, "   newest version %s", printable.Line(r.Version))
	}
	return b.String() + "\n" + r.Summary.words() + "\n"
}

func (s Summary) words() string {
	words := fmt.Sprintf("%d carried, %d overdue", s.Carried, s.Overdue)
	if s.DueSoon > 0 {
		words += fmt.Sprintf(", %d due soon", s.DueSoon)
	}
	if s.Carried > 0 {
		words += fmt.Sprintf("; age in days: median %g, oldest %d", s.MedianAgeDays, s.OldestAgeDays)
	}
	return words
}

func (r Row) cells() []string {
	owner := r.Owner
	if !r.Confirmed {
		owner += "?"
	}
	return []string{
		r.ID, r.Component, owner, string(r.Severity), fmt.Sprintf("%dd", r.AgeDays), fmt.Sprintf("%dd", r.LimitDays),
		r.Since(), string(r.State), fmt.Sprint(r.VersionsCarried), fmt.Sprint(r.Conflicts), strings.Join(r.Notes(), ", "),
	}
}

// Since says from which day on the age counts, and why from that day.
func (r Row) Since() string {
	if r.AgeFrom == "" {
		return "unknown"
	}
	return r.AgeFrom + " " + r.AgeStart.UTC().Format(time.DateOnly)
}

// Notes are what there is to note of the patch, in words, its problems first.
func (r Row) Notes() []string {
	var notes []string
	for _, p := range r.Problems {
		notes = append(notes, r.words(p))
	}
	if !r.PublicAt.IsZero() && !slices.Contains(r.Problems, ProblemPublicLate) {
		notes = append(notes, "public since "+r.PublicAt.UTC().Format(time.DateOnly))
	}
	return notes
}

// GroupsText is the table of a report that is grouped.
func GroupsText(by string, groups []Group) string {
	rows := [][]string{{strings.ToUpper(by), "CARRIED", "OVERDUE", "DUE SOON", "OLDEST", "MEDIAN", "CONFLICTS"}}
	for _, g := range groups {
		rows = append(rows, []string{
			g.Name, fmt.Sprint(g.Carried), fmt.Sprint(g.Overdue), fmt.Sprint(g.DueSoon), fmt.Sprintf("%dd", g.OldestDays), number(g.Age.Median, "-"), fmt.Sprint(g.Conflicts),
		})
	}
	return printable.Table(rows)
}
