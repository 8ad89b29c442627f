package merge3

import (
	"context"
	"math"
	"slices"
)

// Git leaves directories that only one side changed for the end. If it then had to look
// into so many of them that it sees restartFactor times as many paths as before, it starts over with the
// renames that matter, and has forgotten the others: files that moved as they were
// and that the other side left alone.
const restartFactor = 3

// forget takes the renames out that git forgets when it starts over, and tells whether
// it does.
func (f *renameFinder) forget(ctx context.Context, trees [3]ID, relevant [3]relevance, found *[3]sideRenames) (restarts bool, err error) {
	var kept [3][]rename
	forgotten := false
	for side := ofUpstream; side <= ofPatch; side++ {
		for _, r := range found[side].Files {
			if relevant[side].changed[r.From] || relevant[side].isCounted(dirOf(r.From)) {
				kept[side] = append(kept[side], r)
			}
		}
		forgotten = forgotten || len(kept[side]) < len(found[side].Files)
	}
	if !forgotten && len(relevant[ofUpstream].counted) == 0 {
		return false, nil
	}
	c := pathCount{finder: f, ctx: ctx, relevant: relevant}
	first, err := c.count("", trees, 0, math.MaxInt)
	if err != nil {
		return false, err
	}
	if enough, err := c.isLate((restartFactor - 1) * first); err != nil || !enough {
		return false, err
	}
	for side := ofUpstream; side <= ofPatch; side++ {
		found[side].Files = kept[side]
	}
	return true, nil
}

// pathCount counts the paths that git sees. What it leaves for the end is noted, and
// counted then.
type pathCount struct {
	finder   *renameFinder
	ctx      context.Context
	relevant [3]relevance
	late     []lateDir
}

// lateDir is a directory of three trees that git leaves for the end.
type lateDir struct {
	path  string
	trees [3]ID
	depth int
}

// count is the number of paths below dir, or more than most if there are more.
func (c *pathCount) count(dir string, trees [3]ID, depth, most int) (int, error) {
	names := map[string]bool{}
	var open []slot
	err := c.finder.eachSlot(c.ctx, trees, depth, func(s slot) {
		names[s.name] = true
		if s.hasDir() && !s.alike() {
			open = append(open, s)
		}
	})
	n := len(names)
	for _, s := range open {
		if err != nil || n > most {
			break
		}
		path := joinPath(dir, s.name)
		if side := c.leftBy(path, s.dir); side != 0 {
			if !c.relevant[side].none() {
				c.late = append(c.late, lateDir{path, s.dir, depth + 1})
			}
			continue
		}
		var below int
		below, err = c.count(path, s.dir, depth+1, most-n)
		n += below
	}
	return n, err
}

// isLate tells whether git sees at least so many paths in what it left for the end.
func (c *pathCount) isLate(least int) (bool, error) {
	for _, d := range c.late {
		if least <= 0 {
			break
		}
		n, err := c.count(d.path, d.trees, d.depth, least)
		if err != nil {
			return false, err
		}
		least -= n
	}
	return least <= 0, nil
}

// leftBy is the side that alone changed a directory which git leaves for the end, 0 for
// none.
func (c *pathCount) leftBy(path string, trees [3]ID) int {
	for side := ofUpstream; side <= ofPatch; side++ {
		if trees[ofBase] == trees[other(side)] && slices.Contains(c.relevant[side].late, path) {
			return side
		}
	}
	return 0
}
