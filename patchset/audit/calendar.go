package audit

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// Calendar writes the deadlines as an iCalendar (RFC 5545): one all-day event on the
// last day on which a patch is still in time, with alarms a week and a day before.
// Calendars are copied to servers and telephones, so no event says what the hole is:
// neither title nor path nor task. Of a public account it says only how many patches of
// a severity are due in a week.
//
// A patch that is public or dropped in time has its event cancelled, for as long as
// the day has not been passed by cancelDays.
func Calendar(w io.Writer, a Account) error {
	c := calendar{bufio.NewWriter(w), a.Totals.AsOf.UTC()}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//git-carry//git-carry report//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("X-WR-CALNAME", "Security patches that are due")
	events := publicEvents(a.Totals)
	if a.Details != nil {
		events = patchEvents(*a.Details, c.asOf)
	}
	for _, e := range events {
		c.event(e)
	}
	c.line("END", "VCALENDAR")
	return c.Flush()
}

const cancelDays = 90

// calendarEvent is one day of the calendar.
type calendarEvent struct {
	uid, summary, description string
	day                       time.Time
	sequence                  int
	cancelled                 bool
}

func patchEvents(d Details, asOf time.Time) []calendarEvent {
	var events []calendarEvent
	for _, p := range d.Patches {
		if p.AgeFrom == "" {
			continue
		}
		due := p.AgeStart.UTC().AddDate(0, 0, p.LimitDays)
		over := !p.PublicAt.IsZero() || !p.DroppedAt.IsZero()
		if over && due.AddDate(0, 0, cancelDays).Before(asOf) {
			continue
		}
		e := calendarEvent{
			uid:     fmt.Sprintf("%.16x@git-carry.invalid", sha256.Sum256([]byte(d.Store+"\x00"+p.ID+"\x00due"))),
			summary: fmt.Sprintf("%s is due (%s, %s)", p.ID, p.Severity, p.Component), day: due, sequence: p.Changes, cancelled: over,
			description: fmt.Sprintf("Owner: %s. %d days are allowed from the day it was %s, %s. It is overdue from the day after. git carry show %s",
				p.Owner, p.LimitDays, p.AgeFrom, p.AgeStart.UTC().Format(time.DateOnly), p.ID),
		}
		if over {
			e.summary = fmt.Sprintf("%s is no longer due", p.ID)
			e.sequence++
		}
		events = append(events, e)
	}
	slices.SortStableFunc(events, func(a, b calendarEvent) int { return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.uid, b.uid)) })
	return events
}

func publicEvents(t Totals) []calendarEvent {
	var events []calendarEvent
	for _, d := range t.Deadlines {
		noun := "patches are"
		if d.Count == 1 {
			noun = "patch is"
		}
		events = append(events, calendarEvent{
			uid:     fmt.Sprintf("%s-%s@git-carry.invalid", d.Week.Format(time.DateOnly), d.Severity),
			summary: fmt.Sprintf("%d %s %s due this week", d.Count, d.Severity, noun), day: d.Week,
			description: "A count for the public: no patch is named.",
		})
	}
	return events
}

// Deadline counts the patches of a severity that are due in a week.
type Deadline struct {
	Week     time.Time // its Monday
	Severity patchset.Severity
	Count    int
}

func newDeadlines(patches []Dossier) []Deadline {
	counts := map[Deadline]int{}
	for _, p := range patches {
		if p.OverdueFrom.IsZero() {
			continue
		}
		s := severityWords()[severityIndex(p.Severity)]
		counts[Deadline{Week: monday(p.OverdueFrom.AddDate(0, 0, -1)), Severity: s}]++
	}
	out := make([]Deadline, 0, len(counts))
	for d, n := range counts {
		d.Count = n
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Deadline) int { return cmp.Or(a.Week.Compare(b.Week), a.Severity.Compare(b.Severity)) })
	return out
}

// calendar writes content lines. Errors stay in the writer until Flush.
type calendar struct {
	*bufio.Writer
	asOf time.Time
}

func (c calendar) event(e calendarEvent) {
	c.line("BEGIN", "VEVENT")
	c.line("UID", e.uid)
	c.line("DTSTAMP", c.asOf.Format("20060102T150405Z"))
	c.line("DTSTART;VALUE=DATE", e.day.Format("20060102"))
	c.line("DTEND;VALUE=DATE", e.day.AddDate(0, 0, 1).Format("20060102"))
	c.line("SEQUENCE", fmt.Sprint(e.sequence))
	c.line("SUMMARY", calendarText(e.summary))
	c.line("DESCRIPTION", calendarText(e.description))
	c.line("CLASS", "CONFIDENTIAL")
	c.line("TRANSP", "TRANSPARENT")
	if e.cancelled {
		c.line("STATUS", "CANCELLED")
	} else {
		c.line("STATUS", "CONFIRMED")
		c.alarm("-P7D", e.summary)
		c.alarm("-P1D", e.summary)
	}
	c.line("END", "VEVENT")
}

func (c calendar) alarm(trigger, text string) {
	c.line("BEGIN", "VALARM")
	c.line("ACTION", "DISPLAY")
	c.line("TRIGGER", trigger)
	c.line("DESCRIPTION", calendarText(text))
	c.line("END", "VALARM")
}

// calendarText cleans a value and escapes what RFC 5545 3.3.11 gives a meaning.
func calendarText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`).Replace(printable.Line(s))
}

// maxCalendarLine is how many bytes a line may have, without its end.
const maxCalendarLine = 75

// line writes a property, folded as RFC 5545 3.1 wants it and never inside a character.
func (c calendar) line(name, value string) {
	rest := name + ":" + value
	for limit := maxCalendarLine; len(rest) > limit; limit = maxCalendarLine - 1 {
		cut := limit
		for cut > 0 && !utf8.RuneStart(rest[cut]) {
			cut--
		}
		_, _ = c.WriteString(rest[:cut] + "\r\n ")
		rest = rest[cut:]
	}
	_, _ = c.WriteString(rest + "\r\n")
}
