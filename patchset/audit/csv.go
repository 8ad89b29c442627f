package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// csvColumns are the columns in their order: add at the end, never rename.
var csvColumns = []struct {
	name string
	cell func(PatchDocument) any
}{
	{"id", func(p PatchDocument) any { return p.ID }},
	{"component", func(p PatchDocument) any { return p.Component }},
	{"owner", func(p PatchDocument) any { return p.Owner }},
	{"severity", func(p PatchDocument) any { return p.Severity }},
	{"age_days", func(p PatchDocument) any { return p.AgeDays }},
	{"limit_days", func(p PatchDocument) any { return p.LimitDays }},
	{"overdue", func(p PatchDocument) any { return p.Overdue }},
	{"versions_carried", func(p PatchDocument) any { return p.VersionsCarried }},
	{"conflicts", func(p PatchDocument) any { return p.Conflicts }},
	{"public_at", func(p PatchDocument) any { return p.PublicAt }},
	{"state", func(p PatchDocument) any { return p.State }},
	{"version", func(p PatchDocument) any { return p.Version }},
	{"life", func(p PatchDocument) any { return p.Life }},
	{"age_from", func(p PatchDocument) any { return p.AgeFrom }},
	{"found_at", func(p PatchDocument) any { return p.FoundAt }},
	{"carried_since", func(p PatchDocument) any { return p.CarriedSince }},
	{"overdue_from", func(p PatchDocument) any { return p.OverdueFrom }},
	{"dropped_at", func(p PatchDocument) any { return p.DroppedAt }},
	{"owner_active", func(p PatchDocument) any { return p.OwnerActive }},
	{"owner_confirmed", func(p PatchDocument) any { return p.OwnerConfirmed }},
	{"override", func(p PatchDocument) any { return p.Override }},
	{"unverified", func(p PatchDocument) any { return p.Unverified }},
	{"owner_away", func(p PatchDocument) any { return p.OwnerAway }},
	{"days_public_and_carried", func(p PatchDocument) any { return p.DaysPublic }},
	{"found_from", func(p PatchDocument) any { return p.FoundFrom }},
	{"carried_from", func(p PatchDocument) any { return p.CarriedFrom }},
}

// CSV writes the report as RFC 4180 with a head line and one line per patch.
// Spreadsheets run cells that begin with = + - @ as formulas: those get a quote
// mark before them.
func CSV(w io.Writer, r Report) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		record[i] = c.name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for _, p := range NewDocument(r).Patches {
		for i, c := range csvColumns {
			record[i] = csvCell(fmt.Sprint(c.cell(p)))
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvCell cleans a cell and takes its power to be a formula. Spreadsheets skip
// white space before they look, and so do we: Line has removed it.
func csvCell(s string) string {
	s = printable.Line(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
