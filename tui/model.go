package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/git-carry/git-carry/tui/quiet"
)

func init() { quiet.Over() }

// Result is how a session ended.
type Result struct {
	Files       []FileOutcome
	Left        int  // disputes that nobody has decided
	Signed      bool // exactly these files
	Interrupted bool // by ctrl-c; the draft is kept all the same
}

// Run has a person work on a conflict on a terminal, until they leave. io.In and
// io.Out must be one.
func Run(ctx context.Context, s Session, h Host, io Streams, t Theme) (Result, error) {
	busy := new(sync.Mutex)
	p := tea.NewProgram(model{session: s, host: h, io: io, theme: t, ctx: ctx, busy: busy},
		tea.WithContext(ctx), tea.WithInput(io.In), tea.WithOutput(io.Out), tea.WithAltScreen())
	last, err := p.Run()
	busy.Lock() // what the host does is not left half done
	defer busy.Unlock()
	m, ok := last.(model)
	if errors.Is(err, tea.ErrInterrupted) {
		m.interrupted, err = true, nil
	}
	if err != nil || !ok {
		return Result{}, fmt.Errorf("the screen: %w", err)
	}
	return m.session.result(m.interrupted), nil
}

func (s Session) result(interrupted bool) Result {
	return Result{Files: s.Outcome(), Left: s.Left(), Signed: s.signed, Interrupted: interrupted}
}

// model ties a session to Bubble Tea: keys in, frames out, effects to the host.
type model struct {
	session     Session
	host        Host
	io          Streams
	theme       Theme
	size        Size
	interrupted bool
	ctx         context.Context
	busy        *sync.Mutex // the host does one thing at a time
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var effects []Effect
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = Size{msg.Width, msg.Height}
	case tea.KeyMsg:
		m.interrupted = msg.Type == tea.KeyCtrlC
		m.session, effects = m.session.pressAll(msg.String(), msg.Runes, msg.Paste)
	case Intent:
		m.session, effects = m.session.Apply(msg)
	}
	var commands []tea.Cmd
	for _, e := range effects {
		if _, ok := e.(Save); ok { // before the next frame: what is seen is kept
			m.session, _ = m.session.answered(m.do(e))
			continue
		}
		commands = append(commands, m.command(e))
	}
	return m, tea.Sequence(commands...)
}

// do carries an effect out.
func (m model) do(e Effect) Intent {
	m.busy.Lock()
	defer m.busy.Unlock()
	return carryOut(m.ctx, m.host, m.io, e)
}

func (m model) View() string {
	if m.size == (Size{}) {
		return ""
	}
	return Render(m.session, m.size, m.theme)
}

// command is the way in which Bubble Tea carries out an effect.
func (m model) command(e Effect) tea.Cmd {
	switch e := e.(type) {
	case Quit:
		return tea.Quit
	case Stop:
		return tea.Suspend
	case Edit:
		run := &borrowed{model: m, effect: e}
		return tea.Exec(run, func(error) tea.Msg { return run.answer })
	}
	return func() tea.Msg { return m.do(e) }
}
