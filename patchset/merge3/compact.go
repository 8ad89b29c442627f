package merge3

// compact moves the changed groups of d.a up and down to where a reader (and a
// merge) would rather have them: a group that can slide, because the line that
// leaves at one end equals the one that enters at the other, goes to the lowest
// place, or to the last one that faces a changed group of d.b.
// Groups that meet on the way become one.
func (d *differ) compact() {
	g, facing := firstGroup(&d.a), firstGroup(&d.b)
	for {
		if g.len() > 0 {
			d.settle(&g, &facing)
		}
		if !g.next() {
			return
		}
		facing.next()
		d.work++
	}
}

// settle slides one group to its place; facing stays the group of the other
// sequence between the same two unchanged lines.
func (d *differ) settle(g, facing *group) {
	was, faced := g.span, facing.span
	for {
		size := g.len()
		for g.slideUp() {
			facing.previous()
			d.work++
		}
		met := facing.len() > 0
		for g.slideDown() {
			facing.next()
			d.work++
			met = met || facing.len() > 0
		}
		if g.len() != size {
			continue // it joined others: they may go further up together
		}
		for met && facing.len() == 0 {
			g.slideUp()
			facing.previous()
			d.work++
		}
		break
	}
	if d.rediff && d.algorithm == Histogram && facing.len() > 0 && (g.span != was || facing.span != faced) {
		d.rediffGroups(g, facing)
	}
}

// rediffGroups compares the lines of two groups that came to face each other
// only by sliding: they may have lines in common.
func (d *differ) rediffGroups(g, facing *group) {
	r := box{g.span, facing.span}
	clear(d.a.changed[r.a.lo:r.a.hi])
	clear(d.b.changed[r.b.lo:r.b.hi])
	d.byMyers(r)
}

// group is a run of changed lines between two unchanged ones (or the ends of
// the text); it may be empty.
type group struct {
	*sequence
	span
}

func firstGroup(s *sequence) group {
	g := group{sequence: s}
	g.reachDown()
	return g
}

func (g *group) reachDown() {
	for g.hi < len(g.changed) && g.changed[g.hi] {
		g.hi++
	}
}

func (g *group) reachUp() {
	for g.lo > 0 && g.changed[g.lo-1] {
		g.lo--
	}
}

// next moves on to the group below the next unchanged line, if there is one.
func (g *group) next() bool {
	if g.hi == len(g.changed) {
		return false
	}
	g.span = span{g.hi + 1, g.hi + 1}
	g.reachDown()
	return true
}

// previous moves back to the group above the last unchanged line, if there is one.
func (g *group) previous() bool {
	if g.lo == 0 {
		return false
	}
	g.span = span{g.lo - 1, g.lo - 1}
	g.reachUp()
	return true
}

// slideUp moves the group up by a line if it can, and joins it with the group
// that it then touches.
func (g *group) slideUp() bool {
	if g.lo == 0 || g.ids[g.lo-1] != g.ids[g.hi-1] {
		return false
	}
	g.lo, g.hi = g.lo-1, g.hi-1
	g.changed[g.lo], g.changed[g.hi] = true, false
	g.reachUp()
	return true
}

// slideDown moves the group down by a line if it can, and joins it with the
// group that it then touches.
func (g *group) slideDown() bool {
	if g.hi == len(g.ids) || g.ids[g.lo] != g.ids[g.hi] {
		return false
	}
	g.changed[g.lo], g.changed[g.hi] = false, true
	g.lo, g.hi = g.lo+1, g.hi+1
	g.reachDown()
	return true
}
