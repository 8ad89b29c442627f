package cmd

import (
	"context"
	"errors"
	"io"
	"testing"
)

// Who is interrupted while the next line is waited for does not wait for it.
func TestTryStreamIsInterrupted(t *testing.T) {
	silent, end := io.Pipe()
	defer end.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	s := tryStream{workers: 1, ahead: func(string) {}}
	if err := s.run(ctx, &app{env: Env{Stdin: silent, Stdout: io.Discard}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was interrupted", err)
	}
}
