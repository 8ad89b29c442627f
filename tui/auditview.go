package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/git-carry/git-carry/patchset/printable"
)

// RenderAudit draws an audit: exactly Height lines of Width cells each.
func RenderAudit(s AuditSession, size Size, t Theme) string {
	return t.look(size, auditFrame{s, size, t}.rows)
}

// auditFrame is one drawing of an audit.
type auditFrame struct {
	s    AuditSession
	size Size
	t    Theme
}

func (d auditFrame) rows() []line {
	head := []line{d.banner(), d.totals()}
	foot := []line{d.t.rule(d.size.Width), footer(auditKeys, d.size.Width, nil), d.message()}
	height := d.size.Height - len(head) - len(foot)
	var body []line
	switch {
	case d.s.help:
		body = scrolled(helpLines(d.t, d.size.Width, auditKeys), d.s.scroll, height)
	case d.s.detail:
		body = scrolled(d.detail(), d.s.scroll, height)
	default:
		body = d.overview(height)
	}
	return append(append(head, body...), foot...)
}

func (d auditFrame) banner() line {
	what := " AUDIT  as of " + d.s.a.Report.AsOf.UTC().Format("2 Jan 2006 15:04") + " UTC"
	switch {
	case d.s.view.Public:
		what += "  PUBLIC COPY"
	case d.s.a.Past:
		what += "  THE PAST"
	}
	return banner(d.size.Width, what, d.s.a.You)
}

// totals counts what passes the filter, in capitals what a person must look at.
func (d auditFrame) totals() line {
	var out line
	add := func(in ink, format string, args ...any) { out = append(out, text(in, " "+format+" ", args...)...) }
	s := d.s.report.Summary
	add(title, "carried %d", s.Carried)
	if s.Overdue > 0 {
		add(alarm, "OVERDUE %d", s.Overdue)
	} else {
		add(plain, "overdue 0")
	}
	if s.Carried > 0 {
		add(plain, "oldest %dd", s.OldestAgeDays)
		add(plain, "median %gd", s.MedianAgeDays)
	}
	problems := map[audit.Problem]int{}
	for _, r := range d.s.report.Rows {
		for _, p := range r.Problems {
			problems[p]++
		}
	}
	for _, p := range audit.Problems[1:] {
		if n := problems[p]; n > 0 {
			add(title, "%s %d", p, n)
		}
	}
	return out
}

// overview is the two charts where there is room, the table, and the patch in front.
func (d auditFrame) overview(height int) []line {
	var out []line
	if height >= minChartHeight && d.size.Width >= minChartWidth || d.s.view.Public {
		out = d.charts()
	}
	if d.s.view.Public {
		return tall(append(out, nil, text(plain, " Counts only: no patch, person, component or version. x writes it; P shows all again.")), height)
	}
	var under []line
	if height >= 14 {
		under = d.below()
	}
	return append(append(out, d.table(height-len(out)-len(under))...), under...)
}

// auditColumns are the columns of the table. Those at the end go first where there is no
// room, but for what there is to note.
var auditColumns = []struct {
	name  string
	width int
	from  int // the width of the screen from which on it is there
	cell  func(audit.Row) string
}{
	{"PATCH", 12, 0, func(r audit.Row) string { return r.ID }},
	{"COMPONENT", 18, 80, func(r audit.Row) string { return r.Component }},
	{"OWNER", 10, 60, func(r audit.Row) string {
		if r.Owner == "" {
			return "(none!)"
		}
		return r.Owner
	}},
	{"SEV", 9, 60, func(r audit.Row) string { return string(r.Severity) }},
	{"AGE", 6, 0, func(r audit.Row) string { return fmt.Sprintf("%dd", r.AgeDays) }},
	{"LIMIT", 6, 50, func(r audit.Row) string { return fmt.Sprintf("%dd", r.LimitDays) }},
	{"DUE", 11, 115, func(r audit.Row) string {
		if r.OverdueFrom.IsZero() {
			return "-"
		}
		return r.OverdueFrom.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	}},
	{"STATE", 10, 70, func(r audit.Row) string { return string(r.State) }},
	{"CONFL", 6, 110, func(r audit.Row) string { return fmt.Sprint(r.Conflicts) }},
	{"TRAINS", 7, 120, func(r audit.Row) string { return fmt.Sprint(max(0, r.VersionsCarried-1)) }},
}

