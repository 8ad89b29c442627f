package gitops

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Most patches of a week touch files that upstream did not. Then the merge is
// upstream's tree with the patch's files in it, and no process is needed to
// find that out. The conditions leave out everything in which merge-ort could do
// more than that, which is renames of files and directories above all:
//
//   - the patch deletes nothing, so it renames nothing;
//   - each file that it changes is in upstream what it is in the base;
//   - each file that it adds goes into a directory that base and upstream both
//     have, and that has no such name yet, so no directory rename can move it;
//   - no tree on the way holds a mode that git would write otherwise today.

// mergeDisjoint merges three trees where these conditions hold; ok is false where
// they do not and a real merge must tell.
func (s *Scratch) mergeDisjoint(ctx context.Context, base, upstream, patch merge3.ID) (tree merge3.ID, ok bool, err error) {
	changes, err := s.DiffTrees(ctx, base, patch)
	if err != nil {
		return "", false, err
	}
	edits := map[string]merge3.Entry{}
	for _, c := range changes {
		if ok, err := s.disjoint(ctx, base, upstream, c); err != nil || !ok {
			return "", false, err
		}
		edits[c.Path] = c.New
	}
	tree, err = s.EditTree(ctx, upstream, edits)
	return tree, err == nil, err
}

func (s *Scratch) disjoint(ctx context.Context, base, upstream merge3.ID, c TreeChange) (bool, error) {
	if c.New == (merge3.Entry{}) || !currentMode(c.New.Mode) || (c.Old.Mode != "" && !currentMode(c.Old.Mode)) {
		return false, nil
	}
	before, err := s.walkTo(ctx, base, c.Path)
	if err != nil {
		return false, err
	}
	there, err := s.walkTo(ctx, upstream, c.Path)
	if err != nil {
		return false, err
	}
	return before.dir && there.dir && there.plain && before.entry == there.entry, nil
}

// currentMode leaves out submodules and modes that only old versions of git wrote.
func currentMode(mode string) bool {
	return mode == ModeFile || mode == ModeExecutable || mode == ModeSymlink
}

// place is what a tree has at a path.
type place struct {
	entry TreeEntry // zero: nothing
	dir   bool      // the directory of the path is there
	plain bool      // all trees on the way hold modes of today only
}

func (s *Scratch) walkTo(ctx context.Context, root merge3.ID, path string) (place, error) {
	p := place{plain: true}
	for tree, rest := root, path; ; {
		entries, err := s.ReadTree(ctx, tree)
		if err != nil {
			return p, err
		}
		for _, e := range entries {
			p.plain = p.plain && (currentMode(e.Mode) || e.Mode == ModeTree || e.Mode == ModeGitlink)
		}
		name, below, deeper := strings.Cut(rest, "/")
		e, ok := findEntry(entries, name)
		if !deeper {
			p.dir = true
			if ok {
				p.entry = e
			}
			return p, nil
		}
		if !ok || !e.IsDir() {
			return p, nil
		}
		tree, rest = e.ID, below
	}
}
