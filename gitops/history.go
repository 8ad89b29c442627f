package gitops

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// commitGraph is what walks over commits have read, some hundred bytes a commit, so
// that further walks over the same ones are quick.
type commitGraph struct {
	s         *Scratch
	mu        sync.Mutex // held for a whole walk
	commits   map[merge3.ID]*pastCommit
	texts     idCache[merge3.ID, []byte]
	watched   watchedPaths
	differing map[treePair]map[string]bool // the watched paths that two trees have differently
	compared  []treePair                   // the keys of differing, in the order in which they came
	late      watchedPaths                 // those that are watched, and differing does not know
	// What walks over whole ranges keep, and how much that is.
	ranges          map[commitRange][]*pastCommit
	paths           map[merge3.ID][]string // that a commit changes
	kept, keptPaths int
}

// pastCommit is what a walk needs of a commit.
type pastCommit struct {
	id      merge3.ID
	tree    merge3.ID
	parents []merge3.ID
	date    int64 // of the committer
}

// clockSkew is by how many seconds a commit may seem older than its parents.
const clockSkew = 24 * 60 * 60

func newCommitGraph(s *Scratch) *commitGraph {
	return &commitGraph{
		s: s, commits: map[merge3.ID]*pastCommit{},
		differing: map[treePair]map[string]bool{}, ranges: map[commitRange][]*pastCommit{}, paths: map[merge3.ID][]string{},
	}
}

// walk begins a walk; done ends it.
func (h *commitGraph) walk(ctx context.Context) (w *walk, done func()) {
	h.mu.Lock()
	return &walk{ctx: ctx, commitGraph: h, flags: map[merge3.ID]int{}}, h.mu.Unlock
}

// contains tells whether commit is in the history of tip.
func (h *commitGraph) contains(ctx context.Context, tip, commit merge3.ID) (bool, error) {
	w, done := h.walk(ctx)
	defer done()
	if err := w.between(commit, tip); err != nil {
		return false, err
	}
	return w.flags[commit]&ofSince != 0, nil
}

// touching lists the commits without merges that are in the history of tip and not
// of since and that change one of paths against their parent, newest first, at most
// limit. A side branch is left out when the merge that brought it left the paths as
// they were in the other parent; see "History Simplification" in git-log(1). Where
// that parent is no longer in the range git leaves some branches out, we do not.
func (h *commitGraph) touching(ctx context.Context, tip, since merge3.ID, paths []string, limit int) ([]merge3.ID, error) {
	w, done := h.walk(ctx)
	defer done()
	if err := w.between(tip, since); err != nil {
		return nil, err
	}
	w.addWatched(paths)
	if err := w.compareAhead(w.inRange()); err != nil {
		return nil, err
	}
	return w.touching(tip, paths, limit)
}

// firstParents lists the commits of tip's history that are not in that of since, along
// first parents, oldest first, and before them the one where that line meets the
// history of since; whole is false when there are more than limit, and these are the newest.
func (h *commitGraph) firstParents(ctx context.Context, tip, since merge3.ID, limit int) (line []merge3.ID, whole bool, err error) {
	w, done := h.walk(ctx)
	defer done()
	if err := w.between(tip, since); err != nil {
		return nil, false, err
	}
	for id := tip; !whole && len(line) < limit; {
		c, err := w.commit(id)
		if err != nil {
			return nil, false, err
		}
		line = append(line, id)
		whole = w.flags[id] != ofTip || len(c.parents) == 0
		if !whole {
			id = c.parents[0]
		}
	}
	slices.Reverse(line)
	return line, whole, nil
}

// walk is one walk over commits.
type walk struct {
	*commitGraph
	ctx   context.Context
	flags map[merge3.ID]int
	// recent are trees that were just read: what one commit has, the next one had.
	recent map[merge3.ID][]byte
}

// The flags of a walk from two sides.
const (
	ofTip   = 1 << iota // the tip has it in its history
	ofSince             // the other commit has
	ofBoth  = ofTip | ofSince
)

// commit reads a commit. Old public ones have headers that nobody would write
// today, so only what is needed is looked at.
func (w *walk) commit(id merge3.ID) (*pastCommit, error) {
	if c, ok := w.commits[id]; ok {
		return c, nil
	}
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	raw, err := w.text(id)
	if err != nil {
		return nil, err
	}
	c := &pastCommit{id: id}
	for line := range bytes.Lines(raw) {
		key, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		switch string(key) {
		case "tree":
			c.tree = merge3.ID(value)
		case "parent":
			c.parents = append(c.parents, merge3.ID(value))
		case "committer":
			c.date = dateOf(value)
		}
		if len(line) == 1 || string(key) == "committer" {
			break
		}
	}
	w.commits[id] = c
	return c, nil
}

// dateOf reads the seconds of "name <mail> seconds zone"; 0 when there are none.
func dateOf(person []byte) int64 {
	fields := bytes.Fields(person[bytes.LastIndexByte(person, '>')+1:])
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return n
}

