package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// The promise of the urgent lane: whatever the instant at which a command of it dies, the same
// command typed again comes to the end to which it would have come. Nothing is lost, nothing
// reaches a target twice, and nothing is left behind.
//
// What writes one entry to the ledger is held to before-or-after, as the commands in
// crash_test.go are. What goes out to targets writes several: then the vault is at one of the
// entries of the undisturbed run, urgent next says what to type, and after the second run the
// ledger, the stacks, the targets and the files are those of the undisturbed one.

var everyStep = flag.Bool("everystep", false, "kill the commands of the urgent lane at every step, not at a few")

func TestUrgentLaneGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	w := newUrgentCrashWorld(t)
	for i, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			u := &stageCrash{crashWorld: &crashWorld{t: t, dir: w.dir, binary: w.binary, env: w.env}, stage: s, turn: i}
			u.play()
			t.Logf("killed at %d of %d steps", u.tried, u.steps)
		})
	}
}

// TestEveryStateOfTheLaneIsKilled: the table has a line that begins in each state in which
// there is something to do, and one that ends in each other. A line that goes straight on from
// another begins where that ends.
func TestEveryStateOfTheLaneIsKilled(t *testing.T) {
	begin, end := map[string]bool{}, map[string]bool{}
	ends := map[string]string{"": ""}
	for _, s := range stages {
		if was, known := ends[s.from]; !known || len(s.then) == 0 && was != s.stands {
			t.Errorf("%s does not go on from %q", s.name, s.from)
		}
		ends[s.name] = s.ends
		begin[s.stands], end[s.ends] = true, true
	}
	for _, rule := range urgent.States() {
		state := string(rule.State)
		over := slices.Contains([]urgent.State{urgent.Retired, urgent.Superseded, urgent.Rejected}, rule.State)
		if !over && !begin[state] || over && !end[state] {
			t.Errorf("no command is killed in the state %s, or leads to it", state)
		}
	}
}

// newUrgentCrashWorld makes a vault with a fix for 1.0 that 1.1 lacks, people, a testing target and
// two stable ones. All that commands write outside their vault is in fleet.
func newUrgentCrashWorld(t *testing.T) *crashWorld {
	t.Helper()
	w := &crashWorld{t: t, dir: t.TempDir(), binary: crashBinary(t)}
	w.env = append(crashEnv(w.dir), "GIT_CARRY_NOW=2026-11-22T09:00:00Z")
	w.write("land.sh", "set -e\nfor v in 1.0 1.1; do git -C core checkout -q wmf/$v; cp closed core/a; git -C core commit -qam 'close the hole'; done\n")
	w.write("closed", "1\nclosed\n")
	w.git("init", "-q", "-b", "main", "core")
	w.commit("core", "first", map[string]string{"a": "1\nopen\n", "b": "1\n"})
	w.git("-C", "core", "branch", "wmf/1.0")
	w.commit("core", "second", map[string]string{"b": "9\n"})
	w.git("-C", "core", "branch", "wmf/1.1")
	w.git("clone", "-q", "core", "work")
	w.git("-C", "work", "checkout", "-q", "-b", "one", "origin/wmf/1.0")
	w.commit("work", "SECURITY: fix a", map[string]string{"a": "1\nclosed\n"})
	w.git("-C", "work", "checkout", "-q", "-b", "two", "origin/wmf/1.0")
	w.commit("work", "SECURITY: fix b", map[string]string{"b": "2\n"})
	w.must("init", "vault", "--component", "core=core")
	if out, err := w.run("vault", nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "watch", "-f", "watch"); err != nil {
		t.Skipf("no ssh-keygen here: %v\n%s", err, out)
	}
	for _, who := range []string{"priya", "sam", "kim", "deb", "lee"} {
		args := []string{"owner", "add", who, "--name", who, "--email", who + "@example.org"}
		if who == "lee" {
			args = append(args, "--key", "watch.pub")
		}
		w.must(args...)
	}
	w.must("train", "1.0")
	w.must("train", "1.1")
	w.must("add", "T1", "--component", "core", "--version", "1.0", "--owner", "priya", "--severity", "critical", "--repo", "work", "--commit", "one")
	for i, name := range []string{"canary", "a", "b"} {
		repo := "fleet/" + name + ".git"
		w.git("init", "-q", "--bare", repo)
		w.git("-C", repo, "config", "core.logAllRefUpdates", "always")
		w.git("-C", repo, "fetch", "-q", "../../core", "wmf/1.0:refs/heads/old")
		args := []string{"target", "add", name, repo, "--component", "core", "--branch", "deploy/{version}"}
		w.must(append(args, [][]string{{"--ring", "testing"}, {"--origin"}, nil}[i]...)...)
	}
	w.must("urgent", "policy", "--soak", "0", "--first", "a")
	w.save("after ")
	return w
}

// stageCrash kills the command of one line of the table.
type stageCrash struct {
	*crashWorld
	stage
	turn int // which line it is, so that not all are killed at the same steps

	// Of the undisturbed run.
	entries []string // of the ledger, newest first
	outcome string
	twice   string // the outcome of two, of what does the same again
	began   string // the newest entry before

	steps, tried int
}

