package merge3

// The rule by which frequent lines are left out of a Myers comparison. Like
// the limits of the search it is part of the result.
const (
	maxFrequent  = 1024 // a line that often is frequent in however large a text
	window       = 100  // lines looked at on either side of a frequent one
	frequentRuns = 4    // one frequent line in that many left-out lines is too many
)

// verdict says what becomes of a line before a Myers comparison.
type verdict byte

const (
	unmatched verdict = iota // the other text has no such line: changed, left out
	matched                  // stays in
	frequent                 // the other text has very many: left out among unmatched ones
)

// thin sets the texts of the Myers comparison of a box: its common ends are
// cut off, and lines that cannot matter, or would only mislead, are marked
// changed at once.
func (m *myers) thin(d *differ, whole box) {
	for _, id := range d.a.ids[whole.a.lo:whole.a.hi] {
		m.inA[id]++
	}
	for _, id := range d.b.ids[whole.b.lo:whole.b.hi] {
		m.inB[id]++
	}
	inner := d.trim(whole)
	boundA := min(roughRoot(whole.a.len()), maxFrequent)
	boundB := min(roughRoot(whole.b.len()), maxFrequent)
	m.textA, m.atA = m.survivors(m.textA, m.atA, &d.a, inner.a, m.inB, boundA)
	m.textB, m.atB = m.survivors(m.textB, m.atB, &d.b, inner.b, m.inA, boundB)
	for _, id := range d.a.ids[whole.a.lo:whole.a.hi] {
		m.inA[id] = 0
	}
	for _, id := range d.b.ids[whole.b.lo:whole.b.hi] {
		m.inB[id] = 0
	}
	m.work += whole.a.len() + whole.b.len()
}

// trim cuts the equal lines off both ends of a box.
func (d *differ) trim(r box) box {
	for r.a.lo < r.a.hi && r.b.lo < r.b.hi && d.a.ids[r.a.lo] == d.b.ids[r.b.lo] {
		r.a.lo, r.b.lo = r.a.lo+1, r.b.lo+1
	}
	for r.a.lo < r.a.hi && r.b.lo < r.b.hi && d.a.ids[r.a.hi-1] == d.b.ids[r.b.hi-1] {
		r.a.hi, r.b.hi = r.a.hi-1, r.b.hi-1
	}
	return r
}

// survivors collects the lines of a run that stay in the comparison, with
// their positions, and marks the others changed. Memory of the first two
// arguments is reused.
func (m *myers) survivors(ids, at []int32, s *sequence, run span, elsewhere []int32, bound int) ([]int32, []int32) {
	ids, at, m.keep = ids[:0], at[:0], m.keep[:0]
	for _, id := range s.ids[run.lo:run.hi] {
		switch n := int(elsewhere[id]); {
		case n == 0:
			m.keep = append(m.keep, unmatched)
		case n >= bound:
			m.keep = append(m.keep, frequent)
		default:
			m.keep = append(m.keep, matched)
		}
	}
	for i, v := range m.keep {
		if v == unmatched || v == frequent && m.misleads(i) {
			s.changed[run.lo+i] = true
			continue
		}
		ids, at = append(ids, s.ids[run.lo+i]), append(at, int32(run.lo+i))
	}
	return ids, at
}

// misleads tells whether frequent line i sits in a run of lines that are left
// out, on both sides, and frequent ones are few among them.
func (m *myers) misleads(i int) bool {
	above, frequentAbove := m.leftOut(i, -1)
	if above == 0 {
		return false
	}
	below, frequentBelow := m.leftOut(i, +1)
	if below == 0 {
		return false
	}
	few := frequentAbove + frequentBelow
	return few*frequentRuns < few+above+below
}

// leftOut counts the unmatched and the frequent lines between line i, itself a
// frequent one, and the next that stays, in the direction of step.
func (m *myers) leftOut(i, step int) (unmatchedLines, frequentLines int) {
	frequentLines = 1
	for n, j := 1, i+step; n <= window && j >= 0 && j < len(m.keep); n, j = n+1, j+step {
		m.work++
		switch m.keep[j] {
		case unmatched:
			unmatchedLines++
		case frequent:
			frequentLines++
		default:
			return unmatchedLines, frequentLines
		}
	}
	return unmatchedLines, frequentLines
}
