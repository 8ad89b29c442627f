package merge3

import (
	"fmt"
	"slices"
	"strings"
)

// plan is what renames make of the paths of a merge: every version of a file
// goes to the path where it is merged. Paths that no rename touches are not in it.
//
// What is planned for a path follows from what the two sides did to one file of the base:
//
//   - one renamed it: the other's version comes to the new name;
//   - both, to one name: the base's version comes to that name;
//   - both, to two names: the versions are merged, and what comes of it goes to
//     both names;
//   - one renamed it to where the other has another file: the versions are
//     merged, and what comes of it is in dispute with that file;
//   - one renamed it, the other deleted it or made another type of it: the
//     renamed file stays, in dispute.
//
// Before that, files that a renamed directory takes along go where it went.
type plan struct {
	t     *treeMerge
	roots [3]ID
	paths map[string]*planned
	below map[string][]string // directory with a slash behind, or "": planned names in it
}

// planned are the versions that are merged at one path.
type planned struct {
	file    [3]Entry
	from    [3]string // the path that a tree has the version at, if it is another
	dispute bool      // however the merge goes
	kept    bool      // the other side has made another type of the renamed file
}

// newPlan is nil when nothing was renamed.
func (t *treeMerge) newPlan(roots [3]ID, r renames) (*plan, error) {
	found := [3]sideRenames{ofUpstream: r.Upstream, ofPatch: r.Patch}
	p := &plan{t: t, roots: roots, paths: map[string]*planned{}, below: map[string][]string{}}
	for side := ofUpstream; side <= ofPatch; side++ {
		for _, dir := range found[side].Splits {
			t.note(noteSplit, splitMessage(dir), dir)
		}
		files, err := p.moveAlong(side, found[side])
		if err != nil {
			return nil, err
		}
		found[side].Files = files
	}
	if err := p.checkTwins(found[ofUpstream].Files, found[ofPatch].Files); err != nil {
		return nil, err
	}
	if err := p.follow(found[ofUpstream].Files, found[ofPatch].Files); err != nil || len(p.paths) == 0 {
		return nil, err
	}
	return p, nil
}

// checkTwins fails where both sides renamed different files to one name, and
// have come to have the same there.
func (p *plan) checkTwins(upstream, patch []rename) error {
	from := make(map[string]string, len(upstream))
	for _, r := range upstream {
		from[r.To] = r.From
	}
	for _, r := range patch {
		if other, ok := from[r.To]; !ok || other == r.From {
			continue
		}
		now, err := p.at(r.To)
		if err != nil {
			return err
		}
		if now.file[ofUpstream] == now.file[ofPatch] {
			return beyond(beyondTwins)
		}
	}
	return nil
}

// at is what is planned for a path, at first what the trees have there.
func (p *plan) at(path string) (*planned, error) {
	if known := p.paths[path]; known != nil {
		return known, nil
	}
	v := &planned{}
	for i, root := range p.roots {
		e, err := p.t.fileAt(root, path)
		if err != nil {
			return nil, err
		}
		v.file[i] = e
	}
	p.paths[path] = v
	return v, p.list(path)
}

// list makes the merge of directories come by path.
func (p *plan) list(path string) error {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i+1], path[i+1:]
	}
	known := len(p.below[dir]) > 0
	p.below[dir] = append(p.below[dir], name)
	if p.paths[path] != nil && p.below[path+"/"] != nil {
		return beyond(beyondClash)
	}
	if known || dir == "" {
		return nil
	}
	return p.list(strings.TrimSuffix(dir, "/"))
}

// fileAt is the file, link or submodule at a path of a tree; zero: there is none.
func (t *treeMerge) fileAt(root ID, path string) (Entry, error) {
	tree, rest := root, path
	for {
		name, below, deeper := strings.Cut(rest, "/")
		entries, err := t.objects.ReadTree(t.ctx, tree)
		if err != nil {
			return Entry{}, err
		}
		i := slices.IndexFunc(entries, func(e TreeEntry) bool { return e.Name == name })
		switch {
		case i < 0:
			return Entry{}, nil
		case deeper != entries[i].IsDir():
			return Entry{}, beyond(beyondClash)
		case !deeper:
			return Entry{Mode: currentMode(entries[i].Mode), ID: entries[i].ID}, nil
		}
		tree, rest = entries[i].ID, below
	}
}

