package tui

import (
	"fmt"
	"strings"
)

// The two charts above the table of the audit.

// The charts are drawn from this height of the body and width of the screen on.
const (
	minChartHeight = 22
	minChartWidth  = 76
)

// charts are the ages, and beside them, where there is room, the trains.
func (d auditFrame) charts() []line {
	ages := d.ages()
	half := 0
	for _, l := range ages {
		half = max(half, l.width())
	}
	if d.size.Width < half+trainsWidth || d.s.view.Public {
		return append(ages, d.t.rule(d.size.Width))
	}
	return append(beside(ages, d.trains(len(ages)), half, d.size.Width, d.t), d.t.rule(d.size.Width))
}

// ages has a row for each range of days, with a bar and a number for each severity; a
// limit is named at the row that it ends.
func (d auditFrame) ages() []line {
	severities := d.s.report.Severities(d.s.a.Limits)
	bins := d.s.report.Ages(severities)
	head := line{{title, " " + cell("DAYS", daysWidth)}, {title, cell("", barWidth+1)}}
	for _, s := range severities {
		head = append(head, span{title, cell(string(s.Severity), severityWidth)})
	}
	out := []line{head}
	largest := 1
	for _, b := range bins {
		largest = max(largest, b.Total())
	}
	for _, b := range bins {
		n := b.Total()
		bar := strings.Repeat("#", (n*barWidth+largest-1)/largest)
		row := line{{plain, " " + cell(b.Words(), daysWidth)}, {plain, cell(bar, barWidth+1)}}
		for i, count := range b.Counts {
			in, words := dim, fmt.Sprint(count)
			if count > 0 {
				in = plain
				if limit := severities[i].LimitDays; b.From > limit {
					in, words = alarm, words+"!"
				}
			}
			row = append(row, span{in, cell(words, severityWidth)})
		}
		out = append(out, row)
	}
	return out
}

const (
	daysWidth     = 13
	barWidth      = 14
	severityWidth = 9
	trainsWidth   = 34
)

// trains are the newest versions, with what they carry and what conflicted.
func (d auditFrame) trains(height int) []line {
	out := []line{{{title, " " + cell("TRAIN", 13)}, {title, cell("carried", 9)}, {title, "conflicts"}}}
	trains, names := d.s.a.Trains, d.s.a.TrainNames
	from := max(0, len(trains)-height+1)
	for i := len(trains) - 1; i >= from; i-- {
		conflicts := fmt.Sprint(trains[i].Conflicts)
		if trains[i].Waiting > 0 {
			conflicts += fmt.Sprintf(", %d waits", trains[i].Waiting)
		}
		out = append(out, line{{plain, " " + cell(shortVersion(names[i]), 13)}, {plain, cell(fmt.Sprint(trains[i].Carried), 9)}, {plain, conflicts}})
	}
	return out
}
