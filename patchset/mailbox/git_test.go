package mailbox

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runGit runs the installed git, the oracle of these tests, apart from any
// configuration of the user.
func runGit(t testing.TB, dir string, stdin []byte, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TEST_FSYNC=0", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=Ann Example", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE=1700000000 +0230",
		"GIT_COMMITTER_NAME=Ann Example", "GIT_COMMITTER_EMAIL=ann@example.org", "GIT_COMMITTER_DATE=1700000000 +0230")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	return out, nil
}

func mustGit(t testing.TB, dir string, stdin []byte, args ...string) []byte {
	t.Helper()
	out, err := runGit(t, dir, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var oddNames = []string{
	"plain.txt", "with space.txt", "ends with space ", "tab\there", "quote\"d", "back\\slash", "\xe4\xf6 latin1",
	"größe", "esc\x1b[31m", "new\nline", "-rf", "dir/deep/er/file", "a/b", "b/b", "a", "dir b/x b/dir b/x", "dev/null", "'single'",
}

// TestGitDiffRoundTrip has git make diffs of random trees and compares what we
// make of them with the tree that git made them for.
func TestGitDiffRoundTrip(t *testing.T) {
	dir := t.TempDir()
	mustGit(t, dir, nil, "init", "-q")
	variants := [][]string{
		{"-M", "-C"},
		{"--no-prefix", "-M"},
		{"-M", "-C", "--find-copies-harder"},
		{"--no-renames"},
		{"-U0"},
		{"--src-prefix=old/", "--dst-prefix=new/", "-M"},
		{"-U10", "-B"},
	}
	for seed := range 40 {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		pre, post := randomTrees(r)
		writeFiles(t, dir, pre)
		mustGit(t, dir, nil, "add", "-A")
		tree := strings.TrimSpace(string(mustGit(t, dir, nil, "write-tree")))
		writeFiles(t, dir, post)
		mustGit(t, dir, nil, "add", "-A")
		for _, quote := range []string{"true", "false"} {
			flags := variants[(seed+len(quote))%len(variants)]
			if flags[0] == "-U0" { // parsed, but not for Apply
				continue
			}
			args := append([]string{"-c", "core.quotePath=" + quote, "diff", "--cached", "--binary", "--full-index"}, flags...)
			patch := mustGit(t, dir, nil, append(args, tree)...)
			changes, err := ParseDiff(patch)
			if err != nil {
				t.Fatalf("seed %d %v: %v\n%s", seed, flags, err, patch)
			}
			got, err := patchTree(pre, changes)
			if err != nil {
				t.Fatalf("seed %d %v: %v\n%s", seed, flags, err, patch)
			}
			if d := diffTrees(got, post); d != "" {
				t.Fatalf("seed %d %v: %s\n%s", seed, flags, d, patch)
			}
		}
	}
}

// TestApplyLikeGit applies diffs to files that have changed since. What Apply
// accepts, git apply must accept with the same result; what Apply refuses
// without need is counted.
func TestApplyLikeGit(t *testing.T) {
	dir := t.TempDir()
	mustGit(t, dir, nil, "init", "-q")
	at := filepath.Join(dir, "f")
	var accepted, moved, stricter int
	for seed := range 400 {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		a := randomLines(r, 5+r.IntN(60))
		b := edit(r, a)
		if bytes.Equal(a, b) {
			continue
		}
		patch := textDiff(t, dir, a, b, fmt.Sprintf("-U%d", 1+r.IntN(4)))
		pre := a
		switch r.IntN(4) {
		case 0:
			pre = append(randomLines(r, 1+r.IntN(9)), a...)
		case 1:
			pre = edit(r, a)
		case 2:
			lines := splitLines(a)
			pre = bytes.Join(lines[min(len(lines), r.IntN(4)):], nil)
		}
		changes, err := ParseDiff(patch)
		if err != nil || len(changes) != 1 {
			t.Fatalf("seed %d: %v\n%s", seed, err, patch)
		}
		got, offsets, err := Apply(pre, changes[0])
		if werr := os.WriteFile(at, pre, 0o644); werr != nil {
			t.Fatal(werr)
		}
		_, gitErr := runGit(t, dir, patch, "apply", "--whitespace=nowarn")
		switch {
		case err == nil && gitErr != nil:
			t.Fatalf("seed %d: we apply what git refuses: %v\n%s", seed, gitErr, patch)
		case err != nil && gitErr == nil:
			stricter++
		case err == nil:
			want, rerr := os.ReadFile(at)
			if rerr != nil {
				t.Fatal(rerr)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("seed %d: got\n%q\nwant\n%q\n%s", seed, got, want, patch)
			}
			accepted++
			if len(offsets) > 0 {
				moved++
			}
		}
	}
	t.Logf("accepted %d, of these with an offset %d; git accepts %d more", accepted, moved, stricter)
	if accepted < 100 || moved < 10 || stricter > accepted/10 {
		t.Errorf("the comparison is worth little: accepted %d, moved %d, stricter %d", accepted, moved, stricter)
	}
}

// textDiff is git's diff of a file named f from a to b.
func textDiff(t testing.TB, dir string, a, b []byte, flags ...string) []byte {
	t.Helper()
	idA := strings.TrimSpace(string(mustGit(t, dir, a, "hash-object", "-w", "--stdin")))
	idB := strings.TrimSpace(string(mustGit(t, dir, b, "hash-object", "-w", "--stdin")))
	args := append([]string{"diff", "--text"}, flags...)
	patch := mustGit(t, dir, nil, append(args, idA, idB)...)
	patch = bytes.ReplaceAll(patch, []byte("a/"+idA), []byte("a/f"))
	return bytes.ReplaceAll(patch, []byte("b/"+idB), []byte("b/f"))
}

// TestFormatPatchRoundTrip compares ParseMessages with what git am makes of the
// same mails: author, date, message and tree.
func TestFormatPatchRoundTrip(t *testing.T) {
	dir := t.TempDir()
	mustGit(t, dir, nil, "init", "-q")
	mustGit(t, dir, nil, "commit", "-q", "--allow-empty", "-m", "root")
	messages := []string{
		"SECURITY: escape the title\n\nBug: T401234\nChange-Id: I0123\n",
		"A subject that is so long that format-patch has to fold it over two lines, as mails demand\n\n\nbody  \n\n\n\nmore\n",
		"Größe: escape\n\nÄ body with ümlauts\n",
		"[net] keep nothing in brackets\n",
		"From: not a header but text\n\nFrom: Bob Other <bob@example.org>\nDate: Tue, 3 Jan 2017 10:11:12 -0800\n\nbody\n",
		"subject\n\n>From here on, escape\nFrom then on, not\n -- \nno signature\n",
		"second\nline of the subject\n\nbody\n",
	}
	base := strings.TrimSpace(string(mustGit(t, dir, nil, "rev-parse", "HEAD")))
	for i, m := range messages {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		_, post := randomTrees(r)
		post["always"] = file{ModeFile, fmt.Appendf(nil, "%d\n", i)}
		writeFiles(t, dir, post)
		mustGit(t, dir, nil, "add", "-A")
		mustGit(t, dir, []byte(m), "commit", "-q", "--cleanup=verbatim", "-F", "-", "--author=Jörg \"J\" Exämple <j@example.org>")
	}
	for _, flags := range [][]string{nil, {"--from=Sender Else <s@example.org>"}, {"--attach"}, {"--no-signature", "--full-index"}} {
		args := append([]string{"format-patch", "--stdout", "--binary"}, flags...)
		mbox := mustGit(t, dir, nil, append(args, base)...)
		got, err := ParseMessages(mbox)
		if err != nil {
			t.Fatalf("%v: %v", flags, err)
		}
		if len(got) != len(messages) {
			t.Fatalf("%v: got %d messages, want %d", flags, len(got), len(messages))
		}
		mustGit(t, dir, nil, "checkout", "-q", "-f", "-B", "again", base)
		mustGit(t, dir, mbox, "am", "-q", "--keep-cr", "--whitespace=nowarn", "--quoted-cr=nowarn")
		ids := strings.Fields(string(mustGit(t, dir, nil, "rev-list", "--reverse", base+"..again")))
		for i, m := range got {
			want := string(mustGit(t, dir, nil, "log", "-1", "--format=%an|%ae|%aI|%B", ids[i]))
			have := fmt.Sprintf("%s|%s|%s|%s", m.Author.Name, m.Author.Email, m.Date.Format("2006-01-02T15:04:05-07:00"), m.CommitMessage())
			if strings.TrimSpace(have) != strings.TrimSpace(want) {
				t.Errorf("%v mail %d:\n got %q\nwant %q", flags, i, have, want)
			}
			if len(m.Guessed) > 0 {
				t.Errorf("%v mail %d: guessed %q", flags, i, m.Guessed)
			}
			pre, post := commitFiles(t, dir, ids[i]+"^"), commitFiles(t, dir, ids[i])
			tree, err := patchTree(pre, m.Files)
			if err != nil {
				t.Fatalf("%v mail %d: %v", flags, i, err)
			}
			if d := diffTrees(tree, post); d != "" {
				t.Errorf("%v mail %d: %s", flags, i, d)
			}
		}
		mustGit(t, dir, nil, "checkout", "-q", "-f", "master")
	}
}

func commitFiles(t testing.TB, dir, commit string) files {
	t.Helper()
	tree := files{}
	for e := range strings.SplitSeq(string(mustGit(t, dir, nil, "ls-tree", "-r", "-z", commit)), "\x00") {
		info, name, ok := strings.Cut(e, "\t")
		if !ok {
			continue
		}
		f := strings.Fields(info)
		tree[name] = file{f[0], mustGit(t, dir, nil, "cat-file", "blob", f[2])}
	}
	return tree
}
