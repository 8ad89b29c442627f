package merge3

import (
	"context"
	"slices"
)

// renames is what both sides of a merge renamed, as far as it matters to the merge.
type renames struct {
	Upstream, Patch sideRenames
	// Unseen are directories that one side alone changed and that git, for that, takes
	// without looking into them.
	Unseen []string
}

// rename is one file of the base that a side has under another name.
type rename struct {
	From, To   string
	Base, Side Entry // what the file is at From in the base, and at To on the side
}

// sideRenames is what one side renamed. Everything is sorted by path.
type sideRenames struct {
	// Files are the renames of this side, by From. To is where the side itself
	// has the file. No two have the same From, and no two the same To.
	Files []rename
	// Moves are files that this side added, or renamed to where they are, in a
	// directory that the other side renamed, by Path.
	Moves []dirMove
	// Splits are directories that this side renamed to several places, none of
	// which got most of the files, and that the other side puts files into.
	Splits []string
}

// dirMove is a file that a renamed directory takes with it, or would.
type dirMove struct {
	Path string // where the side has the file
	To   string // where it goes, or would go
	// Dir was renamed to NewDir by the other side; "" is the root. Path is below Dir.
	Dir, NewDir string
	Case        dirMoveCase
	// Among are all paths that would go to To, this one included, for moveMany
	// and moveInTheWay. Sorted.
	Among []string
}

// dirMoveCase tells what becomes of a [dirMove].
type dirMoveCase int

const (
	// moveSuggested is a move that git makes and reports as a conflict ("file
	// location"), which is what merge.directoryRenames=conflict, the default, means.
	moveSuggested dirMoveCase = iota
	// moveMany is not made: several files would go to one path ("implicit dir rename").
	moveMany
	// moveInTheWay is not made: the side has something at To already ("implicit dir rename").
	moveInTheWay
	// moveAvoided is not made, with a warning but without a conflict: NewDir was
	// itself renamed, by the side that has the file.
	moveAvoided
)

// renameFinder finds renames. One finder serves a whole carry: what it learns
// about trees and files is kept for the next merge, within bounds. It is safe
// for concurrent use.
type renameFinder struct {
	rules    renameRules
	objects  Objects
	compared changeCache
	cut      piecesCache
}

// renameRules are what older versions of git do otherwise. The zero value is
// git 2.55.
type renameRules struct {
	// SkipTail leaves the end of a file out of the comparison when it is neither
	// a whole line nor 64 bytes, as git did before 2.44.
	SkipTail bool
	// OverBase lets a directory rename put a file where only the base has
	// a file, as git did before 2.51.
	OverBase bool
}

// newRenameFinder makes a finder that reads from objects.
func newRenameFinder(objects Objects) *renameFinder {
	return &renameFinder{objects: objects}
}

// find tells what the two sides of a merge of three trees renamed. Each may be ""
// for the empty tree. Renames that cannot matter to the merge are left out.
// Errors are those of the object store, or a [*BeyondError].
func (f *renameFinder) find(ctx context.Context, base, upstream, patch ID) (renames, error) {
	trees := [3]ID{base, upstream, patch}
	relevant, err := f.relevance(ctx, trees)
	if err != nil {
		return renames{}, err
	}
	var found [3]sideRenames
	var dirs [3]map[string]string
	for _, side := range []int{ofUpstream, ofPatch} {
		if relevant[side].none() {
			continue
		}
		change, err := f.changes(ctx, "", base, trees[side], 0)
		if err != nil {
			return renames{}, err
		}
		if change, err = f.inGitsOrder(ctx, change, relevant[side].late, trees); err != nil {
			return renames{}, err
		}
		d := newDetection(ctx, f, change, relevant[side])
		if err := d.run(); err != nil {
			return renames{}, err
		}
		found[side].Files = d.renames()
		dirs[side], found[side].Splits = d.dirs.outcome()
	}
	restarts, err := f.forget(ctx, trees, relevant, &found)
	if err != nil {
		return renames{}, err
	}
	m := mover{ctx: ctx, finder: f, trees: trees, dirs: dirs, files: [3][]rename{ofUpstream: found[ofUpstream].Files, ofPatch: found[ofPatch].Files}}
	moves, err := m.run()
	if err != nil {
		return renames{}, err
	}
	found[ofUpstream].Moves, found[ofPatch].Moves = moves[ofUpstream], moves[ofPatch]
	out := renames{Upstream: found[ofUpstream], Patch: found[ofPatch]}
	for _, r := range relevant[ofUpstream:] {
		if restarts || r.none() {
			out.Unseen = append(out.Unseen, r.late...)
		}
	}
	slices.Sort(out.Unseen)
	return out, nil
}
