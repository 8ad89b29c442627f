package gitops

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Diff is what a commit changes against its first parent, file by file, without
// lines of context; renamed files are followed. Of binary files it tells the
// ids alone.
func (w *Workbench) Diff(ctx context.Context, id merge3.ID) ([]mailbox.FileChange, error) {
	w.mu.Lock()
	known, ok := w.diffs[id]
	w.mu.Unlock()
	if ok {
		return slices.Clone(known), nil
	}
	changes, err := w.changes(ctx, id)
	if err != nil {
		return nil, err
	}
	files, err := w.diffBut(ctx, id, changes, nil)
	if err == nil {
		w.keepDiff(id, files)
	}
	return files, err
}

// maxDiffs bounds the lines that are kept of what commits change: a patch is looked at
// from several sides in one carry.
const maxDiffs = 40_000

func (w *Workbench) keepDiff(id merge3.ID, files []mailbox.FileChange) {
	lines := 1
	for _, f := range files {
		for _, h := range f.Hunks {
			lines += len(h.Lines)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if lines > maxDiffs/4 {
		return
	}
	if w.diffLines += lines; w.diffs == nil || w.diffLines > maxDiffs {
		w.diffs, w.diffLines = map[merge3.ID][]mailbox.FileChange{}, lines
	}
	w.diffs[id] = slices.Clone(files)
}

// diffBut is Diff without the files for which other has the same change. What is added
// or deleted stays: it may be half of a rename.
func (w *Workbench) diffBut(ctx context.Context, id merge3.ID, changes, other []TreeChange) ([]mailbox.FileChange, error) {
	known := make(map[TreeChange]bool, len(other))
	for _, c := range other {
		known[c] = c.Old != (merge3.Entry{}) && c.New != (merge3.Entry{})
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(c TreeChange) bool { return known[c] })
	old, now, err := w.treesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	moved, err := w.movedFiles(ctx, old, now, changes)
	if err != nil {
		return nil, err
	}
	files := make([]mailbox.FileChange, 0, len(changes))
	for _, c := range moved {
		made, err := w.fileChanges(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("what %s changes in %.200q: %w", id.Short(), c.Path, err)
		}
		files = append(files, made...)
	}
	return files, nil
}

// movedFile is a change of a path, or of a file from one path to another.
type movedFile struct {
	TreeChange
	From string // the old path of a renamed file, else ""
}

// movedFiles joins the two halves of every rename.
func (w *Workbench) movedFiles(ctx context.Context, old, now merge3.ID, changes []TreeChange) ([]movedFile, error) {
	gone := map[string]merge3.Entry{}
	come := false
	for _, c := range changes {
		if c.New == (merge3.Entry{}) {
			gone[c.Path] = c.Old
		}
		come = come || c.Old == (merge3.Entry{})
	}
	var from map[string]string
	if come && len(gone) > 0 {
		var err error
		if from, err = w.Engine.own().Renamed(ctx, old, now); err != nil {
			return nil, err
		}
	}
	source := map[string]bool{}
	for _, path := range from {
		source[path] = true
	}
	var files []movedFile
	for _, c := range changes {
		switch path, renamed := from[c.Path]; {
		case renamed:
			files = append(files, movedFile{TreeChange{Path: c.Path, Old: gone[path], New: c.New}, path})
		case !source[c.Path]:
			files = append(files, movedFile{TreeChange: c})
		}
	}
	return files, nil
}

// fileChanges is one change; two where something turns into a thing of another
// kind, a file into a link, which is how git tells it.
func (w *Workbench) fileChanges(ctx context.Context, c movedFile) ([]mailbox.FileChange, error) {
	if c.Old != (merge3.Entry{}) && c.New != (merge3.Entry{}) && kindOfMode(c.Old.Mode) != kindOfMode(c.New.Mode) {
		gone, err := w.fileChange(ctx, movedFile{TreeChange: TreeChange{Path: c.Path, Old: c.Old}})
		if err != nil {
			return nil, err
		}
		come, err := w.fileChange(ctx, movedFile{TreeChange: TreeChange{Path: c.Path, New: c.New}})
		return []mailbox.FileChange{gone, come}, err
	}
	fc, err := w.fileChange(ctx, c)
	return []mailbox.FileChange{fc}, err
}

// kindOfMode is the same for files that differ in the executable bit alone.
func kindOfMode(mode string) string {
	if mode == merge3.ModeSymlink || mode == merge3.ModeGitlink {
		return mode
	}
	return merge3.ModeFile
}

func (w *Workbench) fileChange(ctx context.Context, c movedFile) (mailbox.FileChange, error) {
	fc := mailbox.FileChange{
		Kind: mailbox.KindModify, OldPath: c.Path, NewPath: c.Path,
		OldMode: c.Old.Mode, NewMode: c.New.Mode, OldBlob: string(c.Old.ID), NewBlob: string(c.New.ID),
	}
	switch {
	case c.Old == (merge3.Entry{}):
		fc.Kind, fc.OldPath = mailbox.KindAdd, ""
	case c.New == (merge3.Entry{}):
		fc.Kind, fc.NewPath = mailbox.KindDelete, ""
	case c.From != "":
		fc.Kind, fc.OldPath = mailbox.KindRename, c.From
	case c.Old.ID == c.New.ID:
		fc.Kind = mailbox.KindMode
	}
	if err := mailbox.CheckPath(fc.Path()); err != nil {
		return fc, err
	}
	old, err := w.shownText(ctx, c.Old)
	if err != nil {
		return fc, err
	}
	now, err := w.shownText(ctx, c.New)
	if err != nil {
		return fc, err
	}
	if c.Old.ID == c.New.ID {
		return fc, nil
	}
	changes, ok := merge3.Changes(old, now)
	if !ok {
		fc.Binary = &mailbox.BinaryChange{Missing: true, Size: len(now)}
	}
	for _, change := range changes {
		fc.Hunks = append(fc.Hunks, hunkOf(change))
	}
	return fc, nil
}

// shownText is what stands for an entry in a diff: of a submodule it is a line
// that names the commit.
func (w *Workbench) shownText(ctx context.Context, e merge3.Entry) ([]byte, error) {
	switch {
	case e == (merge3.Entry{}):
		return nil, nil
	case e.Mode == merge3.ModeGitlink:
		return []byte("Subproject commit " + string(e.ID) + "\n"), nil
	}
	return w.ReadBlob(ctx, e.ID)
}

// hunkOf counts as a diff without context does: a side without lines starts at
// the line before.
func hunkOf(c merge3.Change) mailbox.Hunk {
	h := mailbox.Hunk{OldStart: c.OldStart, OldLines: c.OldLines, NewStart: c.NewStart, NewLines: c.NewLines}
	if h.OldLines == 0 {
		h.OldStart--
	}
	if h.NewLines == 0 {
		h.NewStart--
	}
	for line := range bytes.Lines(c.Old) {
		h.Lines = append(h.Lines, mailbox.Line{Op: '-', Text: line})
	}
	for line := range bytes.Lines(c.New) {
		h.Lines = append(h.Lines, mailbox.Line{Op: '+', Text: line})
	}
	return h
}
