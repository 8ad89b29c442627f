package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sourcegraph/go-diff/diff"
)

// TestGoDiffIsNotExact pins why go-diff reads @@ lines only. When a case fails
// because go-diff has become exact, more can be left to it.
func TestGoDiffIsNotExact(t *testing.T) {
	body := func(hunk string) string {
		hunks, err := diff.ParseHunksOptions([]byte(hunk), diff.ParseOptions{KeepCR: true})
		if err != nil {
			return err.Error()
		}
		return string(hunks[0].Body)
	}
	for _, c := range []struct{ name, hunk, exact string }{
		{"a signature is no removed line", "@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n", "-a\n+b\n"},
		{"the mark in another language", "@@ -1 +1 @@\n-a\n+b\n\\ Kein Zeilenumbruch am Dateiende.\n", "-a\n+b"},
		{"an added line without newline before a removed one", "@@ -1 +1 @@\n+b\n\\ No newline at end of file\n-a\n", "+b\n-a\n"},
	} {
		if body(c.hunk) == c.exact {
			t.Errorf("%s: go-diff is exact now", c.name)
		}
	}
	for _, c := range []struct{ name, line, want string }{
		{"spaces at the end of a name", "--- a/x \n", "a/x "},
		{"a name in single quotes", "--- 'x'\n", "'x'"},
		{"a quoted name with raw bytes", "--- \"a/\xff\\t\"\n", "a/\xff\t"},
	} {
		fd, err := diff.ParseFileDiff([]byte(c.line + "+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"))
		if err == nil && fd.OrigName == c.want {
			t.Errorf("%s: go-diff is exact now", c.name)
		}
	}
}

