package merge3

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pairText is the input of a comparison.
type pairText struct{ a, b []byte }

// diff asks git for the changes between texts, many pairs at once, each as a
// string of a mark per line: ' ' for a line of both, '-' and '+' for one of a
// side. Context lines keep git from cutting off the common end first, which it
// does not do in a merge either.
func (o *oracle) diff(algorithm Algorithm, pairs []pairText) []string {
	o.t.Helper()
	var in bytes.Buffer
	for _, side := range []string{"a", "b"} {
		fmt.Fprintf(&in, "reset refs/heads/%s\ncommit refs/heads/%s\ncommitter a <a@b> 1700000000 +0000\ndata 0\n", side, side)
		for i, p := range pairs {
			text := p.a
			if side == "b" {
				text = p.b
			}
			fmt.Fprintf(&in, "M 100644 inline f%06d\ndata %d\n%s\n", i, len(text), text)
		}
	}
	o.run(in.Bytes(), "fast-import", "--quiet", "--force")
	name := map[Algorithm]string{Histogram: "histogram", Myers: "myers"}[algorithm]
	out := o.run(nil, "diff-tree", "-p", "-U1000000", "--no-indent-heuristic", "--diff-algorithm="+name, "a", "b")
	marks := make([]string, len(pairs))
	for part := range strings.SplitSeq(string(out), "diff --git a/f") {
		var i int
		if _, err := fmt.Sscanf(part, "%06d", &i); err != nil {
			continue
		}
		_, body, _ := strings.Cut(part, "\n@@")
		var b strings.Builder
		for line := range strings.SplitSeq(body, "\n") {
			if line != "" && strings.ContainsRune(" -+", rune(line[0])) && !strings.HasPrefix(line, " -") {
				b.WriteByte(line[0])
			}
		}
		marks[i] = b.String()
	}
	return marks
}

// ourDiff is what oracle.diff says, by this package.
func ourDiff(p pairText, o TextOptions) string {
	n := newInterner(8)
	a, b := n.split(p.a), n.split(p.b)
	var out strings.Builder
	at := 0
	for _, c := range newDiffer(len(n.known), o).diff(a.ids, b.ids) {
		out.WriteString(strings.Repeat(" ", c.a.lo-at) + strings.Repeat("-", c.a.len()) + strings.Repeat("+", c.b.len()))
		at = c.a.hi
	}
	return out.String() + strings.Repeat(" ", a.count()-at)
}

// The comparison alone, without a merge around it: random texts, related and
// not, by either algorithm.
func TestDiffAgainstGit(t *testing.T) {
	o := newOracle(t, gitBinary(t, ""))
	sizes := []struct{ lines, pairs int }{{8, 1000}, {20, 1500}, {60, 300}, {400, 150}, {3000, 30}}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, size := range sizes {
		r := rand.New(rand.NewPCG(uint64(size.lines), 1))
		pairs := make([]pairText, size.pairs)
		for i := range pairs {
			pairs[i] = randomPair(r, size.lines)
		}
		o.checkDiff(t, Histogram, pairs)
		o.checkDiff(t, Myers, pairs)
	}
}

// Only in texts of more than 65,536 lines together can the shortcuts of the
// Myers search come into play: below, it has given up before.
func TestLargeDiffAgainstGit(t *testing.T) {
	if testing.Short() {
		t.Skip("large texts")
	}
	r := rand.New(rand.NewPCG(1, 1))
	var pairs []pairText
	for i := range 6 {
		e := editor{r: r, kinds: 300 << i, ends: "\n"}
		a := e.lines(40000)
		pairs = append(pairs, pairText{e.text(a), e.text(e.shuffled(a, 25))})
	}
	newOracle(t, gitBinary(t, "")).checkDiff(t, Myers, pairs)
}

func (o *oracle) checkDiff(t *testing.T, algorithm Algorithm, pairs []pairText) {
	t.Helper()
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pairText) bool { return bytes.Equal(p.a, p.b) })
	wrong := 0
	for i, want := range o.diff(algorithm, pairs) {
		got := ourDiff(pairs[i], TextOptions{Algorithm: algorithm, RediffShifted: o.rediff})
		if got == want {
			continue
		}
		if wrong++; wrong == 1 {
			t.Errorf("algorithm %d: %.1000q to %.1000q: %.1000q, git says %.1000q", algorithm, pairs[i].a, pairs[i].b, got, want)
		}
	}
	if wrong > 0 {
		t.Errorf("algorithm %d: %d of %d comparisons differ", algorithm, wrong, len(pairs))
	}
}

// randomPair makes up two texts: an edited copy, an unrelated one, one into
// which runs of lines were copied, one that shares nothing but some frequent
// lines, or a copy with a little changed everywhere.
func randomPair(r *rand.Rand, n int) pairText {
	e := editor{r: r, kinds: []int{2, 2, 3, 3, 10, 60, 1000}[r.IntN(7)], ends: "\n"}
	a := e.lines(n/2 + r.IntN(n))
	var b []string
	switch r.IntN(5) {
	case 0:
		b = e.edit(a, 1+n/6)
	case 1:
		b = e.lines(n/2 + r.IntN(n))
	case 2:
		e.kinds *= 2
		b = e.lines(len(a))
		for range 1 + n/100 {
			lo, at := r.IntN(len(a)), r.IntN(len(b))
			run := a[lo:min(len(a), lo+10+r.IntN(40))]
			b = append(b[:at:at], append(run[:len(run):len(run)], b[at:]...)...)
		}
	case 3:
		shared := 1 + n/[]int{20, 60, 200, 400}[r.IntN(4)]
		a, b = e.mostlyOwn("a", len(a), shared), e.mostlyOwn("b", len(a), shared)
	default:
		e.kinds = 1000
		a = e.lines(len(a))
		b = e.sprinkle(a)
	}
	return pairText{e.text(a), e.text(b)}
}

// mostlyOwn makes lines of which most stand in no other text, in runs of
// different lengths, and the others are of few kinds.
func (e editor) mostlyOwn(name string, n, shared int) []string {
	out := make([]string, n)
	odds := 3 + e.r.IntN(6)
	for i := range out {
		if e.r.IntN(odds) == 0 {
			out[i] = fmt.Sprintf("shared %d\n", e.r.IntN(shared))
		} else {
			out[i] = fmt.Sprintf("%s %d\n", name, i)
		}
	}
	return out
}

// sprinkle replaces every few lines one by another of the text, and leaves
// runs of different lengths alone in between.
func (e editor) sprinkle(lines []string) []string {
	out := append([]string(nil), lines...)
	for i := 0; i < len(out); i += 2 + e.r.IntN(6) {
		if e.r.IntN(12) == 0 {
			i += 15 + e.r.IntN(12)
			continue
		}
		out[i] = lines[e.r.IntN(len(lines))]
	}
	return out
}

// shuffled changes places of runs of lines.
func (e editor) shuffled(lines []string, most int) []string {
	out := append([]string(nil), lines...)
	for at := 0; at+2*most < len(out); at += most {
		if e.r.IntN(3) > 0 {
			continue
		}
		n := 1 + e.r.IntN(most)
		run := append([]string(nil), out[at:at+n]...)
		copy(out[at:], out[at+n:at+n+most])
		copy(out[at+most:], run)
	}
	return out
}
