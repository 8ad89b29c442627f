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
func (d *detection) pairBestFirst(gone, come []int) error {
	possible, err := d.possibleMatches(gone, come)
	var known []match // the best last
	for err == nil && len(possible)+len(known) > 0 {
		var batch []match
		for len(possible) > 0 && len(batch) < runtime.GOMAXPROCS(0) && (len(known) == 0 || possible[0].score >= known[len(known)-1].score) {
			if d.isOpen(possible[0]) {
				batch = append(batch, possible[0])
			}
			possible = possible[1:]
		}
		if len(batch) == 0 && len(known) > 0 { // nothing that is not known can be better than the best
			if best := known[len(known)-1]; d.isOpen(best) {
				d.pair(best.gone, best.come)
			}
			known = known[:len(known)-1]
		}
		err = d.compare(batch)
		for _, m := range batch {
			if m.score >= minRename {
				at, _ := slices.BinarySearchFunc(known, m, worseMatch)
				known = slices.Insert(known, at, m)
			}
		}
	}
	return err
}

// possibleMatches are the pairs that could be made, each with the score that it has at most,
// the best first.
func (d *detection) possibleMatches(gone, come []int) ([]match, error) {
	all, err := eachCome(come, func(to int) (possible []match, err error) {
		for _, from := range gone {
			most, err := d.mostAlike(from, to)
			if err != nil {
				return nil, err
			}
			if most >= minRename {
				possible = append(possible, match{from, to, most, sameName(d.gone[from].path, d.come[to].path)})
			}
		}
		return possible, d.ctx.Err()
	})
	slices.SortStableFunc(all, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	return all, err
}

// compare puts the scores into a batch, side by side.
func (d *detection) compare(batch []match) error {
	var g errgroup.Group
	for i := range batch {
		m := &batch[i]
		g.Go(func() (err error) {
			m.score, err = d.similarity(m.gone, m.come, minRename)
			return err
		})
	}
	return g.Wait()
}

// isOpen tells whether neither file has a partner yet.
func (d *detection) isOpen(m match) bool { return d.goneTo[m.gone] < 0 && d.comeFrom[m.come] < 0 }

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
