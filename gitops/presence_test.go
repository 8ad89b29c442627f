package gitops

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/urgent"
	"golang.org/x/sync/errgroup"
)

// What a mirror serves decides, with filters and without.
func TestProbeTruthTable(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	wording := urgent.Witness{Path: "app.c", Must: []string{"if (!inside(i, n))"}, MustNot: []string{"return 1;"}, Event: patchset.Event{By: "priya"}}
	plain, witnessed := worldFix(t, world), worldFix(t, world, wording)
	known := func(id patchset.ID) bool { return id == idOf(world, "stale") || id == idOf(world, "fixed") }
	names := []string{"fixed", "stale", "ahead", "byhand", "reverted", "dropped", "otherwise", "half", "lookalike", "moved", "renamed", "strange", "notree", "noblob"}
	world.Git("branch", "notree", "fixed")
	world.Git("branch", "noblob", "fixed")
	table := []struct {
		mirror, branch string
		fix            urgent.Fix
		want           urgent.Verdict
	}{
		{"fixed", "deploy", plain, urgent.Present},
		{"stale", "deploy", plain, urgent.Absent},
		{"ahead", "deploy", plain, urgent.Present},
		{"byhand", "deploy", plain, urgent.Present},
		{"reverted", "deploy", plain, urgent.Absent},
		{"dropped", "deploy", plain, urgent.Absent},
		{"otherwise", "deploy", plain, urgent.Partial},
		{"otherwise", "deploy", witnessed, urgent.Present},
		{"stale", "deploy", witnessed, urgent.Absent},
		{"notree", "deploy", plain, urgent.Corrupt},
		{"noblob", "deploy", plain, urgent.Corrupt},
		{"fixed", "gone", plain, urgent.Unknown},
		{"fixed", "old", plain, urgent.Absent},
		{"nowhere", "deploy", plain, urgent.Unreachable},
		{"half", "deploy", plain, urgent.Partial},
		{"lookalike", "deploy", plain, urgent.Partial},
		{"moved", "deploy", plain, urgent.Present},
		{"renamed", "deploy", plain, urgent.Present},
		{"strange", "deploy", plain, urgent.Diverged},
	}
	for transport, filters := range map[string]bool{"path": false, "git": true} {
		dir := mirrors(t, world, filters, names...)
		lose(t, world, filepath.Join(dir, "notree"), "notree^{tree}")
		lose(t, world, filepath.Join(dir, "noblob"), "noblob:app.c")
		url := dir
		if transport == "git" {
			url = serveGitDaemonAt(t, "127.0.0.1", dir)
		}
		v := newVault(t)
		for _, row := range table {
			probed := ask(t, v, url+"/"+row.mirror, row.branch, row.fix)
			got := row.fix.Judge(probed[0].Served[0], known)
			if len(probed) != 1 || got.Verdict != row.want {
				t.Errorf("%s, filters %t, %s %s: %s (%s), want %s", transport, filters, row.mirror, row.branch, got.Verdict, got.Words, row.want)
			}
		}
	}
}

// A store that has the objects would be given nothing, and would call that a success:
// neither the vault's objects nor those of an earlier probe may count.
func TestProbeBorrowsNothing(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	fix := worldFix(t, world)
	dir := mirrors(t, world, true, "fixed")
	v := newVault(t)
	if _, err := v.FetchPublic(t.Context(), "core", filepath.Join(dir, "fixed"), "refs/heads/deploy", nil); err != nil {
		t.Fatal(err)
	}
	url := "file://" + filepath.Join(dir, "fixed")
	if got := fix.Judge(ask(t, v, url, "deploy", fix)[0].Served[0], nobody); got.Verdict != urgent.Present {
		t.Fatalf("%s (%s), want present", got.Verdict, got.Words)
	}
	lose(t, world, filepath.Join(dir, "fixed"), "fixed:app.c")
	if has, err := v.Exists(t.Context(), idOf(world, "fixed:app.c")); err != nil || !has {
		t.Fatalf("the trap is not set: the vault lacks the file (%v)", err)
	}
	if got := fix.Judge(ask(t, v, url, "deploy", fix)[0].Served[0], nobody); got.Verdict != urgent.Corrupt {
		t.Errorf("%s (%s), want corrupt", got.Verdict, got.Words)
	}
}

func nobody(merge3.ID) bool { return false }

// A server is told what is wanted of its own, and nothing that we have.
func TestProbeTellsNothing(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	fix := worldFix(t, world)
	dir := mirrors(t, world, true, "stale")
	backend := &cgi.Handler{
		Path: filepath.Join(execPath(t), "git-http-backend"), Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_PROTOCOL=version=2"},
	}
	var mu sync.Mutex
	var heard strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("a request that this test cannot read (%v)", err)
		}
		mu.Lock()
		heard.Write(body)
		mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		backend.ServeHTTP(w, r)
	}))
	defer server.Close()
	v := newVault(t)
	if _, err := v.FetchPublic(t.Context(), "core", world.GitDir, "refs/heads/fixed", nil); err != nil {
		t.Fatal(err)
	}
	probed := ask(t, v, server.URL+"/stale", "deploy", fix)
	if got := fix.Judge(probed[0].Served[0], nobody); got.Verdict != urgent.Absent {
		t.Fatalf("%s (%s), want absent", got.Verdict, got.Words)
	}
	said := heard.String()
	if !strings.Contains(said, "want "+world.ID("stale")) || !strings.Contains(said, world.ID("stale:app.c")) {
		t.Errorf("the test does not hear what is asked for: %q", said)
	}
	for _, secret := range []string{"have ", world.ID("fixed"), world.ID("fixed:app.c"), world.ID("fixed^{tree}")} {
		if strings.Contains(said, secret) {
			t.Errorf("the server was told %q", secret)
		}
	}
}

