package patchset

import (
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"pgregory.net/rapid"
)

func diffOf(t *testing.T, text string) []mailbox.FileChange {
	t.Helper()
	changes, err := mailbox.ParseDiff([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// fileDiff is a diff of one file with one hunk at a line.
func fileDiff(path, at, lines string) string {
	return "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path + "\n" + at + "\n" + lines
}

func (d Interdiff) String() string {
	var b strings.Builder
	for _, f := range d.Files {
		b.WriteString(f.Path + "<" + f.Was + "\n")
		for _, n := range f.Notes {
			b.WriteString("! " + n + "\n")
		}
		for _, l := range f.Lines {
			b.WriteString(string(l.In) + string(l.Op) + string(l.Text))
		}
	}
	return b.String()
}

func TestCompareChanges(t *testing.T) {
	one := fileDiff("f", "@@ -1,1 +1,2 @@", "-old\n+new\n+more\n")
	for _, tt := range []struct {
		name, first, second, want string
		same                      bool
		moved                     int
	}{
		{"the same", one, one, "f<\n -old\n +new\n +more\n", true, 0},
		{"moved", one, fileDiff("f", "@@ -9,1 +9,2 @@", "-old\n+new\n+more\n"), "f<\n -old\n +new\n +more\n", true, 1},
		{"renamed", one, fileDiff("g", "@@ -1,1 +1,2 @@", "-old\n+new\n+more\n"), "g<f\n -old\n +new\n +more\n", true, 0},
		{
			"a line differs", one, fileDiff("f", "@@ -1,1 +1,2 @@", "-old\n+newer\n+more\n"),
			"f<\n -old\n-+new\n++newer\n +more\n", false, 0,
		},
		{
			"removing is not adding", fileDiff("f", "@@ -1,0 +1,1 @@", "+x\n"), fileDiff("f", "@@ -1,1 +1,0 @@", "-x\n"),
			"f<\n-+x\n+-x\n", false, 0,
		},
		{
			"a file more", one, one + fileDiff("g", "@@ -1,0 +1,1 @@", "+x\n"),
			"f<\n -old\n +new\n +more\ng<\n! only the second form changes this file\n++x\n", false, 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := CompareChanges(diffOf(t, tt.first), diffOf(t, tt.second))
			if got := d.String(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if d.Same() != tt.same || d.Moved != tt.moved {
				t.Errorf("Same %v, Moved %d; want %v, %d", d.Same(), d.Moved, tt.same, tt.moved)
			}
		})
	}
}

// Whatever is compared, each form can be read back from the comparison, and it
// says "same" exactly for equal forms.
func TestCompareLinesKeepsBothForms(t *testing.T) {
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) mailbox.Line {
		return mailbox.Line{Op: rapid.SampledFrom([]byte("+-")).Draw(t, "op"), Text: []byte(rapid.SampledFrom([]string{"a\n", "b\n", "c\n"}).Draw(t, "text"))}
	}), 0, 12)
	text := func(list []mailbox.Line) string {
		var b strings.Builder
		for _, l := range list {
			b.WriteString(string(l.Op) + string(l.Text))
		}
		return b.String()
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := lines.Draw(t, "a"), lines.Draw(t, "b")
		var first, second []mailbox.Line
		same := true
		for _, l := range compareLines(a, b) {
			if l.In != '+' {
				first = append(first, mailbox.Line{Op: l.Op, Text: l.Text})
			}
			if l.In != '-' {
				second = append(second, mailbox.Line{Op: l.Op, Text: l.Text})
			}
			same = same && l.In == ' '
		}
		if text(first) != text(a) || text(second) != text(b) || same != (text(a) == text(b)) {
			t.Errorf("a %q b %q: read back %q, %q, same %v", text(a), text(b), text(first), text(second), same)
		}
	})
}
