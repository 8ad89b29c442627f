package suggest

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawFile draws three versions of a text of few words, so that they have much in common.
func drawFile(t *rapid.T) File {
	words := rapid.SampledFrom([]string{"a", "alpha", "beta(", "gamma", ")", "", "import x;", "import y;", "{", "}", "\t", "  ", "10", "20", ";", "\r"})
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(words, 0, 5).Draw(t, "words"), rapid.SampledFrom([]string{" ", ""}).Draw(t, "between"))
	}), 0, 12)
	base := lines.Draw(t, "base")
	version := func(name string) []byte {
		out := slices.Clone(base)
		for range rapid.IntRange(1, 4).Draw(t, name) {
			at := rapid.IntRange(0, len(out)).Draw(t, "at")
			end := min(len(out), at+rapid.IntRange(0, 2).Draw(t, "removed"))
			out = slices.Replace(out, at, end, lines.Draw(t, "added")...)
		}
		return []byte(strings.Join(out, "\n"))
	}
	return File{Path: "a.c", Base: []byte(strings.Join(base, "\n")), Upstream: version("upstream"), Patch: version("patch")}
}

// TestNothingIsInvented: every line of a suggestion is, white space aside, one of the
// inputs, or made of tokens of them.
func TestNothingIsInvented(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t)
		lines, words := map[string]bool{}, map[string]bool{}
		for _, side := range [][]byte{f.Base, f.Upstream, f.Patch} {
			for l := range bytes.Lines(side) {
				lines[string(bytes.TrimSpace(l))] = true
			}
			for _, w := range tokens(side) {
				words[string(w)] = true
			}
		}
		for _, list := range For(f).Disputes {
			for _, s := range list {
				checkLines(t, s, lines, words)
			}
		}
	})
}

func checkLines(t *rapid.T, s Suggestion, lines, words map[string]bool) {
	for l := range bytes.Lines(s.Text) {
		if lines[string(bytes.TrimSpace(l))] {
			continue
		}
		for _, w := range tokens(bytes.TrimSpace(l)) {
			if !words[string(w)] && kindOf(w[0]) != blank {
				t.Fatalf("%s has %q, which is in no input: %q", s.Source, w, s.Text)
			}
		}
	}
}

func TestForIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t)
		a, b := For(f), For(f)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("got %+v, then %+v", a, b)
		}
		for n, list := range a.Disputes {
			if !slices.IsSortedFunc(list, func(x, y Suggestion) int { return y.Precision.Percent() - x.Precision.Percent() }) {
				t.Fatalf("dispute %d is not in order: %+v", n, list)
			}
		}
		if len(a.Disputes) != len(a.Merged.Hunks()) {
			t.Fatalf("%d lists for %d disputes", len(a.Disputes), len(a.Merged.Hunks()))
		}
	})
}

// TestMergeTokensDoesOneEdit: an edit against none is that edit.
func TestMergeTokensDoesOneEdit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t)
		for _, test := range [][4][]byte{
			{f.Base, f.Base, f.Patch, f.Patch}, {f.Base, f.Upstream, f.Base, f.Upstream}, {f.Base, f.Patch, f.Patch, f.Patch},
		} {
			got, overruled, ok := mergeTokens(test[0], test[1], test[2])
			if !ok || overruled > 0 || !bytes.Equal(got, test[3]) {
				t.Fatalf("%q: got %q, %d, %v", test, got, overruled, ok)
			}
		}
	})
}

// TestAlignIsBest compares with all alignments of short texts.
func TestAlignIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(0, 5).Draw(t, "n"), rapid.IntRange(0, 5).Draw(t, "m")
		score := make([][]int, n)
		for i := range score {
			score[i] = rapid.SliceOfN(rapid.IntRange(-1, 4), m, m).Draw(t, "scores")
		}
		to, ok := align(n, m, func(i, j int) int { return score[i][j] })
		if !ok || len(to) != n {
			t.Fatalf("got %v, %v", to, ok)
		}
		got, last := 0, -1
		for i, j := range to {
			if j < 0 {
				continue
			}
			if j <= last || score[i][j] <= 0 {
				t.Fatalf("%v of %v: %d is no pair", to, score, i)
			}
			got, last = got+score[i][j], j
		}
		if want := bestOf(score, 0, 0, m); got != want {
			t.Fatalf("%v of %v gives %d, not %d", to, score, got, want)
		}
	})
}

func bestOf(score [][]int, i, from, m int) int {
	if i == len(score) {
		return 0
	}
	best := bestOf(score, i+1, from, m)
	for j := from; j < m; j++ {
		best = max(best, score[i][j]+bestOf(score, i+1, j+1, m))
	}
	return best
}

func TestTokensAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		if got := bytes.Join(tokens(text), nil); !bytes.Equal(got, text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func FuzzFor(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"), []byte("a\nB\nc\n"), []byte("a\nb b\nc"))
	f.Add([]byte("limit( rows, 10 );\r\n"), []byte("limit( lines, 10 );\r\n"), []byte("limit( rows, 50 );"))
	f.Add([]byte(""), []byte("import a;\nimport c;\n"), []byte("import b;\n\n"))
	f.Add([]byte("  x\n  y\n"), []byte("\tx\n\ty\n"), []byte("  x\n  z\n  y\n"))
	f.Add([]byte("\x00"), []byte("\xff\xfe"), []byte("\n\n\n"))
	f.Fuzz(func(t *testing.T, base, upstream, patch []byte) {
		a := For(File{Path: "a", Base: base, Upstream: upstream, Patch: patch, Known: func(Key) []Resolution { return nil }})
		a.First()
		if len(a.Disputes) != len(a.Merged.Hunks()) {
			t.Fatalf("%d lists for %d disputes", len(a.Disputes), len(a.Merged.Hunks()))
		}
	})
}
