package merge3

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// file is a file, symbolic link or submodule of a tree, by its whole path.
type file struct {
	path string
	Entry
}

// sideChange is what one side of a merge added and deleted, renames unfollowed.
// All lists are sorted by path.
type sideChange struct {
	come     []file   // where the base has no file
	gone     []file   // files of the base where the side has none
	goneDirs []string // directories of the base where the side has none
}

func (c *sideChange) add(d *sideChange) {
	c.come = append(c.come, d.come...)
	c.gone = append(c.gone, d.gone...)
	c.goneDirs = append(c.goneDirs, d.goneDirs...)
}

func (c *sideChange) size() int { return 1 + len(c.come) + len(c.gone) + len(c.goneDirs) }

// changeCache keeps what directories have differently. The merges of a carry
// see the same upstream: from one to the next only the directories differ that a patch
// touches. It starts over when it is full, and is safe for concurrent use.
type changeCache struct {
	mu    sync.Mutex
	known map[changeKey]*sideChange
	size  int
}

type changeKey struct {
	prefix     string
	base, side ID
}

// maxChanges is how many paths a changeCache keeps, each counted once for every
// directory that it is in.
const maxChanges = 150_000

func (c *changeCache) get(key changeKey) (*sideChange, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change, ok := c.known[key]
	return change, ok
}

func (c *changeCache) put(key changeKey, change *sideChange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || c.size+change.size() > maxChanges {
		c.known, c.size = map[changeKey]*sideChange{}, 0
	}
	c.known[key] = change
	c.size += change.size()
}

// changes compares a directory of the base with that of a side. Prefix is its path
// with a slash behind, or "" for the root. The result is shared.
func (f *renameFinder) changes(ctx context.Context, prefix string, base, side ID, depth int) (*sideChange, error) {
	if base == side {
		return &sideChange{}, nil
	}
	key := changeKey{prefix, base, side}
	if known, ok := f.compared.get(key); ok {
		return known, nil
	}
	if depth > maxTreeDepth {
		return nil, beyond(beyondDepth)
	}
	pairs, err := f.objects.DiffTree(ctx, base, side)
	if err != nil {
		return nil, err
	}
	below, err := f.changesBelow(ctx, prefix, pairs, depth)
	if err != nil {
		return nil, err
	}
	change := &sideChange{}
	for i, p := range pairs {
		switch old, now := p.Old, p.New; {
		case below[i] != nil:
			if now.ID == "" {
				change.goneDirs = append(change.goneDirs, prefix+old.Name)
			}
			change.add(below[i])
		case old.ID == "":
			change.come = append(change.come, file{prefix + now.Name, now.entry()})
		case now.ID == "":
			change.gone = append(change.gone, file{prefix + old.Name, old.entry()})
		}
	}
	f.compared.put(key, change)
	return change, nil
}

// changesBelow is what the directories among pairs have differently, nil for files. Those
// at the top are looked at side by side.
func (f *renameFinder) changesBelow(ctx context.Context, prefix string, pairs []EntryPair, depth int) ([]*sideChange, error) {
	below := make([]*sideChange, len(pairs))
	look := func(i int) (err error) {
		p := &pairs[i]
		below[i], err = f.changes(ctx, prefix+cmp.Or(p.Old.Name, p.New.Name)+"/", p.Old.ID, p.New.ID, depth+1)
		return err
	}
	var top errgroup.Group
	if depth == 0 {
		top.SetLimit(runtime.GOMAXPROCS(0))
	}
	for i := range pairs {
		switch {
		case !pairs[i].Old.IsDir() && !pairs[i].New.IsDir():
		case depth == 0:
			top.Go(func() error { return look(i) })
		default:
			if err := look(i); err != nil {
				return nil, err
			}
		}
	}
	return below, top.Wait()
}

