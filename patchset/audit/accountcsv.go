package audit

import (
	"encoding/csv"
	"io"
	"strconv"
)

// AccountCSV writes one line per patch, closed and dropped ones too: the columns of
// [CSV]. Of a public account it writes one line per month instead.
func AccountCSV(w io.Writer, a Account) error {
	if a.Details == nil {
		return monthsCSV(w, a.Totals.Months)
	}
	r := Report{AsOf: a.Totals.AsOf, Version: a.Details.Version, Summary: a.Totals.Summary}
	for _, p := range a.Details.Patches {
		r.Rows = append(r.Rows, p.Row)
	}
	return CSV(w, r)
}

func monthsCSV(w io.Writer, months []Month) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	records := [][]string{{
		"month", "added", "public", "dropped", "conflicts", "carried", "overdue",
		"median_age_days", "p90_age_days", "median_days_to_public", "p90_days_to_public",
	}}
	for _, m := range months {
		record := []string{m.Start.Format("2006-01")}
		for _, n := range []int{m.Added, m.Public, m.Dropped, m.Conflicts, m.Carried, m.Overdue} {
			record = append(record, strconv.Itoa(n))
		}
		for _, n := range []*float64{m.Age.Median, m.Age.P90, m.ToPublic.Median, m.ToPublic.P90} {
			record = append(record, number(n, ""))
		}
		records = append(records, record)
	}
	return out.WriteAll(records)
}

// number writes a number with at most one digit after the point, or else.
func number(n *float64, orElse string) string {
	if n == nil {
		return orElse
	}
	s := strconv.FormatFloat(*n, 'f', 1, 64)
	if s[len(s)-2:] == ".0" {
		return s[:len(s)-2]
	}
	return s
}
