package tui

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"
)

func testModel(t *testing.T, h Host) *teatest.TestModel {
	t.Helper()
	m := model{
		session: NewSession(fixture("one", "owner"), Abilities{Suspend: true}), host: h, theme: NewTheme(ThemeOptions{Colours: Colours256}),
		ctx: context.Background(), busy: new(sync.Mutex),
	}
	return teatest.NewTestModel(t, m, teatest.WithInitialTermSize(100, 30))
}

func final(t *testing.T, tm *teatest.TestModel) model {
	t.Helper()
	return tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(model)
}

// TestLoopSettlesAndSigns goes through a real program: keys typed so fast that
// they arrive together, an answer of the host, the end.
func TestLoopSettlesAndSigns(t *testing.T) {
	h := &recorder{review: fixtureReview}
	tm := testModel(t, h)
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("3cs")})
	teatest.WaitFor(t, tm.Output(), func(out []byte) bool { return bytes.Contains(out, []byte("INTERDIFF")) }, teatest.WithDuration(5*time.Second))
	tm.Type("s")
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("T401234"), Paste: true})
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	teatest.WaitFor(t, tm.Output(), func(out []byte) bool { return bytes.Contains(out, []byte("SIGNED")) }, teatest.WithDuration(5*time.Second))
	tm.Send(tea.KeyMsg{Type: tea.KeyEsc})
	tm.Type("q")
	m := final(t, tm)
	if r := m.session.result(m.interrupted); !r.Signed || r.Left != 0 || r.Interrupted {
		t.Errorf("%+v", r)
	}
	if len(h.saved) != 2 || len(h.said) != 1 {
		t.Errorf("saved %d times, said %v", len(h.saved), h.said)
	}
}

func TestLoopEditsAndIsInterrupted(t *testing.T) {
	saved := make(chan []FileOutcome, 1)
	h := &savingHost{recorder{answer: "mine\n"}, saved}
	tm := testModel(t, h)
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2b"), Paste: true}) // is no key
	tm.Type("e")
	if files := <-saved; !files[0].Settled || string(files[0].Text) != "mine\n" {
		t.Errorf("saved %+v", files)
	}
	tm.Send(tea.KeyMsg{Type: tea.KeyCtrlC})
	m := final(t, tm)
	if !m.interrupted || m.session.Left() != 0 {
		t.Errorf("interrupted %v, %d left", m.interrupted, m.session.Left())
	}
}

// savingHost tells what is saved.
type savingHost struct {
	recorder
	saved chan []FileOutcome
}

func (h *savingHost) Save(_ context.Context, files []FileOutcome) error {
	h.saved <- files
	return nil
}

// TestSuspendOnlyWithAShell: without one, Bubble Tea would wait for ever.
func TestSuspendOnlyWithAShell(t *testing.T) {
	for _, can := range []bool{true, false} {
		s := NewSession(fixture("one", "owner"), Abilities{Suspend: can})
		if _, effects := s.Press("ctrl+z"); (len(effects) == 1) != can {
			t.Errorf("with a shell %v: %v", can, effects)
		}
	}
}

// TestColoursSayNothingAlone: with styles the same characters stand on the screen,
// but for the signs around words.
func TestColoursSayNothingAlone(t *testing.T) {
	s := NewSession(fixture("two", "owner"), Abilities{})
	s, _ = s.Press("3")
	bare := Render(s, Size{100, 30}, NewTheme(ThemeOptions{Colours: NoStyle}))
	bare = strings.NewReplacer("{+", "", "+}", "", "[-", "", "-]", "").Replace(bare)
	for _, colours := range []Colours{NoColours, Colours16, Colours256, TrueColour} {
		for _, light := range []bool{true, false} {
			styled := Render(s, Size{100, 30}, NewTheme(ThemeOptions{Colours: colours, Light: light}))
			if !strings.Contains(styled, "\x1b[") {
				t.Errorf("%v: no styles at all", colours)
			}
			if got, want := strings.Fields(stripped(styled)), strings.Fields(bare); strings.Join(got, "") != strings.Join(want, "") {
				t.Errorf("%v: other characters:\n%s\nwant\n%s", colours, stripped(styled), bare)
			}
		}
	}
	mono := Render(s, Size{100, 30}, NewTheme(ThemeOptions{Colours: NoColours}))
	for _, code := range []string{"[3", "[4", "[9", ";3", ";4", "[38", "[48"} {
		if strings.Contains(strings.ReplaceAll(mono, "\x1b[4m", ""), "\x1b"+code) {
			t.Errorf("NO_COLOR frames hold a colour: %q", code)
		}
	}
}

// stripped is a text without its styles.
func stripped(s string) string {
	var b strings.Builder
	for {
		head, rest, ok := strings.Cut(s, "\x1b[")
		b.WriteString(head)
		if !ok {
			return b.String()
		}
		_, s, _ = strings.Cut(rest, "m")
	}
}

// allocated is how many bytes something allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// quickest is how long something takes at best: other programs run here too.
func quickest(f func()) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

// A key and the frame after it cost what is visible, in a file of 100,000 lines too; -v
// says what time they take.
func TestLargeFiles(t *testing.T) {
	base := strings.Repeat("some line of code in a large file\n", 50000) + "old\n" + strings.Repeat("another line of it\n", 50000)
	c := fixture("one", "owner")
	c.Files = []File{merged("big.php", base, strings.Replace(base, "old", "new", 1), strings.Replace(base, "old", "fixed", 1))}
	theme := NewTheme(ThemeOptions{Colours: Colours256})
	var s Session
	var frame string
	took := quickest(func() {
		s = NewSession(c, Abilities{})
		frame = Render(s, Size{100, 30}, theme)
	})
	t.Logf("the first frame took %v", took)
	if !strings.Contains(stripped(frame), "50001") {
		t.Error("the conflict is not in sight")
	}
	// A choice makes the text anew, once; all else costs what is seen.
	limit := map[string]int64{"3": 2 * int64(len(base)), "+": 2 * int64(len(base)), "j": 200_000, "n": 200_000}
	for _, key := range []string{"3", "+", "j", "n"} {
		took := quickest(func() {
			s, _ = s.Press(key)
			Render(s, Size{100, 30}, theme)
		})
		t.Logf("key %s took %v", key, took)
		if made := allocated(func() {
			s, _ = s.Press(key)
			Render(s, Size{100, 30}, theme)
		}); made > limit[key] {
			t.Errorf("key %s allocates %d bytes in a file of %d", key, made, len(base))
		}
	}
}

// So do those of a dispute of 100,000 lines with nothing in common.
func TestLargeHunks(t *testing.T) {
	c := fixture("one", "owner")
	side := func(word string) string {
		var b strings.Builder
		for i := range 100000 {
			b.WriteString(strings.Repeat(word, i%7+1) + "\n")
		}
		return b.String()
	}
	c.Files = []File{merged("big.txt", side("a"), side("b"), side("c"))}
	theme := NewTheme(ThemeOptions{Colours: Colours256})
	var s Session
	took := quickest(func() {
		s = NewSession(c, Abilities{})
		Render(s, Size{100, 30}, theme)
	})
	t.Logf("the first frame took %v", took)
	took = quickest(func() {
		s, _ = s.Press("j")
		Render(s, Size{100, 30}, theme)
	})
	t.Logf("a frame took %v", took)
	if made := allocated(func() { Render(s, Size{100, 30}, theme) }); made > 200_000 {
		t.Errorf("a frame of a dispute of 100,000 lines allocates %d bytes: more than what is seen", made)
	}
}
