package suggest

import (
	"bytes"
	"slices"
)

// line is a line of a side, with its break.
type line struct {
	text   []byte
	tokens []int // the numbers of its tokens that are not blank, sorted
	weight int   // of these tokens together
}

// vocabulary numbers tokens: equal ones get equal numbers.
type vocabulary struct {
	ids     map[string]int
	weights []int
}

func newVocabulary() *vocabulary { return &vocabulary{ids: map[string]int{}} }

// lines takes a text apart.
func (v *vocabulary) lines(text []byte) []line {
	var out []line
	for l := range bytes.Lines(text) {
		out = append(out, v.line(l))
	}
	return out
}

func (v *vocabulary) line(text []byte) line {
	l := line{text: text}
	for _, t := range tokens(text) {
		if k := kindOf(t[0]); k == blank || k == lineBreak {
			continue
		}
		id, ok := v.ids[string(t)]
		if !ok {
			id = len(v.ids)
			v.ids[string(t)] = id
			v.weights = append(v.weights, weight(t))
		}
		l.tokens = append(l.tokens, id)
		l.weight += v.weights[id]
	}
	slices.Sort(l.tokens)
	return l
}

// likeness is how much of two lines is the same, in per cent: 100 only if they
// are equal, white space left aside; 0 if it is less than alike in any case.
func (v *vocabulary) likeness(a, b line) int {
	if a.weight+b.weight == 0 {
		return 100
	}
	if 200*min(a.weight, b.weight) < alike*(a.weight+b.weight) {
		return 0 // not worth counting
	}
	shared := 0
	for i, j := 0, 0; i < len(a.tokens) && j < len(b.tokens); {
		switch {
		case a.tokens[i] < b.tokens[j]:
			i++
		case a.tokens[i] > b.tokens[j]:
			j++
		default:
			shared += v.weights[a.tokens[i]]
			i, j = i+1, j+1
		}
	}
	return 200 * shared / (a.weight + b.weight)
}

// alike is the likeness from which on two lines are versions of one.
const alike = 60

// match aligns the lines of two sides: equal ones, and versions of one line.
func (v *vocabulary) match(a, b []line) ([]int, bool) {
	return align(len(a), len(b), func(i, j int) int {
		s := 10 + min(a[i].weight, 40)
		if bytes.Equal(a[i].text, b[j].text) {
			return s * 100
		}
		if a[i].weight == 0 || b[j].weight == 0 {
			return 0
		}
		if like := v.likeness(a[i], b[j]); like >= alike {
			return s * like * 9 / 10
		}
		return 0
	})
}
