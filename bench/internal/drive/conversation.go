package drive

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Conversation is a program that answers while it runs.
type Conversation struct {
	// Answers is what the program prints.
	Answers *bufio.Reader

	program *exec.Cmd
	ask     io.WriteCloser
	stderr  bytes.Buffer
	begin   time.Time
}

// Converse starts a program to talk with. The caller must Close the conversation.
func (s *Shell) Converse(ctx context.Context, c Cmd) (*Conversation, error) {
	t := &Conversation{program: s.command(ctx, c), begin: time.Now()}
	t.program.Stderr = &t.stderr
	ask, err := t.program.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := t.program.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.ask, t.Answers = ask, bufio.NewReader(answers)
	return t, t.program.Start()
}

// Ask sends a line.
func (t *Conversation) Ask(format string, args ...any) error {
	_, err := fmt.Fprintf(t.ask, format+"\n", args...)
	return err
}

// Close ends the conversation and says what the program cost.
func (t *Conversation) Close() (Cost, error) {
	if err := t.ask.Close(); err != nil {
		return Cost{}, err
	}
	if _, err := io.Copy(io.Discard, t.Answers); err != nil {
		return Cost{}, err
	}
	if err := t.program.Wait(); err != nil {
		return Cost{}, fmt.Errorf("%s: %w: %s", strings.Join(t.program.Args, " "), err, t.stderr.String())
	}
	return costOf(t.program.ProcessState, time.Since(t.begin)), nil
}
