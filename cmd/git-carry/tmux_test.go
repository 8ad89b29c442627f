package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The screens, as people have them: the program in a terminal. Each test has a world and
// a tmux server of its own; tmux is skipped where there is none.

// newScreenWorld makes a vault in which the patch T1, Priya's, conflicts at two places
// of one file in version 1.1. Dana deploys.
func newScreenWorld(t *testing.T) *crashWorld {
	t.Helper()
	binary, err := exec.LookPath("git-carry") // this very test binary, see TestMain
	if err != nil {
		t.Fatal(err)
	}
	w := &crashWorld{t: t, dir: t.TempDir(), binary: binary}
	w.env = append(whoIs("priya", "Priya Nair"),
		"PATH="+os.Getenv("PATH"), "HOME="+w.dir, "TMPDIR="+w.dir, "GIT_CONFIG_NOSYSTEM=1", "GORACE=atexit_sleep_ms=0",
		"GIT_AUTHOR_DATE=2026-11-01T12:00:00Z", "GIT_COMMITTER_DATE=2026-11-01T12:00:00Z",
		"GIT_CARRY_NOW=2026-11-22T09:00:00Z", "TZ=UTC", "LC_ALL=C.UTF-8",
	)
	text := func(second, tenth string) map[string]string {
		return map[string]string{"search.txt": "one\n" + second + "\nthree\nfour\nfive\nsix\nseven\neight\nnine\n" + tenth + "\neleven\n"}
	}
	w.git("init", "-q", "-b", "main", "core")
	w.commit("core", "first", text("two", "ten"))
	w.git("-C", "core", "branch", "wmf/1.0")
	w.git("clone", "-q", "core", "work")
	w.commit("work", "SECURITY: escape the query", text("two safe", "ten safe"))
	w.commit("core", "Shout the query", text("TWO", "TEN"))
	w.git("-C", "core", "branch", "wmf/1.1")
	w.must("init", "vault", "--component", "core=core")
	w.must("owner", "add", "priya", "--name", "Priya Nair", "--email", "priya@example.org")
	w.must("owner", "add", "dana", "--name", "Dana Deploy", "--email", "dana@example.org")
	w.must("add", "T1", "--component", "core", "--version", "1.0", "--owner", "priya", "--severity", "high", "--repo", "work", "--commit", "HEAD")
	if out, err := w.run("vault", nil, w.binary, "train", "1.1"); exitCode(err) != 3 {
		t.Fatalf("train: %v\n%s", err, out)
	}
	return w
}

func whoIs(id, name string) []string {
	return []string{
		"GIT_AUTHOR_NAME=" + name, "GIT_AUTHOR_EMAIL=" + id + "@example.org",
		"GIT_COMMITTER_NAME=" + name, "GIT_COMMITTER_EMAIL=" + id + "@example.org",
	}
}

// patience is how long a screen may take to show what it must: the race detector and a
// busy machine are slow.
const patience = 30 * time.Second

var usual = [2]int{100, 30}

func TestScreenOwnerSettlesAndSigns(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	x := w.open(usual, nil, "resolve", "T1")
	x.wait("OWNER Priya Nair = YOU, unverified (claims priya@example.org)", "conflict 1/2  2 left")
	x.press("3")
	x.wait("1 left", "from [3] patch", "fix lines 1/2, 1 open", "upstream lines 0/2, 1 open !")
	x.press("]", "u", "b")
	x.wait("0 left", "NEXT  all decided")
	x.press("s")
	x.wait("SIGN T1", "read this, then s signs it")
	x.press("s")
	x.wait("Type T1 to sign:")
	x.press("T", "1", "Enter")
	x.wait("Signed: owner priya")
	x.press("Escape")
	x.wait("RESOLVE T1", "SIGNED", "NEXT  signed: q leaves")
	x.press("q")
	left := x.end(0)
	if !strings.Contains(left, "T1 is resolved") || strings.Contains(left, "CHECK") {
		t.Errorf("left on the terminal:\n%s", left)
	}
	w.must("verify", "1.1")
	if got := w.git("-C", "vault", "log", "-1", "--format=%s", "refs/carry/ledger"); got != "signed T1 in 1.1 as owner" {
		t.Errorf("the ledger says %q", got)
	}
	const want = "one\ntwo safe\nthree\nfour\nfive\nsix\nseven\neight\nnine\nTEN\nten safe\neleven"
	if got := w.git("-C", "vault", "show", "refs/carry/stacks/core/1.1:search.txt"); got != want {
		t.Errorf("the stack has:\n%s", got)
	}
}

