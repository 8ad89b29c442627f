package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Report is the facts with what follows from them.
type Report struct {
	AsOf    time.Time
	Version string
	Rows    []Row // overdue ones first, the longest overdue at the top
	Summary Summary
}

// Row is one patch of a report.
type Row struct {
	Patch
	// AgeFrom says where the age starts: "found", "carried", or "" when neither
	// day is known and the age is 0.
	AgeFrom  string
	AgeStart time.Time
	AgeDays  int
	Overdue  bool
	// OverdueFrom is the first moment at which the patch is overdue; zero when it
	// is public or dropped, or its age is unknown.
	OverdueFrom time.Time
	// DaysPublic is for how many days the patch has been public and yet carried.
	DaysPublic int
	// Problems are those of a patch that is neither closed nor dropped.
	Problems []Problem
}

// DaysOver is by how many days the age exceeds the limit; 0 when it does not. It
// tells how late a fix was that is public by now.
func (r Row) DaysOver() int { return max(0, r.AgeDays-r.LimitDays) }

// DaysOverdue is by how many days the patch is overdue; 0 when it is not.
func (r Row) DaysOverdue() int {
	if !r.Overdue {
		return 0
	}
	return r.DaysOver()
}

// DaysLeft is how many more whole days the patch is in time after this one, while it is
// neither public nor dropped; 0 on its last day and later.
func (r Row) DaysLeft() int {
	if r.OverdueFrom.IsZero() {
		return 0
	}
	return max(0, r.LimitDays-r.AgeDays)
}

// DueSoon tells whether the limit is near and not passed.
func (r Row) DueSoon() bool {
	return !r.OverdueFrom.IsZero() && !r.Overdue && r.DaysLeft() < patchset.WarnDays(r.LimitDays)
}

// Carrying tells whether the patch is in a stack or parked, and not given up.
func (r Row) Carrying() bool { return r.State.Carried() && r.DroppedAt.IsZero() }

// Summary counts.
type Summary struct {
	Carried       int // patches in a stack or parked
	Overdue       int
	DueSoon       int
	MedianAgeDays float64 // a half when it lies between two; 0 when nothing is carried
	OldestAgeDays int
}

// New works out the report.
func New(f Facts) Report {
	r := Report{AsOf: f.AsOf, Version: f.Version, Rows: make([]Row, 0, len(f.Patches))}
	for _, p := range f.Patches {
		r.Rows = append(r.Rows, newRow(p, f.AsOf))
	}
	slices.SortStableFunc(r.Rows, byUrgency)
	r.Summary = summarize(r.Rows)
	return r
}

const day = 24 * time.Hour

func newRow(p Patch, asOf time.Time) Row {
	r := Row{Patch: p}
	switch {
	case !p.Found.IsZero():
		r.AgeFrom, r.AgeStart = "found", p.Found
	case !p.CarriedSince.IsZero():
		r.AgeFrom, r.AgeStart = "carried", p.CarriedSince
	}
	end := asOf
	for _, t := range []time.Time{p.PublicAt, p.DroppedAt} {
		if !t.IsZero() && t.Before(end) {
			end = t
		}
	}
	if r.AgeFrom != "" && end.After(r.AgeStart) {
		r.AgeDays = int(end.Sub(r.AgeStart) / day)
	}
	if r.AgeFrom != "" && p.PublicAt.IsZero() && p.DroppedAt.IsZero() {
		r.OverdueFrom = r.AgeStart.AddDate(0, 0, p.LimitDays+1)
		r.Overdue = r.AgeDays > p.LimitDays
	}
	if r.Carrying() && !p.PublicAt.IsZero() && p.PublicAt.Before(asOf) {
		r.DaysPublic = int(asOf.Sub(p.PublicAt) / day)
	}
	r.Problems = problemsOf(r)
	return r
}

func byUrgency(a, b Row) int {
	return cmp.Or(
		b.DaysOverdue()-a.DaysOverdue(),
		a.Severity.Compare(b.Severity),
		b.AgeDays-a.AgeDays,
		cmp.Compare(a.Component, b.Component),
		patchset.CompareVersions(a.ID, b.ID),
	)
}

func summarize(rows []Row) Summary {
	var s Summary
	var ages []int
	for _, r := range rows {
		if r.Overdue {
			s.Overdue++
		}
		if r.DueSoon() {
			s.DueSoon++
		}
		if r.State.Carried() {
			ages = append(ages, r.AgeDays)
		}
	}
	slices.Sort(ages)
	if s.Carried = len(ages); s.Carried > 0 {
		s.OldestAgeDays = ages[len(ages)-1]
		s.MedianAgeDays = float64(ages[(len(ages)-1)/2]+ages[len(ages)/2]) / 2
	}
	return s
}
