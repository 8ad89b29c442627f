package gitops

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Whether a public history took a fix back, and where: the lines of the fix are looked
// for in the files, commit by commit. Nothing is concluded from ancestry.

// fixInFiles is what a fix did, ready to be looked for in other trees.
type fixInFiles struct {
	w     *Workbench
	files []*fixInFile
}

type fixInFile struct {
	change mailbox.FileChange
	fixed  []byte
	paths  []string // where the file may be, the likeliest first
	known  map[merge3.ID][]patchset.HunkFate
}

// fixOf reads what a commit did to the files of places, or to all of its files when it
// changes none of them. In later the files may have other names than places knows.
func (w *Workbench) fixOf(ctx context.Context, id, later merge3.ID, places patchset.Places) (*fixInFiles, error) {
	changes, err := w.Diff(ctx, id)
	if err != nil {
		return nil, err
	}
	only := slices.DeleteFunc(slices.Clone(changes), func(c mailbox.FileChange) bool { return places[c.Path()] == "" })
	if len(only) == 0 {
		only = changes
	}
	var unknown []string
	for _, c := range only {
		if places[c.Path()] == "" || places[c.Path()] == c.Path() {
			unknown = append(unknown, c.Path())
		}
	}
	where, err := w.whereabouts(ctx, id, later, unknown)
	if err != nil {
		return nil, err
	}
	f := &fixInFiles{w: w}
	for _, c := range only {
		file := &fixInFile{change: c, paths: []string{c.Path()}, known: map[merge3.ID][]patchset.HunkFate{}}
		for _, path := range []string{places[c.Path()], where[c.Path()]} {
			if path != "" && !slices.Contains(file.paths, path) {
				file.paths = append(file.paths, path)
			}
		}
		if file.fixed, err = w.shownText(ctx, merge3.Entry{Mode: c.NewMode, ID: merge3.ID(c.NewBlob)}); err != nil && c.NewBlob != "" {
			return nil, err
		}
		f.files = append(f.files, file)
	}
	return f, nil
}

// fates tells what became of every hunk in a tree.
func (f *fixInFiles) fates(ctx context.Context, tree merge3.ID) ([]patchset.HunkFate, error) {
	var all []patchset.HunkFate
	for _, file := range f.files {
		fates, err := file.fates(ctx, f.w, tree)
		if err != nil {
			return nil, err
		}
		all = append(all, fates...)
	}
	return all, nil
}

// at is where a tree has the file; zero for nowhere.
func (f *fixInFile) at(ctx context.Context, w *Workbench, tree merge3.ID) (string, merge3.Entry, error) {
	for _, path := range f.paths {
		if e, ok, err := w.Entry(ctx, tree, path); ok || err != nil {
			return path, e, err
		}
	}
	return "", merge3.Entry{}, nil
}

func (f *fixInFile) fates(ctx context.Context, w *Workbench, tree merge3.ID) ([]patchset.HunkFate, error) {
	_, at, err := f.at(ctx, w, tree)
	if err != nil {
		return nil, err
	}
	if len(f.change.Hunks) == 0 { // a mode, a binary file
		if at.ID == merge3.ID(f.change.NewBlob) && (at.Mode == f.change.NewMode || at.ID == "") {
			return []patchset.HunkFate{patchset.HunkThere}, nil
		}
		return []patchset.HunkFate{patchset.HunkGone}, nil
	}
	if fates, ok := f.known[at.ID]; ok {
		return fates, nil
	}
	var now []byte
	if at.ID != "" && at.Mode != "040000" && at.Mode != merge3.ModeTree {
		if now, err = w.shownText(ctx, at); err != nil {
			return nil, err
		}
	}
	fates := patchset.FatesOf(f.change, f.fixed, now)
	f.known[at.ID] = fates
	return fates, nil
}

// fatesIn tells what became of every hunk of a commit in a later one.
func (w *Workbench) fatesIn(ctx context.Context, fix, later merge3.ID) ([]patchset.HunkFate, error) {
	f, err := w.fixOf(ctx, fix, later, nil)
	if err != nil {
		return nil, err
	}
	c, err := w.ReadCommit(ctx, later)
	if err != nil {
		return nil, err
	}
	return f.fates(ctx, c.Tree)
}

// Undone implements patchset.Workbench.
func (w *Workbench) Undone(ctx context.Context, fix, since, base merge3.ID, places patchset.Places, closely bool) (patchset.Undoing, error) {
	f, err := w.fixOf(ctx, fix, base, places)
	if err != nil {
		return patchset.Undoing{}, err
	}
	u := undoSearch{fixInFiles: f, closely: closely}
	old, err := w.ReadCommit(ctx, since)
	if err != nil {
		return patchset.Undoing{}, err
	}
	now, err := w.ReadCommit(ctx, base)
	if err != nil {
		return patchset.Undoing{}, err
	}
	fates, err := f.fates(ctx, now.Tree)
	if err != nil || !slices.ContainsFunc(fates, func(f patchset.HunkFate) bool { return f != patchset.HunkThere }) {
		return patchset.Undoing{}, err
	}
	var paths []string
	for _, file := range f.files {
		paths = append(paths, file.paths...)
	}
	past, err := w.history(ctx)
	if err != nil {
		return patchset.Undoing{}, err
	}
	touching, err := past.bringing(ctx, base, since, paths, nil, maxPublicCandidates)
	if err != nil {
		return patchset.Undoing{}, fmt.Errorf("searching the public history: %w", err)
	}
	if said, err := w.saidUndone(ctx, fix, touching); err != nil || said.Happened {
		return said, err
	}
	before, err := u.standing(ctx, old.Tree)
	if err != nil {
		return patchset.Undoing{}, err
	}
	after, err := u.standing(ctx, now.Tree)
	if err != nil || after >= before {
		return patchset.Undoing{}, err
	}
	undone := patchset.Undoing{
		Happened: true, Open: !slices.Contains(fates, patchset.HunkBack),
		Words: fmt.Sprintf("takes out %d of %d hunks", before-after, len(fates)),
	}
	undone.Slight = undone.Open && 5*(len(fates)-after) < len(fates)
	undone.Commit, err = past.drop(ctx, base, since, func(ctx context.Context, tree merge3.ID) (int, error) { return u.standing(ctx, tree) })
	return undone, err
}

// saidUndone is the commit that says it reverts the fix, unless another says it reverts that.
func (w *Workbench) saidUndone(ctx context.Context, fix merge3.ID, touching []*pastCommit) (patchset.Undoing, error) {
	said, err := w.revertedBy(ctx, fix, touching)
	if err != nil || !said.Happened {
		return said, err
	}
	again, err := w.revertedBy(ctx, said.Commit, touching)
	if again.Happened {
		return patchset.Undoing{}, err
	}
	return said, err
}

// undoSearch counts what is left of a fix.
type undoSearch struct {
	*fixInFiles
	closely bool
}

// standing counts the hunks that a tree has, or when not looking closely, those of
// which nothing that was removed is back.
func (u undoSearch) standing(ctx context.Context, tree merge3.ID) (int, error) {
	fates, err := u.fates(ctx, tree)
	n := 0
	for _, f := range fates {
		if f.Stands() || !u.closely && f == patchset.HunkGone {
			n++
		}
	}
	return n, err
}
