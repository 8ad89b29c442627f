package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// RunBoard shows a board on a terminal until the person wants something else.
func RunBoard(ctx context.Context, s BoardSession, io Streams, t Theme) (BoardResult, error) {
	last, err := tea.NewProgram(boardModel{session: s, theme: t}, tea.WithContext(ctx), tea.WithInput(io.In), tea.WithOutput(io.Out), tea.WithAltScreen()).Run()
	m, ok := last.(boardModel)
	if err != nil && !errors.Is(err, tea.ErrInterrupted) || !ok {
		return BoardResult{}, fmt.Errorf("the screen: %w", err)
	}
	return m.session.Result(), nil
}

// boardModel ties a board to Bubble Tea.
type boardModel struct {
	session BoardSession
	theme   Theme
	size    Size
}

func (m boardModel) Init() tea.Cmd { return nil }

func (m boardModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	done := false
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = Size{msg.Width, msg.Height}
	case tea.KeyMsg:
		keys := []string{msg.String()}
		if len(msg.Runes) > 1 && !msg.Paste { // typed fast
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

func (m boardModel) View() string {
	if m.size == (Size{}) {
		return ""
	}
	return RenderBoard(m.session, m.size, m.theme)
}
