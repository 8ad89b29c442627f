package gitops

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A fetch must not tell the public server the id of anything private: git names
// commits that it has, whatever their ref. Every way in which we fetch, with both
// protocols and every algorithm by which git chooses what to name, on histories drawn at
// random. A plain fetch in the same repository is the control: it does tell, so the test
// can fail.
func TestFetchTellsNoPrivateID(t *testing.T) {
	for n := range *fetchWorlds {
		for i, how := range []struct{ protocol, algorithm string }{
			{"0", "default"}, {"2", "default"}, {"0", "skipping"}, {"2", "skipping"}, {"0", "consecutive"}, {"2", "consecutive"},
		} {
			t.Run(fmt.Sprintf("%d v%s %s", n, how.protocol, how.algorithm), func(t *testing.T) {
				w := newLeakWorld(t, rand.New(rand.NewPCG(n, uint64(i))))
				w.config = "[protocol]\n\tversion = " + how.protocol + "\n[fetch]\n\tnegotiationAlgorithm = " + how.algorithm + "\n"
				w.silent("a train", w.vault, func(v *Vault) error {
					_, err := v.FetchPublic(t.Context(), "core", w.url, "refs/heads/main", nil)
					return err
				})
				w.silent("a rehearsal", w.vault, func(v *Vault) error {
					s, err := v.Scratch()
					if err != nil {
						return err
					}
					defer s.Close()
					return v.FetchInto(t.Context(), s, "core", w.url, "refs/heads/main", merge3.ID(w.git(w.public, "rev-parse", "main")), nil)
				})
				w.silent("a component that is new", w.vault, func(v *Vault) error {
					_, err := v.FetchPublic(t.Context(), "other", w.url, "refs/heads/main", nil)
					return err
				})
				w.silent("a vault that came from a team", w.joined(), func(v *Vault) error {
					_, err := v.FetchPublic(t.Context(), "core", w.url, "refs/heads/main", nil)
					return err
				})
				w.fork()
				for range 2 { // the second time it has been there
					w.silent("a fork", w.vault, func(v *Vault) error {
						_, err := v.FetchPublic(t.Context(), "fork", w.url, "refs/heads/main", nil)
						return err
					})
				}
				w.control()
			})
		}
	}
}

var fetchWorlds = flag.Uint64("fetchworlds", 1, "histories in which a fetch may tell something, for each protocol and algorithm")

// leakWorld is a public repository and a vault with private commits on top of it.
type leakWorld struct {
	t           *testing.T
	random      *rand.Rand
	public, url string
	vault       *Vault
	config      string // of the person who fetches
	commits     int
}

