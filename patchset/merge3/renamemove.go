package merge3

import (
	"context"
	"slices"
	"strings"
)

// mover says which files of one side follow the directories that the other renamed.
type mover struct {
	ctx    context.Context
	finder *renameFinder
	trees  [3]ID
	files  [3][]rename
	dirs   [3]map[string]string // old directory to new one, by the side that renamed it
}

// run lists the moves of both sides.
func (m *mover) run() (moves [3][]dirMove, err error) {
	var targets [3]map[string][]string
	for _, side := range []int{ofUpstream, ofPatch} {
		if moves[side], err = m.draft(side); err != nil {
			return moves, err
		}
		targets[side] = map[string][]string{}
		for _, move := range moves[side] {
			targets[side][move.To] = append(targets[side][move.To], move.Path)
		}
	}
	for _, side := range []int{ofUpstream, ofPatch} {
		// Where the other side's files would be put, nothing is moved away.
		moves[side] = slices.DeleteFunc(moves[side], func(move dirMove) bool {
			return targets[other(side)][move.Path] != nil
		})
		if err = m.judge(side, moves[side], targets[side]); err != nil {
			return moves, err
		}
	}
	return moves, nil
}

// draft lists the files that a side added or renamed and that are in a directory
// which the other side renamed.
func (m *mover) draft(side int) ([]dirMove, error) {
	if len(m.dirs[other(side)]) == 0 {
		return nil, nil
	}
	change, err := m.finder.changes(m.ctx, "", m.trees[ofBase], m.trees[side], 0)
	if err != nil {
		return nil, err
	}
	var moves []dirMove
	for _, f := range change.come {
		if move, ok := follow(f.path, m.dirs[other(side)]); ok {
			moves = append(moves, move)
		}
	}
	return moves, nil
}

// follow applies the rename of the innermost renamed directory that path is in.
func follow(path string, renamed map[string]string) (dirMove, bool) {
	for dir := dirOf(path); dir != ""; dir = dirOf(dir) {
		if newDir, ok := renamed[dir]; ok {
			return dirMove{Path: path, To: joinPath(newDir, path[len(dir)+1:]), Dir: dir, NewDir: newDir}, true
		}
	}
	return dirMove{}, false
}

// judge tells which moves are made and why others are not. Targets has the paths that
// would go to each path.
func (m *mover) judge(side int, moves []dirMove, targets map[string][]string) error {
	from := map[string]string{}
	for _, r := range m.files[side] {
		from[r.To] = r.From
	}
	for i := range moves {
		move := &moves[i]
		move.Among = targets[move.To]
		if _, renamed := m.dirs[side][move.NewDir]; renamed {
			move.Case = moveAvoided
			continue
		}
		there, err := m.finder.visible(m.ctx, m.trees, move.To)
		if err != nil {
			return err
		}
		backHome := from[move.Path] == move.To // what the base has there is the file itself
		baseFile := there[ofBase].ID != "" && !there[ofBase].IsDir()
		switch {
		case there[side].ID != "", baseFile && !backHome && !m.finder.rules.OverBase:
			move.Case = moveInTheWay
		case len(move.Among) > 1:
			move.Case = moveMany
		}
	}
	return nil
}

// visible is what the trees have at path. Git does not look into
// directories that are the same in all of them, and so does not know what is there.
func (f *renameFinder) visible(ctx context.Context, trees [3]ID, path string) (there [3]TreeEntry, err error) {
	for name := range strings.SplitSeq(path, "/") {
		if trees[ofBase] == trees[ofUpstream] && trees[ofBase] == trees[ofPatch] {
			return [3]TreeEntry{}, nil
		}
		for i, tree := range trees {
			entries, err := f.readTree(ctx, tree)
			if err != nil {
				return there, err
			}
			at := slices.IndexFunc(entries, func(e TreeEntry) bool { return e.Name == name })
			if trees[i], there[i] = "", (TreeEntry{}); at < 0 {
				continue
			}
			if there[i] = entries[at]; there[i].IsDir() {
				trees[i] = there[i].ID
			}
		}
	}
	return there, nil
}
