package tui

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func fixtureLane() Lane {
	l := Lane{Items: 1, You: "kim, unverified (claims kim@example.org)", Text: []string{
		"U-2026-1  ready but not out: 12:07, forecast 2026-11-22T09:36:00Z",
		"U-2026-1 (T1) is in-testing: 1 of 3 approvals there.",
		"Needed:  2 approvals of people who tried it",
		"From:    deb, lee",
		"Type:    git carry urgent vote U-2026-1 yes --reason TEXT",
		"", "VERSION  COMPONENT  STATE  APPROVED BY  TESTING  STABLE",
	}}
	for i := range 40 {
		l.Text = append(l.Text, fmt.Sprintf("1.%-7dcore       clean  sam          1/1      0/2", i))
	}
	return l
}

// TestLaneFrames plays testdata/lane/lane.txt as [playLook] says.
func TestLaneFrames(t *testing.T) {
	playLook(t, "testdata/lane/lane.txt", NewLaneSession(fixtureLane()), func(s LaneSession, done bool) (string, LaneSession) {
		return fmt.Sprintf("done %v refresh %v\n", done, s.Refresh()), NewLaneSession(fixtureLane())
	})
}

func TestEveryLaneFrameFits(t *testing.T) {
	theme := NewTheme(ThemeOptions{})
	rapid.Check(t, func(t *rapid.T) {
		l := fixtureLane()
		l.Text = append(l.Text[:rapid.IntRange(0, len(l.Text)).Draw(t, "lines")], "evil\x1b[2J\u202e漢字\t\r", "")
		s := NewLaneSession(l)
		for i := range rapid.IntRange(0, 8).Draw(t, "keys") {
			s, _ = s.Press(rapid.SampledFrom([]string{"j", "k", "G", "g", "pgdown", "?", "esc", "x", "R"}).Draw(t, fmt.Sprint("key ", i)))
		}
		size := Size{rapid.IntRange(1, 170).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")}
		rows := strings.Split(RenderLane(s, size, theme), "\n")
		if len(rows) != size.Height {
			t.Fatalf("%d rows, want %d", len(rows), size.Height)
		}
		for i, r := range rows {
			if w := (line{{plain, r}}).width(); w != size.Width || strings.ContainsAny(r, "\x1b\r\t\a\u202e") {
				t.Fatalf("row %d of %v, %d cells: %q", i, size, w, r)
			}
		}
	})
}
