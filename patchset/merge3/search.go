package merge3

import "math"

// search is the hunt for the middle of a box. A diagonal k holds the points
// with a-b = k; either direction knows, for every diagonal within its fringe,
// the furthest point that it can reach with the edits spent so far.
type search struct {
	*myers
	box
	start, end      int    // the diagonals of the box's corners
	ahead, behind   fringe // diagonals that the forward and the backward search have reached
	odd             bool   // the corners lie an odd number of diagonals apart
	snake           bool   // in the last round some path ran along a long snake
	lowest, highest int    // the outermost diagonals of the box
}

// fringe is a run of diagonals, both ends included; every other one is in use.
type fringe struct{ lo, hi int }

func (f fringe) has(k int) bool { return f.lo <= k && k <= f.hi }

func newSearch(m *myers, r box) *search {
	s := &search{myers: m, box: r, start: r.a.lo - r.b.lo, end: r.a.hi - r.b.hi, lowest: r.a.lo - r.b.hi, highest: r.a.hi - r.b.lo}
	s.odd = (s.start-s.end)%2 != 0
	s.ahead, s.behind = fringe{s.start, s.start}, fringe{s.end, s.end}
	m.fore[m.origin+s.start] = int32(r.a.lo)
	m.back[m.origin+s.end] = int32(r.a.hi)
	return s
}

// widen lets a fringe grow by a diagonal on either side, or shrink where it
// has reached the border of the box; a new neighbour beyond it counts as never.
func (s *search) widen(f fringe, reach []int32, never int32) fringe {
	if f.lo > s.lowest {
		f.lo--
		reach[s.origin+f.lo-1] = never
	} else {
		f.lo++
	}
	if f.hi < s.highest {
		f.hi++
		reach[s.origin+f.hi+1] = never
	} else {
		f.hi--
	}
	return f
}

// forward spends one more edit from the top, and tells where it met the search
// from the bottom.
func (s *search) forward() (meet point, met bool) {
	s.snake = false
	s.ahead = s.widen(s.ahead, s.fore, -1)
	x, y := s.textA, s.textB
	for k := s.ahead.hi; k >= s.ahead.lo; k -= 2 {
		at := s.fore[s.origin+k+1]
		if before := s.fore[s.origin+k-1]; before >= at {
			at = before + 1
		}
		from, i, j := int(at), int(at), int(at)-k
		for i < s.a.hi && j < s.b.hi && x[i] == y[j] {
			i, j = i+1, j+1
		}
		s.work += 1 + i - from
		s.snake = s.snake || i-from > longSnake
		s.fore[s.origin+k] = int32(i)
		if s.odd && s.behind.has(k) && int(s.back[s.origin+k]) <= i {
			return point{i, j}, true
		}
	}
	return point{}, false
}

// backward spends one more edit from the bottom, and tells where it met the
// search from the top.
func (s *search) backward() (meet point, met bool) {
	s.behind = s.widen(s.behind, s.back, math.MaxInt32)
	x, y := s.textA, s.textB
	for k := s.behind.hi; k >= s.behind.lo; k -= 2 {
		at := s.back[s.origin+k+1] - 1
		if before := s.back[s.origin+k-1]; before <= at {
			at = before
		}
		from, i, j := int(at), int(at), int(at)-k
		for i > s.a.lo && j > s.b.lo && x[i-1] == y[j-1] {
			i, j = i-1, j-1
		}
		s.work += 1 + from - i
		s.snake = s.snake || from-i > longSnake
		s.back[s.origin+k] = int32(i)
		if !s.odd && s.ahead.has(k) && i <= int(s.fore[s.origin+k]) {
			return point{i, j}, true
		}
	}
	return point{}, false
}

// followForward picks the forward path that has come furthest for its edits,
// if it is beyond a bound and its last lines were a long snake.
func (s *search) followForward(bound int) (best point, ok bool) {
	for k := s.ahead.hi; k >= s.ahead.lo; k -= 2 {
		p := point{int(s.fore[s.origin+k]), int(s.fore[s.origin+k]) - k}
		gain := p.a - s.a.lo + p.b - s.b.lo - abs(k-s.start)
		inside := p.a >= s.a.lo+longSnake && p.a < s.a.hi && p.b >= s.b.lo+longSnake && p.b < s.b.hi
		if gain > bound && inside && s.snakeEnds(p) {
			best, bound, ok = p, gain, true
		}
	}
	return best, ok
}

// followBackward is followForward in the other direction.
func (s *search) followBackward(bound int) (best point, ok bool) {
	for k := s.behind.hi; k >= s.behind.lo; k -= 2 {
		p := point{int(s.back[s.origin+k]), int(s.back[s.origin+k]) - k}
		gain := s.a.hi - p.a + s.b.hi - p.b - abs(k-s.end)
		inside := p.a > s.a.lo && p.a <= s.a.hi-longSnake && p.b > s.b.lo && p.b <= s.b.hi-longSnake
		if gain > bound && inside && s.snakeEnds(point{p.a + longSnake, p.b + longSnake}) {
			best, bound, ok = p, gain, true
		}
	}
	return best, ok
}

// snakeEnds tells whether a long snake ends at a point.
func (s *search) snakeEnds(p point) bool {
	for i := 1; i <= longSnake; i++ {
		s.work++
		if s.textA[p.a-i] != s.textB[p.b-i] {
			return false
		}
	}
	return true
}

// furthest is the point that either search came furthest to, and whether that
// was the forward one. It is asked when the edits run out.
func (s *search) furthest() (at point, forward bool) {
	top, bottom := s.a.lo+s.b.lo, s.a.hi+s.b.hi
	down, up := point{-1, 0}, point{math.MaxInt32, math.MaxInt32}
	for k := s.ahead.hi; k >= s.ahead.lo; k -= 2 {
		i := min(int(s.fore[s.origin+k]), s.a.hi)
		j := i - k
		if j > s.b.hi {
			i, j = s.b.hi+k, s.b.hi
		}
		if i+j > down.a+down.b {
			down = point{i, j}
		}
	}
	for k := s.behind.hi; k >= s.behind.lo; k -= 2 {
		i := max(int(s.back[s.origin+k]), s.a.lo)
		j := i - k
		if j < s.b.lo {
			i, j = s.b.lo+k, s.b.lo
		}
		if i+j < up.a+up.b {
			up = point{i, j}
		}
	}
	if bottom-(up.a+up.b) < down.a+down.b-top {
		return down, true
	}
	return up, false
}

func abs(n int) int { return max(n, -n) }
