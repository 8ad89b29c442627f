package gitops

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A vault is shared over every transport that people use, with a server that allows
// nothing but to go forward, hides what is not a branch, and checks what it gets.
func TestAVaultIsSharedOverEveryTransport(t *testing.T) {
	for name, serve := range map[string]func(t *testing.T, repo *gittest.Repo) (url string, environ []string){
		"path": func(_ *testing.T, repo *gittest.Repo) (string, []string) { return repo.GitDir, nil },
		"file": func(_ *testing.T, repo *gittest.Repo) (string, []string) { return "file://" + repo.GitDir, nil },
		"http": serveWithLogin,
		"ssh":  serveSSH,
	} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.Load(t, "git init\n")
			v := newVault(t)
			for _, key := range []string{"receive.denyNonFastForwards", "receive.denyDeletes", "receive.fsckObjects", "transfer.fsckObjects"} {
				if _, err := v.git.Run(t.Context(), Cmd{Args: []string{"config", "--file", filepath.Join(repo.GitDir, "config"), key, "true"}}); err != nil {
					t.Fatal(err)
				}
			}
			url, environ := serve(t, repo)
			v.git.environ = append(v.git.environ, environ...)
			if err := RefuseAnonymous(t.Context(), v.git, urlRules(t, v.git), url); err != nil {
				t.Fatal(err)
			}
			first := snapshot(t, v).Tip
			if err := v.PushShared(t.Context(), url, "", first, nil); err != nil {
				t.Fatal(err)
			}
			other := joined(t, v.git, url)
			if err := addComponent(t.Context(), other, snapshot(t, other), "core"); err != nil {
				t.Fatal(err)
			}
			second := snapshot(t, other).Tip
			if err := other.PushShared(t.Context(), url, first, second, nil); err != nil {
				t.Fatal(err)
			}
			if got, err := v.FetchShared(t.Context(), url, second, nil); err != nil || got != second {
				t.Fatalf("fetched %s (%v), want %s", got, err, second)
			}
			if common, err := v.Parting(t.Context(), first, second); err != nil || common != first {
				t.Errorf("they part at %s (%v), want %s", common, err, first)
			}
			// Who was slower is refused, and nothing is overwritten.
			if err := addComponent(t.Context(), v, snapshot(t, v), "vendor"); err != nil {
				t.Fatal(err)
			}
			if err := v.PushShared(t.Context(), url, first, snapshot(t, v).Tip, nil); err == nil {
				t.Error("the work of another was overwritten")
			}
			if tip, err := SharedTip(t.Context(), v.git, url); err != nil || tip != second {
				t.Errorf("the shared ledger is at %s (%v), want %s", tip, err, second)
			}
		})
	}
}

// joined is a new vault from what is shared at url.
func joined(t *testing.T, git *Git, url string) *Vault {
	t.Helper()
	var tip merge3.ID
	v, err := InitVault(t.Context(), git, filepath.Join(t.TempDir(), "joined"), func(v *Vault) error {
		s, err := v.JoinShared(t.Context(), url, nil)
		tip = s.Tip
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	if got := snapshot(t, v).Tip; got != tip {
		t.Fatalf("joined at %s, want %s", got, tip)
	}
	return v
}

// serveWithLogin is git's own server over http, for those who give a password.
func serveWithLogin(t *testing.T, repo *gittest.Repo) (string, []string) {
	backend := &cgi.Handler{
		Path: filepath.Join(execPath(t), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(repo.GitDir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=priya"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, password, _ := r.BasicAuth(); name != "priya" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="vault"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config := writeTemp(t, "[credential]\n\thelper = \"!f() { echo username=priya; echo password=secret; }; f\"\n")
	return server.URL + "/" + filepath.Base(repo.GitDir), []string{"GIT_CONFIG_GLOBAL=" + config}
}

// A repository that anybody can read is no place for a vault, even where we have a
// login too, and even where it only sends us on to such a one.
func TestAnonymousRepositoriesAreRefused(t *testing.T) {
	for name, serve := range map[string]func(t *testing.T, repo *gittest.Repo) (string, []string){
		"git":  serveGitDaemon,
		"http": serveHTTPBackend,
		"redirect": func(t *testing.T, repo *gittest.Repo) (string, []string) {
			url, _ := serveHTTPBackend(t, repo)
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, strings.TrimSuffix(url, "/"+filepath.Base(url))+r.URL.String(), http.StatusFound)
			}))
			t.Cleanup(front.Close)
			return front.URL + "/" + filepath.Base(url), nil
		},
		"rewritten": func(t *testing.T, repo *gittest.Repo) (string, []string) {
			url, _ := serveHTTPBackend(t, repo)
			config := writeTemp(t, "[url \""+url+"\"]\n\tpushInsteadOf = https://private.invalid/vault\n")
			return "https://private.invalid/vault", []string{"GIT_CONFIG_GLOBAL=" + config}
		},
	} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.Load(t, "git init\ngit add a\ngit commit -m one\n-- a --\n1\n")
			url, environ := serve(t, repo)
			git := testGit(t, environ...)
			if err := RefuseAnonymous(t.Context(), git, urlRules(t, git), url); err == nil {
				t.Errorf("%s was taken for private", url)
			}
		})
	}
}

func urlRules(t *testing.T, git *Git) URLRules {
	t.Helper()
	rules, err := ReadURLRules(t.Context(), git)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}