// text is a commit as it is stored: each patch looks for its own words in all of a range.
func (w *walk) text(id merge3.ID) ([]byte, error) {
	if raw, ok := w.texts.get(id); ok {
		return raw, nil
	}
	raw, err := w.read(id, "commit")
	if err == nil {
		w.texts.put(id, raw, len(raw), maxSeen)
	}
	return raw, err
}

// read does not fill the caches that a carry lives on.
func (w *walk) read(id merge3.ID, typ string) ([]byte, error) {
	obj, ok := w.s.lookUp(id)
	if !ok {
		var err error
		if obj, err = w.s.reader.Read(w.ctx, id); err != nil {
			return nil, err
		}
	}
	return obj.ofType(id, typ)
}

// between marks every commit that only one of two commits has in its history, and
// some that both have, with whose history it is in. since may be "".
//
// Commits are looked at newest first until all that are left are in both, as git
// merge-base does it. Where clocks were wrong, a commit in both can have been passed
// for the tip's alone; the last step goes on from those in both to put that right.
func (w *walk) between(tip, since merge3.ID) error {
	queue := &byDate{}
	open := 0 // in the queue and not known to be in both
	mark := func(id merge3.ID, flags int) error {
		c, err := w.commit(id)
		if err != nil || w.flags[id]&flags == flags {
			return err
		}
		w.flags[id] |= flags
		heap.Push(queue, queued{c, w.flags[id]})
		if w.flags[id] != ofBoth {
			open++
		}
		return nil
	}
	if err := mark(tip, ofTip); err != nil {
		return err
	}
	if since != "" {
		if err := mark(since, ofSince); err != nil {
			return err
		}
	}
	for open > 0 {
		next := heap.Pop(queue).(queued)
		if next.flags != ofBoth {
			open--
		}
		for _, p := range next.commit.parents {
			if err := mark(p, w.flags[next.commit.id]); err != nil {
				return err
			}
		}
	}
	oldest := int64(math.MaxInt64)
	for id, flags := range w.flags {
		if flags == ofTip {
			oldest = min(oldest, w.commits[id].date-clockSkew)
		}
	}
	for queue.Len() > 0 {
		for _, id := range heap.Pop(queue).(queued).commit.parents {
			p, err := w.commit(id)
			if err != nil {
				return err
			}
			if w.flags[id] == ofTip || w.flags[id] == 0 && p.date >= oldest {
				w.flags[id] = ofBoth
				heap.Push(queue, queued{p, ofBoth})
			}
		}
	}
	return nil
}

// inRange lists the commits that are the tip's alone, the newest first.
func (w *walk) inRange() []*pastCommit {
	var commits []*pastCommit
	for id, flags := range w.flags {
		if flags == ofTip {
			commits = append(commits, w.commits[id])
		}
	}
	slices.SortFunc(commits, func(a, b *pastCommit) int {
		return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(a.id, b.id))
	})
	return commits
}

// touching is the rest of commitGraph.touching, once it is marked what is in the range.
func (w *walk) touching(tip merge3.ID, paths []string, limit int) ([]merge3.ID, error) {
	queue := &byDate{{commit: w.commits[tip]}}
	seen := map[merge3.ID]bool{tip: true}
	var found []merge3.ID
	for queue.Len() > 0 && len(found) < limit {
		c := heap.Pop(queue).(queued).commit
		if w.flags[c.id] != ofTip {
			continue
		}
		touches, next, err := w.simplify(c, paths)
		if err != nil {
			return nil, err
		}
		if touches {
			found = append(found, c.id)
		}
		for _, id := range next {
			if seen[id] {
				continue
			}
			seen[id] = true
			p, err := w.commit(id)
			if err != nil {
				return nil, err
			}
			heap.Push(queue, queued{commit: p})
		}
	}
	return found, nil
}

// simplify tells whether a commit changes one of paths, and which parents to go on with.
func (w *walk) simplify(c *pastCommit, paths []string) (touches bool, next []merge3.ID, err error) {
	if len(c.parents) == 0 {
		same, err := w.same(c.tree, "", paths)
		return !same, nil, err
	}
	for _, id := range c.parents {
		p, err := w.commit(id)
		if err != nil {
			return false, nil, err
		}
		same, err := w.same(c.tree, p.tree, paths)
		if err != nil {
			return false, nil, err
		}
		touches = !same
		if len(c.parents) > 1 && same && w.flags[id] == ofTip {
			return false, []merge3.ID{id}, nil
		}
	}
	return touches && len(c.parents) == 1, c.parents, nil
}

// same tells whether two trees have the same at every one of paths; "" is the empty tree.
func (w *walk) same(a, b merge3.ID, paths []string) (bool, error) {
	differ, err := w.differ(a, b)
	return err == nil && !slices.ContainsFunc(paths, func(path string) bool { return differ[path] }), err
}

// byDate is a heap of commits, the newest on top.
type byDate []queued

// queued is a commit as it was when it was queued.
type queued struct {
	commit *pastCommit
	flags  int
}

func (q byDate) Len() int           { return len(q) }
func (q byDate) Less(i, j int) bool { return q[i].commit.date > q[j].commit.date }
func (q byDate) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byDate) Push(x any)        { *q = append(*q, x.(queued)) }
func (q *byDate) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
