package merge3

// maxBetween is how many agreed lines may lie between two disputes for the
// merge style to show them as one.
const maxBetween = 3

// refine cuts every dispute down to what the sides say differently: their
// lines are compared with each other, whatever the base said.
func (m *merge) refine() {
	pieces := make([]piece, 0, len(m.pieces))
	for _, p := range m.pieces {
		if p.kind != disputed || p.upstream.len() == 0 || p.patch.len() == 0 {
			pieces = append(pieces, p)
			continue
		}
		changes := m.differ.diff(m.upstream.ids[p.upstream.lo:p.upstream.hi], m.patch.ids[p.patch.lo:p.patch.hi])
		if len(changes) == 0 {
			p.kind = alike
			pieces = append(pieces, p)
		}
		for _, c := range changes {
			pieces = append(pieces, piece{disputed, p.base, c.a.shift(p.upstream.lo), c.b.shift(p.patch.lo)})
		}
	}
	m.pieces = pieces
}

// joinNear makes one dispute of two with few agreed lines between them.
func (m *merge) joinNear() {
	kept := m.pieces[:0]
	for _, p := range m.pieces {
		if n := len(kept); n > 0 {
			last := &kept[n-1]
			if p.kind == disputed && last.kind == disputed && p.upstream.lo-last.upstream.hi <= maxBetween {
				last.base.hi, last.upstream.hi, last.patch.hi = p.base.hi, p.upstream.hi, p.patch.hi
				continue
			}
		}
		kept = append(kept, p)
	}
	m.pieces = kept
}

// trimAlike takes the first and last lines out of a dispute in which the sides
// agree.
func (m *merge) trimAlike() {
	for i := range m.pieces {
		p := &m.pieces[i]
		if p.kind != disputed {
			continue
		}
		for p.upstream.len() > 0 && p.patch.len() > 0 && m.upstream.ids[p.upstream.lo] == m.patch.ids[p.patch.lo] {
			p.upstream.lo, p.patch.lo = p.upstream.lo+1, p.patch.lo+1
		}
		for p.upstream.len() > 0 && p.patch.len() > 0 && m.upstream.ids[p.upstream.hi-1] == m.patch.ids[p.patch.hi-1] {
			p.upstream.hi, p.patch.hi = p.upstream.hi-1, p.patch.hi-1
		}
	}
}