// eachSlot reads three directories side by side, in the order in which git sees them: a file
// and a directory of one name are two slots.
func (f *renameFinder) eachSlot(ctx context.Context, trees [3]ID, depth int, do func(slot)) error {
	if depth > maxTreeDepth {
		return beyond(beyondDepth)
	}
	var lists [3][]TreeEntry
	for i, id := range trees {
		list, err := f.readTree(ctx, id)
		if err != nil {
			return err
		}
		lists[i] = list
	}
	rank := seenOrder(lists)
	var slots []slot
	for s, ok := nextSlot(&lists); ok; s, ok = nextSlot(&lists) {
		if rank == nil {
			do(s)
		} else {
			slots = append(slots, s)
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return rank[a.name] - rank[b.name] })
	for _, s := range slots {
		do(s)
	}
	return nil
}

// readTree reads a directory; "" is one that is not there.
func (f *renameFinder) readTree(ctx context.Context, id ID) ([]TreeEntry, error) {
	if id == "" {
		return nil, nil
	}
	return f.objects.ReadTree(ctx, id)
}

// relevance says which renames of a side a merge has a use for. Git looks for no
// others, except by name and content.
type relevance struct {
	// changed are files that are gone from the side and that the other side has
	// changed or deleted: that is to be done to them under their new names.
	changed map[string]bool
	// wanted are directories that are gone from the side and that the other side
	// adds files to: those may have to follow.
	wanted map[string]bool
	// counted are the wanted directories of both sides. Git counts renames out of whatever
	// is in or below them.
	counted map[string]bool
	// late are the outermost directories that this side alone changed, in the order
	// of their paths, but none that are counted.
	late []string
}

func (r relevance) none() bool { return len(r.changed) == 0 && len(r.wanted) == 0 }

// isCounted tells whether dir is in or below a directory that counts.
func (r relevance) isCounted(dir string) bool {
	for ; dir != ""; dir = dirOf(dir) {
		if r.counted[dir] {
			return true
		}
	}
	return false
}

// relevanceWalk goes through what both sides have changed.
type relevanceWalk struct {
	finder *renameFinder
	ctx    context.Context
	of     [3]relevance
}

func (f *renameFinder) relevance(ctx context.Context, roots [3]ID) ([3]relevance, error) {
	w := relevanceWalk{finder: f, ctx: ctx}
	counted := map[string]bool{}
	for _, side := range []int{ofUpstream, ofPatch} {
		w.of[side] = relevance{changed: map[string]bool{}, wanted: map[string]bool{}, counted: counted}
	}
	err := w.walk("", roots, 0)
	return w.of, err
}

func (w *relevanceWalk) walk(dir string, trees [3]ID, depth int) error {
	if slices.Contains(trees[1:], trees[ofBase]) {
		return nil
	}
	var slots []slot
	err := w.finder.eachSlot(w.ctx, trees, depth, func(s slot) {
		if !s.alike() {
			slots = append(slots, s)
		}
	})
	if err != nil {
		return err
	}
	for _, s := range slots {
		for _, side := range []int{ofUpstream, ofPatch} {
			w.file(dir, joinPath(dir, s.name), &s, trees, side)
		}
	}
	for _, s := range slots {
		path := joinPath(dir, s.name)
		w.dir(path, s.dir)
		if err := w.walk(path, s.dir, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// dir notes a directory that one side alone changed.
func (w *relevanceWalk) dir(path string, trees [3]ID) {
	for _, side := range []int{ofUpstream, ofPatch} {
		onlyHere := trees[ofBase] == trees[other(side)] && trees[ofBase] != trees[side]
		if onlyHere && !w.of[side].isCounted(path) {
			w.of[side].late = append(w.of[side].late, path)
		}
	}
}

// file notes what a slot means for the renames of a side.
func (w *relevanceWalk) file(dir, path string, s *slot, trees [3]ID, side int) {
	old, now, others := s.file[ofBase], s.file[side], s.file[other(side)]
	switch none := (Entry{}); {
	case old != none && now == none && others != old:
		w.of[side].changed[path] = true
	case old == none && others != none && trees[side] == "" && trees[ofBase] != "" && dir != "":
		w.of[side].wanted[dir] = true
		w.of[side].counted[dir] = true
	}
}
