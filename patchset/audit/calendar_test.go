package audit_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/emersion/go-ical"
)

// TestCalendarProgramsReadTheDeadlines: a library that others read calendars with finds the
// deadlines of the JSON report, each on the last day on which the patch is in time.
func TestCalendarProgramsReadTheDeadlines(t *testing.T) {
	doc, _ := readReport(t)
	due := map[string]bool{}
	for _, p := range doc.Patches {
		if late, err := time.Parse(time.RFC3339, p["overdue_from"].(string)); err == nil {
			due[p["id"].(string)+" "+late.AddDate(0, 0, -1).Format(time.DateOnly)] = true
		}
	}
	calendar, err := ical.NewDecoder(bytes.NewReader(outputs(t, storyAccount(t))["report.ics"])).Decode()
	if err != nil {
		t.Fatal(err)
	}
	confirmed := 0
	for _, e := range calendar.Events() {
		start, err := e.DateTimeStart(time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		end, err := e.DateTimeEnd(time.UTC)
		if err != nil || end.Sub(start) != 24*time.Hour {
			t.Errorf("from %v to %v: %v", start, end, err)
		}
		status, err := e.Status()
		if err != nil {
			t.Fatal(err)
		}
		summary, err := e.Props.Text(ical.PropSummary)
		if err != nil {
			t.Fatal(err)
		}
		if status == ical.EventCancelled {
			continue
		}
		confirmed++
		id, _, _ := bytes.Cut([]byte(summary), []byte(" "))
		if key := string(id) + " " + start.Format(time.DateOnly); !due[key] {
			t.Errorf("%q is not in the JSON report", key)
		}
		if len(e.Children) != 2 || e.Children[0].Name != ical.CompAlarm {
			t.Errorf("%s: alarms %v", summary, e.Children)
		}
	}
	if confirmed != len(due) {
		t.Errorf("%d deadlines in the calendar, %d in the JSON report", confirmed, len(due))
	}
}