// words takes a command of the table apart.
func (u *stageCrash) words(command string) []string {
	words := strings.Fields(strings.ReplaceAll(command, "DIR", u.dir))
	if rest, shell := strings.CutPrefix(command, "$ "); shell {
		return []string{"sh", "-c", rest}
	}
	return append([]string{u.binary}, words...)
}

func (u *stageCrash) play() {
	u.t.Helper()
	if u.at != "" {
		u.env = append(slices.Clone(u.env), "GIT_CARRY_NOW="+u.at)
	}
	u.begin()
	if len(u.then) > 0 {
		u.mustStand(u.stands)
	}
	u.save("ready")
	u.began = u.tip()
	words := u.words(u.kill)
	u.mustRun(words)
	u.mustStand(u.ends)
	if _, err := os.Stat(filepath.Join(u.dir, u.leaves)); err != nil {
		u.t.Errorf("undisturbed: %v", err)
	}
	u.save("after " + u.name)
	if !u.goesOut {
		u.oneEntry()
		return
	}
	u.entries = strings.Fields(u.git("-C", "vault", "log", "--first-parent", "--format=%H", "refs/carry/ledger"))
	u.outcome = u.all()
	if u.again {
		u.mustRun(words)
		u.twice = u.all()
	}
	for n := u.firstStep(); u.step(n); n += u.stride() {
	}
}

// mustRun is the undisturbed run.
func (u *stageCrash) mustRun(words []string) {
	u.t.Helper()
	if out, err := u.run("vault", nil, words[0], words[1:]...); exitCode(err) != u.exit {
		u.t.Fatalf("undisturbed: %v\n%s", err, out)
	}
}

func (u *stageCrash) mustStand(state string) {
	u.t.Helper()
	if got := u.state("vault"); got != state {
		u.t.Fatalf("it stands at %q, not at %q", got, state)
	}
}

