package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shot is one picture: a command in the practice world, some keys, and what must then be
// seen.
type shot struct {
	name, title   string
	person        string // of the practice world
	width, height int
	command       string
	steps         []step
}

// step waits for a text and then presses keys, by tmux's names.
type step struct {
	see  string
	keys []string
}

var shots = []shot{
	{
		name: "status", title: "git carry status: where the train stands, in plain text",
		person: "kim", width: 100, height: 22, command: "git carry status", steps: []step{{see: "Next:"}},
	},
	{
		name: "board", title: "git carry ui: the train board, with the patch that blocks it in front",
		person: "kim", width: 100, height: 26, command: "git carry ui", steps: []step{{see: "NEXT"}},
	},
	{
		name: "audit", title: "git carry ui, a: what is carried, since when, whose it is, and what is late",
		person: "kim", width: 100, height: 30, command: "git carry ui --audit", steps: []step{{see: "sorted by"}},
	},
	{
		name: "resolver", title: "git carry resolve: both changes, the result, and what it loses of upstream",
		person: "priya", width: 100, height: 32, command: "git carry resolve T401234",
		steps: []step{{"NEXT  choose", []string{"3"}}, {see: "NEXT  all decided"}},
	},
	{
		name: "sign", title: "git carry resolve: what the owner reads before she signs",
		person: "priya", width: 100, height: 32, command: "git carry resolve T401234",
		steps: []step{{"NEXT  choose", []string{"h", "Enter"}}, {"NEXT  all decided", []string{"s"}}, {see: "NEXT  read this"}},
	},
}

// worldEnv is the environment of a practice world in dir, with a fixed clock.
func worldEnv(program, dir string) []string {
	return []string{
		"PATH=" + filepath.Dir(program) + ":" + os.Getenv("PATH"), "HOME=" + dir, "SHELL=/bin/sh", "LC_ALL=C.UTF-8", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CARRY_NOW=2026-11-18T09:00:00Z", "GIT_CARRY_VAULT=" + filepath.Join(dir, "world", "vault"),
	}
}

// patience bounds the wait for a text.
const patience = 20 * time.Second

// take makes a world in dir, plays the shot in it, and returns the screen with its
// escape sequences.
func (s shot) take(ctx context.Context, program, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	t := terminal{ctx: ctx, socket: filepath.Join(dir, "tmux"), env: worldEnv(program, dir)}
	demo := exec.CommandContext(ctx, program, "demo", "--json", "--as", s.person, filepath.Join(dir, "world"))
	demo.Env = t.env
	if out, err := demo.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the practice world: %w\n%s", err, out)
	}
	conf := filepath.Join(dir, "tmux.conf")
	if err := os.WriteFile(conf, []byte("set -g status off\nset -s escape-time 0\nset -g default-terminal screen-256color\n"), 0o600); err != nil {
		return "", err
	}
	defer func() { _, _ = t.tmux("kill-server") }()
	// The program ends where its work does; what it left is to be seen a while longer.
	script := "printf '$ %s\\n' '" + s.command + "'; " + s.command + "; exec sleep 60"
	if _, err := t.tmux("-f", conf, "new-session", "-d", "-x", strconv.Itoa(s.width), "-y", strconv.Itoa(s.height), "sh", "-c", script); err != nil {
		return "", err
	}
	for _, step := range s.steps {
		if err := t.wait(step.see); err != nil {
			return "", err
		}
		if len(step.keys) > 0 {
			if _, err := t.tmux(append([]string{"send-keys", "--"}, step.keys...)...); err != nil {
				return "", err
			}
		}
	}
	return t.tmux("capture-pane", "-p", "-e")
}

// terminal is a tmux server of our own.
type terminal struct {
	ctx    context.Context
	socket string
	env    []string
}

func (t terminal) tmux(args ...string) (string, error) {
	c := exec.CommandContext(t.ctx, "tmux", slices.Concat([]string{"-S", t.socket}, args)...)
	c.Env = t.env
	var talk bytes.Buffer
	c.Stderr = &talk
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w %s", args[0], err, talk.Bytes())
	}
	return string(out), nil
}

func (t terminal) wait(text string) error {
	for limit := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		screen, err := t.tmux("capture-pane", "-p")
		switch {
		case err != nil:
			return err
		case strings.Contains(screen, text):
			return nil
		case time.Now().After(limit):
			return fmt.Errorf("the screen never shows %q:\n%s", text, screen)
		}
	}
}
