package main

import (
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Several people work on one vault at once: every accepted change is there once,
// whoever was faster.
func TestManyProcessesLoseNothing(t *testing.T) {
	w := newCrashWorld(t)
	const people, each = 5, 4
	var wg sync.WaitGroup
	for p := range people {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				id := fmt.Sprintf("p%d-%d", p, i)
				if out, err := w.run("vault", nil, w.binary, "owner", "add", id, "--name", id, "--email", id+"@example.org"); err != nil {
					t.Errorf("owner add %s: %v\n%s", id, err, out)
				}
			}
		}()
	}
	for range 2 { // two trains at once, among all that
		wg.Add(1)
		go func() {
			defer wg.Done()
			if out, err := w.run("vault", nil, w.binary, "train", "1.1"); exitCode(err) != 3 {
				t.Errorf("train: %v\n%s", err, out)
			}
		}()
	}
	wg.Wait()
	log := w.git("-C", "vault", "log", "--first-parent", "--format=%s", "refs/carry/ledger")
	if got := strings.Count(log, "carried "); got != 1 {
		t.Errorf("two trains made %d entries, want 1:\n%s", got, log)
	}
	list := w.git("-C", "vault", "show", "refs/carry/ledger:owners.toml")
	for p := range people {
		for i := range each {
			if n := strings.Count(list, fmt.Sprintf("id = \"p%d-%d\"", p, i)); n != 1 {
				t.Errorf("p%d-%d is there %d times", p, i, n)
			}
		}
	}
}

// Ctrl-C at any time: the draft is thrown away or the change is accepted whole, and
// the exit code says which.
func TestInterruptAtAnyTime(t *testing.T) {
	w := newCrashWorld(t)
	before := w.refs("vault")
	w.copyVault("vault", "undisturbed")
	if _, err := w.run("undisturbed", nil, w.binary, "train", "1.1"); exitCode(err) != 3 {
		t.Fatal(err)
	}
	after := w.refs("undisturbed")
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for delay := time.Duration(0); delay < 200*time.Millisecond; delay += 25 * time.Millisecond {
			w.copyVault("vault", "crashed")
			c := exec.Command(w.binary, "train", "1.1")
			c.Dir, c.Env = w.dir, append(w.env, "GIT_CARRY_VAULT=crashed")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(delay)
			_ = c.Process.Signal(sig)
			code := exitCode(c.Wait())
			if got := w.refs("crashed"); got != before && got != after {
				t.Errorf("%v after %v: neither before nor after:\n%s", sig, delay, got)
			}
			if code != 3 && code != 130 && code != -1 { // -1: before the program could listen
				t.Errorf("%v after %v: exit code %d", sig, delay, code)
			}
		}
	}
}
