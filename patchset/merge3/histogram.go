package merge3

// maxOccurrences is how often a line may stand in a region to be worth
// anchoring a comparison on it.
const maxOccurrences = 64

// byHistogram marks what is changed within a box by the histogram algorithm
// (Shawn Pearce, for JGit; an extension of Bram Cohen's patience diff): find the
// longest common run of lines that holds the rarest line, keep it, and do the
// same above and below. Lines are counted in the first text alone.
//
// Every split goes to a list and not to the stack: a hostile file can make as
// many of them as it has lines.
func (d *differ) byHistogram(whole box) {
	d.pending = append(d.pending[:0], whole)
	for len(d.pending) > 0 {
		r := d.pending[len(d.pending)-1]
		d.pending = d.pending[:len(d.pending)-1]
		if r.a.len() == 0 || r.b.len() == 0 || d.exhausted() {
			d.markBox(r)
			continue
		}
		anchor, rarity, common := d.anchor(r)
		switch {
		case !common:
			d.markBox(r)
		case rarity > maxOccurrences:
			d.byMyers(r)
		default:
			d.pending = append(d.pending,
				box{span{r.a.lo, anchor.a.lo}, span{r.b.lo, anchor.b.lo}},
				box{span{anchor.a.hi, r.a.hi}, span{anchor.b.hi, r.b.hi}})
		}
	}
}

func (d *differ) markBox(r box) {
	d.a.mark(r.a)
	d.b.mark(r.b)
}

// anchor finds the common run of lines on which to split a box, and how often
// its rarest line stands in the first text: more than maxOccurrences when no
// run will do. The last result tells whether the box has any common line.
func (d *differ) anchor(r box) (best box, rarity int, common bool) {
	index := &d.index
	index.add(d.a.ids, r.a)
	d.work += 2*r.a.len() + r.b.len()
	rarity = maxOccurrences + 1
	for b := r.b.lo; b < r.b.hi; {
		next := b + 1
		n := index.count[d.b.ids[b]]
		common = common || n > 0
		if n == 0 || int(n) > rarity {
			b = next
			continue
		}
		for a := index.first[d.b.ids[b]]; a > 0; {
			run, rarest := d.extend(r, int(a-1), b)
			if run.a.len() > best.a.len() || rarest < rarity {
				best, rarity = run, rarest
			}
			next = max(next, run.b.hi)
			for a > 0 && int(a-1) < run.a.hi {
				a = index.next[int(a-1)-r.a.lo]
			}
		}
		b = next
	}
	index.drop(d.a.ids, r.a)
	return best, rarity, common
}

// extend widens the pair of equal lines a and b to the longest common run
// around it within a box, and tells how often its rarest line stands in the
// first text.
func (d *differ) extend(r box, a, b int) (run box, rarest int) {
	x, y, count := d.a.ids, d.b.ids, d.index.count
	rare := count[x[a]]
	alo, blo := a, b
	for alo > r.a.lo && blo > r.b.lo && x[alo-1] == y[blo-1] {
		alo, blo = alo-1, blo-1
		rare = min(rare, count[x[alo]])
	}
	ahi, bhi := a+1, b+1
	for ahi < r.a.hi && bhi < r.b.hi && x[ahi] == y[bhi] {
		rare = min(rare, count[x[ahi]])
		ahi, bhi = ahi+1, bhi+1
	}
	d.work += ahi - alo
	return box{span{alo, ahi}, span{blo, bhi}}, int(rare)
}

// occurrences is an index of where lines stand in a run of lines.
type occurrences struct {
	count []int32 // by line number: how often
	first []int32 // by line number: the first position plus 1; 0 for none
	next  []int32 // by position in the run: the next position of the same line plus 1; 0 for none
}

func newOccurrences(kinds int) occurrences {
	return occurrences{count: make([]int32, kinds), first: make([]int32, kinds)}
}

// add puts the lines of a run into an empty index.
func (o *occurrences) add(ids []int32, run span) {
	if cap(o.next) < run.len() {
		o.next = make([]int32, run.len())
	}
	o.next = o.next[:run.len()]
	for i := run.hi - 1; i >= run.lo; i-- {
		id := ids[i]
		o.next[i-run.lo] = o.first[id]
		o.first[id] = int32(i) + 1
		o.count[id]++
	}
}

// drop empties an index that holds the lines of a run.
func (o *occurrences) drop(ids []int32, run span) {
	for _, id := range ids[run.lo:run.hi] {
		o.first[id], o.count[id] = 0, 0
	}
}