// begin puts the world where the line begins.
func (u *stageCrash) begin() {
	u.t.Helper()
	u.restore("after " + u.from)
	for _, command := range u.then {
		words := u.words(command)
		if out, err := u.run("vault", nil, words[0], words[1:]...); exitCode(err) < 0 || exitCode(err) == 2 {
			u.t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
}

// save and restore keep the vault, what is outside it, and the upstream that some change.
func (w *crashWorld) save(as string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Join(w.dir, "saved"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	for _, part := range []string{"vault", "fleet", "core"} {
		w.copyVault(part, "saved/"+as+" "+part)
	}
}

func (w *crashWorld) restore(from string) {
	w.t.Helper()
	for _, part := range []string{"vault", "fleet", "core"} {
		w.copyVault("saved/"+from+" "+part, part)
	}
}

func (u *stageCrash) stride() int {
	switch {
	case *everyStep:
		return 1
	case strings.HasPrefix(u.name, "drill"):
		return 400
	case u.goesOut:
		return 60
	}
	return 20
}

// firstStep is another one in each line.
func (u *stageCrash) firstStep() int {
	return 1 + u.turn*7%min(u.stride(), 13)
}

// oneEntry holds the command to before-or-after.
func (u *stageCrash) oneEntry() {
	u.t.Helper()
	name := strings.ReplaceAll(u.name, " ", "-")
	u.copyVault("saved/ready vault", "ready-"+name)
	u.copyVault("vault", "undisturbed-"+name)
	c := crashCommand{name: name, args: u.words(u.kill)[1:], exit: u.exit, next: []string{"urgent", "next"}, first: u.firstStep(), stride: u.stride()}
	kill := crashes{w: u.crashWorld, command: c, before: u.refs("ready-" + name), after: u.refs("undisturbed-" + name)}
	kill.everyStep()
	kill.sawEnough()
	u.tried, u.steps = kill.tried, kill.steps
}

// step kills the command at its nth step and types it again; false when it has fewer.
func (u *stageCrash) step(n int) bool {
	u.restore("ready")
	words := u.words(u.kill)
	if !u.runKilled(n, words) {
		return false
	}
	u.steps, u.tried = n, u.tried+1
	tip := u.tip()
	if !slices.Contains(u.entries, tip) {
		u.t.Errorf("killed at step %d: the ledger is at no entry of the undisturbed run:\n%s", n, u.log("vault"))
	} else if !slices.Contains(u.entries[:slices.Index(u.entries, u.began)+1], tip) {
		u.t.Errorf("killed at step %d: the ledger has lost entries", n)
	}
	if out, err := u.run("vault", nil, "git", "-C", "vault", "fsck", "--full", "--strict", "--no-dangling"); err != nil {
		u.t.Errorf("killed at step %d: fsck: %v\n%s", n, err, out)
	}
	if out, err := u.run("vault", nil, u.binary, "urgent", "next"); err != nil || !strings.Contains(out, "git carry ") {
		u.t.Errorf("killed at step %d: urgent next does not say what to type: %v\n%s", n, err, out)
	}
	if out, err := u.run("vault", nil, words[0], words[1:]...); exitCode(err) != u.exit && !u.isOver(err) {
		u.t.Errorf("killed at step %d: the same again: %v\n%s", n, err, out)
	}
	if got := u.all(); got != u.outcome && (!u.again || got != u.twice) {
		u.t.Errorf("killed at step %d: in the end there is, other than undisturbed:%s", n, difference(u.outcome, got))
	}
	if left := u.leftOvers(u.tip() != tip); len(left) > 0 {
		u.t.Errorf("killed at step %d: left over: %v", n, left)
	}
	return true
}

// difference are the lines that only one of two texts has.
func difference(want, got string) string {
	wanted, has := strings.Split(want, "\n"), strings.Split(got, "\n")
	out := ""
	for _, line := range wanted {
		if !slices.Contains(has, line) {
			out += "\n- " + line
		}
	}
	for _, line := range has {
		if !slices.Contains(wanted, line) {
			out += "\n+ " + line
		}
	}
	return out
}

// isOver: what has left the lane before the kill cannot be typed again.
func (u *stageCrash) isOver(err error) bool {
	return u.ends == "retired" && exitCode(err) == 2 && u.state("vault") == u.ends
}

// runKilled runs a command until its nth step, and waits for the pushes that outlive it.
func (u *stageCrash) runKilled(n int, words []string) bool {
	u.t.Helper()
	c := exec.Command(words[0], words[1:]...)
	c.Dir = u.dir
	c.Env = append(slices.Clone(u.env), "GIT_CARRY_VAULT="+filepath.Join(u.dir, "vault"), fmt.Sprintf("GIT_CARRY_CRASH_AT=%d", n))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := c.Run()
	for range 200 {
		if syscall.Kill(-c.Process.Pid, 0) != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return killed(err)
}

// state is where the item stands; "" when there is none.
func (u *stageCrash) state(vault string) string {
	u.t.Helper()
	const item = "U-2026-1"
	if _, err := u.run(vault, nil, "git", "-C", vault, "cat-file", "-e", "refs/carry/ledger:urgent/"+item+"/item.toml"); err != nil {
		return ""
	}
	c := exec.Command(u.binary, "urgent", "next", item, "--json")
	c.Dir, c.Env = u.dir, append(slices.Clone(u.env), "GIT_CARRY_VAULT="+filepath.Join(u.dir, vault))
	out, err := c.Output()
	var doc struct {
		Items []struct{ State string }
	}
	if err != nil || json.Unmarshal(out, &doc) != nil || len(doc.Items) != 1 {
		u.t.Fatalf("urgent next: %v\n%s", err, out)
	}
	return doc.Items[0].State
}

// aside is what need not be the same after a second run: what the first one would have written
// down of the time that it took.
var aside = regexp.MustCompile(`(?m)^.*\turgent/[^/]+/runs/.*\n`)

// all is what the ledger, the stacks, the targets and the files hold, and how often each branch of
// a target was moved.
func (u *stageCrash) all() string {
	u.t.Helper()
	out := aside.ReplaceAllString(u.git("-C", "vault", "ls-tree", "-r", "refs/carry/ledger")+"\n", "")
	_, stacks, _ := strings.Cut(u.refs("vault"), "\n")
	out += stacks + "\n"
	for _, name := range []string{"canary", "a", "b"} {
		out += name + "\n" + u.git("-C", "fleet/"+name+".git", "for-each-ref") + "\n"
	}
	for _, pattern := range []string{"fleet/*.git/logs/refs/heads/*/*", "fleet/www/*", "fleet/told", "fleet/extras/*", "fleet/extras/patches/*/*/*"} {
		files, _ := filepath.Glob(filepath.Join(u.dir, pattern))
		for _, file := range files {
			out += u.glimpse(file) + "\n"
		}
	}
	return out
}

// glimpse is what of a file must be the same: of a branch's log which commits it had; of a bundle, in
// which the ledger's own entries are, and of what owners were told, which may come twice, that it is there.
func (u *stageCrash) glimpse(file string) string {
	name := strings.TrimPrefix(file, u.dir)
	data, err := os.ReadFile(file)
	if err != nil || strings.HasSuffix(file, ".tar") || strings.HasSuffix(file, "/told") {
		return name
	}
	if !strings.Contains(file, "/logs/") {
		return name + "\n" + string(data)
	}
	for line := range strings.Lines(string(data)) {
		name += " " + strings.Join(strings.Fields(line)[:2], " ")
	}
	return name
}

// tip is the newest entry.
func (u *stageCrash) tip() string { return u.git("-C", "vault", "rev-parse", "refs/carry/ledger") }

// leftOvers are what a command should have taken away with it, the locks of refs if it wrote. The
// mark on a pack of which nobody knows whether it is used stays for an hour.
func (u *stageCrash) leftOvers(wrote bool) []string {
	var left []string
	for _, pattern := range []string{"git-carry-*", "vault/carry-tmp/*", "vault/*.new", "vault/refs/carry/*.lock", "vault/refs/carry/stacks/*/*.lock", "fleet/*/.git-carry-*"} {
		if strings.HasSuffix(pattern, ".lock") && !wrote {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(u.dir, pattern))
		left = append(left, files...)
	}
	return left
}