// moveAlong moves the files of a side that follow a directory of the other one, and returns
// the side's renames as they are then.
func (p *plan) moveAlong(side int, r sideRenames) ([]rename, error) {
	files := slices.Clone(r.Files)
	labels := p.t.labels
	for _, m := range r.Moves {
		switch m.Case {
		case moveAvoided:
			continue
		case moveMany:
			p.t.note(noteMany, manyMessage(m), append([]string{m.To}, m.Among...)...)
			continue
		case moveInTheWay:
			p.t.note(noteInTheWay, inTheWayMessage(m), append([]string{m.To}, m.Among...)...)
			continue
		}
		if err := p.move(side, m); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(files, func(f rename) bool { return f.To == m.Path })
		if i < 0 {
			p.t.note(noteLocation, addedLocationMessage(m, labels[side], labels[other(side)]), m.To, m.Path)
			continue
		}
		if files[i].From == m.To {
			return nil, beyond(beyondBack)
		}
		p.t.note(noteLocation, renamedLocationMessage(files[i].From, m, labels[side], labels[other(side)]), m.To, m.Path, files[i].From)
		files[i].To = m.To
	}
	return files, nil
}

func (p *plan) move(side int, m dirMove) error {
	if untouched, err := p.untouched(m.To); err != nil {
		return err
	} else if untouched {
		return beyond(beyondUntouched)
	}
	old, err := p.at(m.Path)
	if err != nil {
		return err
	}
	now, err := p.at(m.To)
	if err != nil {
		return err
	}
	if now.file[side].ID != "" || now.file[ofBase].ID != "" || old.file[ofBase].ID != "" {
		return beyond(beyondChain)
	}
	now.file[side], now.from[side], now.dispute = old.file[side], m.Path, true
	old.file[side] = Entry{}
	return nil
}

// untouched tells whether a path is in a directory that all trees have alike. Git
// has no regard for what is in it already.
func (p *plan) untouched(path string) (bool, error) {
	trees := p.roots
	for {
		name, below, deeper := strings.Cut(path, "/")
		if !deeper {
			return false, nil
		}
		for i, tree := range trees {
			entries, err := p.t.objects.ReadTree(p.t.ctx, tree)
			if err != nil {
				return false, err
			}
			trees[i] = ""
			if j := slices.IndexFunc(entries, func(e TreeEntry) bool { return e.Name == name && e.IsDir() }); j >= 0 {
				trees[i] = entries[j].ID
			}
		}
		if trees[ofBase] == trees[ofUpstream] && trees[ofBase] == trees[ofPatch] {
			return trees[ofBase] != "", nil
		}
		path = below
	}
}