// TestReadsLikeGoDiff compares with go-diff where that can be relied on.
func TestReadsLikeGoDiff(t *testing.T) {
	const patch = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@ func main() {\n a\n-b\n+c\n+d\n e\n@@ -9 +10,2 @@\n f\n+g\n"
	want, err := diff.ParseFileDiff([]byte(patch))
	if err != nil {
		t.Fatal(err)
	}
	got := mustParse(t, patch)
	for i, h := range got[0].Hunks {
		var body bytes.Buffer
		for _, l := range h.Lines {
			body.WriteByte(l.Op)
			body.Write(l.Text)
		}
		w := want.Hunks[i]
		have := fmt.Sprint(h.OldStart, h.OldLines, h.NewStart, h.NewLines, h.Section, body.String())
		if expect := fmt.Sprint(w.OrigStartLine, w.OrigLines, w.NewStartLine, w.NewLines, w.Section, string(w.Body)); have != expect {
			t.Errorf("hunk %d: got %q, go-diff %q", i, have, expect)
		}
	}
}

func mustParse(t testing.TB, patch string) []FileChange {
	t.Helper()
	files, err := ParseDiff([]byte(patch))
	if err != nil {
		t.Fatalf("%v\n%s", err, patch)
	}
	return files
}

func TestHeaders(t *testing.T) {
	const hunk = "@@ -1 +1 @@\n-a\n+b\n"
	for _, c := range []struct {
		name, patch string
		strip       int
		want        string // kind old new oldmode newmode
	}{
		{"prefixes", "diff --git a/d/x b/d/x\n--- a/d/x\n+++ b/d/x\n" + hunk, 0, "modify d/x d/x  "},
		{"no prefixes", "diff --git d/x d/x\n--- d/x\n+++ d/x\n" + hunk, 0, "modify d/x d/x  "},
		{"no prefixes, a directory b", "diff --git b/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n", 0, "add  b/x  100644"},
		{"mode", "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", 0, "mode x x 100644 100755"},
		{"group bits of old", "diff --git a/x b/x\nold mode 100664\nnew mode 100775\n", 0, "mode x x 100644 100755"},
		{"mode on the index line", "diff --git a/x b/x\nindex 1a..2b 100755\n--- a/x\n+++ b/x\n" + hunk, 0, "modify x x 100755 100755"},
		{"empty file deleted", "diff --git a/x y b/x y\ndeleted file mode 100644\nindex e69de29..0000000\n", 0, "delete x y  100644 "},
		{"rename", "diff --git a/x b/y z\nsimilarity index 100%\nrename from x\nrename to y z\n", 0, "rename x y z  "},
		{"rename without prefixes", "diff --git x y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1..2 100644\n--- x\n+++ y\n" + hunk, 0, "rename x y 100644 100644"},
		{"copy", "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", 0, "copy x y  "},
		{"octal quoting", "diff --git \"a/\\303\\244\" \"b/\\303\\244\"\n--- \"a/\\303\\244\"\n+++ \"b/\\303\\244\"\n" + hunk, 0, "modify ä ä  "},
		{"plain with time stamps", "--- a/x y\t2020-01-01 00:00:00.0 +0000\n+++ b/x y\t2020-01-01\n" + hunk, 0, "modify x y x y  "},
		{"plain, quilt's .orig directory", "Index: pkg/d/x\n===\n--- pkg.orig/d/x\n+++ pkg/d/x\n" + hunk, 0, "modify d/x d/x  "},
		{"plain -p0", "--- d/x\n+++ d/x\n" + hunk, StripNone, "modify d/x d/x  "},
		{"plain -p2", "--- a/b/x\n+++ a/b/x\n" + hunk, 2, "modify x x  "},
		{"plain with a backup", "--- x.orig\n+++ x\n" + hunk, 0, "modify x x  "},
		{"plain, added by epoch", "--- a/x\t1970-01-01 01:00:00 +0100\n+++ b/x\n@@ -0,0 +1 @@\n+a\n", 0, "add  x  "},
		{"plain, deleted", "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", 0, "delete x   "},
		{"after prose, before a signature", "prose\n-- \n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n" + hunk + "-- \n2.39.5\n\n", 0, "modify x x  "},
		{"CR LF in headers only", "diff --git a/x b/x\r\nold mode 100644\r\nnew mode 100755\r\n", 0, "mode x x 100644 100755"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Options{Strip: c.strip}.ParseDiff([]byte(c.patch))
			if err != nil || len(got) != 1 {
				t.Fatalf("got %d files, %v", len(got), err)
			}
			f := got[0]
			if s := fmt.Sprintf("%s %s %s %s %s", f.Kind, f.OldPath, f.NewPath, f.OldMode, f.NewMode); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	const head = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
	for _, c := range []struct{ name, patch, want string }{
		{"too few lines", head + "@@ -1,2 +1,2 @@\n-a\n+b\n", "ends before"},
		{"too many lines", head + "@@ -1 +1 @@\n-a\n+b\n+c\n", "more lines"},
		{"one side too long", head + "@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n", "more lines on one side"},
		{"newline missing in the middle", head + "@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-b\n+c\n", "not the last"},
		{"negative", head + "@@ -1,-2 +1 @@\n+a\n", "impossible"},
		{"overflow", head + "@@ -2147483647,2 +1 @@\n+a\n", "impossible"},
		{"huge", head + "@@ -99999999999,2 +1 @@\n+a\n", "cannot be read"},
		{"hunk without file", "@@ -1 +1 @@\n-a\n+b\n", "no file"},
		{"merge", "diff --cc x\n", "merge"},
		{"two names", "diff --git a/x b/x\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "two files"},
		{"another name below", "diff --git a/x b/x\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "two files"},
		{"rename that disagrees", "diff --git a/x b/y\nrename from x\nrename to y\n--- a/z\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "two files"},
		{"half a rename", "diff --git a/x b/y\nrename from x\n", "one name"},
		{"nothing to do", "diff --git a/x b/x\nindex 1..2 100644\n", "nothing to do"},
		{"two modes", "diff --git a/x b/x\nnew file mode 120000\nnew mode 100644\n", "two different modes"},
		{"two modes by the index line", "diff --git a/x b/x\nold mode 100644\nnew mode 120000\nindex 1..2 100755\n", "two different modes"},
		{"names twice", "diff --git a/x b/x\n--- a/x\n+++ b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "one too many"},
		{"strange mode", "diff --git a/x b/x\nnew file mode 040000\n", "mode"},
		{"new file with old content", "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "old content"},
		{"new file that is not", "diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+b\n", "new or deleted"},
		{"deleted file with content", "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "still has content"},
		{"bad quoting", "diff --git \"a/\\9\" \"b/\\9\"\n", "name"},
		{"binary without data", "diff --git a/x b/x\nindex 1..2\nGIT binary patch\n", "literal or delta"},
		{"binary damaged", "diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 3\nC~~~~~\n\n", "damaged"},
		{"binary lie", "diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 200000000\nHcmV?d00001\n\n", "cannot be true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseDiff([]byte(c.patch))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(syntax.Reason, c.want) {
				t.Errorf("got %v, want a syntax error with %q", err, c.want)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	refused := []string{
		"", "/etc/passwd", "..", "../x", "a/../x", "a/..", ".", "./x", "a//b", "a/", "x\x00y", `\x`, `C:\x`, "c:/x", `a\..\x`,
		".git", ".git/config", "a/.git/hooks/x", ".GIT/x", ".Git", "git~1", "GIT~1/config", ".git ", ".git.", ".git . ", ".git\u200c/x",
		".g\u200dit", "\ufeff.git", ".git::$INDEX_ALLOCATION/x", ".git:x", `a\.git\x`, `.git\x`, `a/.GIT\hooks`,
	}
	for _, p := range refused {
		var pe *PathError
		if err := CheckPath(p); !errors.As(err, &pe) {
			t.Errorf("%q: got %v, want a *PathError", p, err)
		}
		// From a patch, add, delete and rename alike; quoted, so that any byte gets through.
		q := strings.NewReplacer(`\`, `\\`, "\x00", `\000`).Replace(p)
		for _, patch := range []string{
			"diff --git \"a/" + q + "\" \"b/" + q + "\"\nnew file mode 100644\n",
			"diff --git \"a/" + q + "\" \"b/" + q + "\"\ndeleted file mode 100644\n",
			"diff --git a/x \"b/" + q + "\"\nrename from x\nrename to \"" + q + "\"\n",
		} {
			if _, err := ParseDiff([]byte(patch)); err == nil {
				t.Errorf("%q is accepted in\n%s", p, patch)
			}
		}
	}
	for _, p := range []string{".gitmodules", ".gitattributes", "-rf", "esc\x1b[31m", "con", ".gitx", "x.git", "git~2", `system\x2dx.slice`, "...", "a/..b", "ä", "\xff"} {
		if err := CheckPath(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	if err := CheckPath("../\x1b[31m"); strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a control character gets through in %q", err)
	}
	if got := QuotePath("a\x1b\u202eb"); got != `"a\x1b\u202eb"` {
		t.Errorf("got %s", got)
	}
	link := "diff --git a/.gitmodules b/.gitmodules\nnew file mode 120000\n--- /dev/null\n+++ b/.gitmodules\n@@ -0,0 +1 @@\n+x\n"
	if _, err := ParseDiff([]byte(link)); err == nil {
		t.Error("a symbolic link .gitmodules is accepted")
	}
}

func TestLimits(t *testing.T) {
	one := "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-a\n+b\n"
	big := "diff --git a/x b/x\nnew file mode 100644\nindex 1..2\nGIT binary patch\nliteral 4294967296\nHcmV?d00001\n\n"
	for _, c := range []struct {
		name   string
		limits Limits
		patch  string
	}{
		{"size", Limits{File: 10}, one},
		{"hunks", Limits{Hunks: 1}, one},
		{"lines", Limits{Lines: 3}, one},
		{"files", Limits{Paths: 1}, one + one},
		{"length", Limits{Path: 3}, strings.ReplaceAll(one, "/x", "/long")},
		{"unpacked", Limits{}, big},
	} {
		_, err := Options{Limits: c.limits}.ParseDiff([]byte(c.patch))
		var limit *LimitError
		if !errors.As(err, &limit) || !strings.Contains(limit.Limit, c.name) {
			t.Errorf("%s: got %v", c.name, err)
		}
		if _, err := (Options{Limits: c.limits}).ParseMessages([]byte("From: a\nSubject: b\n\n" + c.patch)); !errors.As(err, &limit) {
			t.Errorf("%s in a mail: got %v", c.name, err)
		}
	}
	if _, err := (Options{Limits: Limits{Hunks: 2, Paths: 1}}).ParseDiff([]byte(one)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestSubmodule(t *testing.T) {
	f := mustParse(t, "diff --git a/lib/ve b/lib/ve\nindex 1111111..2222222 160000\n--- a/lib/ve\n+++ b/lib/ve\n@@ -1 +1 @@\n-Subproject commit 1111111111111111111111111111111111111111\n+Subproject commit 2222222222222222222222222222222222222222\n")[0]
	oldID, newID, ok := f.Submodule()
	if !ok || oldID != strings.Repeat("1", 40) || newID != strings.Repeat("2", 40) {
		t.Errorf("got %q %q %v", oldID, newID, ok)
	}
	if _, _, ok := mustParse(t, "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n")[0].Submodule(); ok {
		t.Error("a file is no submodule")
	}
}

func TestLinesAreExact(t *testing.T) {
	f := mustParse(t, "--- a/x\n+++ b/x\n@@ -1,4 +1,5 @@\n\n-\xff\r\n--- q\n+++ q\n+\x00\r\r\n+c\n d\n\\ Kein Zeilenumbruch am Dateiende.\n")[0]
	want := []Line{{' ', []byte("\n")}, {'-', []byte("\xff\r\n")}, {'-', []byte("-- q\n")}, {'+', []byte("++ q\n")}, {'+', []byte("\x00\r\r\n")}, {'+', []byte("c\n")}, {' ', []byte("d")}}
	if d := cmp.Diff(want, f.Hunks[0].Lines); d != "" {
		t.Error(d)
	}
}
