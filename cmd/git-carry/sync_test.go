package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	syncClones   = flag.Int("syncclones", 3, "clones of one vault that work at once")
	syncWorkers  = flag.Int("syncworkers", 2, "processes that work on the first of them")
	syncCommands = flag.Int("synccommands", 8, "commands of each process")
	syncSeed     = flag.Uint64("syncseed", 1, "seed of the choice of commands")
)

// Several people work on clones of one vault, two of them on the same, and exchange
// them all the while. In the end all have the same; what each command recorded is there
// once; and what was given up, because somebody else was first, is named as given up.
func TestManyClonesLoseNothing(t *testing.T) {
	w := newCrashWorld(t)
	m := newSyncModel(w)
	m.build()
	var wg sync.WaitGroup
	for clone := range *syncClones {
		workers := 1
		if clone == 0 {
			workers = *syncWorkers
		}
		for worker := range workers {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(*syncSeed, uint64(clone<<8+worker)))
				for i := range *syncCommands {
					m.act(clone, fmt.Sprintf("c%dw%dn%d", clone, worker, i), random)
				}
			})
		}
	}
	wg.Wait()
	for range 3 { // the last of them has news for the first
		for clone := range *syncClones {
			m.sync(clone)
		}
	}
	m.check()
}

// Where anybody can read, nothing is sent: not when a place is named, and not when it was
// private then and is open now.
func TestOpenPlacesAreRefused(t *testing.T) {
	w := newCrashWorld(t)
	w.makeTarget()
	w.git("-C", "target.git", "config", "http.receivepack", "true")
	var open atomic.Bool
	url := w.serve(&open)
	refused := func(code int, args ...string) {
		t.Helper()
		if out, err := w.run("vault", nil, w.binary, args...); exitCode(err) != code || !strings.Contains(out, "answers everybody") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	open.Store(true)
	refused(6, "sync", "--remote", url)
	refused(6, "init", "from-open", "--from", url)
	refused(6, "target", "add", "open", url)
	open.Store(false)
	w.must("sync", "--remote", url)
	w.must("target", "add", "private", url, "--branch", "{version}")
	w.must("owner", "add", "sam", "--name", "Sam", "--email", "sam@example.org")
	open.Store(true)
	before := w.target()
	refused(6, "sync")
	refused(6, "publish", "1.0")
	if got := w.target(); got != before {
		t.Errorf("sent all the same:\n%s", got)
	}
	open.Store(false)
	w.must("sync")
	w.must("publish", "1.0")
}

// serve is git's own server over http for the target, with a login unless open says so.
// The person is given the password.
func (w *crashWorld) serve(open *atomic.Bool) string {
	w.t.Helper()
	backend := &cgi.Handler{
		Path: filepath.Join(w.git("--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + w.dir, "GIT_HTTP_EXPORT_ALL=1"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "secret" && !open.Load() {
			rw.Header().Set("WWW-Authenticate", `Basic realm="vault"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(server.Close)
	w.git("config", "--global", "credential.helper", "!f() { echo username=priya; echo password=secret; }; f")
	return server.URL + "/target.git"
}

// syncModel is what must be in the ledger in the end.
type syncModel struct {
	w  *crashWorld
	mu sync.Mutex
	// accepted are the entries that commands recorded, by what only they say.
	accepted []string
	plain    int // and the number of those that say the same as others
	titles   map[string]bool
	patches  int // patch files that are still free
}

func newSyncModel(w *crashWorld) *syncModel { return &syncModel{w: w, titles: map[string]bool{}} }

func vaultOf(clone int) string { return fmt.Sprintf("clone%d", clone) }

// build makes the shared repository, which allows nothing but to go forward, the clones, and a
// patch file for each command.
func (m *syncModel) build() {
	w := m.w
	w.t.Helper()
	w.makeTarget()
	for _, key := range []string{"receive.denyNonFastForwards", "receive.denyDeletes", "receive.fsckObjects"} {
		w.git("-C", "target.git", "config", key, "true")
	}
	w.copyVault("vault", vaultOf(0))
	if out, err := w.run(vaultOf(0), nil, w.binary, "sync", "--remote", "target.git"); err != nil {
		w.t.Fatalf("sync: %v\n%s", err, out)
	}
	for clone := 1; clone < *syncClones; clone++ {
		w.must("init", vaultOf(clone), "--from", "target.git")
	}
	w.git("-C", "work", "checkout", "-q", "HEAD~3")
	for range *syncCommands * (*syncClones + *syncWorkers) {
		name := fmt.Sprintf("file%d", m.patches)
		w.commit("work", "fix "+name, map[string]string{name: "safe\n"})
		m.patches++
	}
	w.git("-C", "work", "format-patch", "-q", "-o", filepath.Join(w.dir, "patches"), fmt.Sprintf("-%d", m.patches))
}

// act runs one command, or a sync.
func (m *syncModel) act(clone int, token string, random *rand.Rand) {
	switch random.IntN(6) {
	case 0, 1:
		m.sync(clone)
	case 2:
		m.run(clone, "added owner "+token, "owner", "add", token, "--name", token, "--email", token+"@example.org")
	case 3, 4:
		m.mu.Lock()
		m.patches--
		file, _ := filepath.Glob(filepath.Join(m.w.dir, "patches", fmt.Sprintf("%04d-*", m.patches+1)))
		m.mu.Unlock()
		m.run(clone, "added "+token+" to core 1.0: clean", "add", token, "--component", "core", "--version", "1.0", "--owner", "priya", "--severity", "low", "--patch", file[0])
	default:
		m.mu.Lock()
		m.titles[token] = true
		m.mu.Unlock()
		m.run(clone, "", "edit", "T1", "--title", token)
	}
}

func (m *syncModel) run(clone int, says string, args ...string) {
	out, err := m.w.run(vaultOf(clone), nil, m.w.binary, args...)
	if err != nil {
		m.w.t.Errorf("%v: %v\n%s", args, err, out)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if says == "" {
		m.plain++
		return
	}
	m.accepted = append(m.accepted, says)
}

// sync exchanges; where others were first, it is as they have it.
func (m *syncModel) sync(clone int) {
	args := []string{"sync", "--json"}
	for range 20 {
		out, err := m.w.run(vaultOf(clone), nil, m.w.binary, args...)
		switch exitCode(err) {
		case 0:
			return
		case 75, 2: // others were faster; or they settled it
			args = args[:2]
		case 3:
			var doc struct{ Clashes []struct{ Names []string } }
			if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Clashes) == 0 {
				m.w.t.Errorf("sync: %v\n%s", err, out)
				return
			}
			args = args[:2]
			for _, c := range doc.Clashes {
				args = append(args, "--theirs", c.Names[0])
			}
		default:
			m.w.t.Errorf("sync: %v\n%s", err, out)
			return
		}
	}
	m.w.t.Error("sync never came to an end")
}

func (m *syncModel) check() {
	w := m.w
	for clone := range *syncClones {
		if got, want := w.refs(vaultOf(clone)), w.refs(vaultOf(0)); got != want {
			w.t.Errorf("clone %d has:\n%s\nwant:\n%s", clone, got, want)
		}
		if out, err := w.run(vaultOf(clone), nil, "git", "-C", vaultOf(clone), "fsck", "--full", "--strict", "--no-dangling"); err != nil {
			w.t.Errorf("fsck: %v\n%s", err, out)
		}
	}
	if out, err := w.run(vaultOf(0), nil, w.binary, "verify", "1.0"); err != nil {
		w.t.Errorf("verify: %v\n%s", err, out)
	}
	log := w.log(vaultOf(0))
	for _, says := range m.accepted {
		if n := strings.Count("\n"+log+"\n", "\n"+says+"\n"); n != 1 {
			w.t.Errorf("%q is there %d times", says, n)
		}
	}
	details := w.git("-C", vaultOf(0), "log", "--first-parent", "--format=%b", "refs/carry/ledger")
	given := strings.Count(details, "given up: changed T1")
	if got := strings.Count(log, "changed T1"); got+given < m.plain || got > m.plain {
		w.t.Errorf("T1 was changed %d times, of which %d are there and %d given up", m.plain, got, given)
	}
	show, err := w.run(vaultOf(0), nil, w.binary, "show", "T1", "--json")
	var doc struct{ Title string }
	if jsonErr := json.Unmarshal([]byte(show), &doc); err != nil || jsonErr != nil || len(m.titles) > 0 && !m.titles[doc.Title] {
		w.t.Errorf("T1 is called %q, as nobody called it (%v, %v)", doc.Title, err, jsonErr)
	}
	w.t.Logf("%d entries, %d changes of T1, %d given up, %d joins", strings.Count(log, "\n")+1, m.plain, given, strings.Count(log, "synced: "))
}
