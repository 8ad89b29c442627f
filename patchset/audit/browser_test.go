package audit_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// The page as people have it: in Chromium, wide, on a telephone, in the dark and on
// paper, looked at by axe-core. Skipped where there is no Chromium, or nobody ran `make axe`.

//go:embed testdata/axe/run.html
var browserRun []byte

// patience is how long the browser may take: it starts, and shares the machine.
const patience = 4 * time.Minute

// seen is what the browser found of one page in one form.
type seen struct {
	Page, Form string
	Width      int
	Overflow   []string // what is wider than the page
	Loaded     []string // what was loaded from anywhere
	Styled     bool     // the page's own policy lets its style count
	Ran        bool     // and no script
	Violations []struct {
		ID, Impact, Help string
		Nodes            []string
	}
}

func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	axe, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed; with node: make axe")
	}
	views := browserViews(t)
	results := make(chan []seen, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(browserRun)
	})
	mux.HandleFunc("GET /axe.js", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(axe) })
	mux.HandleFunc("GET /pages", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(views)
	})
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var got []seen
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &got); err != nil {
			t.Errorf("the browser says %s: %v", data, err)
		}
		results <- got
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	defer start(t, chromium, server.URL)()
	select {
	case got := <-results:
		if len(got) != len(views) {
			t.Errorf("%d pages were looked at, want %d", len(got), len(views))
		}
		for _, s := range got {
			s.check(t)
		}
	case <-time.After(patience):
		t.Fatal("the browser says nothing")
	}
}

// browserView is a page and the form in which it is looked at, see testdata/axe/run.html.
type browserView struct {
	Page string `json:"page"`
	Form string `json:"form"`
	Axe  bool   `json:"axe"` // it takes a second or two
	Text string `json:"text"`
}

func browserViews(t *testing.T) (views []browserView) {
	full := storyAccount(t)
	for _, p := range []struct {
		name    string
		account audit.Account
		axe     bool
		forms   []string
	}{
		{"full", full, true, []string{"light", "dark, narrow", "paper"}},
		{"full", full, false, []string{"as it is", "dark", "narrow"}},
		{"public", full.Public(), true, []string{"light"}},
		{"public", full.Public(), false, []string{"as it is", "narrow", "paper"}},
		{"wide words", wideWords(t), false, []string{"narrow", "paper"}},
		{"empty", newEmpty(t), true, []string{"light"}},
	} {
		page := string(outputs(t, p.account)["report.html"])
		for _, form := range p.forms {
			views = append(views, browserView{p.name, form, p.axe, page})
		}
	}
	return views
}

func (s seen) check(t *testing.T) {
	t.Helper()
	where := s.Page + ", " + s.Form
	if len(s.Overflow) > 0 {
		t.Errorf("%s: at %d pixels these are wider than the page: %s", where, s.Width, strings.Join(s.Overflow, "; "))
	}
	if len(s.Loaded) > 0 || s.Ran {
		t.Errorf("%s: loaded %v, a script ran: %v", where, s.Loaded, s.Ran)
	}
	if !s.Styled {
		t.Errorf("%s: its policy keeps its own style out", where)
	}
	for _, v := range s.Violations {
		t.Errorf("%s: %s (%s): %s\n  %s", where, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n  "))
	}
}

// start opens a page in a browser of its own; call the result to end it.
func start(t *testing.T, chromium, url string) (end func()) {
	t.Helper()
	profile := t.TempDir()
	c := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-extensions", "--disable-background-networking", "--remote-debugging-port=0", "--user-data-dir="+profile, "--window-size=1400,1000", url)
	c.Env = append(os.Environ(), "HOME="+profile, "XDG_CONFIG_HOME="+profile, "XDG_CACHE_HOME="+profile)
	var talk bytes.Buffer
	c.Stdout, c.Stderr = &talk, &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = c.Process.Signal(os.Interrupt)
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = c.Process.Kill()
			<-done
		}
		if t.Failed() {
			t.Logf("%s", talk.Bytes())
		}
	}
}

func findChromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium here")
	return ""
}

// wideWords is an account in which everything is as long as it may be, without a blank to
// break a line at.
func wideWords(t *testing.T) audit.Account {
	w := newWorld(t, noon)
	long := strings.Repeat("Wide", 25)
	w.train("1.46.0-" + long[:50])
	for i, severity := range patchset.Severities {
		id := long[:60] + string(rune('0'+i))
		w.add(id, "core", long, severity, 300)
		w.change("kim", id, func(p *patchset.Patch) { p.Title, p.Component = long+long, "extensions/"+long })
	}
	w.later(7)
	w.train("1.47.0-"+long[:50], long[:60]+"0")
	w.hours(9)
	w.propose(long, long[:60]+"0")
	w.sign(long, long[:60]+"0", "override", long, false, true)
	w.publish(long[:40], "core")
	w.later(90)
	return w.account(w.now)
}
