package audit

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Prometheus writes the totals in the text format of Prometheus, for the textfile
// collector. There are timestamps and no ages, which would be wrong until the next
// report: subtract from time(). No label holds an id, a name, a path or a component,
// so this is the same for the public but for days cut to weeks.
func Prometheus(w io.Writer, a Account) error {
	out := metrics{bufio.NewWriter(w)}
	t := a.Totals
	out.head("git_carry_patches", "gauge", "Patches carried, by severity and by state in the newest version that knows them.")
	for _, s := range t.Severities {
		for _, n := range s.States {
			fmt.Fprintf(out, "git_carry_patches{severity=\"%s\",state=\"%s\"} %d\n", s.Severity, n.State, n.Count)
		}
	}
	out.bySeverity(t, "git_carry_patches_carried", "Patches carried.", func(s SeverityTotal) int { return s.Carried })
	out.bySeverity(t, "git_carry_patches_overdue", "Patches that are neither public nor dropped after the days that their severity allows.",
		func(s SeverityTotal) int { return s.Overdue })
	out.bySeverity(t, "git_carry_limit_seconds", "How long a patch may stay unpublished.", func(s SeverityTotal) int { return s.LimitDays * 24 * 60 * 60 })
	out.timeBySeverity(t, "git_carry_oldest_patch_timestamp_seconds", "When the age of the oldest carried patch began.",
		func(s SeverityTotal) time.Time { return s.OldestStart })
	out.timeBySeverity(t, "git_carry_next_deadline_timestamp_seconds", "When the next patch will be overdue.",
		func(s SeverityTotal) time.Time { return s.NextDeadline })
	out.head("git_carry_patches_with_problem", "gauge", "Open patches by what an audit can fail on.")
	for _, p := range Problems {
		fmt.Fprintf(out, "git_carry_patches_with_problem{problem=\"%s\"} %d\n", p, t.With(p))
	}
	for _, m := range []struct {
		name, kind, help string
		value            int
	}{
		{"git_carry_patches_public_late", "gauge", fmt.Sprintf("Patches public for more than %d days and still carried.", LateDays), t.With(ProblemPublicLate)},
		{"git_carry_conflicts_open", "gauge", "Conflicts that nothing has settled.", t.OpenConflicts},
		{"git_carry_patches_added_total", "counter", "Patches that ever came into the vault.", t.Added},
		{"git_carry_patches_public_total", "counter", "Patches that became public.", t.WentPublic},
		{"git_carry_patches_dropped_total", "counter", "Patches that were given up.", t.Dropped},
		{"git_carry_conflicts_total", "counter", "Patches that did not merge into a version by themselves.", t.Conflicts},
		{"git_carry_versions_total", "counter", "Versions that were made.", len(t.Trains)},
		{"git_carry_ledger_entries_total", "counter", "Entries of the ledger.", t.Entries},
	} {
		out.head(m.name, m.kind, m.help)
		fmt.Fprintf(out, "%s %d\n", m.name, m.value)
	}
	out.resolutions(t.ResolveTimes)
	out.time("git_carry_ledger_last_entry_timestamp_seconds", "When the newest entry of the ledger was made.", t.LastEntry)
	out.time("git_carry_report_timestamp_seconds", "The time that this report is about.", t.AsOf)
	return out.Flush()
}

// metrics writes families of samples. Errors stay in the writer until Flush.
type metrics struct{ *bufio.Writer }

func (m metrics) head(name, kind, help string) {
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (m metrics) bySeverity(t Totals, name, help string, value func(SeverityTotal) int) {
	m.head(name, "gauge", help)
	for _, s := range t.Severities {
		fmt.Fprintf(m, "%s{severity=\"%s\"} %d\n", name, s.Severity, value(s))
	}
}

// timeBySeverity leaves out the severities that have none, and a family without any.
func (m metrics) timeBySeverity(t Totals, name, help string, value func(SeverityTotal) time.Time) {
	headed := false
	for _, s := range t.Severities {
		at := value(s)
		if at.IsZero() {
			continue
		}
		if !headed {
			m.head(name, "gauge", help)
			headed = true
		}
		fmt.Fprintf(m, "%s{severity=\"%s\"} %d\n", name, s.Severity, at.Unix())
	}
}

func (m metrics) time(name, help string, at time.Time) {
	if at.IsZero() {
		return
	}
	m.head(name, "gauge", help)
	fmt.Fprintf(m, "%s %d\n", name, at.Unix())
}

// resolutionBuckets are upper bounds of the histogram: from a quarter of an hour to a
// month.
var resolutionBuckets = []time.Duration{
	15 * time.Minute, time.Hour, 4 * time.Hour, day, 3 * day, 7 * day, 30 * day,
}

// resolutions writes a histogram of sorted times.
func (m metrics) resolutions(times []time.Duration) {
	const name = "git_carry_resolution_seconds"
	m.head(name, "histogram", "From a conflict until its resolution was in the stack.")
	n, sum := 0, time.Duration(0)
	for _, bound := range resolutionBuckets {
		for n < len(times) && times[n] <= bound {
			n++
		}
		fmt.Fprintf(m, "%s_bucket{le=\"%d\"} %d\n", name, int(bound.Seconds()), n)
	}
	for _, d := range times {
		sum += d
	}
	fmt.Fprintf(m, "%s_bucket{le=\"+Inf\"} %d\n%s_sum %d\n%s_count %d\n", name, len(times), name, int(sum.Seconds()), name, len(times))
}
