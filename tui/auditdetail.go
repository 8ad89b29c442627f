package tui

import (
	"time"

	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/git-carry/git-carry/patchset/printable"
)

// detail is all that the audit knows of one patch.
func (d auditFrame) detail() []line {
	r, _ := d.s.row()
	fact := func(name, format string, args ...any) line {
		return append(line{{title, " " + cell(name, 12)}}, text(plain, format, args...)...)
	}
	day := func(t time.Time, from string) string {
		switch {
		case t.IsZero():
			return "-"
		case from != "":
			return t.UTC().Format(time.DateOnly) + ", by " + from
		}
		return t.UTC().Format(time.DateOnly)
	}
	out := []line{
		d.t.rule(d.size.Width, span{title, "PATCH " + printable.Line(r.ID)}),
		fact("COMPONENT", "%s", r.Component),
		fact("OWNER", "%s", ownerWords(r)),
		fact("SEVERITY", "%s, limit %s", r.Severity, count(r.LimitDays, "day", "days")),
		fact("AGE", "%s", count(r.AgeDays, "day", "days")),
		fact("FOUND", "%s", day(r.Found, r.FoundFrom)),
		fact("CARRIED", "%s", day(r.CarriedSince, r.CarriedFrom)),
		fact("PUBLIC", "%s", day(r.PublicAt, "")),
		fact("STATE", "%s in %s, %s", r.State, r.Version, r.Life),
		fact("TRAINS", "survived %d, with %s", max(0, r.VersionsCarried-1), count(r.Conflicts, "conflict", "conflicts")),
	}
	for _, note := range r.Notes() {
		out = append(out, append(line{{title, " " + cell("TO NOTE", 12)}}, text(alarm, "%s", note)...))
	}
	out = append(out, fact("NEXT", "%s", auditNext(r)), d.t.rule(d.size.Width, span{title, "TIMELINE"}, span{dim, " newest first"}))
	for _, m := range d.s.a.Timelines[r.ID] {
		out = append(out, m.line())
	}
	return out
}

func ownerWords(r audit.Row) string {
	switch {
	case r.Owner == "":
		return "NOBODY"
	case !r.OwnerActive:
		return r.Owner + ", unknown or gone"
	case r.OwnerAway != "":
		return r.Owner + ", away " + r.OwnerAway
	case !r.Confirmed:
		return r.Owner + ", guessed by an import"
	}
	return r.Owner
}
