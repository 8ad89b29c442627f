package generate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// source is a file of functions.
type source struct {
	path      string
	functions [][]string // lines
}

// The lines of a function that an edit replaces. On both sides stay at least four
// lines that nobody touches, so the edits of two functions are no neighbours.
const (
	editFrom = 4
	editTo   = 6
)

// newSource writes the file that has that place in the layout. The same seed,
// number and path always give the same text.
func newSource(seed uint64, number int, path string) *source {
	r := rand.New(rand.NewPCG(seed, uint64(number)+1))
	s := &source{path: path}
	for i := range 4 + int(r.ExpFloat64()*8) {
		s.functions = append(s.functions, function(r, number, i))
	}
	return s
}

func function(r *rand.Rand, number, i int) []string {
	lines := []string{fmt.Sprintf("static int f%d_%d(struct state *s)", number, i), "{"}
	for range 8 {
		lines = append(lines, statement(r))
	}
	return append(lines, "\treturn 0;", "}", "")
}

func statement(r *rand.Rand) string {
	return fmt.Sprintf("\ts->field_%d = load_%s(s, 0x%05x);", r.IntN(40), verbs[r.IntN(len(verbs))], r.IntN(1<<20))
}

var verbs = []string{"word", "mask", "clock", "irq", "page", "queue", "state", "pin"}

// edit gives one function other lines; now and then one more.
func (s *source) edit(r *rand.Rand, function int) {
	with := []string{statement(r), statement(r)}
	if r.IntN(3) == 0 {
		with = append(with, statement(r))
	}
	old := s.functions[function]
	lines := slices.Concat(old[:editFrom], with, old[editTo:])
	s.functions[function] = lines
}

func (s *source) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "/* %s */\n\n", s.path)
	for _, f := range s.functions {
		b.WriteString(strings.Join(f, "\n"))
		b.WriteByte('\n')
	}
	return b.String()
}