func TestScreenKilledHalfWayGoesOn(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	x := w.open(usual, nil, "resolve", "T1")
	x.wait("2 left")
	x.press("b")
	x.wait("1 left", "two safe")
	x.kill()
	if got := w.git("-C", "vault", "log", "-1", "--format=%s", "refs/carry/ledger"); !strings.HasPrefix(got, "carried ") {
		t.Errorf("the ledger says %q", got)
	}

	x = w.open(usual, nil, "resolve", "T1")
	x.wait("conflict 2/2  1 left", "goes on from your session", "which was cut off")
	x.press("3", "[", "c")
	x.wait("conflict 1/2  0 left", "from both")
	x.press("q")
	left := x.end(4)
	if !strings.Contains(left, "T1 in 1.1: settled") || !strings.Contains(left, "git carry sign T1 --expect") {
		t.Errorf("left on the terminal:\n%s", left)
	}
	w.must("sign", "T1")
	const want = "one\nTWO\ntwo safe\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten safe\neleven"
	if got := w.git("-C", "vault", "show", "refs/carry/stacks/core/1.1:search.txt"); got != want {
		t.Errorf("the stack has:\n%s", got)
	}
}

// colour is an escape sequence that sets one; 39 and 49 are what the terminal has.
var colour = regexp.MustCompile(`\x1b\[(?:\d+;)*(?:[34][0-8]|9\d|10\d)[;m]`)

func TestScreenFitsSmallTerminals(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	x := w.open([2]int{80, 24}, []string{"NO_COLOR=1"}, "ui")
	x.wait("TRAIN 1.1", "1 BLOCK", "NEXT  press r: T1")
	x.press("r")
	screen := x.wait("RESOLVE T1 for 1.1", "[2] UPSTREAM CHANGED", "[3] THE PATCH CHANGES", "RESULT", "CHECK left 2", "NEXT  choose")
	if rows := strings.Split(strings.TrimSuffix(screen, "\n"), "\n"); len(rows) != 24 {
		t.Errorf("%d rows:\n%s", len(rows), screen)
	}
	if coloured := x.tmux("capture-pane", "-p", "-e"); colour.MatchString(coloured) {
		t.Errorf("colours in spite of NO_COLOR:\n%q", coloured)
	}
	x.press("?")
	x.wait("KEYS", "take BASE: what both began with")
	x.press("Escape")
	x.tmux("resize-window", "-x", "40", "-y", "12")
	x.wait("T1 for 1.1", "2 left", "CHECK left 2", "NEXT  choose")
	x.tmux("resize-window", "-x", "39", "-y", "12")
	x.wait("needs 40x12, now 39x12")
	x.tmux("resize-window", "-x", "80", "-y", "24")
	x.wait("RESOLVE T1 for 1.1")
	x.press("q")
	x.wait("TRAIN 1.1") // back on the board
	x.press("q")
	x.end(0)
}

// Tables that lose columns to a narrow terminal say which, and keep the rest.
func TestTablesFitTheTerminal(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	for _, tt := range []struct {
		command string
		code    int
		says    []string
	}{
		{"list", 0, []string{"T1", "has LIFE, SEVERITY, too."}},
		{"forecast", 3, []string{"T1", "has DATE, AUTHOR, too."}},
		{"resolve", 3, []string{"T1", "has NEXT, too."}},
		{"component list", 0, []string{"core", "has PINNED BY, BRANCH, too."}},
	} {
		x := w.open([2]int{60, 40}, nil, strings.Fields(tt.command)...)
		screen := strings.ReplaceAll(x.end(tt.code), "\n", " ")
		for _, want := range tt.says {
			if !strings.Contains(screen, want) {
				t.Errorf("%s does not say %q:\n%s", tt.command, want, screen)
			}
		}
	}
}

