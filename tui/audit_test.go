package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

func fixtureAudit() Audit {
	now := time.Date(2026, 11, 22, 9, 50, 0, 0, time.UTC)
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	limits := map[patchset.Severity]int{patchset.Critical: 7, patchset.High: 30, patchset.Medium: 60, patchset.Low: 180}
	patch := func(id, component, owner string, severity patchset.Severity, found int, state patchset.State) audit.Patch {
		return audit.Patch{
			ID: id, Component: component, Owner: owner, OwnerActive: owner != "", Confirmed: owner != "", Severity: severity, LimitDays: limits[severity],
			Life: patchset.LifeEmbargoed, Found: days(found), CarriedSince: days(found - 1), Version: "1.46.0-wmf.6", State: state, VersionsCarried: 3,
		}
	}
	late := patch("T401118", "core", "sam", patchset.High, 212, patchset.StateClean)
	late.FoundFrom, late.CarriedFrom, late.Conflicts = "the author's date in the patch, at the latest", "commit 0123456789, 1.40/core/01-T401118.patch", 2
	public := patch("T402410", "extensions/漢字かな", "priya", patchset.Medium, 90, patchset.StateMoved)
	public.Life, public.PublicAt, public.OwnerAway = patchset.LifeDisclosed, days(40), "2026-11-16 to 2026-11-30"
	signed := patch("T401234", "core", "priya", patchset.Critical, 6, patchset.StateConflict)
	signed.Consent = audit.Consent{Override: true, Unverified: true}
	guessed := patch("T403377", "extensions/\u202eCite\x1b[2J", "ana", patchset.Low, 12, patchset.StateClean)
	guessed.Confirmed = false
	return Audit{
		Report: audit.New(audit.Facts{AsOf: now, Version: "1.46.0-wmf.6", Patches: []audit.Patch{
			late, public, signed, guessed, patch("T403500", "core", "", patchset.High, 9, patchset.StateWaiting),
			patch("T402007", "core", "sam", patchset.Medium, 20, patchset.StateClean),
		}}),
		Limits:     func(s patchset.Severity) int { return limits[s] },
		Trains:     []audit.Train{{Number: 1, Carried: 4}, {Number: 2, Carried: 6, Conflicts: 1}, {Number: 3, Carried: 6, Conflicts: 1, Waiting: 1}},
		TrainNames: []string{"1.46.0-wmf.4", "1.46.0-wmf.5", "1.46.0-wmf.6"}, You: "kim, unverified",
		Timelines: map[string][]Moment{"T401118": {{now, "kim ran the train"}, {days(211), "sam added it\x1b[2J"}}},
	}
}

// TestAuditFrames plays testdata/audit/audit.txt as [playLook] says.
func TestAuditFrames(t *testing.T) {
	playLook(t, "testdata/audit/audit.txt", NewAuditSession(fixtureAudit(), AuditView{}), func(s AuditSession, done bool) (string, AuditSession) {
		return fmt.Sprintf("done %v %+v\n", done, s.Result()), NewAuditSession(fixtureAudit(), s.Result().View)
	})
}

func TestEveryAuditFrameFits(t *testing.T) {
	theme := NewTheme(ThemeOptions{})
	rapid.Check(t, func(t *rapid.T) {
		a := fixtureAudit()
		a.Report.Rows = a.Report.Rows[:rapid.IntRange(0, len(a.Report.Rows)).Draw(t, "rows")]
		s := NewAuditSession(a, AuditView{})
		keys := rapid.SampledFrom([]string{"j", "k", "f", "o", "c", "v", "s", "P", "enter", "esc", "/", "x", "d", "backspace", "?", "G", "pgdown", "漢"})
		done := false
		for i := range rapid.IntRange(0, 14).Draw(t, "keys") {
			if s, done = s.Press(keys.Draw(t, fmt.Sprint("key ", i))); done {
				s = NewAuditSession(a, s.Result().View)
			}
		}
		size := Size{rapid.IntRange(1, 170).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")}
		mustFill(t, RenderAudit(s, size, theme), size)
	})
}

// TestPublicCopyNamesNothing: no patch, person, component or version is on the screen.
func TestPublicCopyNamesNothing(t *testing.T) {
	s, _ := NewAuditSession(fixtureAudit(), AuditView{}).Press("P")
	for _, size := range []Size{{160, 50}, {80, 24}, {40, 12}} {
		got := RenderAudit(s, size, NewTheme(ThemeOptions{}))
		for _, bad := range []string{"T40", "core", "sam", "priya", "wmf", "Cite"} {
			if strings.Contains(got, bad) {
				t.Errorf("%v: %q is there:\n%s", size, bad, got)
			}
		}
	}
}

var ansiCode = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColourSaysNothingAlone: without any style the audit has the same words.
func TestColourSaysNothingAlone(t *testing.T) {
	s := NewAuditSession(fixtureAudit(), AuditView{})
	plainFrame := RenderAudit(s, Size{120, 40}, NewTheme(ThemeOptions{}))
	colours := RenderAudit(s, Size{120, 40}, NewTheme(ThemeOptions{Colours: TrueColour}))
	if bare := ansiCode.ReplaceAllString(colours, ""); bare != plainFrame {
		t.Errorf("with colours the screen says\n%s\nwithout\n%s", bare, plainFrame)
	}
}

func TestAuditLoop(t *testing.T) {
	tm := teatest.NewTestModel(t, lookModel[AuditSession]{session: NewAuditSession(fixtureAudit(), AuditView{}), theme: NewTheme(ThemeOptions{Colours: Colours16})}, teatest.WithInitialTermSize(100, 30))
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("fx")})
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("over\ndue.csv"), Paste: true}) // a line end sends nothing
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	got := tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(lookModel[AuditSession]).session.Result()
	if got.Export != "overdue.csv" || len(got.View.Filter.Problems) != 1 || got.View.At != "T401118" {
		t.Errorf("%+v", got)
	}
}
