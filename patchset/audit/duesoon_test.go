package audit_test

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// TestOneRuleForDeadlines: on every day, for every limit, the audit says of a patch what its
// owner is told.
func TestOneRuleForDeadlines(t *testing.T) {
	for limit := range 200 {
		for age := range limit + 3 {
			p := patchset.Patch{
				ID: "T1", Owner: "priya", Severity: patchset.High, Found: daysAgo(age),
				At: map[string]patchset.Incarnation{"wmf.1": {State: patchset.StateClean}},
			}
			l := patchset.Ledger{Versions: map[string]patchset.Version{"wmf.1": {}}, Patches: map[string]patchset.Patch{"T1": p}}
			told := map[patchset.NoticeKind]bool{}
			for _, n := range l.Notices(noon, func(patchset.Spot) bool { return false }, func(patchset.Severity) (int, bool) { return limit, true }) {
				told[n.Kind] = true
			}
			report := audit.New(audit.Gather(l, audit.Registry{
				LimitDays: func(patchset.Severity) int { return limit },
				Active:    func(string) bool { return true },
				Consent:   func(patchset.Patch) audit.Consent { return audit.Consent{} },
			}, noon, true))
			row := report.Rows[0]
			if row.DueSoon() != told[patchset.NoticeOld] || row.Overdue != told[patchset.NoticeOverdue] {
				t.Fatalf("limit %d, age %d: due soon %v, overdue %v; told %v", limit, age, row.DueSoon(), row.Overdue, told)
			}
			if row.DueSoon() && row.DaysLeft() != limit-age {
				t.Fatalf("limit %d, age %d: %d days are left", limit, age, row.DaysLeft())
			}
		}
	}
}

// TestWhatNeverCameDoesNotGo: a patch that was given up before a stack had it is in no week.
func TestWhatNeverCameDoesNotGo(t *testing.T) {
	w := newWorld(t, noon)
	w.train("wmf.1")
	w.add("T1", "core", "priya", patchset.High, 3)
	w.change("kim", "T1", func(p *patchset.Patch) {
		p.CarriedSince, p.Dropped = time.Time{}, patchset.Event{At: w.now, By: "kim", Reason: "off"}
	})
	for _, week := range w.account(w.now).Totals.Weeks {
		if week.Came+week.Went+week.Dropped != 0 {
			t.Errorf("%+v", week)
		}
	}
}
