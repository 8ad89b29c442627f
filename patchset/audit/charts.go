package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
)

// Charts draws every chart of an account, those that name patches only where it has
// them.
func Charts(a Account) []Chart {
	charts := []Chart{agesChart(a.Totals), carriedChart(a.Totals), overdueChart(a.Totals)}
	if a.Details != nil {
		charts = append(charts, lifetimesChart(a))
	}
	return append(charts, toPublicChart(a), conflictsChart(a))
}

// nothing is a chart without data.
func nothing(c Chart, words string) Chart {
	d := drawing{name: c.Name}
	d.text("middle", chartWidth/2, 34, words)
	c.svg, c.high = d.String(), 60
	return c
}

// agesChart has a bar for each age bin, stacked by severity, and a line for each limit.
func agesChart(t Totals) Chart {
	c := Chart{Name: "ages", Title: "Carried patches by age", Text: "One bar for each range of days, stacked by severity; broken lines are the limits."}
	if t.Summary.Carried == 0 {
		return nothing(c, "Nothing is carried.")
	}
	largest := 0
	for _, b := range t.Ages {
		largest = max(largest, b.Total())
	}
	d := drawing{name: c.Name}
	d.patterns(len(t.Severities))
	words := make([]string, len(t.Severities))
	for i, s := range t.Severities {
		words[i] = string(s.Severity)
	}
	d.legend(8, 16, words...)
	const left, right, row = 108, 440, 24
	y := 30.0
	for _, b := range t.Ages {
		d.text("end", left-8, y+15, b.Words())
		x := float64(left)
		for i, n := range b.Counts {
			if n > 0 {
				w := float64(n) * (right - left) / float64(largest)
				d.filled(i, x, y, w, row-6)
				x += w
			}
		}
		d.text("start", x+6, y+15, fmt.Sprint(b.Total()))
		y += row
		if len(b.Limits) > 0 {
			var words []string
			for _, s := range b.Limits {
				words = append(words, string(s))
			}
			d.line("limit", 8, y+6, 300, y+6)
			d.text("start", 306, y+10, "limit: "+strings.Join(words, ", "))
			y += 18
		}
	}
	d.line("axis", left, 28, left, y)
	c.svg, c.high = d.String(), int(y)+8
	return c
}

// Words are the days of the bin: "8 to 14".
func (b AgeBin) Words() string {
	if b.To < 0 {
		return fmt.Sprintf("%d and more", b.From)
	}
	return fmt.Sprintf("%d to %d", b.From, b.To)
}

func carriedChart(t Totals) Chart {
	c := Chart{
		Name: "carried", Title: "Patches carried over time",
		Text: "At the end of each week; grey lines are new versions. Below, week by week: up, those that came; down, striped, those that were let go because they are public, and white, those that were dropped.",
	}
	c = weeksChart(c, t, func(w Week) int { return w.Carried })
	if len(t.Weeks) > 0 {
		d := drawing{name: c.Name}
		d.flows(t.Weeks, float64(c.high)+8)
		c.svg, c.high = c.svg+d.String(), c.high+8+flowsHigh
	}
	return c
}

// flowsHigh is how high the bars of what came and went are, with their middle line.
const flowsHigh = 64

// flows draws a bar up for what came in a week and one down for what went.
func (d *drawing) flows(weeks []Week, top float64) {
	d.WriteString(`<defs><pattern id="` + d.name + `-went" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="life" width="6" height="6"/>` + patternMarks[1] + `</pattern></defs>`)
	largest := 1
	for _, w := range weeks {
		largest = max(largest, w.Came, w.Went+w.Dropped)
	}
	middle, unit := top+flowsHigh/2, (flowsHigh/2-4)/float64(largest)
	s := span{weeks[0].End.AddDate(0, 0, -7), weeks[len(weeks)-1].End, weeksLeft, weeksRight}
	at := s.from
	for _, w := range weeks {
		x, wide := s.x(at), max(1, s.x(w.End)-s.x(at)-1)
		came, went, dropped := unit*float64(w.Came), unit*float64(w.Went), unit*float64(w.Dropped)
		if w.Came > 0 {
			d.rect("life", x, middle-came, wide, came)
		}
		if w.Went > 0 {
			fmt.Fprintf(d, `<rect class="edge" fill="url(#%s-went)" x="%s" y="%s" width="%s" height="%s"/>`, d.name, px(x), px(middle), px(wide), px(went))
		}
		if w.Dropped > 0 {
			d.rect("open", x, middle+went, wide, dropped)
		}
		at = w.End
	}
	d.line("axis", weeksLeft, middle, weeksRight, middle)
	d.text("end", weeksLeft-6, middle-largestLabel, fmt.Sprintf("+%d", largest))
	d.text("end", weeksLeft-6, middle+largestLabel+8, fmt.Sprintf("\u2212%d", largest))
}

// largestLabel is how far the numbers beside the bars are from the middle.
const largestLabel = 16

// The sides of the charts over weeks.
const weeksLeft, weeksRight = 40, 468

func overdueChart(t Totals) Chart {
	c := Chart{Name: "overdue", Title: "Burn-down of the overdue", Text: "Patches overdue at the end of each week, by the limits of today; grey lines are new versions."}
	return weeksChart(c, t, func(w Week) int { return w.Overdue })
}

