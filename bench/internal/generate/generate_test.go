package generate

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

func generated(t *testing.T, c Change) (*drive.Shell, string) {
	t.Helper()
	sh, err := drive.NewShell(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Repository(t.Context(), sh, t.TempDir(), History{Files: 400, Objects: 1500, Seed: 7}, c)
	if err != nil {
		t.Fatal(err)
	}
	return sh, dir
}

func git(t *testing.T, sh *drive.Shell, dir string, args ...string) string {
	t.Helper()
	out, err := sh.Git(t.Context(), dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var clean = Change{Drift: 30, Changed: 90, Stack: 20, Merges: 0.5, Renames: 0.05}

func TestShape(t *testing.T) {
	sh, dir := generated(t, clean)
	for _, c := range []struct {
		what        string
		least, most int
		args        []string
	}{
		{"files", 400, 400, []string{"ls-tree", "-r", "--name-only", Base}},
		{"objects", 1450, 1550, []string{"rev-list", "--objects", Base}},
		{"drift", 30, 30, []string{"rev-list", Base + ".." + Target}},
		{"files changed", 50, 90, []string{"diff", "--name-only", "--no-renames", Base, Target}},
		{"patches", 20, 20, []string{"rev-list", Base + ".." + Stack}},
	} {
		if n := len(drive.Lines(git(t, sh, dir, c.args...))); n < c.least || n > c.most {
			t.Errorf("%s: %d, want %d to %d", c.what, n, c.least, c.most)
		}
	}
	if out := git(t, sh, dir, "fsck", "--strict"); strings.Contains(out, "error") {
		t.Error(out)
	}
}

func TestHistoryOfSoManyCommits(t *testing.T) {
	sh, err := drive.NewShell(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Repository(t.Context(), sh, t.TempDir(), History{Files: 60, Commits: 25, Seed: 1}, Change{Drift: 2, Changed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if n := git(t, sh, dir, "rev-list", "--count", Base); n != "25" {
		t.Errorf("%s commits, want 25", n)
	}
	if out := git(t, sh, dir, "for-each-ref", "refs/heads/"+Stack); out != "" {
		t.Errorf("a stack without patches: %s", out)
	}
}

func TestSameSeedSameCommits(t *testing.T) {
	ids := func() string {
		sh, dir := generated(t, clean)
		return git(t, sh, dir, "for-each-ref", "--format=%(objectname) %(refname)")
	}
	if first, second := ids(), ids(); first != second {
		t.Errorf("first\n%s\nthen\n%s", first, second)
	}
}

// TestDisputesAreAsDealt merges every patch onto the target, alone: each that is
// meant to conflict must, and no other.
func TestDisputesAreAsDealt(t *testing.T) {
	c := clean
	c.Conflicts = 0.25
	sh, dir := generated(t, c)
	for i, kind := range deal(chance(7, forStack), c) {
		patch := Stack + "~" + strconv.Itoa(c.Stack-1-i)
		ours := git(t, sh, dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-p", patch+"^", "-m", "ours", Target+"^{tree}")
		out, err := sh.Run(t.Context(), drive.Cmd{Dir: dir, Args: []string{"git", "merge-tree", "--write-tree", ours, patch}})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		if kind == disputed {
			want = 1
		}
		if out.Exit != want {
			t.Errorf("patch %d: exit code %d, want %d\n%s", i+1, out.Exit, want, out.Stdout)
		}
	}
}

func TestKindsKeepTheirShare(t *testing.T) {
	count := map[kind]int{}
	for _, k := range deal(chance(1, forStack), Change{Stack: 30, Merges: 0.1, Renames: 0.04, Conflicts: 0.5}) {
		count[k]++
	}
	want := map[kind]int{disputed: 15, moved: 1, merges: 3, alone: 11}
	if !maps.Equal(count, want) {
		t.Errorf("dealt %v, want %v", count, want)
	}
}
