package merge3

import "strings"

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
	below map[string]map[string]bool // directory with a slash behind, or "": planned names in it
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
	p := &plan{t: t, roots: roots, paths: map[string]*planned{}, below: map[string]map[string]bool{}}
	for side := ofUpstream; side <= ofPatch; side++ {
		for _, dir := range found[side].Splits {
			t.note(noteSplit, splitMessage(dir), dir)
		}
		files, err := p.moveAlong(side, found[side], r.Unseen)
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
	if p.paths[path] != nil && p.below[path+"/"] != nil {
		return beyond(beyondClash)
	}
	known := p.below[dir] != nil
	if !known {
		p.below[dir] = map[string]bool{}
	}
	p.below[dir][name] = true
	if known || dir == "" {
		return nil
	}
	return p.list(strings.TrimSuffix(dir, "/"))
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
		if taken || fileType(there.Mode) != ModeFile && fileType(old.file[ofBase].Mode) != ModeFile {
			return beyond(beyondTypes)
		}
		now.file[ofBase], now.kept = old.file[ofBase], true
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
