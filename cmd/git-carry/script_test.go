package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-carry/git-carry/cmd"
	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/gitops/sandbox"
)

// TestMain lets scripts run this test binary as git-carry, so that `git carry`
// works in them and coverage and the race detector see it.
func TestMain(m *testing.M) {
	gittest.InMemory()
	if len(os.Args) == 2 && os.Args[1] == sandbox.Arg {
		os.Exit(sandbox.Init())
	}
	testscript.Main(cleaned{m}, map[string]func(){
		"git-carry": func() { os.Exit(cmd.Run(context.Background(), cmd.RealEnv())) },
	})
}

// TestScript plays testdata/script; its README explains the words.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               hermetic,
		Condition:           condition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"as":     as,
			"at":     at,
			"exits":  exits,
			"commit": commit,
			"spoil":  spoil,
			"serve":  serve,
			"smtpd":  smtpd,
			"sshd":   sshd,
		},
	})
}

// hermetic shuts out the configuration of the machine: same names, dates and
// settings everywhere, so that even commit ids are the same.
func hermetic(env *testscript.Env) error {
	for name, value := range map[string]string{
		"HOME":                env.WorkDir,
		"XDG_CONFIG_HOME":     filepath.Join(env.WorkDir, ".config"),
		"GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CONFIG_GLOBAL":   filepath.Join(env.WorkDir, ".gitconfig"),
		"GIT_AUTHOR_NAME":     "Priya Nair", "GIT_AUTHOR_EMAIL": "priya@example.org",
		"GIT_COMMITTER_NAME": "Priya Nair", "GIT_COMMITTER_EMAIL": "priya@example.org",
		"GIT_AUTHOR_DATE": "2026-11-01T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-01T12:00:00Z",
		"GIT_CARRY_NOW": "2026-11-22T09:00:00Z",
		"PRINTED":       cmp.Or(os.Getenv("CHECK_PRINTS"), "200000000"), // bytes, of a check command that prints very much
		"GORACE":        "atexit_sleep_ms=0",                            // else every command of a -race run sleeps for a second
		"TZ":            "UTC", "LC_ALL": "C", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100",
	} {
		env.Setenv(name, value)
	}
	config := "[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n"
	return os.WriteFile(filepath.Join(env.WorkDir, ".gitconfig"), []byte(config), 0o600)
}

// condition knows [file:/path]: is that file on this machine? And [sandbox]: can it
// shut commands in?
func condition(cond string) (bool, error) {
	if cond == "sandbox" {
		level, _, err := sandbox.Probe(context.Background())
		return level == sandbox.Full, err
	}
	path, ok := strings.CutPrefix(cond, "file:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	_, err := os.Stat(path)
	return err == nil, nil
}

// as switches who acts: `as sam 'Sam Ito'` sets name and sam@example.org.
func as(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: as id 'Full Name'")
	}
	for _, role := range []string{"AUTHOR", "COMMITTER"} {
		ts.Setenv("GIT_"+role+"_NAME", args[1])
		ts.Setenv("GIT_"+role+"_EMAIL", args[0]+"@example.org")
	}
}

// at sets the clock of git and of git-carry: `at 2026-11-22T09:00:00Z`.
func at(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: at 2026-11-22T09:00:00Z")
	}
	for _, name := range []string{"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "GIT_CARRY_NOW"} {
		ts.Setenv(name, args[0])
	}
}

// exits runs a command and demands an exit code: `exits 3 git carry train 1.1`.
// Its output is checked with stdout and stderr as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var failed *exec.ExitError
	switch {
	case err == nil:
	case asExit(err, &failed):
		code = failed.ExitCode()
	default:
		ts.Fatalf("%v", err)
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func asExit(err error, target **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*target = e
	return ok
}

// commit records everything in a repository: `commit core 'Subject'`.
func commit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: commit repo message")
	}
	repo := ts.MkAbs(args[0])
	ts.Check(ts.Exec("git", "-C", repo, "add", "--all"))
	message := strings.ReplaceAll(args[1], `\n`, "\n")
	ts.Check(ts.Exec("git", "-C", repo, "commit", "--quiet", "--allow-empty", "-m", message))
}

// spoil puts a file into the ledger behind the program's back, or takes one out:
// `spoil vault owners.toml bad.toml`.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: spoil vault path [file]")
	}
	index := ts.MkAbs("spoil-index")
	defer os.Remove(index)
	git := func(stdin string, words ...string) string {
		c := exec.Command("git", words...)
		c.Env = append(os.Environ(), "GIT_DIR="+ts.MkAbs(args[0]), "GIT_INDEX_FILE="+index,
			"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x")
		c.Stdin = strings.NewReader(stdin)
		out, err := c.Output()
		ts.Check(err)
		return strings.TrimSpace(string(out))
	}
	git("", "read-tree", "refs/carry/ledger")
	if len(args) == 3 {
		blob := git(ts.ReadFile(args[2]), "hash-object", "-w", "--stdin")
		git("", "update-index", "--add", "--cacheinfo", "100644,"+blob+","+args[1])
	} else {
		git("0 "+strings.Repeat("0", 40)+"\t"+args[1]+"\n", "update-index", "--index-info")
	}
	entry := git("spoiled\n", "commit-tree", "-p", "refs/carry/ledger", git("", "write-tree"))
	git("", "update-ref", "refs/carry/ledger", entry)
}

// serve serves the repositories of a directory over http until the script ends, with
// git's own http-backend: `serve URL repos [user:password]` sets $URL. Without a password
// everybody can read.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: serve NAME dir [user:password]")
	}
	execPath, err := exec.Command("git", "--exec-path").Output()
	ts.Check(err)
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(execPath)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + ts.MkAbs(args[1]), "GIT_HTTP_EXPORT_ALL=1"},
	}
	var handler http.Handler = backend
	if len(args) == 3 {
		backend.Env = append(backend.Env, "REMOTE_USER=somebody") // who is known may push
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user+":"+password != args[2] {
				w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			backend.ServeHTTP(w, r)
		})
	}
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
