package generate

import (
	"fmt"
	"math/rand/v2"
)

// kind is what becomes of a patch on the drifted target.
type kind int

const (
	alone    kind = iota // nobody else has changed its file
	merges               // its file has changed elsewhere
	moved                // its file has been renamed
	disputed             // its lines have changed, or its file is gone
)

// deal gives each patch of the stack its kind, in an order left to chance.
func deal(r *rand.Rand, c Change) []kind {
	kinds := make([]kind, c.Stack)
	i := 0
	for _, of := range []struct {
		kind
		share float64
	}{{disputed, c.Conflicts}, {moved, c.Renames}, {merges, c.Merges}} {
		const nearly = 1e-9 // 0.1*30 is a little less than 3
		for n := int(of.share*float64(c.Stack) + nearly); n > 0 && i < len(kinds); n-- {
			kinds[i] = of.kind
			i++
		}
	}
	r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	return kinds
}

// stack writes the patches.
func (w *world) stack(s *stream, c Change) error {
	r := chance(w.seed, forStack)
	for i, kind := range deal(r, c) {
		commit := commit{branch: Stack, author: developer, when: based + int64(i)*perCommit, message: fmt.Sprintf("Fix %d\n\nWhy it was wrong, in a line.\n", i+1)}
		if i == 0 {
			commit.from = Base
		}
		first, err := w.fix(r, kind)
		if err != nil {
			return fmt.Errorf("patch %d: %w", i+1, err)
		}
		commit.changes = append(commit.changes, first)
		if r.IntN(3) == 0 { // a third of the patches changes a second file
			second, err := w.fix(r, alone)
			if err != nil {
				return fmt.Errorf("patch %d: %w", i+1, err)
			}
			if second.path != first.path {
				commit.changes = append(commit.changes, second)
			}
		}
		s.commit(commit)
	}
	return nil
}

// tries bounds how long a file of some kind is looked for.
const tries = 10_000

// fix edits a function that no patch has edited yet, of a file of that kind.
func (w *world) fix(r *rand.Rand, k kind) (change, error) {
	for range tries {
		i, ok := w.candidate(r, k)
		if !ok {
			continue
		}
		mine := w.mine[i]
		if mine == nil {
			mine = w.original(i)
		}
		function := r.IntN(len(mine.functions))
		if w.used[i][function] || !w.suits(i, function, k) {
			continue
		}
		if w.used[i] == nil {
			w.used[i] = map[int]bool{}
		}
		w.mine[i], w.used[i][function] = mine, true
		mine.edit(r, function)
		return change{path: mine.path, text: mine.String()}, nil
	}
	return change{}, fmt.Errorf("there is no file left for it; more files or more drift are needed")
}

// candidate names a file that may be of that kind.
func (w *world) candidate(r *rand.Rand, k kind) (int, bool) {
	if k == alone {
		i := r.IntN(len(w.layout.sources))
		return i, w.files[i] == nil
	}
	if len(w.order) == 0 {
		return 0, false
	}
	i := w.order[r.IntN(len(w.order))]
	f := w.files[i]
	switch k {
	case moved:
		return i, f.renamed
	case merges:
		return i, !f.renamed && !f.gone
	default:
		return i, !f.renamed
	}
}

// suits tells whether an edit of that function is of the kind.
func (w *world) suits(i, function int, k kind) bool {
	f := w.files[i]
	if k == disputed {
		return f.gone || f.edited[function]
	}
	return f == nil || !f.edited[function]
}
