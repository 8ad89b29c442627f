package mailbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestApply(t *testing.T) {
	const head = "--- a/x\n+++ b/x\n"
	middle := head + "@@ -3,3 +3,3 @@\n b\n-c\n+C\n d\n"
	filler := strings.Repeat("f\n", MaxOffset)
	for _, c := range []struct {
		name, pre, patch, want string
		offsets                []Offset
		reason                 string
	}{
		{"in place", "1\n2\nb\nc\nd\n", middle, "1\n2\nb\nC\nd\n", nil, ""},
		{"further down", "1\n2\n3\n4\nb\nc\nd\n", middle, "1\n2\n3\n4\nb\nC\nd\n", []Offset{{1, 2}}, ""},
		{"further up", "b\nc\nd\n", middle, "b\nC\nd\n", []Offset{{1, -2}}, ""},
		{"as far as it goes", "1\n2\n" + filler + "b\nc\nd\n", middle, "1\n2\n" + filler + "b\nC\nd\n", []Offset{{1, MaxOffset}}, ""},
		{"too far", "1\n2\n3\n" + filler + "b\nc\nd\n", middle, "", nil, "not in the file within 1000"},
		{"ambiguous", "b\nc\nd\n2\nb\nc\nd\n", middle, "", nil, "found twice, 2 lines"},
		{"nearest", "1\nb\nc\nd\n2\n3\nb\nc\nd\n", middle, "1\nb\nC\nd\n2\n3\nb\nc\nd\n", []Offset{{1, -1}}, ""},
		{"no fuzz", "1\n2\nb\nc\nD\n", middle, "", nil, "not in the file"},
		{"CR counts", "1\n2\nb\r\nc\r\nd\r\n", middle, "", nil, "not in the file"},
		{"at the start only", "0\na\nb\n", head + "@@ -1,2 +1,2 @@\n-a\n+A\n b\n", "", nil, "at the start"},
		{"at the end only", "a\nb\nc\n", head + "@@ -1,2 +1,2 @@\n a\n-b\n+B\n", "", nil, "at the start at the end"},
		{"out of order", "c\nd\na\nb\n", head + "@@ -2,2 +2,2 @@\n a\n-b\n+B\n@@ -5,2 +5,2 @@\n c\n-d\n+D\n", "", nil, "not in the file"},
		{"newline added", "a\nb", head + "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n", "a\nb\n", nil, ""},
		{"newline expected", "a\nb", head + "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "", nil, "not in the file"},
		{"already there", "x\n", "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n", "", nil, "exists already"},
		{"more to delete", "x\ny\n", "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", "", nil, "at the start at the end"},
		{"binary without data", "x", "diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n", "", nil, "git diff --binary"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, offsets, err := Apply([]byte(c.pre), mustParse(t, c.patch)[0])
			var ae *ApplyError
			if c.reason != "" {
				if !errors.As(err, &ae) || !strings.Contains(ae.Reason, c.reason) || ae.Path != "x" {
					t.Fatalf("got %q, %v; want an *ApplyError with %q", got, err, c.reason)
				}
				return
			}
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if d := cmp.Diff(c.offsets, offsets); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestApplyNearlyEverywhere is a patch made to keep the search busy.
func TestApplyNearlyEverywhere(t *testing.T) {
	same := strings.Repeat(" \n", 60_000)
	patch := "--- a/x\n+++ b/x\n" + strings.Repeat("@@ -50000,60001 +50000,60002 @@\n"+same+"+x\n y\n", 5)
	_, _, err := Apply([]byte(strings.Repeat("\n", 300_000)), mustParse(t, patch)[0])
	var ae *ApplyError
	if !errors.As(err, &ae) || !strings.Contains(ae.Reason, "gave up") {
		t.Errorf("got %v", err)
	}
}

// TestApplyOneHunk changes the middle of a file that has been shifted.
func TestApplyOneHunk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a\n", "b\r\n", "\n", "\xff\n"})
		common := rapid.SliceOfN(line, 1, 5)
		before, after := common.Draw(t, "before"), common.Draw(t, "after")
		gone, come := rapid.SliceOf(line).Draw(t, "gone"), rapid.SliceOf(line).Draw(t, "come")
		shift := rapid.IntRange(0, 5).Draw(t, "shift")
		h := Hunk{OldStart: 10, NewStart: 10}
		for _, part := range []struct {
			op    byte
			lines []string
		}{{' ', before}, {'-', gone}, {'+', come}, {' ', after}} {
			for _, l := range part.lines {
				h.Lines = append(h.Lines, Line{part.op, []byte(l)})
			}
		}
		filler := func(n int) string { return strings.Repeat("filler\n", n) }
		text := func(middle []string) string {
			return filler(9+shift) + strings.Join(before, "") + strings.Join(middle, "") + strings.Join(after, "") + filler(3)
		}
		got, offsets, err := Apply([]byte(text(gone)), FileChange{OldPath: "x", NewPath: "x", Kind: KindModify, Hunks: []Hunk{h}})
		if err != nil || string(got) != text(come) {
			t.Fatalf("got %q, %v; want %q", got, err, text(come))
		}
		if (shift == 0) != (len(offsets) == 0) || shift > 0 && offsets[0] != (Offset{1, shift}) {
			t.Fatalf("shifted by %d, reported %v", shift, offsets)
		}
	})
}

func TestBinaryIsChecked(t *testing.T) {
	dir := t.TempDir()
	mustGit(t, dir, nil, "init", "-q")
	a := append(bytes.Repeat([]byte("some content that repeats\x00"), 100), 1)
	b := append(bytes.Clone(a), 2)
	writeFiles(t, dir, files{"x": {ModeFile, a}})
	mustGit(t, dir, nil, "add", "-A")
	writeFiles(t, dir, files{"x": {ModeFile, b}})
	fc := mustParse(t, string(mustGit(t, dir, nil, "diff", "--binary", "--full-index")))[0]
	if !fc.Binary.Delta {
		t.Fatal("git was expected to write a delta")
	}
	if got, _, err := Apply(a, fc); err != nil || !bytes.Equal(got, b) {
		t.Errorf("got %v", err)
	}
	other := bytes.Clone(a)
	other[0] ^= 1
	if _, _, err := Apply(other, fc); err == nil {
		t.Error("a delta applies to another file of the same length")
	}
	lie := fc
	lie.NewBlob = strings.Repeat("1", 40)
	if _, _, err := Apply(a, lie); err == nil {
		t.Error("the result is not checked")
	}
	short := fc
	short.OldBlob = fc.OldBlob[:10]
	if _, _, err := Apply(a, short); err == nil {
		t.Error("an abbreviated id is enough")
	}
}

func TestSameChange(t *testing.T) {
	file := func(name, hunks string) string {
		return "diff --git a/" + name + " b/" + name + "\nindex 1..2 100644\n--- a/" + name + "\n+++ b/" + name + "\n" + hunks
	}
	const bin = "diff --git a/i b/i\nindex 1111111111111111111111111111111111111111..%s\nGIT binary patch\nliteral 0\nHcmV?d00001\n\n"
	binary := func(digit string) string { return strings.Replace(bin, "%s", strings.Repeat(digit, 40), 1) }
	const h = "@@ -5 +5 @@\n-a\n+b\n"
	for _, c := range []struct {
		name, a, b  string
		same, moved bool
	}{
		{"equal", file("x", h), file("x", h), true, false},
		{"other place", file("x", h), file("x", "@@ -9 +9 @@\n-a\n+b\n"), true, true},
		{"other context", file("x", h), file("x", "@@ -5,2 +5,2 @@\n-a\n+b\n c\n"), true, false},
		{"other name", file("x", h), file("y", h), true, true},
		{"one of two renamed", file("b", h) + file("x", "@@ -1 +0,0 @@\n-q\n"), file("a", "@@ -1 +0,0 @@\n-q\n") + file("b", h), true, true},
		{"other line", file("x", h), file("x", "@@ -5 +5 @@\n-a\n+B\n"), false, false},
		{"spaces count", file("x", h), file("x", "@@ -5 +5 @@\n-a\n+b \n"), false, false},
		{"a line more", file("x", h), file("x", "@@ -5 +5,2 @@\n-a\n+b\n+c\n"), false, false},
		{"a line less", file("x", "@@ -5 +5,2 @@\n-a\n+b\n+c\n"), file("x", h), false, false},
		{"a file more", file("x", h), file("x", h) + file("y", h), false, false},
		{"mode", file("x", h), "diff --git a/x b/x\nold mode 100644\nnew mode 100755\nindex 1..2\n--- a/x\n+++ b/x\n" + h, false, false},
		{"same binary", binary("3"), binary("3"), true, false},
		{"other binary", binary("3"), binary("4"), false, false},
		{"binary and text", binary("3"), file("i", h), false, false},
		{"nothing", "", "", true, false},
	} {
		if same, moved := SameChange(mustParse(t, c.a), mustParse(t, c.b)); same != c.same || moved != c.moved {
			t.Errorf("%s: got %v %v, want %v %v", c.name, same, moved, c.same, c.moved)
		}
	}
}
