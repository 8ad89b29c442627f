package merge3

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// shape is a kind of large text, and how much work a merge of it may be: steps
// per line of the three texts. A step is some nanoseconds.
type shape struct {
	name   string
	budget int
	make   func(n int) triple
}

// numbered makes n lines; number says which.
func numbered(n int, number func(i int) int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("line %d\n", number(i))
	}
	return out
}

// edited is a text with two edits of it, of one change for every so many lines.
func edited(lines []string, kinds, every int) triple {
	e := editor{r: rand.New(rand.NewPCG(9, 9)), kinds: kinds, ends: "\n"}
	edit := func() []byte {
		var b strings.Builder
		for _, line := range lines {
			switch e.r.IntN(3 * every) {
			case 0:
				b.WriteString(e.line())
			case 1:
				b.WriteString(line + e.line())
			case 2:
			default:
				b.WriteString(line)
			}
		}
		return []byte(b.String())
	}
	return triple{[]byte(strings.Join(lines, "")), edit(), edit()}
}

func few(kinds int) func(int) int {
	r := rand.New(rand.NewPCG(8, 8))
	return func(int) int { return r.IntN(kinds) }
}

func itself(i int) int { return i }

var shapes = []shape{
	{"distinct lines, a few edits", 50, func(n int) triple { return edited(numbered(n, itself), 1000, n/40) }},
	{"200 kinds of lines, an edit in 100", 60, func(n int) triple { return edited(numbered(n, few(200)), 200, 100) }},
	{"3 kinds of lines, an edit in 1000", 500, func(n int) triple { return edited(numbered(n, few(3)), 3, 1000) }},
	{"one line over and over", 60, func(n int) triple {
		line := "same\n"
		return triple{[]byte(strings.Repeat(line, n)), []byte(strings.Repeat(line, n-n/3) + "u\n"), []byte("p\n" + strings.Repeat(line, n+n/3))}
	}},
	{"backwards", 20, func(n int) triple {
		lines := numbered(n, itself)
		back := numbered(n, func(i int) int { return n - 1 - i })
		return triple{[]byte(strings.Join(lines, "")), []byte(strings.Join(back, "")), []byte(strings.Join(lines[n/2:], ""))}
	}},
	{"nothing in common", 20, func(n int) triple {
		text := func(from int) []byte {
			return []byte(strings.Join(numbered(n, func(i int) int { return from + i }), ""))
		}
		return triple{text(0), text(n), text(2 * n)}
	}},
	{"two kinds of lines, unrelated", 3000, func(n int) triple {
		two := few(2)
		text := func() []byte { return []byte(strings.Join(numbered(n, two), "")) }
		return triple{text(), append(text(), "u\n"...), append([]byte("p\n"), text()...)}
	}},
	{"every other block moved", 100, func(n int) triple {
		e := editor{r: rand.New(rand.NewPCG(7, 7)), kinds: 10 * n, ends: "\n"}
		lines := e.lines(n)
		return triple{e.text(lines), e.text(e.shuffled(lines, 100)), e.text(e.shuffled(lines, 100))}
	}},
}

// Large texts of every shape cost a bounded number of steps a line.
func TestNoBlowUp(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	for _, s := range shapes {
		in := s.make(n)
		i := newInterner(16)
		m := merge{base: i.split(in.base), upstream: i.split(in.upstream), patch: i.split(in.patch)}
		m.run(newDiffer(len(i.known), TextOptions{}))
		total := m.base.count() + m.upstream.count() + m.patch.count()
		t.Logf("%s: %d steps a line", s.name, m.differ.work/total)
		if m.differ.work > s.budget*total {
			t.Errorf("%s: %d steps for %d lines, more than %d a line", s.name, m.differ.work, total, s.budget)
		}
	}
}

// What would take too long is given up, and said.
func TestWorkIsBounded(t *testing.T) {
	var base, other strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&base, "line %d\n", i)
		fmt.Fprintf(&other, "line %d\nnew %d\n", i, i)
	}
	in := triple{[]byte(base.String()), []byte(other.String()), []byte("x\n" + base.String())}
	const limit = 1_000_000
	res := Text(in.base, in.upstream, in.patch, TextOptions{MaxWork: limit})
	if !res.Exhausted {
		t.Error("the limit was not noticed")
	}
	if res := Text(in.base, in.base, in.patch, TextOptions{MaxWork: limit}); res.Exhausted {
		t.Error("a simple merge is called too long")
	}
	small := triple{in.base[:2000], in.upstream[:2000], in.patch[:2000]}
	bounded := Text(small.base, small.upstream, small.patch, TextOptions{MaxWork: limit})
	if free := Text(small.base, small.upstream, small.patch, TextOptions{}); bounded.Exhausted || string(free.Bytes()) != string(bounded.Bytes()) {
		t.Error("a limit that is not reached changes the result")
	}
}

func BenchmarkText(b *testing.B) {
	for _, bench := range []struct {
		name string
		in   triple
	}{
		{"1k distinct", edited(numbered(1000, itself), 1000, 50)},
		{"5k distinct", edited(numbered(5000, itself), 1000, 50)},
		{"100k distinct", edited(numbered(100_000, itself), 1000, 100)},
		{"100k of 200 kinds", edited(numbered(100_000, few(200)), 200, 1000)},
		{"20k of 3 kinds", edited(numbered(20_000, few(3)), 3, 1000)},
		{"20k, an edit in 5", edited(numbered(20_000, itself), 1000, 5)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.in.base) + len(bench.in.upstream) + len(bench.in.patch)))
			b.ReportAllocs()
			for b.Loop() {
				Text(bench.in.base, bench.in.upstream, bench.in.patch, TextOptions{Labels: testLabels}).Bytes()
			}
		})
	}
}
