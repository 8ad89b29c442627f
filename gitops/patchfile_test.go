package gitops

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

const patchRepo = `git init
git add a b dir/c run
git commit -m first
-- a --
one
two
three
-- b --
bee
-- dir/c --
sea
-- run --
go
`

func parseOne(t testing.TB, text string) mailbox.Message {
	t.Helper()
	ms, err := mailbox.ParseMessages([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return ms[0]
}

// A patch becomes the commit that git apply --index makes of it.
func TestCommitPatchAgreesWithGitApply(t *testing.T) {
	for name, change := range map[string]func(r *gittest.Repo){
		"modify":       func(r *gittest.Repo) { r.Write("a", "one\n2\nthree\n") },
		"add":          func(r *gittest.Repo) { r.Write("new/deep/file", "x") },
		"empty file":   func(r *gittest.Repo) { r.Write("empty", "") },
		"delete":       func(r *gittest.Repo) { r.Git("rm", "-q", "dir/c") },
		"rename":       func(r *gittest.Repo) { r.Git("mv", "a", "moved") },
		"swap":         func(r *gittest.Repo) { r.Git("mv", "a", "t"); r.Git("mv", "b", "a"); r.Git("mv", "t", "b") },
		"mode":         func(r *gittest.Repo) { r.Git("update-index", "--chmod=+x", "run") },
		"file to link": func(r *gittest.Repo) { r.Git("rm", "-q", "b"); link(r, "b", "a") },
		"link":         func(r *gittest.Repo) { link(r, "ln", "../outside") },
		"dir to file":  func(r *gittest.Repo) { r.Git("rm", "-q", "dir/c"); r.Write("dir", "now a file\n") },
		"submodule": func(r *gittest.Repo) {
			r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,sub")
		},
		"binary": func(r *gittest.Repo) { r.Write("bin", "\x00\x01\x02") },
		"CR LF":  func(r *gittest.Repo) { r.Write("dos", "a\r\nb\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			r := gittest.Load(t, patchRepo)
			first := idOf(r, "HEAD")
			change(r)
			if name != "mode" && name != "submodule" {
				r.Git("add", "-A")
			}
			r.Git("commit", "-q", "-m", "change")
			diff := r.Git("diff-tree", "-p", "--full-index", "--binary", "-M", "-B", string(first), "HEAD")
			w := NewWorkbench(testScratch(t, r), EngineOwn)
			got, err := w.CommitPatch(t.Context(), first, parseOne(t, "Subject: x\nFrom: A <a@example.org>\n\n"+diff+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			c, err := w.ReadCommit(t.Context(), got.Commit)
			if err != nil || c.Tree != idOf(r, "HEAD^{tree}") || c.Parent() != first || len(got.Offsets) > 0 {
				t.Errorf("tree %s, parent %s, offsets %v, %v", c.Tree, c.Parent(), got.Offsets, err)
			}
		})
	}
}

func link(r *gittest.Repo, name, target string) {
	r.Write("link-target", target)
	id := strings.TrimSpace(r.Git("hash-object", "-w", "--no-filters", "link-target"))
	r.Git("update-index", "--add", "--cacheinfo", "120000,"+id+","+name)
	r.Git("checkout", "-q", "--", name)
	if err := exec.Command("rm", filepath.Join(r.Dir, "link-target")).Run(); err != nil {
		panic(err)
	}
}

// What cannot be a commit is a PatchError, which a caller may answer for.
func TestCommitPatchRefuses(t *testing.T) {
	r := gittest.Load(t, patchRepo)
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	for name, text := range map[string]string{
		"twice":        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+1\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+2\n",
		"nothing":      "diff --git a/a b/a\nold mode 100644\nnew mode 100644\n",
		"nesting":      "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n--- /dev/null\n+++ b/x/y\n@@ -0,0 +1 @@\n+2\n",
		"a directory":  "--- a/dir\n+++ b/dir\n@@ -1 +1 @@\n-sea\n+c\n",
		"other lines":  "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-deux\n+2\n",
		"no such file": "--- a/zzz\n+++ b/zzz\n@@ -1 +1 @@\n-x\n+y\n",
		"unknown blob": "diff --git a/zzz b/zzz\nindex 1234567..7654321 100644\n--- a/zzz\n+++ b/zzz\n@@ -1 +1 @@\n-x\n+y\n",
		"tree as blob": fmt.Sprintf("diff --git a/zzz b/zzz\nindex %.12s..7654321 100644\n--- a/zzz\n+++ b/zzz\n@@ -1 +1 @@\n-x\n+y\n", r.ID("HEAD^{tree}")),
		"submodule":    "diff --git a/s b/s\nnew file mode 160000\n--- /dev/null\n+++ b/s\n@@ -0,0 +1 @@\n+Subproject commit 12\n",
	} {
		ms, err := mailbox.ParseMessages([]byte(text))
		if err != nil {
			continue // refused even earlier
		}
		_, err = w.CommitPatch(t.Context(), idOf(r, "HEAD"), ms[0])
		var unfit *PatchError
		if !errors.As(err, &unfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The recorded blob wins over the file as it is now, so that the merge is
// three-way; abbreviated ids do.
func TestCommitPatchUsesRecordedBlobs(t *testing.T) {
	r := gittest.Load(t, patchRepo)
	old := r.ID("HEAD:a")
	r.Write("a", "zero\none\ntwo\nthree\n")
	r.Git("commit", "-q", "-a", "-m", "public")
	patch := "diff --git a/a b/a\nindex %s..1111111 100644\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	for _, blob := range []string{old, old[:7], old[:4]} {
		got, err := w.CommitPatch(t.Context(), idOf(r, "HEAD"), parseOne(t, fmt.Sprintf(patch, blob)))
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.ReadCommit(t.Context(), got.Commit)
		if err != nil {
			t.Fatal(err)
		}
		before, _, err := w.Entry(t.Context(), treeOf(t, w.Scratch, c.Parent()), "a")
		if err != nil || string(before.ID) != old || len(got.Offsets) > 0 {
			t.Errorf("%s: made for %s, offsets %v, %v", blob, before.ID, got.Offsets, err)
		}
		if text := mergedFile(t, w, c.Parent(), idOf(r, "HEAD"), got.Commit); text != "zero\none\n2\nthree\n" {
			t.Errorf("%s: merged %q", blob, text)
		}
	}
	// Without the blob the file as it is now has to do, and the offset is told.
	patch = strings.Replace(fmt.Sprintf(patch, "123456789"), "@@ -1,3 +1,3 @@", "@@ -8,3 +8,3 @@", 1)
	got, err := w.CommitPatch(t.Context(), idOf(r, "HEAD"), parseOne(t, patch))
	if want := (FileOffset{"a", mailbox.Offset{Hunk: 1, Lines: -6}}); err != nil || len(got.Offsets) != 1 || got.Offsets[0] != want {
		t.Errorf("offsets %v, %v; want %v", got.Offsets, err, want)
	}
}

func mergedFile(t testing.TB, w *Workbench, base, upstream, patch merge3.ID) string {
	t.Helper()
	res, err := w.Merge(t.Context(), merge3.Request{
		Base:     merge3.Side{Commit: base, Tree: treeOf(t, w.Scratch, base)},
		Upstream: merge3.Side{Commit: upstream, Tree: treeOf(t, w.Scratch, upstream)},
		Patch:    merge3.Side{Commit: patch, Tree: treeOf(t, w.Scratch, patch)},
	})
	if err != nil || !res.Clean() {
		t.Fatalf("%v, %v", res.Conflicts, err)
	}
	e, _, err := w.Entry(t.Context(), res.Tree, "a")
	if err != nil {
		t.Fatal(err)
	}
	data, err := readType(t.Context(), w, e.ID, "blob")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Whatever stands in the author of a mail, the commit can be read again.
func TestAuthorLineIsAlwaysValid(t *testing.T) {
	r := gittest.Load(t, patchRepo)
	s := testScratch(t, r)
	tree := idOf(r, "HEAD^{tree}")
	rapid.Check(t, func(rt *rapid.T) {
		m := mailbox.Message{Author: mailbox.Person{
			Name: string(rapid.SliceOf(rapid.Byte()).Draw(rt, "name")), Email: string(rapid.SliceOf(rapid.Byte()).Draw(rt, "email")),
		}}
		c := patchsetCommit(tree)
		c.Author = authorLine(m, 1)
		if _, err := s.WriteCommit(c); err != nil {
			rt.Fatalf("%q: %v", c.Author, err)
		}
	})
}

// Quoted-printable is undone by the reader of mails.
func TestQuotedPrintableReadsBack(t *testing.T) {
	const head = "From: A <a@example.org>\nSubject: x\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
	rapid.Check(t, func(rt *rapid.T) {
		line := rapid.StringMatching(`[ -~\t\r=é]{0,40}`).Draw(rt, "line")
		diff := "---\n\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+" + line + "\n"
		m := parseOne(t, string(quotedPrintable([]byte(head+diff))))
		if got := string(m.Files[0].Hunks[0].Lines[0].Text); got != line+"\n" {
			rt.Fatalf("%q, want %q", got, line)
		}
	})
}
