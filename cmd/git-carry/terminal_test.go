package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// terminal is a terminal in which git-carry runs.
type terminal struct {
	t   *testing.T
	dir string // its own
	env []string
}

// open runs git-carry in a terminal of a size. env goes over the world's.
func (w *crashWorld) open(size [2]int, env []string, args ...string) *terminal {
	w.t.Helper()
	x := &terminal{t: w.t, dir: w.t.TempDir()}
	x.env = append(append([]string{"GIT_CARRY_VAULT=" + filepath.Join(w.dir, "vault"), "SHELL=/bin/sh"}, w.env...), env...)
	conf := filepath.Join(x.dir, "conf")
	if err := os.WriteFile(conf, []byte(tmuxConf), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _, _ = x.try("kill-server") })
	x.tmux(append([]string{
		"-f", conf, "new-session", "-d", "-x", strconv.Itoa(size[0]), "-y", strconv.Itoa(size[1]), "-c", w.dir,
		"sh", "-c", inTerminal, x.dir, w.binary,
	}, args...)...)
	return x
}

func (x *terminal) try(args ...string) (string, error) {
	c := exec.Command("tmux", append([]string{"-S", filepath.Join(x.dir, "s")}, args...)...)
	c.Env = x.env
	out, err := c.CombinedOutput()
	return string(out), err
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	out, err := x.try(args...)
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return out
}

func (x *terminal) screen() string {
	x.t.Helper()
	return x.tmux("capture-pane", "-p")
}

// wait waits until the screen shows all of the texts, and returns it.
func (x *terminal) wait(texts ...string) string {
	x.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		screen, missing := x.screen(), ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return screen
		}
		if time.Now().After(limit) {
			x.t.Fatalf("the screen never shows %q:\n%s", missing, screen)
		}
	}
}

// press presses keys by tmux's names, each of one character or a name such as Enter.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	x.tmux(append([]string{"send-keys", "--"}, keys...)...)
}

// end waits until the program has ended, demands an exit code, and returns what it
// left on the terminal.
func (x *terminal) end(code int) string {
	x.t.Helper()
	got := x.number("code")
	left := x.wait("[ended]")
	if got != code {
		x.t.Errorf("exit code %d, want %d\n%s", got, code, left)
	}
	return left
}

// kill kills the program as nothing else does.
func (x *terminal) kill() {
	x.t.Helper()
	if err := syscall.Kill(x.number("pid"), syscall.SIGKILL); err != nil {
		x.t.Fatal(err)
	}
	x.end(128 + int(syscall.SIGKILL))
}

// number waits for a number that inTerminal writes.
func (x *terminal) number(file string) int {
	x.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(filepath.Join(x.dir, file))
		if number, whole := strings.CutSuffix(string(data), "\n"); whole {
			n, err := strconv.Atoi(number)
			if err != nil {
				x.t.Fatal(err)
			}
			return n
		}
		if time.Now().After(limit) {
			x.t.Fatalf("no %s of the program:\n%s", file, x.screen())
		}
	}
}

func needTmux(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	t.Parallel()
}

// tmuxConf makes tmux send keys at once, and take what programs copy.
const tmuxConf = "set -s escape-time 0\nset -g status off\nset -g default-terminal screen-256color\nset -s set-clipboard on\n"

// inTerminal runs a program, writes its process id and then its exit code into the
// directory $0, and leaves the terminal as it is.
const inTerminal = `sh -c 'echo $$ >"$0/pid"; exec "$@"' "$0" "$@"; echo $? >"$0/code"; echo [ended]; exec sleep 600`
