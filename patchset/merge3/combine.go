package merge3

// kind says whose lines stand in a piece of a merge.
type kind byte

const (
	disputed     kind = iota
	fromUpstream      // only upstream changed it
	fromPatch         // only the patch changed it
	alike             // both sides turned out to say the same
)

// piece is a place in the merge that at least one side changed: the lines of
// each text that belong there. What lies between two pieces is the same in both
// sides.
type piece struct {
	kind                  kind
	base, upstream, patch span
}

// combine lays the changes of both sides over each other. Changes are
// independent of each other only if lines of the base lie between them; a
// change that both sides make alike is no dispute and no piece.
func (m *merge) combine(ups, pas []change) {
	m.pieces = make([]piece, 0, len(ups)+len(pas))
	for len(ups) > 0 || len(pas) > 0 {
		switch {
		case len(pas) == 0 || len(ups) > 0 && ups[0].a.hi < pas[0].a.lo:
			u := ups[0]
			ups = ups[1:]
			m.add(piece{fromUpstream, u.a, u.b, u.a.shift(offset(pas, m.base, m.patch))})
		case len(ups) == 0 || pas[0].a.hi < ups[0].a.lo:
			p := pas[0]
			pas = pas[1:]
			m.add(piece{fromPatch, p.a, p.a.shift(offset(ups, m.base, m.upstream)), p.b})
		default:
			u, p := ups[0], pas[0]
			if !m.same(u, p) {
				m.add(overlay(u, p))
			}
			if u.a.hi >= p.a.hi {
				pas = pas[1:]
			}
			if p.a.hi >= u.a.hi {
				ups = ups[1:]
			}
		}
	}
}

// offset is how far an unchanged line of the base is moved in a side, in front
// of the first of the changes that are left.
func offset(left []change, base, side lines) int {
	if len(left) == 0 {
		return side.count() - base.count()
	}
	return left[0].b.lo - left[0].a.lo
}

// same tells whether two changes put the same lines in the same place.
func (m *merge) same(u, p change) bool {
	if u.a != p.a || u.b.len() != p.b.len() {
		return false
	}
	for i := range u.b.len() {
		if m.upstream.ids[u.b.lo+i] != m.patch.ids[p.b.lo+i] {
			return false
		}
	}
	return true
}

// overlay is the dispute between two changes: all that either touches.
func overlay(u, p change) piece {
	base := span{min(u.a.lo, p.a.lo), max(u.a.hi, p.a.hi)}
	widened := func(c change) span {
		return span{c.b.lo - (c.a.lo - base.lo), c.b.hi + (base.hi - c.a.hi)}
	}
	return piece{disputed, base, widened(u), widened(p)}
}

// add appends a piece, or joins it with the last one where no line lies between
// them: what two sides made of touching lines is one dispute. What does lie
// between is the same in both sides, so it is enough to look at upstream.
func (m *merge) add(p piece) {
	if len(m.pieces) == 0 {
		m.pieces = append(m.pieces, p)
		return
	}
	last := &m.pieces[len(m.pieces)-1]
	if p.upstream.lo > last.upstream.hi {
		m.pieces = append(m.pieces, p)
		return
	}
	if p.kind != last.kind {
		last.kind = disputed
	}
	last.base.hi, last.upstream.hi, last.patch.hi = p.base.hi, p.upstream.hi, p.patch.hi
}
