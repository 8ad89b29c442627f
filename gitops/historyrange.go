package gitops

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Walks over every commit of a range, side branches included, whatever a merge made of
// them: what the public history says of a fix is not simplified.

// commitRange names the commits that tip has and since has not.
type commitRange struct{ tip, since merge3.ID }

// maxKept bounds what walks keep of ranges and of changed paths, in entries.
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
	var found []*pastCommit
	for _, c := range all {
		if len(c.parents) > 1 {
			continue
		}
		changed, err := w.changedBy(c)
		if err != nil {
			return nil, err
		}
		wanted := slices.ContainsFunc(paths, func(path string) bool { _, ok := slices.BinarySearch(changed, path); return ok })
		if !wanted && len(words) > 0 {
			raw, err := w.read(c.id, "commit")
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
func (h *commitGraph) pathsOf(ctx context.Context, id merge3.ID) ([]string, error) {
	w, done := h.walk(ctx)
	defer done()
	c, err := w.commit(id)
	if err != nil {
		return nil, err
	}
	return w.changedBy(c)
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

// changedBy lists the paths that a commit changes against its first parent, sorted.
func (w *walk) changedBy(c *pastCommit) ([]string, error) {
	if paths, ok := w.changed[c.id]; ok {
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
	if err := w.differing("", before, c.tree, 0, &paths); err != nil {
		return nil, err
	}
	slices.Sort(paths)
	if w.keptPaths += 1 + len(paths); w.keptPaths > maxKept {
		clear(w.changed)
		w.keptPaths = 1 + len(paths)
	}
	w.changed[c.id] = paths
	return paths, nil
}

// differing appends the paths that differ between two trees.
func (w *walk) differing(prefix string, a, b merge3.ID, depth int, paths *[]string) error {
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	old, err := w.tree(a)
	if err != nil {
		return err
	}
	now, err := w.tree(b)
	if err != nil {
		return err
	}
	for len(old) > 0 || len(now) > 0 {
		var x, y rawEntry
		x, old, y, now = nextRaw(old, now, w.s.format.size())
		if x.name == nil && y.name == nil {
			break // what is no tree
		}
		if x.isTree() == y.isTree() && bytes.Equal(x.id, y.id) && bytes.Equal(x.mode, y.mode) {
			continue
		}
		path := prefix + string(cmp.Or(string(x.name), string(y.name)))
		if x.isTree() || y.isTree() {
			if err := w.differing(path+"/", x.treeID(), y.treeID(), depth+1, paths); err != nil {
				return err
			}
			continue
		}
		*paths = append(*paths, path)
	}
	return nil
}

// tree is the raw content of a tree; "" is the empty one.
func (w *walk) tree(id merge3.ID) ([]byte, error) {
	if id == "" || id == w.s.format.emptyTree() {
		return nil, nil
	}
	return w.read(id, "tree")
}

// rawEntry is an entry of a tree as it is stored; zero for none.
type rawEntry struct{ mode, name, id []byte }

func (e rawEntry) isTree() bool {
	return string(e.mode) == merge3.ModeTree || string(e.mode) == "40000"
}

func (e rawEntry) treeID() merge3.ID {
	if !e.isTree() {
		return ""
	}
	return merge3.ID(fmt.Sprintf("%x", e.id))
}

// order is how trees are sorted: a directory as if its name ended in a slash.
func (e rawEntry) order() []byte {
	if e.isTree() {
		return append(slices.Clip(e.name), '/')
	}
	return e.name
}

// cutRaw takes the first entry off a tree; no entry when it is no tree.
func cutRaw(raw []byte, size int) (e rawEntry, rest []byte) {
	space := bytes.IndexByte(raw, ' ')
	if space < 0 {
		return rawEntry{}, nil
	}
	end := bytes.IndexByte(raw[space:], 0) + space
	if end < space || len(raw) < end+1+size {
		return rawEntry{}, nil
	}
	return rawEntry{raw[:space], raw[space+1 : end], raw[end+1 : end+1+size]}, raw[end+1+size:]
}

// nextRaw takes the next entry off two trees: of both when it is in both.
func nextRaw(old, now []byte, size int) (x rawEntry, restOld []byte, y rawEntry, restNow []byte) {
	x, restOld = cutRaw(old, size)
	y, restNow = cutRaw(now, size)
	switch order := bytes.Compare(x.order(), y.order()); {
	case y.name == nil || x.name != nil && order < 0:
		return x, restOld, rawEntry{}, now
	case x.name == nil || order > 0:
		return rawEntry{}, old, y, restNow
	}
	return x, restOld, y, restNow
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
