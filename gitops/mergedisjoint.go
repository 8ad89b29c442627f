package gitops

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Most patches of a week touch files that upstream did not, or changed in other
// places. Then the merge is upstream's tree with the patch's files in it, some of them
// merged, and no process is needed to find that out. The conditions leave out
// everything in which merge-ort could do more than that, which is renames of files
// and directories above all, and disputes, which are git's to word:
//
//   - the patch deletes nothing, so it renames nothing;
//   - each file that it changes is in upstream what it is in the base, or is a text
//     of moderate size in all three that merge3.Text merges without a dispute;
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
		e, ok, err := s.disjoint(ctx, base, upstream, c)
		if err != nil || !ok {
			return "", false, err
		}
		edits[c.Path] = e
	}
	tree, err = s.EditTree(ctx, upstream, edits)
	return tree, err == nil, err
}

// disjoint is what becomes of one path; false where git must tell.
func (s *Scratch) disjoint(ctx context.Context, base, upstream merge3.ID, c TreeChange) (merge3.Entry, bool, error) {
	if c.New == (merge3.Entry{}) || !currentMode(c.New.Mode) || (c.Old.Mode != "" && !currentMode(c.Old.Mode)) {
		return merge3.Entry{}, false, nil
	}
	before, err := s.walkTo(ctx, base, c.Path)
	if err != nil {
		return merge3.Entry{}, false, err
	}
	there, err := s.walkTo(ctx, upstream, c.Path)
	if err != nil || !before.dir || !there.dir || !there.plain {
		return merge3.Entry{}, false, err
	}
	if before.entry == there.entry {
		return c.New, true, nil
	}
	return s.mergeText(ctx, c, there.entry)
}

// maxQuickText bounds a text that is merged in-process: its cost can grow with the
// square of its lines, and git can be interrupted.
const maxQuickText = 512 << 10

// mergeText merges a file that both sides changed, if that leaves no dispute.
func (s *Scratch) mergeText(ctx context.Context, c TreeChange, there merge3.TreeEntry) (merge3.Entry, bool, error) {
	regular := c.New.Mode == merge3.ModeFile || c.New.Mode == merge3.ModeExecutable
	if !regular || c.Old.Mode != c.New.Mode || there.Mode != c.New.Mode {
		return merge3.Entry{}, false, nil
	}
	var texts [3][]byte
	for i, id := range []merge3.ID{c.Old.ID, there.ID, c.New.ID} {
		text, err := readType(ctx, s, id, "blob")
		if err != nil || len(text) > maxQuickText {
			return merge3.Entry{}, false, err
		}
		texts[i] = text
	}
	res := merge3.Text(texts[0], texts[1], texts[2], merge3.TextOptions{RediffShifted: s.git.atLeast(2, 54)})
	if res.Binary || !res.Clean() {
		return merge3.Entry{}, false, nil
	}
	id, err := s.Write("blob", res.Bytes())
	return merge3.Entry{Mode: c.New.Mode, ID: id}, err == nil, err
}

// currentMode leaves out submodules and modes that only old versions of git wrote.
func currentMode(mode string) bool {
	return mode == merge3.ModeFile || mode == merge3.ModeExecutable || mode == merge3.ModeSymlink
}

// place is what a tree has at a path.
type place struct {
	entry merge3.TreeEntry // zero: nothing
	dir   bool             // the directory of the path is there
	plain bool             // all trees on the way hold modes of today only
}

func (s *Scratch) walkTo(ctx context.Context, root merge3.ID, path string) (place, error) {
	p := place{plain: true}
	for tree, rest := root, path; ; {
		entries, err := s.ReadTree(ctx, tree)
		if err != nil {
			return p, err
		}
		for _, e := range entries {
			p.plain = p.plain && (currentMode(e.Mode) || e.Mode == merge3.ModeTree || e.Mode == merge3.ModeGitlink)
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
