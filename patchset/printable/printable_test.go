package printable_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/git-carry/git-carry/patchset/printable"
)

// hostile are strings that would steer a terminal or show something else than
// what is stored.
var hostile = []string{
	"\x1b[31mred", "\x1b]0;title\x07", "\x1b]52;c;cGF5bG9hZA==\x07", "\x9b31m", "\u009b31m", "a\rb", "a\bb", "a\x00b", "a\vb\fc", "\x7f",
	"\u202eevil\u202c", "\u2066x\u2069", "\u200bzero\u200dwidth", "\ufeffbom", "\U000e0041tag", "line\u2028sep\u2029par", "\xff\xfe", "e\u034f",
	"\u061c", "soft\u00adhyphen", "\ufff9\ufffb", "var\ufe0f",
}

func TestNothingUnsafeComesThrough(t *testing.T) {
	for _, s := range hostile {
		check(t, s)
	}
}

func TestPlainTextStays(t *testing.T) {
	for _, s := range []string{"", "T401234", "Sanitize user before doThing()", "Zoë Müller", "日本語", "a\tb\nc", "— “quoted” …"} {
		if got := printable.Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := printable.Line("a\n b\t c "); got != "a b c" {
		t.Errorf("got %q", got)
	}
	if got := printable.Text("caf\xe9"); got != "caf<E9>" {
		t.Errorf("got %q", got)
	}
}

func TestCutShowsBothEnds(t *testing.T) {
	long := strings.Repeat("x", 100) + "END"
	got := printable.Cut("START"+long, 40)
	if runewidth.StringWidth(got) > 40 || !strings.HasPrefix(got, "START") || !strings.HasSuffix(got, "END") {
		t.Errorf("got %q", got)
	}
	if got := printable.Cut("short", 40); got != "short" {
		t.Errorf("got %q", got)
	}
}

func TestTableAlignsWideAndHostileCells(t *testing.T) {
	got := printable.Table([][]string{{"ID", "NAME"}, {"日本", "\x1b[2Jx"}, {"T1", ""}})
	want := "ID    NAME\n日本  <U+001B>[2Jx\nT1\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(check)
}

func check(t *testing.T, s string) {
	t.Helper()
	for _, got := range []string{printable.Text(s), printable.Line(s), printable.Cut(s, 30), printable.Table([][]string{{s, s}})} {
		if !utf8.ValidString(got) {
			t.Errorf("%q became %q, which is not UTF-8", s, got)
		}
		for _, r := range got {
			if printable.Unsafe(r) || r == '\r' || (r < ' ' && r != '\n' && r != '\t') {
				t.Errorf("%q became %q, which holds %U", s, got, r)
			}
		}
	}
	if strings.ContainsAny(printable.Line(s), "\n\t") {
		t.Errorf("a line of %q has more than one line", s)
	}
}

func TestFit(t *testing.T) {
	rows := [][]string{
		{"PATCH", "COMPONENT", "SINCE", "VERSIONS", "NOTES"},
		{"T1", "extensions/AbuseFilter", "2026-11-29", "3", "overdue by 112 days"},
	}
	for _, tt := range []struct {
		width   int
		row     []string
		without string
	}{
		{72, rows[1], ""},
		{71, []string{"T1", "extensions/AbuseFilter", "2026-11-29", "overdue by 112 days"}, "VERSIONS"},
		{50, []string{"T1", "extensions/AbuseFilter", "overdue by 112 days"}, "VERSIONS SINCE"},
		{46, []string{"T1", "extensions/Ab…lter", "overdue by 112 days"}, "VERSIONS SINCE"},
		{38, []string{"T1", "extensions…ter", "overdue by …ays"}, "VERSIONS SINCE"},
		{10, []string{"T1", "extensions…ter", "overdue by…ays"}, "VERSIONS SINCE"},
	} {
		got, without := printable.Fit(rows, tt.width, "VERSIONS", "SINCE")
		if strings.Join(without, " ") != tt.without || strings.Join(got[1], "|") != strings.Join(tt.row, "|") {
			t.Errorf("%d cells: got %q without %q", tt.width, got[1], without)
		}
		for _, line := range strings.Split(printable.Table(got), "\n") {
			if tt.width > 40 && runewidth.StringWidth(line) > tt.width {
				t.Errorf("%d cells: %q is wider", tt.width, line)
			}
		}
	}
	if rows[1][1] != "extensions/AbuseFilter" {
		t.Error("the rows were changed")
	}
	short := append(rows, []string{"T2", "the only other cell"})
	if got, _ := printable.Fit(short, 30, "VERSIONS", "SINCE"); strings.Join(got[2], "|") != "T2|the only o…ell" {
		t.Errorf("a short row became %q", got[2])
	}
}
