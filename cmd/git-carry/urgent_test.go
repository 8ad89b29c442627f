package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/cmd"
	"github.com/git-carry/git-carry/gitops/gittest"
)

var (
	urgentVersions = flag.Int("urgentversions", 3, "live versions of the urgent lane")
	urgentTargets  = flag.Int("urgenttargets", 12, "targets of the urgent lane")
)

// fleet is a world of many targets, served over git's own protocol: some are dead, some
// name commits that they cannot give, some are late, some can be had by IPv6 alone.
type fleet struct {
	t     *testing.T
	dir   string
	later time.Duration
	dead  []string
	lying []string
	late  []string
}

// TestUrgentLane plays the lane from open to retired, by what urgent next says and nothing
// else. `make urgent` plays it with 20 versions and 200 targets, and shows the times.
func TestUrgentLane(t *testing.T) {
	f := &fleet{t: t, dir: t.TempDir()}
	f.build(f.serve("127.0.0.1"), f.serve("::1"))
	f.carry("", "urgent", "open", "T1", "--reason", "used in the wild")
	stuck, status := 0, ""
	for steps := 0; ; steps++ {
		if steps > 60 {
			t.Fatalf("no end:\n%s", f.carry("", "urgent", "status"))
		}
		item, command, from := f.next()
		switch {
		case item == "released":
			if f.dead != nil {
				t.Errorf("%v and %v have it", f.dead, f.lying)
			}
			status = f.carry("", "urgent", "status")
			f.end()
			t.Logf("%d versions, %d targets\n%s", *urgentVersions, *urgentTargets, status)
			return
		case item == "releasing":
			if stuck++; stuck == 2 {
				f.catchUp()
			}
			if stuck > 2 {
				f.excuse()
			}
		}
		f.tryCarry(from, command...)
	}
}

