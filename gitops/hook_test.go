package gitops

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHookIsHeld(t *testing.T) {
	script := func(text string) string {
		name := filepath.Join(t.TempDir(), "hook")
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return name
	}
	environ := []string{"PATH=" + os.Getenv("PATH"), "SECRET=canary", "GIT_DIR=/nowhere"}

	out := filepath.Join(t.TempDir(), "out")
	if err := runHook(t.Context(), environ, []string{script(`cat > "$1"; env >> "$1"`), out}, []byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(got), "hello\n") || strings.Contains(string(got), "canary") || strings.Contains(string(got), "GIT_DIR") {
		t.Errorf("the program had (%v):\n%s", err, got)
	}

	err = runHook(t.Context(), environ, []string{script("head -c 1000000 /dev/zero | tr '\\0' x; printf 'the end\\033[31m' >&2; exit 3")}, nil)
	if err == nil || !strings.Contains(err.Error(), "the end") || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 2*maxStderr {
		t.Errorf("a failure is told as %.200v", err)
	}

	late := errors.New("too late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, late)
	defer cancel()
	if err := runHook(ctx, environ, []string{script("sleep 1000 & sleep 1000")}, nil); !errors.Is(err, late) {
		t.Errorf("one that hangs: %v", err)
	}
}

func TestChannelValid(t *testing.T) {
	good := Channel{Server: "smtp.example.org:587", From: "a@example.org", TLS: "starttls"}
	for name, c := range map[string]struct {
		change func(c *Channel)
		ok     bool
	}{
		"good":                       {func(*Channel) {}, true},
		"no port":                    {func(c *Channel) { c.Server = "smtp.example.org" }, false},
		"no host":                    {func(c *Channel) { c.Server = ":25" }, false},
		"open, elsewhere":            {func(c *Channel) { c.TLS = "none" }, false},
		"open, and called localhost": {func(c *Channel) { c.TLS, c.Server = "none", "localhost.example.org:25" }, false},
		"open, here":                 {func(c *Channel) { c.TLS, c.Server = "none", "[::1]:25" }, true},
		"a user without a password":  {func(c *Channel) { c.User = "u" }, false},
		"a password without a user":  {func(c *Channel) { c.PasswordEnv = "X" }, false},
		"two passwords":              {func(c *Channel) { c.User, c.PasswordEnv, c.PasswordFile = "u", "X", "/f" }, false},
		"both":                       {func(c *Channel) { c.Command = []string{"/bin/true"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.change(&good)
			if err := good.Valid(); (err == nil) != c.ok {
				t.Error(err)
			}
			good = Channel{Server: "smtp.example.org:587", From: "a@example.org", TLS: "starttls"}
		})
	}
}
