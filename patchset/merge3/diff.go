package merge3

// Algorithm names a way to find what two texts have in common.
type Algorithm int

// The algorithms. Merges use Histogram; Myers is what it falls back to where
// all common lines are frequent, and can be asked for alone.
const (
	Histogram Algorithm = iota
	Myers
)

// span is a run of lines: from number lo up to, not including, number hi.
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// shift is the span moved by n lines.
func (s span) shift(n int) span { return span{s.lo + n, s.hi + n} }

// box is a run of lines of either text, to be compared with each other.
type box struct{ a, b span }

// change says that the lines a of one text stand as the lines b in the other.
// One of the two may be empty, not both.
type change struct{ a, b span }

// differ finds the changes between texts. It keeps its tables from one
// comparison to the next, so that many small ones cost no memory.
type differ struct {
	algorithm Algorithm
	rediff    bool // see TextOptions.RediffShifted

	// a and b are the texts under comparison.
	a, b sequence
	// work counts the steps taken so far: lines compared, visited or moved over.
	// It stands for time in tests.
	work int
	// limit is how many steps may be taken, 0 for any number. Behind it what is left
	// is called changed, which ends the comparison soon.
	limit int

	index   occurrences
	myers   myers
	pending []box
}

// sequence is a text under comparison: its lines by number, and which of them
// have no counterpart in the other text. The lines that are not changed pair
// up with those of the other text, in order.
type sequence struct {
	ids     []int32
	changed []bool
}

// start makes a sequence of ids with nothing changed; it reuses memory.
func (s *sequence) start(ids []int32) {
	s.ids = ids
	if cap(s.changed) < len(ids) {
		s.changed = make([]bool, len(ids))
		return
	}
	s.changed = s.changed[:len(ids)]
	clear(s.changed)
}

// mark sets every line of a span changed.
func (s *sequence) mark(run span) {
	for i := run.lo; i < run.hi; i++ {
		s.changed[i] = true
	}
}

// newDiffer makes a differ for texts of lines with numbers below kinds.
func newDiffer(kinds int, o TextOptions) *differ {
	return &differ{
		algorithm: o.Algorithm, rediff: o.RediffShifted, limit: o.MaxWork,
		index: newOccurrences(kinds), myers: myers{inA: make([]int32, kinds), inB: make([]int32, kinds)},
	}
}

// exhausted tells whether the limit was not enough.
func (d *differ) exhausted() bool { return d.limit > 0 && d.work > d.limit }

// diff lists the changes from a to b, in order: never two that touch.
func (d *differ) diff(a, b []int32) []change {
	d.a.start(a)
	d.b.start(b)
	whole := box{span{0, len(a)}, span{0, len(b)}}
	if d.algorithm == Myers {
		d.byMyers(whole)
	} else {
		d.byHistogram(whole)
	}
	d.compact()
	d.a, d.b = d.b, d.a
	d.compact()
	d.a, d.b = d.b, d.a
	return d.changes()
}

// changes reads the marks of both sequences.
func (d *differ) changes() []change {
	var out []change
	a, b := d.a.changed, d.b.changed
	for i, j := 0, 0; i < len(a) || j < len(b); i, j = i+1, j+1 {
		c := change{span{i, i}, span{j, j}}
		for c.a.hi < len(a) && a[c.a.hi] {
			c.a.hi++
		}
		for c.b.hi < len(b) && b[c.b.hi] {
			c.b.hi++
		}
		if c.a.len() > 0 || c.b.len() > 0 {
			out = append(out, c)
		}
		i, j = c.a.hi, c.b.hi
	}
	return out
}
