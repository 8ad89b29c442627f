package gitops

import (
	"fmt"
	"net"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
)

// The public history comes over every transport that people use, from the real
// servers.
func TestFetchAndReadBackOverEveryTransport(t *testing.T) {
	for name, serve := range map[string]func(t *testing.T, repo *gittest.Repo) (url string, environ []string){
		"path": func(_ *testing.T, repo *gittest.Repo) (string, []string) { return repo.GitDir, nil },
		"file": func(_ *testing.T, repo *gittest.Repo) (string, []string) { return "file://" + repo.GitDir, nil },
		"git":  serveGitDaemon,
		"http": serveHTTPBackend,
		"ssh":  serveSSH,
	} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.Load(t, "git init\ngit add a\ngit commit -m one\ngit tag -a v1 -m v1\n-- a --\n1\n")
			url, environ := serve(t, repo)
			v := newVault(t)
			v.git.environ = append(v.git.environ, environ...)
			refs, err := ListRemote(t.Context(), v.git, url)
			if err != nil {
				t.Fatal(err)
			}
			want := idOf(repo, "HEAD")
			if refs["refs/tags/v1"] != want {
				t.Errorf("the tag is listed as %s, want the commit %s", refs["refs/tags/v1"], want)
			}
			got, err := v.FetchPublic(t.Context(), "core", url, "refs/heads/main", nil)
			if err != nil || got != want {
				t.Fatalf("fetched %s (%v), want %s", got, err, want)
			}
			if err := v.ReadBack(t.Context(), url, "refs/heads/main", want, 1); err != nil {
				t.Error(err)
			}
			if err := v.ReadBack(t.Context(), url, "refs/heads/main", refs["refs/tags/v1"][:39]+"0", 1); err == nil {
				t.Error("another commit was read back without a word")
			}
		})
	}
}

func serveGitDaemon(t *testing.T, repo *gittest.Repo) (string, []string) {
	return serveGitDaemonAt(t, "127.0.0.1", repo.GitDir) + "/", nil
}

// serveGitDaemonAt serves what is in a directory at one address of this machine.
func serveGitDaemonAt(t testing.TB, address, dir string) string {
	port, err := gittest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	at := net.JoinHostPort(address, fmt.Sprint(port))
	daemon := filepath.Join(execPath(t), "git-daemon") // `git daemon` would leave it behind when killed
	stop, err := gittest.StartServer(at, daemon, "--export-all", "--listen="+address, fmt.Sprintf("--port=%d", port), "--base-path="+dir, "--max-connections=0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return "git://" + at
}

// execPath is where git keeps its own programs.
func execPath(t testing.TB) string {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(path))
}

func serveHTTPBackend(t *testing.T, repo *gittest.Repo) (string, []string) {
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(execPath(t), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(repo.GitDir), "GIT_HTTP_EXPORT_ALL=1"},
	})
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(repo.GitDir), nil
}

func serveSSH(t *testing.T, repo *gittest.Repo) (string, []string) {
	if _, err := os.Stat(gittest.SSHServer); err != nil {
		t.Skip("not run: no sshd on this machine")
	}
	host, command, stop, err := gittest.ServeSSH(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return host + repo.GitDir, []string{"GIT_SSH_COMMAND=" + command}
}
