package gitops

import (
	"fmt"
	"net"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startServer runs a server until the test ends and waits until it listens.
func startServer(t *testing.T, port int, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	var said strings.Builder
	c.Stderr = &said
	c.WaitDelay = time.Second // a child of it may hold stderr open
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for range 500 {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not listen on port %d: %s", name, port, said.String())
}

func serveGitDaemon(t *testing.T, repo *gittest.Repo) (string, []string) {
	port := freePort(t)
	daemon := filepath.Join(execPath(t), "git-daemon") // `git daemon` would leave it behind when killed
	startServer(t, port, daemon, "--export-all", "--listen=127.0.0.1", fmt.Sprintf("--port=%d", port), "--base-path="+repo.GitDir)
	return fmt.Sprintf("git://127.0.0.1:%d/", port), nil
}

// execPath is where git keeps its own programs.
func execPath(t *testing.T) string {
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
	sshd, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("not run: no sshd on this machine")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), freePort(t)
	for _, key := range []string{"host", "client"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	if me.Uid == "0" {
		_ = os.MkdirAll("/run/sshd", 0o755) // sshd's own demand when root starts it
	}
	config := fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/client.pub\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n",
		port, dir, dir)
	file := filepath.Join(dir, "sshd_config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	startServer(t, port, sshd, "-D", "-e", "-f", file)
	ssh := fmt.Sprintf("ssh -F none -i %s/client -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR", dir)
	return fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", me.Username, port, repo.GitDir), []string{"GIT_SSH_COMMAND=" + ssh}
}
