package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// crashWorld is a directory with a vault, and the program that kills itself where it is told to.
type crashWorld struct {
	t      *testing.T
	dir    string
	binary string
	env    []string
}

func newCrashWorld(t *testing.T) *crashWorld {
	t.Helper()
	w := &crashWorld{t: t, dir: t.TempDir(), binary: crashBinary(t)}
	w.env = crashEnv(w.dir)
	w.makeVault()
	return w
}

var (
	crashDir   string // of that program
	buildCrash = sync.OnceValues(func() (string, error) {
		var err error
		if crashDir, err = os.MkdirTemp("", "git-carry-crash-"); err != nil {
			return "", err
		}
		binary := filepath.Join(crashDir, "git-carry")
		if out, err := exec.Command("go", "build", "-tags", "crashtest", "-o", binary, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("go build: %w\n%s", err, out)
		}
		return binary, nil
	})
)

// crashBinary is the program that kills itself, built once for all tests.
func crashBinary(t *testing.T) string {
	t.Helper()
	binary, err := buildCrash()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// cleaned removes that program in the end.
type cleaned struct{ *testing.M }

func (c cleaned) Run() int {
	code := c.M.Run()
	_ = os.RemoveAll(crashDir)
	return code
}

func crashEnv(dir string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Priya", "GIT_AUTHOR_EMAIL=priya@example.org", "GIT_AUTHOR_DATE=2026-11-01T12:00:00Z",
		"GIT_COMMITTER_NAME=Priya", "GIT_COMMITTER_EMAIL=priya@example.org", "GIT_COMMITTER_DATE=2026-11-01T12:00:00Z",
		"GIT_CARRY_NOW=2026-11-22T09:00:00Z", "TZ=UTC", "LC_ALL=C",
	}
}

// makeVault makes a vault with three patches on 1.0, and a 1.1 on which the
// first conflicts, the second waits and the third merges.
func (w *crashWorld) makeVault() {
	w.git("init", "-q", "-b", "main", "core")
	w.commit("core", "first", map[string]string{"a": "1\n", "b": "1\n"})
	w.git("-C", "core", "branch", "wmf/1.0")
	w.git("clone", "-q", "core", "work")
	w.commit("work", "fix one", map[string]string{"a": "2\n"})
	w.commit("work", "fix two", map[string]string{"a": "3\n"})
	w.commit("work", "fix three", map[string]string{"b": "2\n"})
	w.commit("core", "upstream", map[string]string{"a": "9\n"})
	w.git("-C", "core", "branch", "wmf/1.1")
	w.must("init", "vault", "--component", "core=core")
	w.must("owner", "add", "priya", "--name", "Priya", "--email", "priya@example.org")
	for i, rev := range []string{"HEAD~2", "HEAD~1", "HEAD"} {
		w.must("add", fmt.Sprintf("T%d", i+1), "--component", "core", "--version", "1.0", "--owner", "priya",
			"--severity", "high", "--repo", "work", "--commit", rev)
	}
}

func (w *crashWorld) commit(repo, message string, files map[string]string) {
	for name, text := range files {
		w.write(filepath.Join(repo, name), text)
	}
	w.git("-C", repo, "add", "-A")
	w.git("-C", repo, "commit", "-q", "-m", message)
}

func (w *crashWorld) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *crashWorld) run(vault string, env []string, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir = w.dir
	c.Env = slices.Concat(w.env, []string{"GIT_CARRY_VAULT=" + filepath.Join(w.dir, vault)}, env)
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (w *crashWorld) git(args ...string) string {
	w.t.Helper()
	out, err := w.run("vault", nil, "git", args...)
	if err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

func (w *crashWorld) must(args ...string) {
	w.t.Helper()
	if out, err := w.run("vault", nil, w.binary, args...); err != nil {
		w.t.Fatalf("git-carry %v: %v\n%s", args, err, out)
	}
}

func (w *crashWorld) copyVault(from, to string) {
	w.t.Helper()
	_ = os.RemoveAll(filepath.Join(w.dir, to))
	if out, err := exec.Command("cp", "-a", filepath.Join(w.dir, from), filepath.Join(w.dir, to)).CombinedOutput(); err != nil {
		w.t.Fatalf("cp: %v\n%s", err, out)
	}
}

func (w *crashWorld) refs(vault string) string {
	return w.git("-C", vault, "for-each-ref", "--format=%(refname) %(objectname)", "refs/carry/ledger", "refs/carry/stacks")
}

// log is the ledger in words.
func (w *crashWorld) log(vault string) string {
	w.t.Helper()
	return w.git("-C", vault, "log", "--first-parent", "--format=%s", "refs/carry/ledger")
}

// trees is what the stacks hold, whatever the identities in their messages.
func (w *crashWorld) trees(vault string) string {
	w.t.Helper()
	return w.git("-C", vault, "for-each-ref", "--format=%(refname) %(tree)", "refs/carry/stacks")
}

func exitCode(err error) int {
	var failed *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed):
		return failed.ExitCode()
	}
	return -2
}

func killed(err error) bool {
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return false
	}
	status, ok := failed.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}