func weeksChart(c Chart, t Totals, value func(Week) int) Chart {
	if len(t.Weeks) == 0 {
		return nothing(c, "Nothing was ever carried.")
	}
	largest := 0
	for _, w := range t.Weeks {
		largest = max(largest, value(w))
	}
	d := drawing{name: c.Name}
	const left, right, bottom = weeksLeft, weeksRight, 150
	last := t.Weeks[len(t.Weeks)-1]
	s := span{t.Weeks[0].End.AddDate(0, 0, -7), last.End, left, right}
	y := newScale(largest, 20, bottom)
	for _, train := range t.Trains {
		if train.Made.After(s.from) && train.Made.Before(s.to) {
			d.line("train", s.x(train.Made), y.top, s.x(train.Made), bottom)
		}
	}
	y.draw(&d, left, right)
	var curve strings.Builder
	at := s.from
	for i, w := range t.Weeks {
		step := "L"
		if i == 0 {
			step = "M"
		}
		h := px(y.y(float64(value(w))))
		fmt.Fprintf(&curve, "%s%s %sL%s %s", step, px(s.x(at)), h, px(s.x(w.End)), h)
		at = w.End
	}
	fmt.Fprintf(&d, `<path class="area" d="%sL%d %dL%d %dZ"/>`, curve.String(), right, bottom, left, bottom)
	fmt.Fprintf(&d, `<path class="curve" d="%s"/>`, curve.String())
	d.text("end", right, 13, fmt.Sprintf("now %d", value(last)))
	d.timeAxis(s, bottom)
	c.svg, c.high = d.String(), bottom+26
	return c
}

// maxConflictBars is how many versions the chart of conflicts shows.
const maxConflictBars = 30

// conflictsChart has a bar for each version: conflicts, and what only waited for one.
func conflictsChart(a Account) Chart {
	c := Chart{Name: "conflicts", Title: "Conflicts per train", Text: "One bar for each of the newest versions: patches that conflict, and on top those that only wait for another."}
	trains := a.Totals.Trains
	if len(trains) == 0 {
		return nothing(c, "No version was made yet.")
	}
	trains = trains[max(0, len(trains)-maxConflictBars):]
	largest := 0
	for _, t := range trains {
		largest = max(largest, t.Conflicts+t.Waiting)
	}
	d := drawing{name: c.Name}
	d.patterns(2)
	d.legend(40, 16, "conflict", "waiting for another")
	const left, right, bottom = 40, 468, 150
	y := newScale(largest, 30, bottom)
	y.draw(&d, left, right)
	width := min(48.0, (right-left)/float64(len(trains)))
	for i, t := range trains {
		x := left + 2 + float64(i)*width
		top := y.y(float64(t.Conflicts))
		if t.Conflicts > 0 {
			d.filled(0, x, top, width-4, bottom-top)
		}
		if t.Waiting > 0 {
			d.filled(1, x, y.y(float64(t.Conflicts+t.Waiting)), width-4, top-y.y(float64(t.Conflicts+t.Waiting)))
		}
	}
	d.line("axis", left, bottom, right, bottom)
	label := func(t Train) string { return printable.Cut(a.trainLabel(t.Number), 24) }
	d.text("start", left, bottom+17, label(trains[0]))
	if n := len(trains); n > 1 {
		end := left + width*float64(n)
		d.text("end", max(end, left+200), bottom+17, label(trains[n-1]))
	}
	c.svg, c.high = d.String(), bottom+26
	return c
}

// trainLabel is the name of a version, or its number where names are left out.
func (a Account) trainLabel(number int) string {
	if name := a.trainName(number); name != "" {
		return name
	}
	return fmt.Sprintf("version %d", number)
}

// toPublicChart has a point for each patch where patches may be seen, and lines for the
// median and the 90th percentile of months that have enough.
func toPublicChart(a Account) Chart {
	c := Chart{
		Name: "time-to-public", Title: "Days until public, by month",
		Text: fmt.Sprintf("Thick lines: the median of a month with at least %d; broken lines: the 90th percentile from %d.", minMedian, minPercentile),
	}
	months := a.Totals.Months
	largest := 0
	for _, m := range months {
		for _, n := range []*float64{m.ToPublic.Median, m.ToPublic.P90} {
			if n != nil {
				largest = max(largest, int(*n+1))
			}
		}
	}
	if a.Details != nil {
		c.Text = "A point for each patch. " + c.Text
		for _, p := range a.Details.Patches {
			if !p.PublicAt.IsZero() {
				largest = max(largest, p.AgeDays)
			}
		}
	}
	if a.Totals.WentPublic == 0 {
		return nothing(c, "No patch has become public yet.")
	}
	d := drawing{name: c.Name}
	const left, right, bottom = 46, 468, 150
	s := span{months[0].Start, a.Totals.AsOf, left, right}
	y := newScale(largest, 20, bottom)
	y.draw(&d, left, right)
	if a.Details != nil {
		for _, p := range a.Details.Patches {
			if at := p.PublicAt; !at.IsZero() && !at.Before(s.from) {
				d.circle("point", s.x(at), y.y(float64(p.AgeDays)), 4)
			}
		}
	}
	for _, m := range months {
		end := m.Start.AddDate(0, 1, 0)
		if n := m.ToPublic.Median; n != nil {
			d.line("median", s.x(m.Start), y.y(*n), s.x(end), y.y(*n))
		}
		if n := m.ToPublic.P90; n != nil {
			d.line("p90", s.x(m.Start), y.y(*n), s.x(end), y.y(*n))
		}
	}
	d.text("start", left, 13, "days")
	d.timeAxis(s, bottom)
	c.svg, c.high = d.String(), bottom+26
	return c
}

// day of a time, for people.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