// TestScreenAudit narrows the audit, exports it, looks at a past day and goes back to the
// board.
func TestScreenAudit(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	x := w.open([2]int{80, 24}, []string{"NO_COLOR=1"}, "ui")
	x.wait("TRAIN 1.1")
	x.press("a")
	x.wait("AUDIT  as of 22 Nov 2026 09:00 UTC", "carried 1  overdue 0", ">", "T1", "sorted by overdue")
	if coloured := x.tmux("capture-pane", "-p", "-e"); colour.MatchString(coloured) {
		t.Errorf("colours in spite of NO_COLOR:\n%q", coloured)
	}
	x.press("f")
	x.wait("no patch here", "only overdue")
	x.press("Escape")
	x.wait("every open patch")
	write := func(name, said string) string {
		x.press("x")
		x.wait("write to (.csv")
		x.tmux("send-keys", "-l", name)
		x.press("Enter")
		x.wait(said)
		data, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	if got := write("t.csv", "wrote 1 patch to "); !strings.Contains(got, "T1,core,priya,high,") {
		t.Errorf("the CSV says\n%s", got)
	}
	write("t.csv", "t.csv is there already")
	write("search.html", "wrote the whole report to ")
	x.press("P")
	x.wait("PUBLIC COPY", "Counts only")
	for _, name := range []string{"p.txt", "p.csv", "p.json", "p.html", "p.prom", "p.ics"} {
		if got := write(name, "wrote the public "); got == "" || regexp.MustCompile(`\bT1\b|core|priya|dana`).MatchString(got) {
			t.Errorf("%s says\n%s", name, got)
		}
	}
	if info, err := os.Stat(filepath.Join(w.dir, "t.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("who may read the secret report: %v %v", info, err)
	}
	x.press("P", "d")
	x.wait("as it was at the end of")
	x.tmux("send-keys", "-l", "2026-12-24")
	x.press("Enter")
	x.wait("is still to come")
	x.press("d")
	x.tmux("send-keys", "-l", "2026-11-22T09:00:00Z")
	x.press("Enter")
	x.wait("THE PAST", "T1")
	x.tmux("resize-window", "-x", "40", "-y", "12")
	x.wait("AUDIT", "T1", "x export")
	x.press("b")
	x.wait("TRAIN 1.1")
	x.press("q")
	x.end(0)
}

// TestScreenUrgentLane follows an item from the board: a version that conflicts, a vote that
// somebody gives meanwhile, a target that is dead; and copies what to type.
func TestScreenUrgentLane(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	for _, target := range []string{"canary", "near", "dead"} {
		w.git("init", "-q", "--bare", target+".git")
	}
	w.must("target", "add", "canary", "canary.git", "--ring", "testing")
	w.must("target", "add", "near", "near.git")
	w.must("target", "add", "dead", "dead.git")
	w.must("urgent", "policy", "--soak", "0", "--approvals", "1")
	w.must("urgent", "open", "T1", "--reason", "used in the wild")
	w.must("urgent", "accept", "--as-person", "dana")
	_, _ = w.run("vault", nil, w.binary, "urgent", "run")

	x := w.open([2]int{80, 24}, []string{"NO_COLOR=1"}, "ui")
	x.wait("TRAIN 1.1")
	x.press("u")
	x.wait("URGENT  U-2026-1  T1", "in-testing", "need  1 approval", ">2 STAGES<", "FORECAST", "3 VERSIONS  1 BEHIND", "4 PEOPLE  approved by 0 of 1", "as of 09:00:00 UTC")
	if coloured := x.tmux("capture-pane", "-p", "-e"); colour.MatchString(coloured) {
		t.Errorf("colours in spite of NO_COLOR:\n%q", coloured)
	}
	x.press("4")
	x.wait("dana", "may vote", "priya", "may not", "is the author of T1")
	w.must("urgent", "vote", "yes", "--as-person", "dana", "--reason", "tried it")
	x.press("R")
	x.wait(">4 PEOPLE<  approved by 1 of 1", "+1", "tried it", "type  git carry urgent release U-2026-1")

	if err := os.Rename(filepath.Join(w.dir, "dead.git"), filepath.Join(w.dir, "gone.git")); err != nil {
		t.Fatal(err)
	}
	_, _ = w.run("vault", nil, w.binary, "urgent", "release")
	_, _ = w.run("vault", nil, w.binary, "urgent", "probe", "--record")
	x.press("5", "R")
	x.wait("1 DEAD", "verified", ">!dead", "releasing")
	x.press("y")
	x.wait("copied, if this terminal lets programs copy")
	const want = "git carry urgent excuse U-2026-1 --target dead --reason TEXT"
	if got := x.tmux("show-buffer"); strings.TrimSpace(got) != want {
		t.Errorf("on the clipboard: %q", got)
	}
	x.press("Enter")
	x.wait("TARGET dead", "nobody reaches it", want)
	x.press("3", "G", "Enter")
	x.wait("VERSION 1.1 core", "WHOSE       owner priya", "git carry resolve T1 --version 1.1")
	x.press("Escape")
	x.tmux("resize-window", "-x", "40", "-y", "12")
	x.wait("URGENT", ">3 VERSIONS<", "CONFLICT")
	x.press("b")
	x.wait("TRAIN 1.1")
	x.press("q")
	x.end(0)
}

func TestScreenDeployerHandsOff(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	x := w.open(usual, whoIs("dana", "Dana Deploy"), "resolve", "T1")
	x.wait("NOT YOU (dana, unverified (claims dana@example.org)). You may draft a PROPOSAL.", "s propose")
	x.press("2", "s")
	x.wait("HAND OFF T1", "owner     priya (Priya Nair)", "1 of 2 conflicts decided")
	x.tmux("send-keys", "-l", "please look at line 10")
	x.press("Enter")
	x.wait("Handed T1 in 1.1 to priya (Priya Nair)")
	x.press("q")
	if left := x.end(8); !strings.Contains(left, "Handed T1 in 1.1 to priya") {
		t.Errorf("left on the terminal:\n%s", left)
	}
	if got := w.git("-C", "vault", "log", "-2", "--format=%s", "refs/carry/ledger"); got != "handed T1 in 1.1 to priya\ndrafted a resolution of T1 in 1.1, 1 file open" {
		t.Errorf("the ledger says\n%s", got)
	}

	x = w.open(usual, nil, "resolve", "T1")
	x.wait("OWNER Priya Nair = YOU", "conflict 2/2  1 left", "handed to priya by dana on 2026-11-22: please look at line 10; goes on from the draft of dana")
	x.press("q")
	x.end(3)
	if got := w.git("-C", "vault", "log", "-1", "--format=%s", "refs/carry/ledger"); got != "handed T1 in 1.1 to priya" {
		t.Errorf("to look at it changed the ledger: %q", got)
	}
}

func TestScreenOpensWhenThePassphraseIsThere(t *testing.T) {
	needTmux(t)
	w := newScreenWorld(t)
	if out, err := w.run("vault", nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", "id"); err != nil {
		t.Skipf("ssh-keygen: %v %s", err, out)
	}
	w.must("owner", "edit", "priya", "--key", "id.pub")
	w.must("owners", "policy", "--require", "key")

	x := w.open(usual, nil, "resolve", "T1")
	x.wait("to sign here takes your key: git carry resolve T1 --key FILE")
	x.press("q")
	x.end(3)

	x = w.open(usual, nil, "resolve", "T1", "--key", "id")
	screen := x.wait("Passphrase for id:")
	if strings.Contains(screen, "RESOLVE") {
		t.Errorf("a screen is up:\n%s", screen)
	}
	x.tmux("send-keys", "-l", "open sesame")
	x.press("Enter")
	x.wait("OWNER Priya Nair = YOU, key verified (SHA256:", "2 left")
	x.press("3", "]", "u", "3", "s")
	x.wait("read this, then s signs it")
	x.press("s")
	x.wait("Type T1 to sign:")
	x.press("T", "1", "Enter")
	x.wait("Signed: owner priya, key verified")
	x.press("Escape")
	x.wait("signed: q leaves")
	x.press("q")
	x.end(0)
	w.must("verify", "1.1")
}
