package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The promise: whatever the instant at which the program dies, the vault is as it
// was before the command or as it is after it, and the next command works.
//
// The program is built with the tag crashtest, in which it kills itself at the
// nth step that changes anything: an object, the pack, a ref's lock file, its
// rename, the clean-up. Clock and inputs are fixed, so there is exactly one
// right "after". With -short only every third step is tried.

// crashCommands are the commands that are killed.
var crashCommands = []crashCommand{
	{name: "train", args: []string{"train", "1.1"}, exit: 3},
	{name: "drop", args: []string{"drop", "T3", "--reason", "no longer needed"}},
	{name: "import", args: []string{"import", "old", "--owner", "priya"}, draws: true},
	{name: "resolve", args: []string{"resolve", "T1", "--take", "patch"}, before: [][]string{{"train", "1.1"}}},
	{
		name: "sign", args: []string{"sign", "T1"},
		before: [][]string{{"train", "1.1"}, {"resolve", "T1", "--take", "patch"}},
	},
	{
		name: "publish", args: []string{"publish", "1.0"}, alone: true,
		before: [][]string{{"target", "add", "private", "target.git", "--component", "core"}},
	},
	{
		name: "sync", args: []string{"sync"}, alone: true,
		before: [][]string{
			{"sync", "--remote", "target.git"},
			{"init", "others", "--from", "target.git"},
			{"--vault", "others", "drop", "T3", "--reason", "no longer needed"},
			{"--vault", "others", "owner", "add", "sam", "--name", "Sam", "--email", "sam@example.org"},
			{"--vault", "others", "sync"},
			{"add", "T4", "--component", "core", "--version", "1.0", "--owner", "priya", "--severity", "low", "--patch", "old/1.0/core/04-T4.patch"},
			{"owner", "add", "lee", "--name", "Lee", "--email", "lee@example.org"},
		},
	},
}

type crashCommand struct {
	name   string
	args   []string
	exit   int        // of the undisturbed run
	before [][]string // commands that lead up to it
	draws  bool       // it draws random identities: no two runs end alike
	alone  bool       // it reaches outside its vault, so one at a time
	next   []string   // must work after a kill; list if it is not said
	first  int        // the step that it is killed at first, if it is not the first of all
	stride int        // and how many are left out, if any are
}

func TestCrashAtEveryStepIsBeforeOrAfter(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t)
	w.makeTree()
	for _, c := range crashCommands {
		t.Run(c.name, func(t *testing.T) {
			w := &crashWorld{t: t, dir: w.dir, binary: w.binary, env: w.env}
			ready, undisturbed := "ready-"+c.name, "undisturbed-"+c.name
			w.copyVault("vault", ready)
			w.makeTarget()
			for _, args := range c.before {
				if out, err := w.run(ready, nil, w.binary, args...); exitCode(err) == 1 {
					t.Fatalf("%v: %v\n%s", args, err, out)
				}
			}
			w.copyVault("target.git", "target-ready.git")
			w.copyVault(ready, undisturbed)
			out, err := w.run(undisturbed, nil, w.binary, c.args...)
			if exitCode(err) != c.exit {
				t.Fatalf("undisturbed: %v\n%s", err, out)
			}
			kill := crashes{w: w, command: c, before: w.refs(ready), after: w.refs(undisturbed), outside: w.target()}
			kill.everyStep()
			kill.sawEnough()
			t.Logf("%s: killed at %d steps", c.name, kill.tried)
		})
	}
}

