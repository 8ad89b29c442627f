package audit

import (
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// AgeBin counts the carried patches whose age in whole days is From to To. The limits
// of the severities are edges of bins, so no bin holds patches on both sides of one.
type AgeBin struct {
	From, To int // To is -1 for no end
	Counts   []int
	// Limits are the severities whose limit is To.
	Limits []patchset.Severity
}

// Total is how many patches are in the bin.
func (b AgeBin) Total() int {
	n := 0
	for _, c := range b.Counts {
		n += c
	}
	return n
}

// ageEdges are the ends of the age bins, beside the limits.
var ageEdges = []int{7, 14, 30, 60, 90, 180}

// severityWords are the severities that are counted apart, and Other.
func severityWords() []patchset.Severity {
	return append(slices.Clone(patchset.Severities), Other)
}

// severityIndex is the place of a severity among severityWords.
func severityIndex(s patchset.Severity) int {
	if i := slices.Index(patchset.Severities, s); i >= 0 {
		return i
	}
	return len(patchset.Severities)
}

func newTotals(r Report, src Source, d *Details) Totals {
	t := Totals{
		AsOf: r.AsOf, Entries: src.Entries, LastEntry: src.Last.At, Summary: summarize(openRows(r.Rows)), Problems: map[Problem]int{},
	}
	t.Severities = r.Severities(src.Limits)
	t.Deadlines = newDeadlines(d.Patches)
	t.Ages = r.Ages(t.Severities)
	t.countPatches(d.Patches)
	t.countCases(d.Cases)
	t.Consents = newConsentTotals(d.Consents)
	t.Months, t.Weeks = newMonths(r.AsOf, d.Patches, d.Cases), newWeeks(r.AsOf, d.Patches)
	return t
}

func (t *Totals) countPatches(patches []Dossier) {
	var toPublic, toCarried, inStacks []float64
	for _, p := range patches {
		t.Added++
		t.MostOverdue = max(t.MostOverdue, p.DaysOverdue())
		for _, problem := range p.Problems {
			t.Problems[problem]++
		}
		if p.Carrying() && p.Found.IsZero() {
			t.FoundUnknown++
		}
		if !p.Found.IsZero() && !p.CarriedSince.IsZero() {
			toCarried = append(toCarried, days(p.Found, p.CarriedSince))
		}
		if !p.CarriedSince.IsZero() && !p.PublicAt.IsZero() {
			inStacks = append(inStacks, days(p.CarriedSince, p.PublicAt))
		}
		switch {
		case !p.PublicAt.IsZero() && p.AgeFrom != "":
			toPublic = append(toPublic, float64(p.AgeDays))
			t.WentPublic++
		case !p.PublicAt.IsZero():
			t.WentPublic++
		case !p.DroppedAt.IsZero():
			t.Dropped++
		}
	}
	t.ToPublic, t.ToCarried, t.InStacks = spreadOf(toPublic), spreadOf(toCarried), spreadOf(inStacks)
}

func (t *Totals) countCases(cases []Case) {
	var toResolve, working, answering []float64
	for _, c := range cases {
		switch {
		case c.Cause != "":
			t.Waiting++
			continue
		case c.Open():
			t.OpenConflicts++
		case c.Resolved():
			t.ResolveTimes = append(t.ResolveTimes, c.Settled.Sub(c.Found))
			toResolve = append(toResolve, days(c.Found, c.Settled))
			if !c.Proposed.IsZero() {
				working, answering = append(working, days(c.Found, c.Proposed)), append(answering, days(c.Proposed, c.Settled))
			}
		}
		t.Conflicts++
	}
	slices.Sort(t.ResolveTimes)
	t.ToResolve, t.Working, t.Answering = spreadOf(toResolve), spreadOf(working), spreadOf(answering)
}

// newConsentTotals counts consents by role, in the order of the roles.
func newConsentTotals(consents []Fact) []ConsentTotal {
	counts := map[string]ConsentTotal{}
	for _, f := range consents {
		as := f.To
		if !slices.Contains(consentRoles, as) {
			as = Other
		}
		c := counts[as]
		c.As = as
		c.Count++
		if f.Verified {
			c.Verified++
		}
		counts[as] = c
	}
	var out []ConsentTotal
	for _, as := range append(slices.Clone(consentRoles), Other) {
		if c, any := counts[as]; any {
			out = append(out, c)
		}
	}
	return out
}

// openRows leaves out patches that are closed or dropped: in the newest version that
// knows it, a dropped one may still be in the stack.
func openRows(rows []Row) []Row {
	var open []Row
	for _, r := range rows {
		if !r.Life.Over() {
			open = append(open, r)
		}
	}
	return open
}

func knownState(s patchset.State) patchset.State {
	if slices.Contains(patchset.States, s) {
		return s
	}
	return Other
}

func stateTotals(counts map[patchset.State]int) []StateTotal {
	var out []StateTotal
	for _, s := range append(slices.Clone(patchset.States), Other) {
		if counts[s] > 0 {
			out = append(out, StateTotal{s, counts[s]})
		}
	}
	return out
}

// Severities counts by severity, the worst first. limits is how many days each allows.
func (r Report) Severities(limits func(patchset.Severity) int) []SeverityTotal {
	words := severityWords()
	out := make([]SeverityTotal, len(words))
	states := make([]map[patchset.State]int, len(words))
	for i, s := range words {
		out[i] = SeverityTotal{Severity: s, LimitDays: limits(s)}
		states[i] = map[patchset.State]int{}
	}
	for _, p := range r.Rows {
		i := severityIndex(p.Severity)
		s := &out[i]
		if p.Overdue {
			s.Overdue++
		} else if from := p.OverdueFrom; !from.IsZero() && (s.NextDeadline.IsZero() || from.Before(s.NextDeadline)) {
			s.NextDeadline = from
		}
		if !p.Carrying() {
			continue
		}
		s.Carried++
		states[i][knownState(p.State)]++
		s.OldestDays = max(s.OldestDays, p.AgeDays)
		if at := p.AgeStart; !at.IsZero() && (s.OldestStart.IsZero() || at.Before(s.OldestStart)) {
			s.OldestStart = at
		}
	}
	if last := len(out) - 1; out[last].Carried == 0 && out[last].Overdue == 0 {
		out = out[:last]
	}
	for i := range out {
		out[i].States = stateTotals(states[i])
	}
	return out
}

// Ages counts the carried patches by age and by these severities.
func (r Report) Ages(severities []SeverityTotal) []AgeBin {
	edges := slices.Clone(ageEdges)
	for _, s := range severities {
		edges = append(edges, s.LimitDays)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var bins []AgeBin
	from := 0
	for _, edge := range append(edges, -1) {
		b := AgeBin{From: from, To: edge, Counts: make([]int, len(severities))}
		for _, s := range severities {
			if s.LimitDays == edge && s.Severity != Other {
				b.Limits = append(b.Limits, s.Severity)
			}
		}
		bins = append(bins, b)
		from = edge + 1
	}
	for _, p := range r.Rows {
		if !p.Carrying() {
			continue
		}
		i, _ := slices.BinarySearch(edges, p.AgeDays)
		bins[i].Counts[severityIndex(p.Severity)]++
	}
	return bins
}

// cutToWeeks is t with every day moved back to the Monday of its week, but for the
// time of the report, and with ages of single patches in whole weeks.
func (t Totals) cutToWeeks() Totals {
	t.LastEntry, t.Summary, t.MostOverdue = monday(t.LastEntry), t.Summary.cutToWeeks(), wholeWeeks(t.MostOverdue)
	t.Severities = slices.Clone(t.Severities)
	for i, s := range t.Severities {
		t.Severities[i] = s.cutToWeeks()
	}
	t.Trains = slices.Clone(t.Trains)
	for i := range t.Trains {
		t.Trains[i].Made = monday(t.Trains[i].Made)
	}
	return t
}

func (s SeverityTotal) cutToWeeks() SeverityTotal {
	s.OldestStart, s.NextDeadline, s.OldestDays = monday(s.OldestStart), monday(s.NextDeadline), wholeWeeks(s.OldestDays)
	return s
}

// cutToWeeks leaves whole weeks of the ages: from the age of one patch and the day of the
// report follows the day on which its hole was found.
func (s Summary) cutToWeeks() Summary {
	s.OldestAgeDays, s.MedianAgeDays = wholeWeeks(s.OldestAgeDays), float64(wholeWeeks(int(s.MedianAgeDays)))
	return s
}

// wholeWeeks is the days of the whole weeks in a number of days.
func wholeWeeks(days int) int { return days - days%7 }

// monday is midnight of the Monday of the week of t, in UTC; zero for the zero time.
func monday(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	t = t.UTC()
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, time.UTC)
}
