package tui

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// edit says that the items [a0,a1) of one sequence stand as [b0,b1) in the other.
type edit struct{ a0, a1, b0, b1 int }

// maxSteps bounds the search of diff: texts that differ in more places are shown
// as one edit. Half a thousand edits is more than a person compares word by word.
const maxSteps = 500

// diff lists the edits from a to b, in order; no two touch. It is the greedy
// algorithm of Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations"
// (Algorithmica, 1986), section 3.
func diff[T comparable](a, b []T) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	edits := middle(a[head:len(a)-tail], b[head:len(b)-tail])
	for i := range edits {
		edits[i].a0, edits[i].a1 = edits[i].a0+head, edits[i].a1+head
		edits[i].b0, edits[i].b1 = edits[i].b0+head, edits[i].b1+head
	}
	return edits
}

// middle is diff for sequences that differ at both ends.
func middle[T comparable](a, b []T) []edit {
	switch {
	case len(a) == 0 && len(b) == 0:
		return nil
	case len(a) == 0 || len(b) == 0:
		return []edit{{0, len(a), 0, len(b)}}
	}
	var trace [][]int32 // of step d: the furthest x on each diagonal from -d to d
	last := []int32{0}
	for d := 0; d <= min(len(a)+len(b), maxSteps); d++ {
		reach := make([]int32, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x, _ := stepTo(last, d, k)
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			reach[k+d] = int32(x)
			if x >= len(a) && y >= len(b) {
				return walk(append(trace, reach), len(a), len(b))
			}
		}
		trace, last = append(trace, reach), reach
	}
	return []edit{{0, len(a), 0, len(b)}}
}

// stepTo is where step d enters diagonal k, given how far step d-1 came on each:
// from the diagonal above, down, or else from the one below.
func stepTo(last []int32, d, k int) (x int, down bool) {
	if d == 0 {
		return 0, false
	}
	at := func(k int) int { return int(last[k+d-1]) }
	if k == -d || k != d && at(k-1) < at(k+1) {
		return at(k + 1), true
	}
	return at(k-1) + 1, false
}

// walk follows the trace back from the ends of both sequences.
func walk(trace [][]int32, x, y int) []edit {
	var out []edit
	for d := len(trace) - 1; d > 0; d-- {
		k := x - y
		toX, down := stepTo(trace[d-1], d, k)
		toY := toX - k
		x, y = toX-1, toY
		if down {
			x, y = toX, toY-1
		}
		if n := len(out); n > 0 && out[n-1].a0 == toX && out[n-1].b0 == toY {
			out[n-1].a0, out[n-1].b0 = x, y
		} else {
			out = append(out, edit{x, toX, y, toY})
		}
	}
	slices.Reverse(out)
	return out
}

// splitLines takes a text apart into lines, each with its line break.
func splitLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(text), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// chomp is a line without its line break.
func chomp(line string) string {
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
}

// words takes a text apart into words (letters, digits, underscores), runs of
// blanks, line breaks, and single other characters. Bytes that are no UTF-8 stand
// alone. Together the words are the text.
func words(text string) []string {
	var out []string
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		kind := wordKind(r)
		for kind != 0 && size < len(text) {
			next, n := utf8.DecodeRuneInString(text[size:])
			if wordKind(next) != kind {
				break
			}
			size += n
		}
		out = append(out, text[:size])
		text = text[size:]
	}
	return out
}

// wordKind tells which characters stick together: 0 is for none.
func wordKind(r rune) int {
	switch {
	case r == utf8.RuneError || r == '\n' || r == '\r':
		return 0
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
		return 1
	case r == ' ' || r == '\t':
		return 2
	}
	return 0
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