func newLeakWorld(t *testing.T, random *rand.Rand) *leakWorld {
	t.Helper()
	w := &leakWorld{t: t, random: random, public: t.TempDir()}
	w.url = "file://" + w.public
	w.git(w.public, "init", "-q", "-b", "main")
	w.publish(5 + random.IntN(20))
	w.vault = newVault(t)
	base, err := w.vault.FetchPublic(t.Context(), "core", w.url, "refs/heads/main", nil)
	if err != nil {
		t.Fatal(err)
	}
	l := snapshot(t, w.vault).Ledger.Clone()
	l.Components["core"] = patchset.Component{Name: "core", URL: w.url}
	l.Versions["v1"] = patchset.Version{Name: "v1", Made: time.Unix(1e9, 0).UTC(), Bases: map[string]patchset.Base{"core": {Commit: base, Ref: "refs/heads/main"}}}
	tip := base
	for n := range 1 + random.IntN(8) {
		id := fmt.Sprintf("T%d", n+1)
		blob := w.gitIn(w.vault.dir, id+" is secret", "hash-object", "-w", "--stdin")
		tree := w.gitIn(w.vault.dir, "100644 blob "+blob+"\tsecret\n", "mktree")
		tip = merge3.ID(w.git(w.vault.dir, "commit-tree", "-p", string(tip), "-m", "secret", tree))
		l.Patches[id] = patchset.Patch{
			ID: id, CarryID: strings.Repeat("0", 16), Component: "core", Owner: "priya",
			At: map[string]patchset.Incarnation{"v1": {State: patchset.StateClean, Position: n + 1, Commit: tip, Source: tip}},
		}
	}
	if err := carryOut(t.Context(), w.vault, snapshot(t, w.vault), l, "added patches"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *leakWorld) git(dir string, args ...string) string { return w.gitIn(dir, "", args...) }

// gitIn runs git with a clock that goes on, so that private commits are newer than public ones.
func (w *leakWorld) gitIn(dir, stdin string, args ...string) string {
	w.t.Helper()
	w.commits++
	date := fmt.Sprintf("%d +0000", 1_700_000_000+w.commits)
	c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
	c.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// publish makes n public commits, some of them on a branch that is merged.
func (w *leakWorld) publish(n int) {
	for range n {
		side := w.random.IntN(4) == 0 && w.commits > 5
		if side {
			w.git(w.public, "checkout", "-q", "-b", "side", "main~1")
		}
		w.git(w.public, "commit", "-q", "--allow-empty", "-m", fmt.Sprint("public ", w.commits))
		if side {
			w.git(w.public, "checkout", "-q", "main")
			w.git(w.public, "merge", "-q", "-m", "Merge", "side")
			w.git(w.public, "branch", "-q", "-D", "side")
		}
	}
}

// fork makes the public repository one that left the other some commits ago. What is
// public over there is nothing that this server may be told.
func (w *leakWorld) fork() {
	fork := w.t.TempDir()
	w.git(w.public, "branch", "-f", "parting", fmt.Sprintf("main~%d", 1+w.random.IntN(3)))
	w.git(fork, "clone", "-q", "--no-local", "--single-branch", "--branch", "parting", w.url, "fork")
	w.public = filepath.Join(fork, "fork")
	w.url = "file://" + w.public
	w.git(w.public, "checkout", "-q", "-b", "main")
}

// joined is a second vault, from what the first has shared.
func (w *leakWorld) joined() *Vault {
	w.t.Helper()
	team := filepath.Join(w.t.TempDir(), "team.git")
	w.git(w.public, "init", "-q", "--bare", team)
	if err := w.vault.PushShared(w.t.Context(), team, "", snapshot(w.t, w.vault).Tip, nil); err != nil {
		w.t.Fatal(err)
	}
	return joined(w.t, w.vault.git, team)
}

// silent fails when the public server is told the id of an object that it has not.
func (w *leakWorld) silent(what string, v *Vault, fetch func(*Vault) error) {
	w.t.Helper()
	w.publish(1 + w.random.IntN(3))
	private := w.private(v)
	trace := filepath.Join(w.t.TempDir(), "trace")
	spy := *v.git
	spy.environ = append(slices.Clone(spy.environ), "GIT_CONFIG_GLOBAL="+writeTemp(w.t, w.config))
	spy.path = tracingGit(w.t, v.git.path, trace)
	if err := fetch(openVault(&spy, v.dir)); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	said := readTrace(w.t, trace)
	if !strings.Contains(said, "want ") {
		w.t.Errorf("%s: the trace saw no fetch", what)
	}
	for _, id := range private {
		if strings.Contains(said, id) {
			w.t.Errorf("%s: the server was told %s", what, id)
		}
	}
}

// private lists the ids of what a vault has and the public repository has not.
func (w *leakWorld) private(v *Vault) []string {
	list := func(dir string) []string {
		return strings.Fields(w.git(dir, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	}
	known := map[string]bool{}
	for _, id := range list(w.public) {
		known[id] = true
	}
	ids := slices.DeleteFunc(list(v.dir), func(id string) bool { return known[id] })
	if len(ids) < 4 {
		w.t.Fatalf("only %d private objects", len(ids))
	}
	return ids
}

// control fetches as anybody would who has just carried a patch, and must be caught.
func (w *leakWorld) control() {
	w.t.Helper()
	w.publish(1)
	tip := string(snapshot(w.t, w.vault).Tip)
	w.git(w.vault.dir, "update-ref", "refs/heads/careless", w.git(w.vault.dir, "commit-tree", "-p", tip, "-m", "carried", tip+"^{tree}"))
	private := w.private(w.vault)
	trace := filepath.Join(w.t.TempDir(), "control")
	c := exec.CommandContext(context.Background(), "git", "-C", w.vault.dir, "fetch", "-q", w.url, "main")
	c.Env = append(os.Environ(), "GIT_TRACE_PACKET="+trace, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+writeTemp(w.t, w.config))
	if out, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
	said := readTrace(w.t, trace)
	if !slices.ContainsFunc(private, func(id string) bool { return strings.Contains(said, "have "+id) }) {
		w.t.Error("the control told nothing: this test proves nothing")
	}
}

// A base that the ledger also names as something private is not taken for public,
// whoever wrote it there.
func TestAPrivateBaseIsNotNotedAsPublic(t *testing.T) {
	w := newLeakWorld(t, rand.New(rand.NewPCG(1, 1)))
	s := snapshot(t, w.vault)
	v := s.Ledger.Versions["v1"]
	l := s.Ledger.Clone()
	l.Versions["v2"] = patchset.Version{Name: "v2", Made: v.Made, Bases: map[string]patchset.Base{
		"core": {Commit: l.Patches["T1"].At["v1"].Commit, Ref: "refs/heads/v2"},
	}}
	if err := w.vault.KeepBases(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	kept, err := w.vault.KeptPublic("core")
	if err != nil || kept["refs/heads/v2"] != "" || kept["refs/heads/main"] == "" {
		t.Errorf("kept as public: %v (%v)", kept, err)
	}
}
