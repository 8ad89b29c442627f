package gitops

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// conversation is one git process that is asked many things, one at a time: its
// start costs more than most answers. The zero value with git and cmd set is
// ready; the process begins with the first question.
//
// After a fault nobody knows where in the stream the next answer starts, so a
// conversation that broke stays broken and every later question gets the same
// error.
type conversation struct {
	git *Git
	cmd Cmd

	mu     sync.Mutex
	proc   *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr tailBuffer
	broken error
}

// ask runs speak with the process to itself. An error of speak that says that
// the stream is out of step must come from fail.
func (c *conversation) ask(ctx context.Context, speak func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.start(); err != nil {
		return err
	}
	// Only the end of the process frees a question that waits for its answer.
	stop := context.AfterFunc(ctx, func() { _ = c.proc.Process.Kill() })
	err := speak()
	if !stop() {
		err = context.Cause(ctx)
		c.broken = fmt.Errorf("git %s was interrupted: %w", c.cmd.Args[0], err)
	}
	return err
}

func (c *conversation) start() error {
	if c.broken != nil {
		return c.broken
	}
	if c.proc != nil {
		return nil
	}
	// The process outlives the question that starts it.
	proc := c.git.command(context.Background(), c.cmd)
	proc.Stderr = &c.stderr
	stdin, err := proc.StdinPipe()
	if err != nil {
		return fmt.Errorf("start git %s: %w", c.cmd.Args[0], err)
	}
	stdout, err := proc.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start git %s: %w", c.cmd.Args[0], err)
	}
	if err := proc.Start(); err != nil {
		c.broken = fmt.Errorf("start git %s: %w", c.cmd.Args[0], err)
		return c.broken
	}
	c.proc, c.stdin, c.stdout = proc, stdin, bufio.NewReaderSize(stdout, 64<<10)
	return nil
}

// fail ends the conversation.
func (c *conversation) fail(err error) error {
	c.end()
	c.broken = fmt.Errorf("read from git %s: %w", c.cmd.Args[0], err)
	if said := cleanStderr(c.stderr.Bytes()); said != "" {
		c.broken = fmt.Errorf("%w: %s", c.broken, said)
	}
	return c.broken
}

// end closes the pipe, which makes git exit, and waits for it.
func (c *conversation) end() {
	_ = c.stdin.Close()
	_ = c.proc.Process.Kill()
	_ = c.proc.Wait() // it was killed: its status says nothing
}

// close ends the process. Later questions get the error closed.
func (c *conversation) close(closed error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc != nil && c.proc.ProcessState == nil {
		c.end()
	}
	c.broken = closed
}
