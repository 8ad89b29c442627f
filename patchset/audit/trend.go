package audit

import (
	"math"
	"slices"
	"time"
)

// How many cases it takes before a number about them says something.
const (
	minMedian     = 5
	minPercentile = 20
)

// Spread is how numbers lie. A median of fewer than five and a 90th percentile of fewer
// than twenty are not there: they would say more about chance than about the work.
type Spread struct {
	N           int
	Median, P90 *float64
}

// spreadOf sorts its argument. The percentile is the nearest rank.
func spreadOf(values []float64) Spread {
	s := Spread{N: len(values)}
	slices.Sort(values)
	if s.N >= minMedian {
		m := (values[(s.N-1)/2] + values[s.N/2]) / 2
		s.Median = &m
	}
	if s.N >= minPercentile {
		p := values[int(math.Ceil(0.9*float64(s.N)))-1]
		s.P90 = &p
	}
	return s
}

// Month is what happened in a month and how things stood at its end, or at the time of
// the report.
type Month struct {
	Start            time.Time
	Added            int
	Public           int
	Dropped          int
	Conflicts        int
	Carried, Overdue int    // at the end; overdue by the limits of today
	Age              Spread // of the patches carried at the end, days
	ToPublic         Spread // of those that became public in it, days
}

// Week is how things stood at the end of a week, or at the time of the report, and how many
// patches came and went in it.
type Week struct {
	End              time.Time
	Carried, Overdue int
	Came             int // carried for the first time
	Went, Dropped    int // let go for good: the fix is public, or it was given up
}

// Bounds on the trends: a report shows the last five years by month and two and a half
// by week.
const (
	maxMonths = 60
	maxWeeks  = 130
)

// carriedAt tells whether the patch was carried at a time: since it first was, until it
// was last let go.
func (d Dossier) carriedAt(t time.Time) bool {
	return !d.CarriedSince.IsZero() && !d.CarriedSince.After(t) && (d.Left.IsZero() || d.Left.After(t))
}

// overdueAt tells whether the patch was overdue at a time, by the limit of today.
func (d Dossier) overdueAt(t time.Time) bool {
	if d.AgeFrom == "" || d.ageAt(t) <= d.LimitDays {
		return false
	}
	for _, stop := range []time.Time{d.PublicAt, d.DroppedAt} {
		if !stop.IsZero() && !stop.After(t) {
			return false
		}
	}
	return d.known().IsZero() || !d.known().After(t)
}

// known is when the vault, or the stacks before it, first had the patch.
func (d Dossier) known() time.Time {
	if d.CarriedSince.IsZero() || !d.Added.At.IsZero() && d.Added.At.Before(d.CarriedSince) {
		return d.Added.At
	}
	return d.CarriedSince
}

func (d Dossier) ageAt(t time.Time) int {
	if !t.After(d.AgeStart) {
		return 0
	}
	return int(t.Sub(d.AgeStart) / day)
}

// beginning is when the first patch came in.
func beginning(asOf time.Time, patches []Dossier) time.Time {
	first := asOf
	for _, p := range patches {
		if t := p.known(); !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first.UTC()
}

func newMonths(asOf time.Time, patches []Dossier, cases []Case) []Month {
	if len(patches) == 0 {
		return nil
	}
	asOf = asOf.UTC()
	first := beginning(asOf, patches)
	start := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	if earliest := time.Date(asOf.Year(), asOf.Month()-maxMonths+1, 1, 0, 0, 0, 0, time.UTC); start.Before(earliest) {
		start = earliest
	}
	var months []Month
	for ; !start.After(asOf); start = start.AddDate(0, 1, 0) {
		end := start.AddDate(0, 1, 0).Add(-time.Second)
		if asOf.Before(end) {
			end = asOf
		}
		months = append(months, newMonth(start, end, patches, cases))
	}
	return months
}

func newMonth(start, end time.Time, patches []Dossier, cases []Case) Month {
	m := Month{Start: start}
	within := func(t time.Time) bool { return !t.Before(start) && !t.After(end) }
	var ages, toPublic []float64
	for _, p := range patches {
		if within(p.known()) {
			m.Added++
		}
		if within(p.PublicAt) {
			m.Public++
			if p.AgeFrom != "" {
				toPublic = append(toPublic, float64(p.AgeDays))
			}
		}
		if within(p.DroppedAt) {
			m.Dropped++
		}
		if p.overdueAt(end) {
			m.Overdue++
		}
		if p.carriedAt(end) {
			m.Carried++
			ages = append(ages, float64(p.ageAt(earliestOf(end, p.PublicAt))))
		}
	}
	for _, c := range cases {
		if c.Cause == "" && within(c.Found) {
			m.Conflicts++
		}
	}
	m.Age, m.ToPublic = spreadOf(ages), spreadOf(toPublic)
	return m
}

func earliestOf(t, other time.Time) time.Time {
	if !other.IsZero() && other.Before(t) {
		return other
	}
	return t
}

func newWeeks(asOf time.Time, patches []Dossier) []Week {
	if len(patches) == 0 {
		return nil
	}
	asOf = asOf.UTC()
	end := monday(beginning(asOf, patches)).AddDate(0, 0, 7)
	if earliest := monday(asOf).AddDate(0, 0, -7*(maxWeeks-2)); end.Before(earliest) {
		end = earliest
	}
	var weeks []Week
	from := end.AddDate(0, 0, -7).Add(-time.Second)
	for ; ; end = end.AddDate(0, 0, 7) {
		at := end
		if asOf.Before(at) {
			at = asOf
		}
		w := Week{End: at}
		within := func(t time.Time) bool { return t.After(from) && !t.After(at) }
		for _, p := range patches {
			if within(p.CarriedSince) {
				w.Came++
			}
			switch {
			case p.CarriedSince.IsZero() || !within(p.Left):
			case p.DroppedAt.IsZero():
				w.Went++
			default:
				w.Dropped++
			}
			if p.carriedAt(at) {
				w.Carried++
			}
			if p.overdueAt(at) {
				w.Overdue++
			}
		}
		weeks = append(weeks, w)
		from = at
		if !at.Before(asOf) {
			return weeks
		}
	}
}
