package tui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// look is a screen that changes nothing: keys move it, until it ends and says what the
// person wants next.
type look[S any] interface {
	Press(key string) (next S, done bool)
	// writing tells whether a line is being typed, so that what is pasted belongs to it.
	writing() bool
	render(size Size, t Theme) string
}

// RunBoard shows a board on a terminal until the person wants something else.
func RunBoard(ctx context.Context, s BoardSession, io Streams, t Theme) (BoardResult, error) {
	last, err := runLook(ctx, s, io, t)
	return last.Result(), err
}

// RunAudit does the same with the audit screen.
func RunAudit(ctx context.Context, s AuditSession, io Streams, t Theme) (AuditResult, error) {
	last, err := runLook(ctx, s, io, t)
	return last.Result(), err
}

func runLook[S look[S]](ctx context.Context, s S, io Streams, t Theme) (S, error) {
	return runModel(ctx, lookModel[S]{session: s, theme: t}, io)
}

func runModel[S look[S]](ctx context.Context, m lookModel[S], io Streams) (S, error) {
	s := m.session
	m.out = io.Out
	last, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(io.In), tea.WithOutput(io.Out), tea.WithAltScreen()).Run()
	m, ok := last.(lookModel[S])
	if err != nil && !errors.Is(err, tea.ErrInterrupted) || !ok {
		return s, fmt.Errorf("the screen: %w", err)
	}
	return m.session, nil
}

// lookModel ties a look to Bubble Tea.
type lookModel[S look[S]] struct {
	session S
	theme   Theme
	size    Size
	out     io.Writer
	// renew reads what is shown once more and gives the change that this is to the look; nil for a
	// look that is not renewed by itself. every is how long to wait before the next time.
	renew func() func(S) S
	every time.Duration
}

// renewed is what came of reading anew.
type renewed[S any] struct{ change func(S) S }

func (m lookModel[S]) Init() tea.Cmd { return m.later() }

// later reads anew after a while.
func (m lookModel[S]) later() tea.Cmd {
	if m.renew == nil {
		return nil
	}
	return tea.Tick(m.every, func(time.Time) tea.Msg { return renewed[S]{m.renew()} })
}

func (m lookModel[S]) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	done := false
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = Size{msg.Width, msg.Height}
	case renewed[S]:
		m.session = msg.change(m.session)
		return m, m.later()
	case tea.KeyMsg:
		keys := []string{msg.String()}
		if len(msg.Runes) > 1 && (!msg.Paste || m.session.writing()) { // typed fast, or pasted into a line
			keys = strings.Split(string(msg.Runes), "")
		}
		for _, k := range keys {
			if m.session, done = m.session.Press(k); done {
				return m, tea.Quit
			}
			if c, can := any(m.session).(copier); can && c.copied() != "" {
				copyOut(m.out, c.copied())
			}
		}
	}
	return m, nil
}

// copier is a look that puts a text onto the clipboard after a key; "" for nothing.
type copier interface{ copied() string }

// copyOut has the terminal put a text onto the clipboard (OSC 52). A terminal that does
// not do that takes no notice.
func copyOut(out io.Writer, s string) {
	_, _ = io.WriteString(out, "\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(s))+"\a")
}

func (m lookModel[S]) View() string {
	if m.size == (Size{}) {
		return ""
	}
	return m.session.render(m.size, m.theme)
}
