// Package cmd is the command tree of git-carry: one file per command, each with
// what the user may say (options), its words and flags (new…Cmd), and what it
// does (run).
//
// A command reads the ledger's state, makes a plan in memory, and the vault
// carries the plan out in one step, or refuses; see [app.record]. Nothing here
// reads the real streams, environment or clock: they come in an [Env].
package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/git-carry/git-carry/gitops/sandbox"
	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Env is everything that the program takes from outside.
type Env struct {
	Dir     string   // the working directory, absolute
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer // the product
	Stderr  io.Writer // talk
	Environ []string  // NAME=value
	Now     func() time.Time
	Random  io.Reader
	// Terminals tells which streams are terminals.
	Terminals Terminals
	Width     int // of the terminal, in cells; 0 when there is none
	// JobControl tells that a shell waits which can wake the program when ctrl-z has
	// put it to sleep.
	JobControl bool
	// Dial reaches the SSH agent; nil when there can be none.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Passphrase asks the person at the terminal for a secret, which is not shown;
	// nil when there is no terminal.
	Passphrase func(ctx context.Context, prompt string) ([]byte, error)
}

// Terminals tells which streams are terminals.
type Terminals struct{ Stdin, Stdout, Stderr bool }

// RealEnv is the environment of this process. GIT_CARRY_NOW (RFC 3339) fixes the
// clock, for demonstrations and reports that must come out the same again.
func RealEnv() Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "/"
	}
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		width = 0
	}
	env := Env{
		Dir: dir, Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Now: clock(os.Getenv("GIT_CARRY_NOW")), Random: rand.Reader, Width: width,
		Terminals: Terminals{
			Stdin:  isatty.IsTerminal(os.Stdin.Fd()),
			Stdout: isatty.IsTerminal(os.Stdout.Fd()),
			Stderr: isatty.IsTerminal(os.Stderr.Fd()),
		},
		Dial: (&net.Dialer{}).DialContext, JobControl: jobControl(),
	}
	if env.Terminals.Stdin && env.Terminals.Stderr {
		env.Passphrase = askPassphrase
	}
	return env
}

// jobControl: a shell puts each of its jobs into a process group of its own, so ours is
// not the shell's, and not that of the session's leader, which nobody would wake.
func jobControl() bool {
	parent, err := unix.Getpgid(os.Getppid())
	if err != nil {
		return false
	}
	session, err := unix.Getsid(0)
	return err == nil && unix.Getpgrp() != parent && session != os.Getpid()
}

// askPassphrase reads a line from the terminal without showing it. Ctrl-C ends
// the wait and leaves the terminal as it was.
func askPassphrase(ctx context.Context, prompt string) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(os.Stderr, prompt)
	type answer struct {
		line []byte
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		got <- answer{line, err}
	}()
	defer fmt.Fprintln(os.Stderr)
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		_ = term.Restore(fd, was)
		return nil, ctx.Err()
	}
}

func clock(fixed string) func() time.Time {
	if at, err := time.Parse(time.RFC3339, fixed); err == nil {
		return func() time.Time { return at }
	}
	return time.Now
}

// Getenv is the value of an environment variable; the last one wins.
func (e Env) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(e.Environ[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// exitInterrupted is the exit code after Ctrl-C.
const exitInterrupted = 130

// Run runs one command to its end and returns the exit code. Ctrl-C and SIGTERM
// stop it at the next safe place: what was accepted stays, nothing is half done.
func Run(ctx context.Context, env Env) int {
	if slices.Equal(env.Args, []string{sandbox.Arg}) {
		return sandbox.Init()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	a := &app{env: env}
	defer a.close()
	root := newRootCmd(a)
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	c, err := root.ExecuteContextC(ctx)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	return a.finish(helpFor(c, err))
}

// columns is the width to lay text out for.
func (e Env) columns() int {
	if n, err := strconv.Atoi(e.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if e.Width > 0 {
		return e.Width
	}
	return 100
}