// A branch that has not moved since it was judged is not read again.
func TestProbeReadsWhatMoved(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	fix := worldFix(t, world)
	url := filepath.Join(mirrors(t, world, true, "fixed"), "fixed")
	probed, _, err := newVault(t).Probe(t.Context(), Probe{URL: url, Timeout: time.Minute, Branches: []patchset.AskedBranch{
		{Branch: "deploy", Known: idOf(world, "fixed"), Files: fix.Asks()},
		{Branch: "old", Known: idOf(world, "fixed"), Files: fix.Asks()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if s := probed[0].Served; !s[0].Unread || s[1].Unread || len(s[1].Files) == 0 {
		t.Errorf("unread: %t, %t; want true, false", s[0].Unread, s[1].Unread)
	}
}

// A host with one family of addresses is asked by it, and one that has both by each.
func TestProbeByFamily(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	fix := worldFix(t, world)
	dir := mirrors(t, world, true, "fixed")
	v4 := serveGitDaemonAt(t, "127.0.0.1", dir)
	probed := ask(t, newVault(t), v4+"/fixed", "deploy", fix)
	if len(probed) != 1 || probed[0].Family != IPv4 {
		t.Errorf("asked %v, want once by IPv4", probed)
	}
	// By addresses that do not lead there it is silent, and no liar, whether its branch is
	// to be read or has not moved.
	for _, known := range []merge3.ID{"", idOf(world, "fixed")} {
		served := make([]patchset.Served, 1)
		p := Probe{URL: v4 + "/fixed", Timeout: 20 * time.Second, Branches: []patchset.AskedBranch{{Branch: "deploy", Known: known, Files: fix.Asks()}}}
		list := func() (map[string]merge3.ID, error) {
			return map[string]merge3.ID{"refs/heads/deploy": idOf(world, "fixed")}, nil
		}
		if err := newVault(t).probeBy(t.Context(), p, IPv6, true, list, served); err != nil {
			t.Fatal(err)
		}
		if served[0].Failure != patchset.ServedSilent {
			t.Errorf("known at %q: %+v, want silent", known, served[0])
		}
	}
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("not run: this machine has no IPv6")
	} else {
		_ = l.Close()
	}
	v6 := serveGitDaemonAt(t, "::1", dir)
	probed = ask(t, newVault(t), v6+"/fixed", "deploy", fix)
	if len(probed) != 1 || probed[0].Family != IPv6 || fix.Judge(probed[0].Served[0], nobody).Verdict != urgent.Present {
		t.Errorf("asked %v, want once by IPv6, and present", probed)
	}
}

// A server that takes the call and says nothing costs its own time only, and is no
// liar; nor is one that talks nonsense.
func TestProbeOfSilence(t *testing.T) {
	world := gittest.Load(t, mirrorWorld)
	fix := worldFix(t, world)
	v := newVault(t)
	for name, answer := range map[string]string{"nothing": "", "nonsense": "HTTP/1.0 200 OK\r\n\r\nhello"} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var calls []net.Conn
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					calls = append(calls, conn) // open until the test ends
					_, _ = conn.Write([]byte(answer))
				}
			}()
			probed, _, err := v.Probe(t.Context(), Probe{
				URL: "git://" + l.Addr().String() + "/a", Timeout: time.Second / 2, Branches: []patchset.AskedBranch{{Branch: "deploy", Files: fix.Asks()}},
			})
			_ = l.Close()
			<-done
			for _, c := range calls {
				_ = c.Close()
			}
			if err != nil || len(probed) != 1 || fix.Judge(probed[0].Served[0], nobody).Verdict != urgent.Unreachable {
				t.Errorf("%v (%v), want unreachable", probed, err)
			}
		})
	}
}

// BenchmarkProbe asks mirrors over git:// on this machine, 32 at a time, as `git carry urgent
// probe` does.
func BenchmarkProbe(b *testing.B) {
	const fleet = 200
	world := gittest.Load(b, mirrorWorld)
	fix := worldFix(b, world)
	dir := mirrors(b, world, true, "fixed")
	for i := range fleet {
		if err := os.CopyFS(filepath.Join(dir, fmt.Sprint(i)), os.DirFS(filepath.Join(dir, "fixed"))); err != nil {
			b.Fatal(err)
		}
	}
	url, v := serveGitDaemonAt(b, "127.0.0.1", dir), newVault(b)
	for b.Loop() {
		var g errgroup.Group
		g.SetLimit(32)
		for i := range fleet {
			g.Go(func() error {
				got := fix.Judge(ask(b, v, fmt.Sprintf("%s/%d", url, i), "deploy", fix)[0].Served[0], nobody)
				if got.Verdict != urgent.Present {
					return fmt.Errorf("%d: %s (%s)", i, got.Verdict, got.Words)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}