// follow plans the renames of files; those of each side come sorted by From.
func (p *plan) follow(upstream, patch []rename) error {
	for len(upstream) > 0 || len(patch) > 0 {
		var err error
		switch {
		case len(patch) == 0 || len(upstream) > 0 && upstream[0].From < patch[0].From:
			err = p.followOne(ofUpstream, upstream[0])
			upstream = upstream[1:]
		case len(upstream) == 0 || patch[0].From < upstream[0].From:
			err = p.followOne(ofPatch, patch[0])
			patch = patch[1:]
		default:
			err = p.followBoth(upstream[0].From, upstream[0].To, patch[0].To)
			upstream, patch = upstream[1:], patch[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// followOne plans a file that only one side renamed.
func (p *plan) followOne(side int, r rename) error {
	old, err := p.at(r.From)
	if err != nil {
		return err
	}
	now, err := p.at(r.To)
	if err != nil {
		return err
	}
	if old.file[ofBase].ID == "" || old.file[side].ID != "" || now.file[ofBase].ID != "" || now.file[side].ID == "" {
		return beyond(beyondChain)
	}
	o := other(side)
	there, taken := old.file[o], now.file[o].ID != ""
	switch {
	case there.ID == "":
		p.t.note(noteRenameDelete, renameDeleteMessage(r, p.t.labels[side], p.t.labels[o]), r.To, r.From)
		if !taken {
			now.file[ofBase] = old.file[ofBase]
		}
		now.dispute = true
	case fileType(there.Mode) != fileType(old.file[ofBase].Mode):
		if fileType(there.Mode) != ModeFile && fileType(old.file[ofBase].Mode) != ModeFile {
			return beyond(beyondTypes)
		}
		now.file[ofBase] = old.file[ofBase]
		now.kept = !taken
		old.file = only(o, there)
		return nil
	case taken:
		return p.collide(side, r, old, now)
	default:
		now.file[ofBase], now.file[o] = old.file[ofBase], there
		now.from[ofBase], now.from[o] = r.From, r.From
	}
	*old = planned{}
	return nil
}

// collide plans a file that one side renamed to where the other has a file.
func (p *plan) collide(side int, r rename, old, now *planned) error {
	v := old.file
	v[side] = now.file[side]
	from := [3]string{r.From, r.From, r.From}
	from[side] = r.To
	c, err := p.t.mergeContent(v, from, nestedMarkerSize)
	if err != nil {
		return err
	}
	if now.file[ofUpstream] == now.file[ofPatch] {
		if !c.clean {
			return beyond(beyondTwins)
		}
		if side == ofUpstream { // git takes what upstream has then
			now.file = [3]Entry{ofUpstream: c.entry, ofPatch: c.entry}
		}
		*old = planned{}
		return nil
	}
	if !c.clean {
		p.t.note(noteCollision, collisionMessage(r), r.To, r.From)
	}
	if c.binary {
		p.t.note(noteBinary, binaryMessage(r.From, p.t.markerLabels(from)), r.From)
	}
	now.file[side] = c.entry
	*old = planned{}
	return nil
}

// followBoth plans a file that both sides renamed.
func (p *plan) followBoth(from, upTo, patchTo string) error {
	old, err := p.at(from)
	if err != nil {
		return err
	}
	up, err := p.at(upTo)
	if err != nil {
		return err
	}
	patch, err := p.at(patchTo)
	if err != nil {
		return err
	}
	base := old.file[ofBase]
	if base.ID == "" || up.file[ofBase].ID != "" || patch.file[ofBase].ID != "" {
		return beyond(beyondChain)
	}
	if up == patch {
		up.file[ofBase] = base
		*old = planned{}
		return nil
	}
	return p.splitUp(from, upTo, patchTo, old, up, patch)
}

// splitUp plans a file that the sides renamed to two names.
func (p *plan) splitUp(from, upTo, patchTo string, old, up, patch *planned) error {
	if up.file[ofUpstream] == up.file[ofPatch] || patch.file[ofUpstream] == patch.file[ofPatch] {
		return beyond(beyondTwins)
	}
	v := [3]Entry{old.file[ofBase], up.file[ofUpstream], patch.file[ofPatch]}
	names := [3]string{from, upTo, patchTo}
	c, err := p.t.mergeContent(v, names, nestedMarkerSize)
	if err != nil {
		return err
	}
	if c.binary {
		p.t.note(noteBinary, binaryMessage(from, p.t.markerLabels(names)), from)
	}
	if !c.binary || c.entry != v[ofUpstream] { // else nothing came of it: each side keeps its own
		up.file[ofUpstream], patch.file[ofPatch] = c.entry, c.entry
	}
	p.t.note(noteRenameRename, renameRenameMessage(from, upTo, patchTo, p.t.labels), from, upTo, patchTo)
	up.dispute, patch.dispute = true, true
	*old = planned{file: [3]Entry{ofBase: old.file[ofBase]}, dispute: true}
	return nil
}

// Git's sentences about renames.

func renameDeleteMessage(r rename, renamed, deleted string) string {
	return fmt.Sprintf("CONFLICT (rename/delete): %s renamed to %s in %s, but deleted in %s.", r.From, r.To, renamed, deleted)
}

func renameRenameMessage(from, upTo, patchTo string, labels [3]string) string {
	return fmt.Sprintf("CONFLICT (rename/rename): %s renamed to %s in %s and to %s in %s.",
		from, upTo, labels[ofUpstream], patchTo, labels[ofPatch])
}

func collisionMessage(r rename) string {
	return fmt.Sprintf("CONFLICT (rename involved in collision): rename of %s -> %s has content conflicts AND collides with another path; "+
		"this may result in nested conflict markers.", r.From, r.To)
}

func addedLocationMessage(m dirMove, added, renamed string) string {
	return fmt.Sprintf("CONFLICT (file location): %s added in %s inside a directory that was renamed in %s, "+
		"suggesting it should perhaps be moved to %s.", m.Path, added, renamed, m.To)
}

func renamedLocationMessage(from string, m dirMove, side, renamed string) string {
	return fmt.Sprintf("CONFLICT (file location): %s renamed to %s in %s, inside a directory that was renamed in %s, "+
		"suggesting it should perhaps be moved to %s.", from, m.Path, side, renamed, m.To)
}

func inTheWayMessage(m dirMove) string {
	return fmt.Sprintf("CONFLICT (implicit dir rename): Existing file/dir at %s in the way of implicit directory rename(s) "+
		"putting the following path(s) there: %s.", m.To, strings.Join(m.Among, ", "))
}

func manyMessage(m dirMove) string {
	return fmt.Sprintf("CONFLICT (implicit dir rename): Cannot map more than one path to %s; "+
		"implicit directory renames tried to put these paths there: %s", m.To, strings.Join(m.Among, ", "))
}

func splitMessage(dir string) string {
	return fmt.Sprintf("CONFLICT (directory rename split): Unclear where to rename %s to; it was renamed to multiple other directories, "+
		"with no destination getting a majority of the files.", dir)
}
