package merge3

import (
	"context"
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
	if err := c.count(&c.first, "", trees, 0); err != nil {
		return false, err
	}
	if c.first+c.late < restartFactor*c.first {
		return false, nil
	}
	for side := ofUpstream; side <= ofPatch; side++ {
		found[side].Files = kept[side]
	}
	return true, nil
}

// pathCount counts the paths that git sees: at first, and in what it left for the end.
type pathCount struct {
	finder      *renameFinder
	ctx         context.Context
	relevant    [3]relevance
	first, late int
}

// count adds the paths below dir to n.
func (c *pathCount) count(n *int, dir string, trees [3]ID, depth int) error {
	names := map[string]bool{}
	var open []slot
	err := c.finder.eachSlot(c.ctx, trees, depth, func(s slot) {
		names[s.name] = true
		if s.hasDir() && !s.alike() {
			open = append(open, s)
		}
	})
	if err != nil {
		return err
	}
	for _, s := range open {
		path, below := joinPath(dir, s.name), n
		if side := c.leftBy(path, s.dir); side != 0 {
			if c.relevant[side].none() {
				continue
			}
			below = &c.late
		}
		if err := c.count(below, path, s.dir, depth+1); err != nil {
			return err
		}
	}
	*n += len(names)
	return nil
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