func (d auditFrame) table(height int) []line {
	head := line{{title, "  "}}
	for _, c := range auditColumns {
		if d.size.Width >= c.from {
			head = append(head, span{title, cell(c.name, c.width)})
		}
	}
	out := []line{append(head, span{title, "TO NOTE"})}
	rows, room := d.s.report.Rows, max(0, height-1)
	top := min(max(0, d.s.at-room/2), max(0, len(rows)-room))
	for i := top; i < min(len(rows), top+room); i++ {
		out = append(out, d.tableRow(i))
	}
	if len(rows) == 0 {
		out = append(out, text(dim, "  no patch here"))
	}
	return tall(out, height)
}

func (d auditFrame) tableRow(i int) line {
	r := d.s.report.Rows[i]
	sign, in := " ", plain
	switch {
	case r.Overdue:
		sign, in = "!", alarm
	case len(r.Problems) > 0:
		sign, in = "?", title
	}
	here, id := " ", plain
	if i == d.s.at {
		here, id = ">", current
	}
	out := line{{current, here}, {in, sign}}
	for n, c := range auditColumns {
		if d.size.Width < c.from {
			continue
		}
		ink := plain
		if n == 0 {
			ink = id
		}
		out = append(out, span{ink, cell(c.cell(r), c.width)})
	}
	return append(out, text(in, "%s", strings.Join(r.Notes(), ", "))...)
}

// below is what there is to do about the patch in front.
func (d auditFrame) below() []line {
	r, ok := d.s.row()
	if !ok {
		return nil
	}
	out := []line{d.t.rule(d.size.Width, span{title, printable.Line(r.ID)})}
	if notes := r.Notes(); len(notes) > 0 {
		out = append(out, append(line{{title, " NOTE   "}}, text(plain, "%s", strings.Join(notes, ", "))...))
	}
	return append(out,
		append(line{{title, " SINCE  "}}, text(plain, "%s", sinceWords(r))...),
		append(line{{title, " NEXT   "}}, text(plain, "%s", auditNext(r))...),
	)
}

// sinceWords says since when the patch is here, and where that day was read.
func sinceWords(r audit.Row) string {
	words := r.Since()
	from := r.CarriedFrom
	if r.AgeFrom == "found" {
		from = r.FoundFrom
	}
	if from != "" {
		words += ", by " + from
	}
	return words
}

// auditNext is what helps against the first problem of a patch.
func auditNext(r audit.Row) string {
	if len(r.Problems) == 0 {
		return "nothing: git carry show " + r.ID
	}
	switch r.Problems[0] {
	case audit.ProblemOverdue, audit.ProblemDueSoon:
		return "git carry release-plan; once it is public: git carry disclose " + r.ID
	case audit.ProblemNoOwner, audit.ProblemUnconfirmed:
		return "say whose it is: git carry own " + r.ID + " OWNER"
	case audit.ProblemOwnerAway:
		return "ask a deputy, or wait: git carry show " + r.ID
	case audit.ProblemOverride, audit.ProblemUnverified:
		return "have the owner look and sign: git carry sign " + r.ID
	}
	return "let it go: git carry train, or git carry retire " + r.ID
}

func (d auditFrame) message() line {
	ask := func(label string) line { return append(line{{title, label}}, text(plain, "%s_", d.s.text)...) }
	switch d.s.asks {
	case asksText:
		return ask("/")
	case asksFile:
		return ask("write to (.csv .json .txt .html .prom .ics): ")
	case asksDay:
		return ask("as it was at the end of (2026-11-01; nothing for now): ")
	}
	switch {
	case d.s.message != "":
		return text(title, "%s", d.s.message)
	case d.s.view.Public:
		return nil
	}
	return text(dim, "%s", d.s.viewWords())
}

// viewWords says what is shown, and in which order.
func (s AuditSession) viewWords() string {
	var words []string
	f := s.view.Filter
	for _, p := range f.Problems {
		words = append(words, string(p))
	}
	if f.Owner != "" {
		words = append(words, "owner "+f.Owner)
	}
	if f.Component != "" {
		words = append(words, "component "+f.Component)
	}
	if f.Severity != "" {
		words = append(words, string(f.Severity))
	}
	if f.Text != "" {
		words = append(words, fmt.Sprintf("with %q", f.Text))
	}
	order := "sorted by " + string(s.view.Order)
	if len(words) == 0 {
		return "every open patch, " + order
	}
	return "only " + strings.Join(words, ", ") + ", " + order + "; esc shows all"
}
