package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	last, err := tea.NewProgram(lookModel[S]{session: s, theme: t}, tea.WithContext(ctx), tea.WithInput(io.In), tea.WithOutput(io.Out), tea.WithAltScreen()).Run()
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
}

func (m lookModel[S]) Init() tea.Cmd { return nil }

func (m lookModel[S]) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	done := false
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = Size{msg.Width, msg.Height}
	case tea.KeyMsg:
		keys := []string{msg.String()}
		if len(msg.Runes) > 1 && (!msg.Paste || m.session.writing()) { // typed fast, or pasted into a line
			keys = strings.Split(string(msg.Runes), "")
		}
		for _, k := range keys {
			if m.session, done = m.session.Press(k); done {
				return m, tea.Quit
			}
		}
	}
	return m, nil
}

func (m lookModel[S]) View() string {
	if m.size == (Size{}) {
		return ""
	}
	return m.session.render(m.size, m.theme)
}
