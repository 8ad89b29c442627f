package gitops

import (
	"iter"
	"maps"
	"runtime"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
	"golang.org/x/sync/errgroup"
)

// A history is walked for one patch after the other, and what takes long is to find
// out which commits change its files. So that is done for the files of all patches at
// once: two trees are read side by side, and only where they differ and something is watched.

// watchedPaths are the paths that walks ask about, as a tree of their names.
type watchedPaths struct {
	below map[string]*watchedPaths
	path  string // the whole path, where one ends here; else ""
}

// add watches a path. It tells whether it was not watched before.
func (p *watchedPaths) add(path string) bool {
	node := p
	for name := range strings.SplitSeq(path, "/") {
		next := node.below[name]
		if next == nil {
			if node.below == nil {
				node.below = map[string]*watchedPaths{}
			}
			next = &watchedPaths{}
			node.below[name] = next
		}
		node = next
	}
	isNew := node.path == ""
	node.path = path
	return isNew
}

// treePair is two trees that are compared.
type treePair struct{ a, b merge3.ID }

// watch adds to what is watched.
func (h *commitGraph) watch(paths []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addWatched(paths)
}

func (h *commitGraph) addWatched(paths []string) {
	for _, path := range paths {
		if h.watched.add(path) && len(h.compared) > 0 {
			h.late.add(path)
		}
	}
}

// differ lists the watched paths at which two trees have something else; "" is the
// empty tree.
func (w *walk) differ(a, b merge3.ID) (map[string]bool, error) {
	if a == b {
		return nil, nil
	}
	if err := w.catchUp(); err != nil {
		return nil, err
	}
	pair := treePair{a, b}
	if known, ok := w.differing[pair]; ok {
		return known, nil
	}
	found, err := w.compare(pair, &w.watched)
	if err == nil {
		w.keep(pair, found)
	}
	return found, err
}

// catchUp looks for paths that are watched since trees were compared: a renamed file is
// known by its new name only when it is its patch's turn.
func (w *walk) catchUp() error {
	if w.late.below == nil {
		return nil
	}
	found, err := w.compareAll(w.compared, &w.late)
	if err != nil {
		return err
	}
	for i, pair := range w.compared {
		if w.differing[pair] == nil {
			w.differing[pair] = found[i]
		} else {
			maps.Copy(w.differing[pair], found[i])
		}
	}
	w.late = watchedPaths{}
	return nil
}

func (w *walk) keep(pair treePair, found map[string]bool) {
	if len(w.compared) > maxTreeEntries {
		clear(w.differing)
		w.compared = nil
	}
	w.differing[pair] = found
	w.compared = append(w.compared, pair)
}

func (w *walk) compare(pair treePair, watched *watchedPaths) (found map[string]bool, err error) {
	err = w.compareWatched(pair.a, pair.b, watched, func(path string) {
		if found == nil {
			found = map[string]bool{}
		}
		found[path] = true
	})
	return found, err
}

// compareAhead compares commits with their parents.
func (w *walk) compareAhead(commits []*pastCommit) error {
	if err := w.catchUp(); err != nil {
		return err
	}
	var pairs []treePair
	for _, c := range commits {
		for _, id := range c.parents {
			parent, err := w.commit(id)
			if err != nil {
				return err
			}
			pair := treePair{c.tree, parent.tree}
			if _, known := w.differing[pair]; !known && pair.a != pair.b {
				pairs = append(pairs, pair)
			}
		}
	}
	found, err := w.compareAll(pairs, &w.watched)
	if err != nil {
		return err
	}
	for i, pair := range pairs {
		w.keep(pair, found[i])
	}
	return nil
}

// compareAll compares pairs of trees on all cores. What is alike lies together in a pack,
// so each core takes pairs that follow each other in time.
func (w *walk) compareAll(pairs []treePair, watched *watchedPaths) ([]map[string]bool, error) {
	if len(pairs) == 0 {
		return nil, nil
	}
	found := make([]map[string]bool, len(pairs))
	var g errgroup.Group
	each := (len(pairs)-1)/runtime.GOMAXPROCS(0) + 1
	for first := 0; first < len(pairs); first += each {
		own := *w
		own.recent = nil
		g.Go(func() (err error) {
			for i := first; i < min(first+each, len(pairs)) && err == nil; i++ {
				found[i], err = own.compare(pairs[i], watched)
			}
			return err
		})
	}
	return found, g.Wait()
}

// compareWatched calls found for the watched paths at which two directories differ.
func (w *walk) compareWatched(a, b merge3.ID, watched *watchedPaths, found func(path string)) error {
	for pair, err := range w.differences(a, b) {
		if err != nil {
			return err
		}
		below := watched.below[string(pair.name())]
		if below == nil {
			continue
		}
		if below.path != "" {
			found(below.path)
		}
		if below.below != nil {
			if err := w.compareWatched(pair[0].tree(), pair[1].tree(), below, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// differences is rawDifferences for trees of the public history. It does not fill the
// caches that a carry lives on, and what is no tree ends there: old histories have some.
func (w *walk) differences(a, b merge3.ID) iter.Seq2[rawPair, error] {
	return func(yield func(rawPair, error) bool) {
		old, err := w.readRawTree(a)
		if err != nil {
			yield(rawPair{}, err)
			return
		}
		now, err := w.readRawTree(b)
		if err != nil {
			yield(rawPair{}, err)
			return
		}
		for pair, err := range rawDifferences(old, now, w.s.format.size()) {
			if err != nil || !yield(pair, nil) {
				return
			}
		}
	}
}

func (w *walk) readRawTree(id merge3.ID) ([]byte, error) {
	if id == "" || id == w.s.format.emptyTree() {
		return nil, nil
	}
	if data, ok := w.recent[id]; ok {
		return data, nil
	}
	data, err := w.read(id, "tree")
	if err != nil || len(data) > maxRecentTree {
		return data, err
	}
	if w.recent == nil || len(w.recent) >= maxRecentTrees {
		w.recent = map[merge3.ID][]byte{}
	}
	w.recent[id] = data
	return data, nil
}

// Some megabytes at most.
const (
	maxRecentTrees = 512
	maxRecentTree  = 16 << 10 // bytes
)
