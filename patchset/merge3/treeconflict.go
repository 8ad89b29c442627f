package merge3

import (
	"slices"
	"strings"
)

// Disputes are recorded as git records them: what is unmerged at which path on the
// one hand, notes about paths on the other. Of several notes about one path the
// most telling one names the dispute.

// noteType sorts notes, the most telling first.
type noteType int

const (
	noteFileDirectory noteType = iota
	noteTypes
	noteRenameRename
	noteCollision
	noteRenameDelete
	noteLocation
	noteInTheWay
	noteMany
	noteSplit
	noteSubmodule
	noteBinary
	noteModifyDelete
	noteContents
)

// kinds are the kinds of conflict that notes stand for; what a note of contents is
// about the versions tell.
var kinds = [...]Kind{
	noteFileDirectory: KindFileDirectory,
	noteTypes:         KindMode,
	noteRenameRename:  KindRenameRename,
	noteCollision:     KindRenameRename,
	noteRenameDelete:  KindRenameDelete,
	noteLocation:      KindDirRename,
	noteInTheWay:      KindDirRename,
	noteMany:          KindDirRename,
	noteSplit:         KindDirRename,
	noteSubmodule:     KindSubmodule,
	noteBinary:        KindBinary,
	noteModifyDelete:  KindModifyDelete,
	noteContents:      KindContent,
}

// note is a sentence of git's about paths, the first of which it is filed under.
type note struct {
	typ   noteType
	text  string
	paths []string
}

func (t *treeMerge) note(typ noteType, text string, paths ...string) {
	t.notes = append(t.notes, note{typ, text, paths})
}

// unmerge records the versions of a path that is in dispute.
func (t *treeMerge) unmerge(path string, v [3]Entry) {
	if t.unmerged == nil {
		t.unmerged = map[string][3]Entry{}
	}
	t.unmerged[path] = v
}

// conflicts puts together what is in dispute, sorted by path.
func (t *treeMerge) conflicts() []Conflict {
	slices.SortStableFunc(t.notes, func(a, b note) int { return strings.Compare(a.paths[0], b.paths[0]) })
	best := map[string]note{}
	for _, n := range t.notes {
		for _, path := range t.about(n) {
			if old, ok := best[path]; !ok || n.typ < old.typ {
				best[path] = n
			}
		}
	}
	var list []Conflict
	for path, n := range best {
		list = append(list, t.conflict(path, n))
	}
	for path := range t.unmerged {
		if _, ok := best[path]; !ok {
			list = append(list, t.conflict(path, note{typ: noteContents}))
		}
	}
	slices.SortFunc(list, func(a, b Conflict) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// about are the paths of a note that are in dispute. The others only tell where
// something came from; a note about none is in dispute itself.
func (t *treeMerge) about(n note) []string {
	var paths []string
	for _, path := range n.paths {
		if _, ok := t.unmerged[path]; ok {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return n.paths[:1]
	}
	return paths
}

func (t *treeMerge) conflict(path string, n note) Conflict {
	v := t.unmerged[path]
	c := Conflict{Path: path, Kind: kinds[n.typ], Message: n.text}
	if n.typ == noteContents {
		c.Kind = ContentKind(v[ofBase], v[ofUpstream], v[ofPatch])
	}
	for i, e := range []*Entry{&c.Base, &c.Upstream, &c.Patch} {
		if v[i].ID != "" {
			*e = Entry{Mode: PrintedMode(v[i].Mode), ID: v[i].ID}
		}
	}
	return c
}

// PrintedMode is a mode as git prints it: six digits.
func PrintedMode(mode string) string { return strings.Repeat("0", max(0, 6-len(mode))) + mode }

// ContentKind says what a path is in dispute for that both sides changed.
func ContentKind(base, up, patch Entry) Kind {
	switch {
	case up.Mode == ModeGitlink || patch.Mode == ModeGitlink:
		return KindSubmodule
	case up.Mode == ModeSymlink && patch.Mode == ModeSymlink:
		return KindSymlink
	case up.ID == "" || patch.ID == "":
		return KindModifyDelete
	case up.ID == patch.ID:
		return KindMode
	case base.ID == "":
		return KindAddAdd
	}
	return KindContent
}
