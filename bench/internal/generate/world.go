package generate

import (
	"fmt"
	"math/rand/v2"
)

// When things happen: fixed, because the date of a commit is in its id.
const (
	began     = 1672531200 // 2023-01-01, the first commit
	based     = 1762214400 // 2025-11-04, the base
	perCommit = 600        // seconds from one commit to the next
)

const (
	upstream  = "Upstream <upstream@example.org>"
	developer = "Developer <developer@example.org>"
)

// chance gives the seeded chance for one purpose, so that more of one thing does
// not change another.
func chance(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose<<32)) }

const (
	forLayout = iota + 1
	forFiller
	forDrift
	forStack
)

// writeHistory writes the tree of h and the filler until there are enough objects and commits.
func writeHistory(s *stream, h History) {
	l := newLayout(chance(h.Seed, forLayout), h.Files)
	r := chance(h.Seed, forFiller)
	var all []change
	for i, path := range l.small {
		all = append(all, change{path: path, text: setting(r, path, -i)})
	}
	first := commit{branch: Base, author: upstream, when: began, message: "Everything", changes: all}
	for i, path := range l.sources {
		first.changes = append(first.changes, change{path: path, text: newSource(h.Seed, i, path).String()})
	}
	s.commit(first)
	for i := 1; (s.objects < h.Objects || i < h.Commits) && len(l.small) > 0; i++ {
		a, b := l.small[r.IntN(len(l.small))], l.small[r.IntN(len(l.small))]
		s.commit(commit{
			branch: Base, author: upstream, when: began + int64(i)*perCommit, message: fmt.Sprintf("Setting %d", i),
			changes: []change{{path: a, text: setting(r, a, i)}, {path: b, text: setting(r, b, i)}},
		})
	}
}

// setting is a small file.
func setting(r *rand.Rand, path string, i int) string {
	text := fmt.Sprintf("# %s, %d\n", path, i)
	for range 4 {
		text += fmt.Sprintf("obj-$(CONFIG_%s_%d) += %s.o\n", verbs[r.IntN(len(verbs))], r.IntN(1000), verbs[r.IntN(len(verbs))])
	}
	return text
}

// world is what has become of the sources above the base.
type world struct {
	seed   uint64
	layout layout
	files  map[int]*drifted // by their place in layout.sources; only those that changed
	order  []int            // the keys of files, in the order in which they changed

	mine map[int]*source      // the files as the stack has them
	used map[int]map[int]bool // the functions that the stack has edited
}

// drifted is one file that the drift has touched.
type drifted struct {
	*source
	edited  map[int]bool // its functions
	renamed bool
	gone    bool
}

func newWorld(h History) *world {
	return &world{
		seed: h.Seed, layout: newLayout(chance(h.Seed, forLayout), h.Files),
		files: map[int]*drifted{}, mine: map[int]*source{}, used: map[int]map[int]bool{},
	}
}

// original is a file as it is at the base.
func (w *world) original(i int) *source { return newSource(w.seed, i, w.layout.sources[i]) }

// touch gives a file for the drift to change.
func (w *world) touch(i int) *drifted {
	f := w.files[i]
	if f == nil {
		f = &drifted{source: w.original(i), edited: map[int]bool{}}
		w.files[i] = f
		w.order = append(w.order, i)
	}
	return f
}

// Of 100 changes of the drift that many are not edits.
const (
	added   = 5
	deleted = 2
	renamed = 2
	again   = 25 // change a file that has changed already
)

// drift writes the commits from the base to the target.
func (w *world) drift(s *stream, c Change) {
	r := chance(w.seed, forDrift)
	done := 0
	for i := range c.Drift {
		commit := commit{branch: Target, author: upstream, when: based + int64(i)*perCommit, message: fmt.Sprintf("Upstream change %d", i)}
		if i == 0 {
			commit.from = Base
		}
		paths := map[string]bool{} // that this commit has changed: each once
		for upTo := max(done+1, c.Changed*(i+1)/c.Drift); done < upTo; {
			if next, ok := w.driftOne(r, done, paths); ok {
				done++
				paths[next.path] = true
				commit.changes = append(commit.changes, next)
			}
		}
		s.commit(commit)
	}
}

// driftOne changes one file; false when the one that chance names is gone or taken.
func (w *world) driftOne(r *rand.Rand, n int, taken map[string]bool) (change, bool) {
	kind := r.IntN(100)
	if kind < added {
		path := fmt.Sprintf("%s/new%d.c", w.layout.dirs[r.IntN(len(w.layout.dirs))], n)
		return change{path: path, text: newSource(w.seed, len(w.layout.sources)+n, path).String()}, true
	}
	i := r.IntN(len(w.layout.sources))
	if kind >= 100-again && len(w.order) > 0 {
		i = w.order[r.IntN(len(w.order))]
	}
	f := w.touch(i)
	switch {
	case f.gone || taken[f.path]:
		return change{}, false
	case kind < added+deleted && len(f.edited) == 0 && !f.renamed:
		f.gone = true
		return change{path: f.path, gone: true}, true
	case kind < added+deleted+renamed && !f.renamed:
		from := f.path
		f.renamed = true
		f.path = fmt.Sprintf("%s/moved%d.c", w.layout.dirs[r.IntN(len(w.layout.dirs))], i)
		return change{path: f.path, from: from}, true
	}
	function := r.IntN(len(f.functions))
	f.edited[function] = true
	f.edit(r, function)
	return change{path: f.path, text: f.String()}, true
}
