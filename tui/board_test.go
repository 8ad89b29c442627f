package tui

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"
	"github.com/git-carry/git-carry/patchset"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"
)

func fixtureBoard() Board {
	const v4, v5, v6 = "1.46.0-wmf.4", "1.46.0-wmf.5", "1.46.0-wmf.6"
	row := func(id, component, owner string, sev patchset.Severity, age, limit int, states ...patchset.State) BoardRow {
		r := BoardRow{Patch: id, Component: component, Owner: owner, Severity: sev, Age: age, Limit: limit, Life: patchset.LifeEmbargoed, States: map[string]patchset.State{}}
		for i, s := range states {
			r.States[[]string{v4, v5, v6}[i]] = s
		}
		r.Blocks = r.States[v6].Blocks()
		return r
	}
	conflict := row("T401234", "core", "Priya Nair", patchset.Critical, 97, 90, patchset.StateClean, patchset.StateMoved, patchset.StateConflict)
	conflict.Title, conflict.Resolve = "Sanitize user before doThing()", true
	conflict.Problems = []string{"conflict in includes/Foo.php, nobody has started"}
	conflict.Cause = "d316934a5b Pass FLAG to doThing (refactor) (Carol Voss, 3 Nov 2026)"
	conflict.Next = "priya has to settle the conflict"
	at := time.Date(2026, 11, 22, 9, 21, 0, 0, time.UTC)
	conflict.Timeline = []Moment{{at, "conflict in " + v6}, {at.AddDate(0, 0, -7), "signed for " + v5 + " by priya"}, {at.AddDate(0, 0, -97), "found\x1b[2J"}}
	nobody := row("T403500", "extensions/\u202eCite", "", patchset.High, 9, 30, "", patchset.StateClean, patchset.StateWaiting)
	nobody.Next = "give it an owner: git carry own T403500"
	return Board{
		Version: v6, Versions: []string{v4, v5, v6}, You: "kim",
		Rows: []BoardRow{
			row("T401118", "core", "Sam Ito", patchset.High, 212, 180, patchset.StateClean, patchset.StateClean, patchset.StateClean),
			row("T403377", "extensions/漢字かな", "Ana", patchset.Low, 12, 0, patchset.StateClean, patchset.StateClean, patchset.StateLanded),
			nobody, conflict,
		},
	}
}

// TestBoardFrames plays testdata/board/board.txt as [playLook] says.
func TestBoardFrames(t *testing.T) {
	playLook(t, "testdata/board/board.txt", NewBoardSession(fixtureBoard(), ""), func(s BoardSession, done bool) (string, BoardSession) {
		return fmt.Sprintf("done %v %+v\n", done, s.Result()), NewBoardSession(fixtureBoard(), s.Result().At)
	})
}

// playLook plays a script as TestFrames plays its scripts; the commands are size, press,
// type, frame and result. result is what a look ended with, and the look that follows.
func playLook[S look[S]](t *testing.T, name string, s S, result func(S, bool) (string, S)) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p := player{t: t, size: Size{100, 30}, archive: archive}
	done := false
	for row := range strings.Lines(string(archive.Comment)) {
		verb, rest, _ := strings.Cut(strings.TrimSuffix(row, "\n"), " ")
		switch verb {
		case "size":
			w, h, _ := strings.Cut(rest, "x")
			p.size.Width, _ = strconv.Atoi(w)
			p.size.Height, _ = strconv.Atoi(h)
		case "press":
			for _, k := range strings.Fields(rest) {
				s, done = s.Press(k)
			}
		case "type":
			for _, r := range rest {
				s, done = s.Press(string(r))
			}
		case "frame":
			got := s.render(p.size, NewTheme(ThemeOptions{}))
			p.checkShape(got)
			p.compare(rest, trimRight(got))
		case "result":
			var words string
			words, s = result(s, done)
			p.compare(rest, words)
		}
	}
	if update() {
		archive.Files = p.files
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryBoardFrameFits(t *testing.T) {
	theme := NewTheme(ThemeOptions{})
	rapid.Check(t, func(t *rapid.T) {
		b := fixtureBoard()
		b.Rows = b.Rows[:rapid.IntRange(0, 4).Draw(t, "rows")]
		s := NewBoardSession(b, "")
		keys := rapid.SampledFrom([]string{"j", "k", "n", "enter", "esc", "/", "x", "T", "backspace", "?", "G", "pgdown", "r"})
		for i := range rapid.IntRange(0, 12).Draw(t, "keys") {
			s, _ = s.Press(keys.Draw(t, fmt.Sprint("key ", i)))
		}
		size := Size{rapid.IntRange(1, 170).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")}
		mustFill(t, RenderBoard(s, size, theme), size)
	})
}

func TestBoardLoop(t *testing.T) {
	tm := teatest.NewTestModel(t, lookModel[BoardSession]{session: NewBoardSession(fixtureBoard(), ""), theme: NewTheme(ThemeOptions{Colours: Colours16})}, teatest.WithInitialTermSize(100, 30))
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("nkr")})
	m := tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(lookModel[BoardSession])
	if got := m.session.Result(); got.Resolve != "T401234" {
		t.Errorf("%+v", got)
	}
}
