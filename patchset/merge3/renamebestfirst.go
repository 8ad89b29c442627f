package merge3

import (
	"cmp"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// pairBestFirst comes to what pairAll does where no more than keptMatches are gone. Then git
// forgets no match, and those that cannot win need not be known: sizes tell how alike two
// files are at most, and what may be most alike is compared first.
func (c *comparison) pairBestFirst() error {
	possible := c.possibleMatches()
	var known []match // the best last
	for len(possible)+len(known) > 0 {
		var batch []match
		for len(possible) > 0 && len(batch) < runtime.GOMAXPROCS(0) && (len(known) == 0 || possible[0].score >= known[len(known)-1].score) {
			if c.isOpen(possible[0]) {
				batch = append(batch, possible[0])
			}
			possible = possible[1:]
		}
		if len(batch) == 0 && len(known) > 0 { // nothing that is not known can be better than the best
			if best := known[len(known)-1]; c.isOpen(best) {
				c.pair(best.gone, best.come)
			}
			known = known[:len(known)-1]
		}
		if err := c.compare(batch); err != nil {
			return err
		}
		for _, m := range batch {
			if m.score >= minRename {
				at, _ := slices.BinarySearchFunc(known, m, worseMatch)
				known = slices.Insert(known, at, m)
			}
		}
	}
	return c.ctx.Err()
}

// possibleMatches are the pairs that could be made, each with the score that it has at most,
// the best first.
func (c *comparison) possibleMatches() []match {
	var possible []match
	for come := range c.come {
		for gone := range c.gone {
			if m := c.match(gone, come); m.score >= minRename {
				possible = append(possible, m)
			}
		}
	}
	slices.SortStableFunc(possible, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	return possible
}

// compare puts the scores into a batch, side by side.
func (c *comparison) compare(batch []match) error {
	var g errgroup.Group
	for i := range batch {
		m := &batch[i]
		g.Go(func() (err error) {
			m.score, err = c.similarity(m.gone, m.come, minRename)
			return err
		})
	}
	return g.Wait()
}

// worseMatch orders matches, the best last. Of equals git takes what has come first in its order.
func worseMatch(a, b match) int {
	switch {
	case a.betterThan(b):
		return 1
	case b.betterThan(a):
		return -1
	}
	return cmp.Or(cmp.Compare(b.come, a.come), cmp.Compare(b.gone, a.gone))
}
