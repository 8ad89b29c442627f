package merge3

import "math/bits"

// The limits of the Myers comparison. They bound its cost on texts that have
// little in common; past them it settles for a good answer instead of the
// shortest. They are part of the result: other values give other hunks.
const (
	minCostLimit = 256 // edits always looked for, whatever the size of the texts
	longSnake    = 20  // equal lines in a row that make a diagonal worth following
	farAhead     = 4   // lines a diagonal must have come, per edit, to be followed
)

// byMyers marks what is changed within a box by the O(ND) algorithm in linear
// space (Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations",
// 1986, section 4b): two searches for the furthest reaching path, from either
// end, meet in the middle, and the same is done with either half.
// Lines that cannot matter are left out before; see thin.
func (d *differ) byMyers(whole box) {
	m := &d.myers
	m.load(d, whole)
	m.pending = append(m.pending[:0], quest{box: box{span{0, len(m.textA)}, span{0, len(m.textB)}}})
	for len(m.pending) > 0 {
		q := m.pending[len(m.pending)-1]
		m.pending = m.pending[:len(m.pending)-1]
		q.box = m.trim(q.box)
		if q.a.len() > 0 && q.b.len() > 0 && (d.limit == 0 || d.work+m.work <= d.limit) {
			halves := m.halve(q)
			m.pending = append(m.pending, halves[:]...)
			continue
		}
		for _, at := range m.atA[q.a.lo:q.a.hi] {
			d.a.changed[at] = true
		}
		for _, at := range m.atB[q.b.lo:q.b.hi] {
			d.b.changed[at] = true
		}
	}
	d.work += m.work
	m.work = 0
}

// myers holds the texts that the algorithm sees and its tables.
type myers struct {
	textA, textB []int32 // the lines that are left, by number
	atA, atB     []int32 // where they stand in the whole texts
	inA, inB     []int32 // by line number: how often in the box; zero between calls

	fore, back []int32 // by diagonal + origin: how far the two searches came, as positions in a
	origin     int
	limit      int // edits after which a search gives up on the shortest way
	pending    []quest
	keep       []verdict
	work       int
}

// quest is a box to compare; exact forbids the shortcuts, because the cost of
// the box is known to be small.
type quest struct {
	box
	exact bool
}

// load thins the texts of a box out and sizes the tables for them.
func (m *myers) load(d *differ, whole box) {
	m.thin(d, whole)
	diagonals := len(m.textA) + len(m.textB) + 3
	m.limit = max(minCostLimit, roughRoot(diagonals))
	m.origin = len(m.textB) + 1
	if cap(m.fore) < diagonals {
		m.fore, m.back = make([]int32, diagonals), make([]int32, diagonals)
	}
	m.fore, m.back = m.fore[:diagonals], m.back[:diagonals]
}

// trim cuts the equal lines off both ends of a box.
func (m *myers) trim(r box) box {
	for r.a.lo < r.a.hi && r.b.lo < r.b.hi && m.textA[r.a.lo] == m.textB[r.b.lo] {
		r.a.lo, r.b.lo = r.a.lo+1, r.b.lo+1
		m.work++
	}
	for r.a.lo < r.a.hi && r.b.lo < r.b.hi && m.textA[r.a.hi-1] == m.textB[r.b.hi-1] {
		r.a.hi, r.b.hi = r.a.hi-1, r.b.hi-1
		m.work++
	}
	return r
}

// halve cuts a box in two where a shortest way through it passes, or, when
// that is too far to find, where a promising one does.
func (m *myers) halve(q quest) [2]quest {
	s := newSearch(m, q.box)
	for edits := 1; ; edits++ {
		if at, met := s.forward(); met {
			return q.cut(at, true, true)
		}
		if at, met := s.backward(); met {
			return q.cut(at, true, true)
		}
		if q.exact {
			continue
		}
		if s.snake && edits > minCostLimit {
			if at, ok := s.followForward(farAhead * edits); ok {
				return q.cut(at, true, false)
			}
			if at, ok := s.followBackward(farAhead * edits); ok {
				return q.cut(at, false, true)
			}
		}
		if edits >= m.limit {
			at, forward := s.furthest()
			return q.cut(at, forward, !forward)
		}
	}
}

// point is a place between lines of either text.
type point struct{ a, b int }

// cut divides a quest at a point.
func (q quest) cut(at point, exactAbove, exactBelow bool) [2]quest {
	return [2]quest{
		{box{span{q.a.lo, at.a}, span{q.b.lo, at.b}}, exactAbove},
		{box{span{at.a, q.a.hi}, span{at.b, q.b.hi}}, exactBelow},
	}
}

// roughRoot is a power of two near the square root of n: not below it, and at
// most twice as much.
func roughRoot(n int) int {
	return 1 << ((bits.Len(uint(n)) + 1) / 2)
}
