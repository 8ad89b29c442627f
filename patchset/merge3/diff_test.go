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
func (o *oracle) diff(algorithm string, pairs []pairText) []string {
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
	out := o.run(nil, "diff-tree", "-p", "-U1000000", "--no-indent-heuristic", "--diff-algorithm="+algorithm, "a", "b")
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

// marks is what oracle.diff says, of our own changes.
func marksOf(a, b int, changes []change) string {
	var out strings.Builder
	at := 0
	for _, c := range changes {
		out.WriteString(strings.Repeat(" ", c.a.lo-at) + strings.Repeat("-", c.a.len()) + strings.Repeat("+", c.b.len()))
		at = c.a.hi
	}
	return out.String() + strings.Repeat(" ", a-at)
}

func ourMarks(p pairText, o TextOptions) string {
	n := newInterner(8)
	a, b := n.split(p.a), n.split(p.b)
	return marksOf(a.count(), b.count(), newDiffer(len(n.known), o).diff(a.ids, b.ids))
}

var _ = slices.Equal[[]int]
var _ rand.Source
var _ testing.TB