// next is where the item stands, what is to be typed, and who may.
func (f *fleet) next() (state string, command []string, from string) {
	f.t.Helper()
	var doc struct {
		Items []struct {
			State string `json:"state"`
			Next  struct {
				Command []string `json:"command"`
				From    []string `json:"from"`
			} `json:"next"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(f.carry("", "urgent", "next", "--json")), &doc); err != nil || len(doc.Items) != 1 {
		f.t.Fatalf("urgent next: %v, %+v", err, doc)
	}
	n := doc.Items[0]
	for i, word := range n.Next.Command {
		if word == "TEXT" {
			n.Next.Command[i] = "it works"
		}
	}
	if len(n.Next.From) > 0 {
		from = n.Next.From[0]
	}
	return n.State, n.Next.Command[2:], from
}

// end lets what was released become public, and the item leave the lane.
func (f *fleet) end() {
	f.carry("", "urgent", "extras", "--dir", "extras")
	f.carry("", "urgent", "extras", "--done", "advisory", "--where", "https://example.org/1")
	f.carry("", "disclose", "T1")
	for v := range *urgentVersions {
		f.git("upstream", "checkout", "-q", "wmf/"+version(v))
		f.write("upstream/a", fixed)
		f.git("upstream", "commit", "-qam", "Close the hole")
		f.carry("", "train", version(v))
	}
	f.later = 8 * 24 * time.Hour
	f.carry("", "urgent", "run")
	if out := f.carry("", "urgent", "next"); !strings.Contains(out, "lane is empty") {
		f.t.Errorf("it did not leave the lane:\n%s", out)
	}
}

const (
	open  = "1\n2\n3\nopen\n"
	fixed = "1\n2\n3\nclosed\n"
)

func version(n int) string { return fmt.Sprintf("1.%d", n) }

// build makes the upstream, the vault and the targets.
func (f *fleet) build(ipv4, ipv6 string) {
	f.write(".gitconfig", "[protocol \"file\"]\n\tallow = always\n[init]\n\tdefaultBranch = main\n")
	f.git(".", "init", "-q", "upstream")
	for v := range *urgentVersions {
		f.write("upstream/a", open)
		f.write("upstream/version", version(v))
		f.git("upstream", "add", "-A")
		f.git("upstream", "commit", "-qm", "Version "+version(v))
		f.git("upstream", "branch", "wmf/"+version(v))
	}
	f.git(".", "clone", "-q", "upstream", "work")
	f.git("work", "checkout", "-q", "-b", "fix", "origin/wmf/"+version(0))
	f.write("work/a", fixed)
	f.git("work", "commit", "-qam", "SECURITY: close the hole", "--author", "Priya <priya@example.org>")
	f.carry("", "init", "-q", "vault", "--component", "core=upstream")
	for _, who := range []string{"priya", "sam", "kim", "deb", "lee"} {
		f.carry("", "owner", "add", who, "--name", who, "--email", who+"@example.org")
	}
	for v := range *urgentVersions {
		f.carry("", "train", version(v))
	}
	f.carry("", "add", "T1", "--version", version(0), "--owner", "priya", "--severity", "critical", "--commit", "fix", "--repo", "work")
	f.carry("", "urgent", "policy", "--soak", "0")
	for i := range *urgentTargets {
		f.addTarget(i, ipv4, ipv6)
	}
}

// addTarget makes a target. Of every dozen one is dead, one lies, one is late, and two can
// be had by IPv6 alone.
func (f *fleet) addTarget(i int, ipv4, ipv6 string) {
	name, ring, repo, serves := fmt.Sprintf("t%03d", i), "stable", fmt.Sprintf("fleet/%03d.git", i), ""
	if i == 0 {
		ring = "testing"
	}
	mirror := strings.Replace(repo, ".git", "-mirror.git", 1)
	switch i % 12 {
	case 5:
		f.dead = append(f.dead, name)
		repo = "nowhere.git"
	case 6:
		f.lying = append(f.lying, name)
		serves = ipv4 + "/" + filepath.Base(mirror)
	case 7:
		f.late = append(f.late, name)
		serves = ipv4 + "/" + filepath.Base(mirror)
	case 8, 9:
		serves = ipv6 + "/" + filepath.Base(repo)
	case 10: // a plain path
	default:
		serves = ipv4 + "/" + filepath.Base(repo)
	}
	if repo != "nowhere.git" {
		f.git(".", "init", "-q", "--bare", repo)
	}
	if i%12 == 6 || i%12 == 7 {
		f.git(".", "init", "-q", "--bare", mirror)
	}
	if i%12 == 6 { // refs first, and the objects never
		f.write(repo+"/hooks/post-receive", "#!/bin/sh\nmkdir -p ../"+filepath.Base(mirror)+"/refs/heads/deploy && cp refs/heads/deploy/* ../"+filepath.Base(mirror)+"/refs/heads/deploy/\n")
		if err := os.Chmod(filepath.Join(f.dir, repo, "hooks/post-receive"), 0o700); err != nil {
			f.t.Fatal(err)
		}
	}
	args := []string{"target", "add", name, repo, "--component", "core", "--branch", "deploy/{version}", "--ring", ring}
	if serves != "" {
		args = append(args, "--serves", serves)
	}
	f.carry("", args...)
}

// catchUp lets the late mirrors fetch.
func (f *fleet) catchUp() {
	for _, name := range f.late {
		n := strings.TrimPrefix(name, "t")
		f.git("fleet/"+n+"-mirror.git", "fetch", "-q", "../"+n+".git", "+refs/heads/*:refs/heads/*")
	}
	f.tryCarry("", "urgent", "probe", "--record")
}

// excuse waits no longer for those that will never have it: each of them, and no other, is
// what is missing then.
func (f *fleet) excuse() {
	if len(f.dead) == 0 {
		f.t.Fatalf("it is stuck:\n%s", f.carry("", "urgent", "status"))
	}
	out := f.tryCarry("", "urgent", "probe")
	for _, name := range append(f.dead, f.lying...) {
		if !strings.Contains(out, name+" ") {
			f.t.Errorf("%s is not named:\n%s", name, out)
		}
		f.carry("sam", "urgent", "excuse", "--target", name, "--reason", "broken")
	}
	for _, name := range f.lying {
		if !strings.Contains(out, "corrupt") {
			f.t.Errorf("%s names what it does not have, and nobody says so:\n%s", name, out)
		}
	}
	f.dead = nil
	f.tryCarry("", "urgent", "run")
}

// serve starts git's daemon and gives the URL of the fleet.
func (f *fleet) serve(host string) string {
	if err := os.MkdirAll(filepath.Join(f.dir, "fleet"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		f.t.Skipf("no %s here: %v", host, err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	execPath, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		f.t.Fatal(err)
	}
	at := net.JoinHostPort(host, fmt.Sprint(port))
	stop, err := gittest.StartServer(at, filepath.Join(strings.TrimSpace(string(execPath)), "git-daemon"), "--export-all",
		"--listen="+host, fmt.Sprintf("--port=%d", port), "--max-connections=0", "--base-path="+filepath.Join(f.dir, "fleet"))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(stop)
	return "git://" + at
}

func (f *fleet) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) environ() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + f.dir, "TMPDIR=" + f.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + filepath.Join(f.dir, ".gitconfig"),
		"GIT_AUTHOR_NAME=Sam", "GIT_AUTHOR_EMAIL=sam@example.org", "GIT_COMMITTER_NAME=Sam", "GIT_COMMITTER_EMAIL=sam@example.org",
		"GIT_CARRY_VAULT=" + filepath.Join(f.dir, "vault"), "LC_ALL=C", "NO_COLOR=1", "COLUMNS=160",
	}
}

func (f *fleet) git(dir string, args ...string) {
	f.t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = filepath.Join(f.dir, dir), f.environ()
	if out, err := c.CombinedOutput(); err != nil {
		f.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// tryCarry runs git carry as somebody and gives what it says, whatever comes of it.
func (f *fleet) tryCarry(who string, args ...string) string {
	out, _ := f.run(who, args...)
	return out
}

// carry is tryCarry for what must go well.
func (f *fleet) carry(who string, args ...string) string {
	f.t.Helper()
	out, exit := f.run(who, args...)
	if exit != 0 {
		f.t.Fatalf("git carry %v: exit code %d\n%s", args, exit, out)
	}
	return out
}

func (f *fleet) run(who string, args ...string) (string, int) {
	if who != "" && !strings.Contains(who, " ") {
		args = append(args, "--as-person", who)
	}
	var out bytes.Buffer
	exit := cmd.Run(context.Background(), cmd.Env{
		Dir: f.dir, Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: os.Stderr, Environ: f.environ(),
		Now: func() time.Time { return time.Now().Add(f.later) }, Random: rand.Reader,
	})
	return out.String(), exit
}
