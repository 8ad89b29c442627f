// Package drive runs programs from outside, as a person at a shell would, and
// says what they cost.
//
// It is for measuring: nothing of the person's own configuration reaches the
// programs, so that two machines measure the same thing. The program itself
// never uses it; its only door to git is gitops.
package drive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Cost is what a finished program took, with the children that it waited for.
type Cost struct {
	Wall time.Duration `json:"wall_ns"`
	CPU  time.Duration `json:"cpu_ns"` // user and system
	// PeakRSS is the memory of the largest process among them, in bytes. It is
	// never less than that of the process that started it.
	PeakRSS int64 `json:"peak_rss_bytes"`
}

// Add puts the cost of a program that ran afterwards on top.
func (c Cost) Add(next Cost) Cost {
	return Cost{c.Wall + next.Wall, c.CPU + next.CPU, max(c.PeakRSS, next.PeakRSS)}
}

// Outcome is what a program left behind.
type Outcome struct {
	Stdout, Stderr string
	Exit           int
	Cost           Cost
}

// Shell runs programs with an environment of its own.
type Shell struct {
	environ []string
}

// NewShell makes an environment with an empty home directory at home and a fixed
// identity. Of the outside only PATH and the directory for temporary files stay.
func NewShell(home string) (*Shell, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	return &Shell{environ: []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "config"),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0", "GIT_EDITOR=true",
		"GIT_COMMITTER_NAME=Bench", "GIT_COMMITTER_EMAIL=bench@example.org", "LC_ALL=C", "TZ=UTC", "NO_COLOR=1",
	}}, nil
}

// TempIn makes programs put their temporary files into dir.
func (s *Shell) TempIn(dir string) {
	s.environ = append(s.environ, "TMPDIR="+dir) // the last one counts
}

// Cmd is one run of a program.
type Cmd struct {
	Dir   string
	Args  []string // the program first
	Env   []string // NAME=value, on top of the shell's own
	Stdin io.Reader
}

// Run runs a program to its end. A program that ends with an exit code other
// than 0 is no error here; one that cannot be started or is killed is.
func (s *Shell) Run(ctx context.Context, c Cmd) (Outcome, error) {
	p := s.command(ctx, c)
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	begin := time.Now()
	err := p.Run()
	out := Outcome{Stdout: stdout.String(), Stderr: stderr.String()}
	out.Cost.Wall = time.Since(begin)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 0) {
		return out, fmt.Errorf("%s: %w", strings.Join(c.Args, " "), err)
	}
	out.Exit = p.ProcessState.ExitCode()
	out.Cost = costOf(p.ProcessState, out.Cost.Wall)
	return out, nil
}

func (s *Shell) command(ctx context.Context, c Cmd) *exec.Cmd {
	p := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	p.Dir = c.Dir
	p.Env = append(append([]string{}, s.environ...), c.Env...)
	p.Stdin = c.Stdin
	return p
}

func costOf(p *os.ProcessState, wall time.Duration) Cost {
	cost := Cost{Wall: wall, CPU: p.UserTime() + p.SystemTime()}
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		cost.PeakRSS = int64(usage.Maxrss) << 10
	}
	return cost
}

// Git runs git in dir and gives what it prints, without the last line break. An
// exit code other than 0 is an error.
func (s *Shell) Git(ctx context.Context, dir string, args ...string) (string, error) {
	return s.Text(ctx, Cmd{Dir: dir, Args: append([]string{"git"}, args...)})
}

// Text runs a program that must succeed and gives what it prints, without the
// last line break.
func (s *Shell) Text(ctx context.Context, c Cmd) (string, error) {
	out, err := s.Run(ctx, c)
	if err == nil && out.Exit != 0 {
		err = fmt.Errorf("%s: exit code %d: %s", strings.Join(c.Args, " "), out.Exit, strings.TrimSpace(out.Stderr+out.Stdout))
	}
	return strings.TrimSuffix(out.Stdout, "\n"), err
}

// JSON runs a program that prints one JSON document, reads it into doc, and
// gives the outcome. Exit codes other than those listed are an error.
func (s *Shell) JSON(ctx context.Context, c Cmd, doc any, allowed ...int) (Outcome, error) {
	out, err := s.Run(ctx, c)
	if err != nil {
		return out, err
	}
	for _, code := range allowed {
		if out.Exit == code {
			return out, json.Unmarshal([]byte(out.Stdout), doc)
		}
	}
	return out, fmt.Errorf("%s: exit code %d: %s", strings.Join(c.Args, " "), out.Exit, strings.TrimSpace(out.Stderr+out.Stdout))
}

// Lines splits what a program printed; nothing has no lines.
func Lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// GitCarry gives the absolute path of the git-carry program: path when it is not
// empty, else one built from this module into dir.
func (s *Shell) GitCarry(ctx context.Context, path, dir string) (string, error) {
	if path != "" {
		return filepath.Abs(path)
	}
	program := filepath.Join(dir, "git-carry")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "github.com/git-carry/git-carry/cmd/git-carry")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build does
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building git-carry: %w: %s", err, out)
	}
	return program, nil
}
