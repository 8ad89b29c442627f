package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// The stages as a timeline.

// spanColumns are the columns of the stages, before the bars.
func (d laneFrame) spanColumns() []column[urgent.Span] {
	begun := func(s urgent.Span, words string) string {
		if !s.Begun() {
			return "-"
		}
		return words
	}
	return []column[urgent.Span]{
		{"STAGE", 9, 0, func(s urgent.Span) string { return string(s.Stage) }},
		{"START", 6, 0, func(s urgent.Span) string { return begun(s, clockTime(s.Start)) }},
		{"END", 6, 70, func(s urgent.Span) string {
			if s.End.IsZero() {
				return begun(s, "now")
			}
			return clockTime(s.End)
		}},
		{"TOOK", 8, 0, func(s urgent.Span) string { return begun(s, clockWords(s.Took)) }},
		{"TARGET", 8, 0, func(s urgent.Span) string { return clockWords(s.Target) }},
		{"LIMIT", 8, 80, func(s urgent.Span) string { return clockWords(s.Limit) }},
		{"USUAL", 8, 118, func(s urgent.Span) string {
			if s.Median == 0 {
				return "-"
			}
			return clockWords(s.Median)
		}},
		{"PEOPLE", 8, 118, func(s urgent.Span) string { return begun(s, clockWords(s.People)) }},
		{"MACHINE", 8, 118, func(s urgent.Span) string { return begun(s, clockWords(s.Machine)) }},
		{"REMOTE", 8, 118, func(s urgent.Span) string { return begun(s, clockWords(s.Remote)) }},
	}
}

// lateWidth is the width of the last column, which says in words what is late.
const lateWidth = 14

// stages are the spans as rows with bars, the forecast, and who spent the time.
func (d laneFrame) stages() lanePart {
	columns := d.spanColumns()
	head := heads(columns, d.size.Width)
	scale := d.scale(d.size.Width - head.width() - lateWidth)
	out := lanePart{head: []line{append(append(head, scale.head()...), span{title, "LATE"})}, in: plain}
	for i, s := range d.item.Spans {
		sign, in := " ", lateInk(s)
		if in == alarm {
			sign = "!"
		}
		row := append(line{d.here(laneStages, i), {in, sign}}, cells(in, columns, d.size.Width, s)...)
		row = append(row, scale.bar(s)...)
		out.rows = append(out.rows, append(row, text(in, "%s", lateOf(s))...))
		if s.Begun() && s.End.IsZero() && s.Stage != urgent.Total {
			out.words = fmt.Sprintf("%s runs, %s of %s %s", s.Stage, clockWords(s.Took), clockWords(s.Target), lateOf(s))
			out.in, out.at = in, i
		}
	}
	if total, ok := d.total(); ok && total.Begun() {
		out.rows = append(out.rows, d.forecast(total), d.spent(total))
	}
	return d.orNone(out, len(d.item.Spans), "stage")
}

// lateOf says by how much a stage is over its limit, else its target: "OVER 9:12", "late 3:10".
func lateOf(s urgent.Span) string {
	switch s.Late() {
	case "over":
		return "OVER " + clockWords(s.Took-s.Limit)
	case "late":
		return "late " + clockWords(s.Took-s.Target)
	}
	return ""
}

func lateInk(s urgent.Span) ink {
	if s.Late() == "over" {
		return alarm
	}
	return plain
}

// forecast says when it will be out, and what that is against the target and the limit.
func (d laneFrame) forecast(total urgent.Span) line {
	label := span{title, " FORECAST  "}
	at := d.out()
	switch {
	case !total.End.IsZero():
		return append(line{label}, text(plain, "out at %s UTC", clockTime(total.End))...)
	case at.IsZero():
		return append(line{label}, text(plain, "nothing to be said: every stage that is left is past its time")...)
	}
	in, against := plain, total.Start.Add(total.Target).Sub(at)
	words := fmt.Sprintf("%s spare of the target", clockWords(against))
	if against < 0 {
		words = fmt.Sprintf("MISSES the target by %s", clockWords(-against))
		in = alarm
		if over := at.Sub(total.Start.Add(total.Limit)); over > 0 {
			words += fmt.Sprintf(", the limit by %s", clockWords(over))
		}
	}
	return append(append(line{label}, text(plain, "out at %s UTC: ", clockTime(at))...), text(in, "%s", words)...)
}

// spent says who spent the time so far: people, the program, others' servers.
func (d laneFrame) spent(total urgent.Span) line {
	share := func(part time.Duration) string {
		if total.Took == 0 {
			return clockWords(part)
		}
		return fmt.Sprintf("%s (%d%%)", clockWords(part), (part*100+total.Took/2)/total.Took)
	}
	words := fmt.Sprintf("people %s, machine %s, remote %s", share(total.People), share(total.Machine), share(total.Remote))
	spans := slices.DeleteFunc(slices.Clone(d.item.Spans), func(s urgent.Span) bool { return s.Stage == urgent.Total || s.Took == 0 })
	if len(spans) > 1 && d.size.Width >= 90 {
		longest := slices.MaxFunc(spans, func(a, b urgent.Span) int { return int(a.Took - b.Took) })
		words += fmt.Sprintf("; longest: %s %s", longest.Stage, clockWords(longest.Took))
	}
	return append(line{{title, " SPENT     "}}, text(plain, "%s", words)...)
}

// timescale puts times into cells.
type timescale struct {
	from, to, now time.Time
	width         int
	ends          map[urgent.Stage]time.Time
}

// minBar is the least width that bars are drawn in.
const minBar = 10

// scale is from the first begin to the forecast, in cells.
func (d laneFrame) scale(width int) timescale {
	s := timescale{now: d.s.lane.At, width: width, ends: d.item.Ends}
	for _, span := range d.item.Spans {
		if span.Begun() && (s.from.IsZero() || span.Start.Before(s.from)) {
			s.from = span.Start
		}
		if span.End.After(s.to) {
			s.to = span.End
		}
		if span.Begun() && span.Start.Add(span.Took).After(s.to) {
			s.to = span.Start.Add(span.Took)
		}
	}
	for _, end := range d.item.Ends {
		if end.After(s.to) {
			s.to = end
		}
	}
	if width < minBar || !s.to.After(s.from) {
		s.width = 0
	}
	return s
}

// head names the ends of the scale.
func (s timescale) head() line {
	if s.width == 0 {
		return nil
	}
	from, to := clockTime(s.from), clockTime(s.to)
	return line{{dim, from + strings.Repeat(" ", max(1, s.width-len(from)-len(to)-1)) + to + " "}}
}

// cell is which cell a time is in.
func (s timescale) cell(at time.Time) int {
	width := s.width - 1 // one stays empty
	return min(max(int(int64(width)*int64(at.Sub(s.from))/int64(s.to.Sub(s.from))), 0), width)
}

// bar draws what a stage took, and what it may still take.
func (s timescale) bar(of urgent.Span) line {
	if s.width == 0 {
		return nil
	}
	row := []byte(strings.Repeat(" ", s.width))
	fill := func(from, to time.Time, with byte) {
		a := min(s.cell(from), s.width-2)
		for i := a; i < max(a+1, s.cell(to)); i++ {
			row[i] = with
		}
	}
	end, left := s.ends[of.Stage]
	if left {
		start := of.Start
		if !of.Begun() {
			start = end.Add(-of.Target)
			if of.Median > 0 {
				start = end.Add(-of.Median)
			}
		}
		fill(start, end, '.')
	}
	if of.Begun() {
		fill(of.Start, of.Start.Add(of.Took), '#')
	}
	return line{{plain, string(row)}}
}
