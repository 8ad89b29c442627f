package packwriter

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
)

func TestMain(m *testing.M) {
	gittest.InMemory()
	os.Exit(m.Run())
}

// repo is a bare repository that the packs of a test go into.
type repo string

func newRepo(t testing.TB) repo {
	t.Helper()
	r := repo(t.TempDir())
	r.git(t, "", "init", "--quiet", "--bare", ".")
	return r
}

// pack is a path to write a pack to, save for the extension.
func (r repo) pack(name string) string {
	return filepath.Join(string(r), "objects", "pack", "pack-"+name)
}

// try runs the installed git in the repository, far from anybody's configuration.
func (r repo) try(stdin string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = string(r)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + string(r), "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
	cmd.Stdin = bytes.NewBufferString(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// git is try for what must not fail.
func (r repo) git(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	out, err := r.try(stdin, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}
