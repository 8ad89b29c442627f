package tui

import "io"

// borrowed is an effect that has the terminal to itself while it runs: an editor,
// a merge tool.
type borrowed struct {
	model  model
	effect Effect
	answer Intent
}

// Run carries the effect out. What went wrong is part of the answer.
func (b *borrowed) Run() error {
	b.answer = b.model.do(b.effect)
	return nil
}

// The host knows the streams already.

// SetStdin does nothing.
func (b *borrowed) SetStdin(io.Reader) {}

// SetStdout does nothing.
func (b *borrowed) SetStdout(io.Writer) {}

// SetStderr does nothing.
func (b *borrowed) SetStderr(io.Writer) {}
