package merge3

import (
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A match is a pair that could be made.
type match struct {
	gone, come int
	score      score
	sameName   bool
}

func (m match) betterThan(n match) bool {
	return m.score > n.score || m.score == n.score && m.sameName && !n.sameName
}

const (
	// renameLimit is merge.renameLimit, if nobody sets it: where more than its square of pairs
	// would have to be compared, none is.
	renameLimit = 7_000
	// keptMatches is how many sources git keeps in mind for a destination. If
	// others get them all, the destination gets none.
	keptMatches = 4
)

// pairBySimilarity pairs what is left, the most similar first.
func (d *detection) pairBySimilarity() error {
	c, err := d.compareOpen()
	switch {
	case err != nil:
		return err
	case len(c.gone) <= keptMatches:
		return c.pairBestFirst()
	}
	return c.pairAll()
}

// compareOpen prepares the comparison of what has no partner; with nothing where git makes none.
func (d *detection) compareOpen() (*comparison, error) {
	c := &comparison{detection: d, gone: d.openSources()}
	for i := range d.come {
		if d.comeFrom[i] < 0 {
			c.come = append(c.come, i)
		}
	}
	if len(c.gone) == 0 || len(c.gone)*len(c.come) > renameLimit*renameLimit {
		c.gone, c.come = nil, nil
	}
	c.held = make([]atomic.Pointer[pieces], len(c.gone))
	var err error
	if c.goneSizes, err = d.sizes(d.gone, c.gone); err == nil {
		c.comeSizes, err = d.sizes(d.come, c.come)
	}
	return c, err
}

// sizes are the lengths of some files in bytes, 0 for what is no file proper: that is like nothing else.
func (d *detection) sizes(files []file, which []int) ([]int64, error) {
	sizes := make([]int64, len(which))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, at := range which {
		if f := files[at]; isRegular(f.Mode) {
			g.Go(func() (err error) {
				sizes[i], err = d.finder.sizeOf(d.ctx, f.ID)
				return err
			})
		}
	}
	return sizes, g.Wait()
}

// comparison is of files that are gone with files that have come. Its methods count them as gone
// and come do; a match has them as the detection.
type comparison struct {
	*detection
	gone, come           []int
	goneSizes, comeSizes []int64
	held                 []atomic.Pointer[pieces] // of what is gone: every destination asks for them
	heldPieces           atomic.Int64
}

// piecesOf takes a file apart that is gone, once if there is room for what it comes to.
func (c *comparison) piecesOf(gone int) (pieces, error) {
	if p := c.held[gone].Load(); p != nil {
		return *p, nil
	}
	p, err := c.finder.pieces(c.ctx, c.detection.gone[c.gone[gone]].ID)
	if err == nil && c.heldPieces.Add(int64(len(p.counts))) <= maxPieces {
		c.held[gone].Store(&p)
	}
	return p, err
}

// match is a pair with the score that it has at most, by the sizes of the files.
func (c *comparison) match(gone, come int) match {
	from, to := c.gone[gone], c.come[come]
	return match{from, to, mostAlike(c.goneSizes[gone], c.comeSizes[come]), sameName(c.detection.gone[from].path, c.detection.come[to].path)}
}

// pairAll compares every source with every destination.
func (c *comparison) pairAll() error {
	found := make([][]match, len(c.come))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range c.come {
		g.Go(func() (err error) {
			found[i], err = c.bestFor(i)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	best := slices.Concat(found...)
	slices.SortStableFunc(best, func(a, b match) int {
		switch {
		case a.betterThan(b):
			return -1
		case b.betterThan(a):
			return 1
		}
		return 0
	})
	for _, m := range best {
		if m.score >= minRename && c.isOpen(m) {
			c.pair(m.gone, m.come)
		}
	}
	return nil
}

// bestFor are the sources that are most similar to a destination, in the order that git
// keeps them in: it matters where scores are equal.
func (c *comparison) bestFor(come int) ([]match, error) {
	best := make([]match, 0, keptMatches)
	var now *pieces
	for from := range c.gone {
		m := c.match(from, come)
		if m.score < minRename {
			m.score = 0
		} else {
			old, err := c.piecesOf(from)
			if err == nil && now == nil {
				now = new(pieces)
				*now, err = c.finder.pieces(c.ctx, c.detection.come[c.come[come]].ID)
			}
			if err != nil {
				return nil, err
			}
			m.score = similarity(old, *now, minRename)
		}
		best = keepBetter(best, m)
	}
	return best, c.ctx.Err()
}

// keepBetter adds a match to those for its destination, in the place of the worst if there are enough.
func keepBetter(best []match, m match) []match {
	if len(best) < keptMatches {
		return append(best, m)
	}
	worst := 0
	for i := range best {
		if best[worst].betterThan(best[i]) {
			worst = i
		}
	}
	if m.betterThan(best[worst]) {
		best[worst] = m
	}
	return best
}

// isOpen tells whether neither file has a partner yet.
func (d *detection) isOpen(m match) bool { return d.goneTo[m.gone] < 0 && d.comeFrom[m.come] < 0 }

// similarity compares contents. A score that cannot be least is 0, and so is that of all but
// files proper.
func (d *detection) similarity(gone, come int, least score) (score, error) {
	a, b := d.gone[gone], d.come[come]
	if !isRegular(a.Mode) || !isRegular(b.Mode) {
		return 0, nil
	}
	sizeA, err := d.finder.sizeOf(d.ctx, a.ID)
	if err != nil {
		return 0, err
	}
	sizeB, err := d.finder.sizeOf(d.ctx, b.ID)
	if err != nil || mostAlike(sizeA, sizeB) < least {
		return 0, err
	}
	x, err := d.finder.pieces(d.ctx, a.ID)
	if err != nil {
		return 0, err
	}
	y, err := d.finder.pieces(d.ctx, b.ID)
	if err != nil {
		return 0, err
	}
	return similarity(x, y, least), nil
}
