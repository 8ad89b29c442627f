package gitops

import (
	"bytes"
	"container/heap"
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Walks over every commit of a range, side branches included, whatever a merge made of
// them: what the public history says of a fix is not simplified.

// commitRange names the commits that tip has and since has not.
type commitRange struct{ tip, since merge3.ID }

// maxKept bounds what walks keep of ranges, in commits, and of the paths that commits change.
const maxKept = 200_000

// bringing lists the commits without merges in the range that change one of paths
// against their parent or say one of words, children before parents, at most limit.
func (h *commitGraph) bringing(ctx context.Context, tip, since merge3.ID, paths []string, words [][]byte, limit int) ([]*pastCommit, error) {
	w, done := h.walk(ctx)
	defer done()
	all, err := w.rangeOf(tip, since)
	if err != nil {
		return nil, err
	}
	w.addWatched(paths)
	if err := w.compareAhead(all); err != nil {
		return nil, err
	}
	var found []*pastCommit
	for _, c := range all {
		if len(c.parents) > 1 {
			continue
		}
		wanted, _, err := w.simplify(c, paths)
		if err != nil {
			return nil, err
		}
		if !wanted && len(words) > 0 {
			raw, err := w.text(c.id)
			if err != nil {
				return nil, err
			}
			wanted = slices.ContainsFunc(words, func(word []byte) bool { return bytes.Contains(raw, word) })
		}
		if wanted {
			if found = append(found, c); len(found) == limit {
				break
			}
		}
	}
	return found, nil
}

// pathsOf lists the paths that a commit changes against its first parent.
func (h *commitGraph) pathsOf(ctx context.Context, c *pastCommit) ([]string, error) {
	w, done := h.walk(ctx)
	defer done()
	if paths, ok := w.paths[c.id]; ok {
		return paths, nil
	}
	var before merge3.ID
	if len(c.parents) > 0 {
		p, err := w.commit(c.parents[0])
		if err != nil {
			return nil, err
		}
		before = p.tree
	}
	var paths []string
	if err := w.allPaths("", before, c.tree, 0, func(path string) { paths = append(paths, path) }); err != nil {
		return nil, err
	}
	if w.keptPaths += 1 + len(paths); w.keptPaths > maxKept {
		clear(w.paths)
		w.keptPaths = 1 + len(paths)
	}
	w.paths[c.id] = paths
	return paths, nil
}

// allPaths calls found for every path at which two directories differ.
func (w *walk) allPaths(prefix string, a, b merge3.ID, depth int, found func(path string)) error {
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	for pair, err := range w.differences(a, b) {
		if err != nil {
			return err
		}
		path := prefix + string(pair.name())
		if !pair[0].isTree() && !pair[1].isTree() {
			found(path)
		} else if err := w.allPaths(path+"/", pair[0].tree(), pair[1].tree(), depth+1, found); err != nil {
			return err
		}
	}
	return nil
}

// rangeOf lists the commits of a range, children before parents, else the newest first.
func (w *walk) rangeOf(tip, since merge3.ID) ([]*pastCommit, error) {
	if all, ok := w.ranges[commitRange{tip, since}]; ok {
		return all, nil
	}
	if err := w.between(tip, since); err != nil {
		return nil, err
	}
	children := map[merge3.ID]int{}
	for id, flags := range w.flags {
		if flags == ofTip {
			for _, p := range w.commits[id].parents {
				children[p]++
			}
		}
	}
	var all []*pastCommit
	queue := &byDate{}
	if w.flags[tip] == ofTip {
		queue.Push(queued{commit: w.commits[tip]})
	}
	for queue.Len() > 0 {
		c := heap.Pop(queue).(queued).commit
		all = append(all, c)
		for _, p := range c.parents {
			if children[p]--; children[p] == 0 && w.flags[p] == ofTip {
				heap.Push(queue, queued{commit: w.commits[p]})
			}
		}
	}
	if w.kept += len(all); w.kept > maxKept {
		clear(w.ranges)
		w.kept = len(all)
	}
	w.ranges[commitRange{tip, since}] = all
	return all, nil
}

// drop finds the commit of the range in which a count is lower than in a parent of it,
// going back from tip along the parents in which it was no higher. "" when there is none.
func (h *commitGraph) drop(ctx context.Context, tip, since merge3.ID, count func(ctx context.Context, tree merge3.ID) (int, error)) (merge3.ID, error) {
	w, done := h.walk(ctx)
	all, err := w.rangeOf(tip, since)
	var parents []*pastCommit
	for _, c := range all {
		for _, id := range c.parents {
			if p, perr := w.commit(id); perr == nil {
				parents = append(parents, p)
			}
		}
	}
	done()
	if err != nil || len(all) == 0 {
		return "", err
	}
	byID := map[merge3.ID]*pastCommit{}
	for _, c := range parents {
		byID[c.id] = c
	}
	inRange := map[merge3.ID]bool{}
	for _, c := range all {
		byID[c.id], inRange[c.id] = c, true
	}
	low := map[merge3.ID]bool{tip: true} // where the fix is lacking because the tip lacks it
	var taker merge3.ID
	for _, c := range all {
		if !low[c.id] {
			continue
		}
		mine, err := count(ctx, c.tree)
		if err != nil {
			return "", err
		}
		higher := false
		for _, id := range c.parents {
			p := byID[id]
			if p == nil {
				continue
			}
			theirs, err := count(ctx, p.tree)
			switch {
			case err != nil:
				return "", err
			case theirs > mine:
				higher = true
			case inRange[id]:
				low[id] = true
			}
		}
		// A commit says more than the merge that only brought it.
		if higher && (taker == "" || len(byID[taker].parents) > 1 && len(c.parents) == 1) {
			taker = c.id
		}
	}
	return taker, nil
}

// commitsBetween lists the commits without merges that are in the history of tip and not of
// since, in no order.
func (h *commitGraph) commitsBetween(ctx context.Context, tip, since merge3.ID) ([]merge3.ID, error) {
	w, done := h.walk(ctx)
	defer done()
	if err := w.between(tip, since); err != nil {
		return nil, err
	}
	var ids []merge3.ID
	for id, flags := range w.flags {
		if flags == ofTip && len(w.commits[id].parents) < 2 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
