package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The promise: whatever the instant at which the program dies, the vault is as it
// was before the command or as it is after it, and the next command works.
//
// The program is built with the tag crashtest, in which it kills itself at the
// nth step that changes anything: an object, the pack, a ref's lock file, its
// rename, the clean-up. Clock and inputs are fixed, so there is exactly one
// right "after". With -short only every seventh step is tried.

type crashWorld struct {
	t      *testing.T
	dir    string
	binary string
	env    []string
}

func newCrashWorld(t *testing.T) *crashWorld {
	t.Helper()
	w := &crashWorld{t: t, dir: t.TempDir()}
	w.binary = filepath.Join(w.dir, "git-carry")
	build := exec.Command("go", "build", "-tags", "crashtest", "-o", w.binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + w.dir, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Priya", "GIT_AUTHOR_EMAIL=priya@example.org", "GIT_AUTHOR_DATE=2026-11-01T12:00:00Z",
		"GIT_COMMITTER_NAME=Priya", "GIT_COMMITTER_EMAIL=priya@example.org", "GIT_COMMITTER_DATE=2026-11-01T12:00:00Z",
		"GIT_CARRY_NOW=2026-11-22T09:00:00Z", "TZ=UTC", "LC_ALL=C",
	}
	w.makeVault()
	return w
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
		if err := os.WriteFile(filepath.Join(w.dir, repo, name), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	w.git("-C", repo, "add", "-A")
	w.git("-C", repo, "commit", "-q", "-m", message)
}

func (w *crashWorld) run(vault string, env []string, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir = w.dir
	c.Env = append(append(w.env, "GIT_CARRY_VAULT="+filepath.Join(w.dir, vault)), env...)
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

func (w *crashWorld) copyVault(name string) {
	w.t.Helper()
	_ = os.RemoveAll(filepath.Join(w.dir, name))
	if out, err := exec.Command("cp", "-a", filepath.Join(w.dir, "vault"), filepath.Join(w.dir, name)).CombinedOutput(); err != nil {
		w.t.Fatalf("cp: %v\n%s", err, out)
	}
}

func (w *crashWorld) refs(vault string) string {
	return w.git("-C", vault, "for-each-ref", "--format=%(refname) %(objectname)", "refs/carry/ledger", "refs/carry/stacks")
}

// crashCommands are the commands that are killed; each with the exit code of its
// undisturbed run.
var crashCommands = map[string]struct {
	args []string
	exit int
}{
	"train": {[]string{"train", "1.1"}, 3},
	"drop":  {[]string{"drop", "T3", "--reason", "no longer needed"}, 0},
}

func TestCrashAtEveryStepIsBeforeOrAfter(t *testing.T) {
	w := newCrashWorld(t)
	before := w.refs("vault")
	for name, c := range crashCommands {
		t.Run(name, func(t *testing.T) {
			w := &crashWorld{t: t, dir: w.dir, binary: w.binary, env: w.env}
			w.copyVault("undisturbed-" + name)
			out, err := w.run("undisturbed-"+name, nil, w.binary, c.args...)
			if exitCode(err) != c.exit {
				t.Fatalf("undisturbed: %v\n%s", err, out)
			}
			kill := crashes{w: w, name: name, args: c.args, exit: c.exit, before: before, after: w.refs("undisturbed-" + name)}
			kill.everyStep()
			if kill.steps < 20 || !kill.sawBefore || !kill.sawAfter {
				t.Errorf("%d steps, seen before: %v, after: %v: the crash points have gone missing", kill.steps, kill.sawBefore, kill.sawAfter)
			}
			t.Logf("%s: killed at %d steps", name, kill.tried)
		})
	}
}

// crashes kills one command at one step after the other, a few at a time: what
// takes long is waiting for the disk.
type crashes struct {
	w             *crashWorld
	name          string
	args          []string
	exit          int
	before, after string

	mu                  sync.Mutex
	steps, tried        int
	sawBefore, sawAfter bool
}

const crashWorkers = 4

func (k *crashes) everyStep() {
	var wg sync.WaitGroup
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for worker := range crashWorkers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := stride * (worker + 1); k.step(n); n += stride * crashWorkers {
			}
		}()
	}
	wg.Wait()
}

// step kills the command at its nth step; false when it has fewer.
func (k *crashes) step(n int) bool {
	vault := fmt.Sprintf("crashed-%s-%d", k.name, n)
	k.w.copyVault(vault)
	defer os.RemoveAll(filepath.Join(k.w.dir, vault))
	_, err := k.w.run(vault, []string{fmt.Sprintf("GIT_CARRY_CRASH_AT=%d", n)}, k.w.binary, k.args...)
	if !killed(err) {
		return false
	}
	k.mu.Lock()
	k.steps, k.tried = max(k.steps, n), k.tried+1
	k.mu.Unlock()
	k.check(n, vault)
	return true
}

func (k *crashes) check(n int, vault string) {
	w := k.w
	ledger := func(refs string) string { line, _, _ := strings.Cut(refs, "\n"); return line }
	got := w.refs(vault)
	k.mu.Lock()
	switch ledger(got) {
	case ledger(k.before):
		k.sawBefore = true
		if got != k.before {
			w.t.Errorf("killed at step %d: old ledger, but other stacks:\n%s", n, got)
		}
	case ledger(k.after):
		k.sawAfter = true
	default:
		w.t.Errorf("killed at step %d: the ledger is neither before nor after:\n%s", n, got)
	}
	k.mu.Unlock()
	if out, err := w.run(vault, nil, "git", "-C", vault, "fsck", "--full", "--strict", "--no-dangling"); err != nil {
		w.t.Errorf("killed at step %d: fsck: %v\n%s", n, err, out)
	}
	// The next command repairs what is derived and the same command ends as if
	// nothing had happened.
	if out, err := w.run(vault, nil, w.binary, "list"); exitCode(err) != 0 {
		w.t.Errorf("killed at step %d: list: %v\n%s", n, err, out)
	}
	got = w.refs(vault)
	if got != k.before && got != k.after {
		w.t.Errorf("killed at step %d: the next command left the stacks wrong:\n%s", n, got)
	}
	if got == k.before {
		if out, err := w.run(vault, nil, w.binary, k.args...); exitCode(err) != k.exit {
			w.t.Errorf("killed at step %d: the retry: %v\n%s", n, err, out)
		}
	}
	if got := w.refs(vault); got != k.after {
		w.t.Errorf("killed at step %d: after the retry:\n%s\nwant:\n%s", n, got, k.after)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, vault, "carry-tmp", "*")); len(left) > 1 {
		w.t.Errorf("killed at step %d: left-overs: %v", n, left)
	}
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