// makeTree makes an old tree of patch files to import.
func (w *crashWorld) makeTree() {
	w.t.Helper()
	dir := filepath.Join(w.dir, "old", "1.0", "core")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.commit("work", "fix four", map[string]string{"c": "new\n"})
	if err := os.WriteFile(filepath.Join(dir, "04-T4.patch"), []byte(w.git("-C", "work", "format-patch", "-1", "--stdout")+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// makeTarget makes the private target anew.
func (w *crashWorld) makeTarget() {
	w.t.Helper()
	_ = os.RemoveAll(filepath.Join(w.dir, "target.git"))
	w.git("init", "-q", "--bare", "target.git")
}

// target is what the private target holds.
func (w *crashWorld) target() string {
	w.t.Helper()
	return w.git("-C", "target.git", "for-each-ref", "--format=%(refname) %(objectname)")
}

// crashes kills one command at one step after the other, a few at a time: what
// takes long is waiting for the disk.
type crashes struct {
	w             *crashWorld
	command       crashCommand
	before, after string
	outside       string // what the target holds in the end

	mu                  sync.Mutex
	steps, tried        int
	sawBefore, sawAfter bool
}

func (k *crashes) everyStep() {
	workers, stride := 4, k.stride()
	if k.command.alone {
		workers = 1
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := max(1, k.command.first) + stride*worker; k.step(n); n += stride * workers {
			}
		}()
	}
	wg.Wait()
}

func (k *crashes) stride() int {
	if k.command.stride == 0 && testing.Short() {
		return 3
	}
	return max(1, k.command.stride)
}

// sawEnough fails when there are fewer steps than there must be.
func (k *crashes) sawEnough() {
	k.w.t.Helper()
	few := k.stride() == 1 && (k.steps < 15 || !k.sawBefore || !k.sawAfter)
	if few || k.tried == 0 {
		k.w.t.Errorf("%d steps, seen before: %v, after: %v: the crash points have gone missing", k.steps, k.sawBefore, k.sawAfter)
	}
}

// step kills the command at its nth step; false when it has fewer.
func (k *crashes) step(n int) bool {
	vault := fmt.Sprintf("crashed-%s-%d", k.command.name, n)
	k.w.copyVault("ready-"+k.command.name, vault)
	if k.command.alone {
		k.w.copyVault("target-ready.git", "target.git")
	}
	defer os.RemoveAll(filepath.Join(k.w.dir, vault))
	_, err := k.w.run(vault, []string{fmt.Sprintf("GIT_CARRY_CRASH_AT=%d", n)}, k.w.binary, k.command.args...)
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
	got, after := w.refs(vault), k.after
	isAfter := ledger(got) == ledger(after)
	if k.command.draws {
		isAfter = w.log(vault) == w.log("undisturbed-"+k.command.name)
	}
	k.mu.Lock()
	switch {
	case isAfter:
		k.sawAfter = true
	case ledger(got) != ledger(k.before):
		w.t.Errorf("killed at step %d: the ledger is neither before nor after:\n%s", n, got)
	default:
		k.sawBefore = true
		if got != k.before {
			w.t.Errorf("killed at step %d: old ledger, but other stacks:\n%s", n, got)
		}
	}
	k.mu.Unlock()
	if out, err := w.run(vault, nil, "git", "-C", vault, "fsck", "--full", "--strict", "--no-dangling"); err != nil {
		w.t.Errorf("killed at step %d: fsck: %v\n%s", n, err, out)
	}
	// The next command repairs what is derived and the same command ends as if
	// nothing had happened.
	next := k.command.next
	if next == nil {
		next = []string{"list"}
	}
	if out, err := w.run(vault, nil, w.binary, next...); exitCode(err) != 0 {
		w.t.Errorf("killed at step %d: %v: %v\n%s", n, next, err, out)
	}
	if !isAfter {
		if got := w.refs(vault); got != k.before {
			w.t.Errorf("killed at step %d: the next command left the stacks wrong:\n%s", n, got)
		}
		if out, err := w.run(vault, nil, w.binary, k.command.args...); exitCode(err) != k.command.exit {
			w.t.Errorf("killed at step %d: the retry: %v\n%s", n, err, out)
		}
	}
	got = w.refs(vault)
	if k.command.draws {
		got, after = w.log(vault)+w.trees(vault), w.log("undisturbed-"+k.command.name)+w.trees("undisturbed-"+k.command.name)
	}
	if got != after {
		w.t.Errorf("killed at step %d: in the end:\n%s\nwant:\n%s", n, got, after)
	}
	if k.command.alone { // what reaches outside is finished by the next one
		if out, err := w.run(vault, nil, w.binary, k.command.args...); exitCode(err) != k.command.exit {
			w.t.Errorf("killed at step %d: once more: %v\n%s", n, err, out)
		}
		if got := w.target(); got != k.outside {
			w.t.Errorf("killed at step %d: the target has:\n%s\nwant:\n%s", n, got, k.outside)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, vault, "carry-tmp", "*")); len(left) > 1 {
		w.t.Errorf("killed at step %d: left-overs: %v", n, left)
	}
}
