package merge3

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// TreeMerger merges trees as git's merge-ort does with its default settings and
// no attributes in effect: the same tree, byte for byte, and the same disputes. It is safe
// for concurrent use and gets faster with use; it must not be copied.
//
// It finds what was renamed (rename.go) and plans what becomes of the paths concerned
// (treeplan.go), looks at what base, upstream and patch have differently (treewalk.go),
// merges path by path (treepath.go) and words disputes as git does
// (treeconflict.go). Commits are not looked at, they only name sides; labels are
// written as they are given.
type TreeMerger struct {
	Objects Objects
	// RediffShifted is that of [TextOptions]: git 2.54 and newer.
	RediffShifted bool
	// SkipTail compares files for renames without their end, if that is neither
	// a whole line nor 64 bytes: git before 2.44.
	SkipTail bool
	// OverBase lets a renamed directory put a file where only the base has
	// something: git before 2.51.
	OverBase bool

	once   sync.Once
	finder *renameFinder
}

var _ Merger = (*TreeMerger)(nil)

// BeyondError says that a merge is not one for a [TreeMerger], so that git must
// be asked. It says nothing about the merge's outcome.
type BeyondError struct {
	Reason string // in few words, the same ones for the same reason: it is counted
}

func (e *BeyondError) Error() string { return "beyond the in-process merge: " + e.Reason }

// The reasons of a [BeyondError].
const (
	beyondText      = "a large text"
	beyondDepth     = "directories nested too deeply"
	beyondTree      = "a tree that git would not write"
	beyondChain     = "renames that depend on each other"
	beyondBack      = "a directory rename that puts a file back"
	beyondClash     = "a renamed file and a directory of the same name"
	beyondTwins     = "a file renamed to where both sides have the same"
	beyondTypes     = "a renamed file that changed its type"
	beyondUntouched = "a directory rename into a directory that nobody changed"
	beyondReplaced  = "a directory in the place of a file"
)

func beyond(reason string) error { return &BeyondError{Reason: reason} }

const (
	// maxMergedText bounds a text that is merged, in bytes, and maxTextWork the steps that
	// may take: about a second. For more git must be asked, which can be interrupted.
	maxMergedText = 32 << 20
	maxTextWork   = 100_000_000
	// maxTreeDepth bounds how deep directories may nest.
	maxTreeDepth = 512
)

// The inputs of a merge, as indexes.
const (
	ofBase = iota
	ofUpstream
	ofPatch
)

// other is the other side: upstream for the patch and the other way round.
func other(side int) int { return ofUpstream + ofPatch - side }

// Merge implements [Merger]. Every side needs its Tree; "" is the empty tree. The
// error wraps a [*BeyondError] when git must be asked.
func (m *TreeMerger) Merge(ctx context.Context, r Request) (Result, error) {
	t := treeMerge{ctx: ctx, objects: m.Objects, text: TextOptions{Style: r.Style, RediffShifted: m.RediffShifted}}
	for i, side := range []Side{r.Base, r.Upstream, r.Patch} {
		t.labels[i] = sideLabel(side)
	}
	t.labels[ofBase] = sideLabel(Side{Commit: r.Base.Commit, Tree: r.Base.Tree})
	res, err := t.run(m.renames(), [3]ID{r.Base.Tree, r.Upstream.Tree, r.Patch.Tree})
	if err != nil {
		return Result{}, fmt.Errorf("merge trees: %w", err)
	}
	return res, nil
}

// renames is the one finder of all merges.
func (m *TreeMerger) renames() *renameFinder {
	m.once.Do(func() {
		m.finder = newRenameFinder(m.Objects)
		m.finder.rules = renameRules{SkipTail: m.SkipTail, OverBase: m.OverBase}
	})
	return m.finder
}

// sideLabel is how a side is named in markers and file names.
func sideLabel(s Side) string {
	switch {
	case s.Label != "":
		return s.Label
	case s.Commit != "":
		return string(s.Commit)
	}
	return string(s.Tree)
}

// treeMerge is a merge of trees under way.
type treeMerge struct {
	ctx      context.Context
	objects  Objects
	text     TextOptions // without labels
	labels   [3]string
	plan     *plan // nil: no rename matters
	notes    []note
	unmerged map[string][3]Entry
}

func (t *treeMerge) run(finder *renameFinder, roots [3]ID) (Result, error) {
	if tree, ok := oneChanged(roots); ok {
		return Result{Tree: tree}, nil
	}
	found, err := finder.find(t.ctx, roots[ofBase], roots[ofUpstream], roots[ofPatch])
	if err != nil {
		return Result{}, err
	}
	if t.plan, err = t.newPlan(roots, found); err != nil {
		return Result{}, err
	}
	tree, err := t.mergeDir("", roots, 0)
	if err == nil && tree == "" {
		tree, err = t.objects.WriteTree(nil)
	}
	if err != nil {
		return Result{}, err
	}
	res := Result{Tree: tree, Conflicts: t.conflicts()}
	if res.Clean() {
		return res, nil
	}
	return res, t.checkReplaced(finder, roots)
}

// checkReplaced fails where a side put a directory in the place of a file. If it had to
// look for renames of that side, git lists such a file as in dispute even if the
// other side left it alone; in a merge without other disputes nobody sees that.
func (t *treeMerge) checkReplaced(finder *renameFinder, roots [3]ID) error {
	relevant, err := finder.relevance(t.ctx, roots)
	if err != nil {
		return err
	}
	for side := ofUpstream; side <= ofPatch; side++ {
		if relevant[side].none() {
			continue
		}
		change, err := finder.changes(t.ctx, "", roots[ofBase], roots[side], 0)
		if err != nil {
			return err
		}
		if change.replaces() {
			return beyond(beyondReplaced)
		}
	}
	return nil
}

// replaces tells whether a file is gone and one below it has come.
func (c *sideChange) replaces() bool {
	for _, old := range c.gone {
		dir := old.path + "/"
		i, _ := slices.BinarySearchFunc(c.come, dir, func(f file, dir string) int { return strings.Compare(f.path, dir) })
		if i < len(c.come) && strings.HasPrefix(c.come[i].path, dir) {
			return true
		}
	}
	return false
}

// oneChanged is the answer where at most one side changed something, or both
// the same.
func oneChanged[T comparable](v [3]T) (T, bool) {
	switch v[ofBase] {
	case v[ofUpstream]:
		return v[ofPatch], true
	case v[ofPatch]:
		return v[ofUpstream], true
	}
	return v[ofUpstream], v[ofUpstream] == v[ofPatch]
}
