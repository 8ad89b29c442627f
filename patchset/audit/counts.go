package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// Counts is what may be published of a report: numbers and words of our own, days cut to
// weeks. Nothing that a person typed is in it.
type Counts struct {
	AsOf       time.Time
	Summary    Summary
	Problems   map[Problem]int
	Severities []SeverityTotal
	Ages       []AgeBin
}

// Counts counts the rows. limits is how many days a severity allows.
func (r Report) Counts(limits func(patchset.Severity) int) Counts {
	c := Counts{AsOf: r.AsOf, Summary: r.Summary.cutToWeeks(), Problems: map[Problem]int{}, Severities: r.Severities(limits)}
	c.Ages = r.Ages(c.Severities)
	for i := range c.Severities {
		c.Severities[i] = c.Severities[i].cutToWeeks()
	}
	for _, row := range r.Rows {
		for _, p := range row.Problems {
			c.Problems[p]++
		}
	}
	return c
}

// CountsText writes the counts for people.
func CountsText(c Counts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "AUDIT as of %s, for the public\n%s\n", c.AsOf.UTC().Format(time.DateOnly), c.Summary.words())
	for _, p := range Problems {
		if n := c.Problems[p]; n > 0 {
			fmt.Fprintf(&b, "%s: %d\n", p, n)
		}
	}
	head := []string{"DAYS"}
	limits := []string{"limit"}
	for _, s := range c.Severities {
		head = append(head, strings.ToUpper(string(s.Severity)))
		limits = append(limits, fmt.Sprintf("%dd", s.LimitDays))
	}
	rows := [][]string{append(head, "ALL")}
	for _, bin := range c.Ages {
		rows = append(rows, bin.cells())
	}
	b.WriteString("\n" + printable.Table(append(rows, limits)))
	return b.String()
}

func (b AgeBin) cells() []string {
	row := []string{b.Words()}
	for _, n := range b.Counts {
		row = append(row, strconv.Itoa(n))
	}
	return append(row, strconv.Itoa(b.Total()))
}

// CountsCSV writes one line per range of days.
func CountsCSV(w io.Writer, c Counts) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := []string{"from_days", "to_days"}
	for _, s := range c.Severities {
		head = append(head, string(s.Severity))
	}
	records := [][]string{append(head, "all")}
	for _, b := range c.Ages {
		to := ""
		if b.To >= 0 {
			to = strconv.Itoa(b.To)
		}
		records = append(records, append([]string{strconv.Itoa(b.From), to}, b.cells()[1:]...))
	}
	return out.WriteAll(records)
}

// CountsDocument is the counts in JSON. Fields may be added, never renamed.
type CountsDocument struct {
	Schema     string             `json:"schema"`
	AsOf       string             `json:"as_of"`
	Public     bool               `json:"public"`
	Version    string             `json:"version"` // always ""
	Patches    []PatchDocument    `json:"patches"` // always empty
	Summary    SummaryDocument    `json:"summary"`
	Problems   map[Problem]int    `json:"problems"`
	Severities []severityDocument `json:"severities"`
	Ages       []ageDocument      `json:"ages"`
}

// NewCountsDocument is the counts as they are written in JSON.
func NewCountsDocument(c Counts) CountsDocument {
	return CountsDocument{
		Schema: "git-carry/audit/v1", AsOf: stamp(c.AsOf), Public: true, Patches: []PatchDocument{},
		Summary: SummaryDocument(c.Summary), Problems: c.Problems,
		Severities: list(c.Severities, newSeverityDocument),
		Ages:       list(c.Ages, func(b AgeBin) ageDocument { return newAgeDocument(b, c.Severities) }),
	}
}
