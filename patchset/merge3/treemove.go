package merge3

import (
	"slices"
	"strings"
)

// moveAlong moves the files of a side that follow a directory of the other one, and returns
// the side's renames as they are then. It fails where one goes into an unseen directory: git
// loses what is in it already.
func (p *plan) moveAlong(side int, r sideRenames, unseen []string) ([]rename, error) {
	files := slices.Clone(r.Files)
	labels := p.t.labels
	for _, m := range r.Moves {
		if m.Case == moveAvoided {
			continue
		}
		if slices.ContainsFunc(unseen, func(dir string) bool { return strings.HasPrefix(m.To, dir+"/") }) {
			return nil, beyond(beyondUntouched)
		}
		if err := p.checkFiles(m.To); err != nil {
			return nil, err
		}
		switch m.Case {
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

// checkFiles fails where a tree has a directory at a path, or a file above it.
func (p *plan) checkFiles(path string) error {
	for _, root := range p.roots {
		if _, err := p.t.fileAt(root, path); err != nil {
			return err
		}
	}
	return nil
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
	if old.file[side].ID == "" || now.file[side].ID != "" || now.file[ofBase].ID != "" || old.file[ofBase].ID != "" {
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
			if e, ok := findEntry(entries, name); ok && e.IsDir() {
				trees[i] = e.ID
			}
		}
		if trees[ofBase] == trees[ofUpstream] && trees[ofBase] == trees[ofPatch] {
			return trees[ofBase] != "", nil
		}
		path = below
	}
}
