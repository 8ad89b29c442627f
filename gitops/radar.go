package gitops

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

// Around implements patchset.Radar.
func (w *Workbench) Around(ctx context.Context, seen, carried merge3.ID) ([]radar.Finding, error) {
	same, err := w.sameBlobs(ctx, seen, carried)
	if err != nil || same {
		return nil, err
	}
	var found []radar.Finding
	err = w.eachFixed(ctx, seen, carried, func(was string, f radar.File) error {
		if was != f.Path {
			moved, err := w.movedAway(ctx, seen, carried, was, f.Path)
			if err != nil {
				return err
			}
			found = append(found, moved...)
		}
		found = append(found, radar.Around(f)...)
		return nil
	})
	return found, err
}

// AroundPublic implements patchset.Radar.
func (w *Workbench) AroundPublic(ctx context.Context, fix, since, base merge3.ID, places patchset.Places) ([]radar.Finding, error) {
	old, err := w.ReadCommit(ctx, since)
	if err != nil {
		return nil, err
	}
	now, err := w.ReadCommit(ctx, base)
	if err != nil {
		return nil, err
	}
	f, err := w.fixOf(ctx, fix, base, places)
	if err != nil {
		return nil, err
	}
	var found []radar.Finding
	for _, file := range f.files {
		if file.change.Binary != nil || file.change.Kind == mailbox.KindAdd || kindOfMode(file.change.NewMode) != merge3.ModeFile {
			continue
		}
		known, err := w.aroundIn(ctx, file, old.Tree)
		if err != nil {
			return nil, err
		}
		all, err := w.aroundIn(ctx, file, now.Tree)
		if err != nil {
			return nil, err
		}
		for _, finding := range all {
			if !slices.ContainsFunc(known, func(k radar.Finding) bool { return k.Kind == finding.Kind && k.Words == finding.Words }) {
				found = append(found, finding)
			}
		}
	}
	return found, nil
}

// aroundIn tells what a tree has otherwise around a fix than the fix left it.
func (w *Workbench) aroundIn(ctx context.Context, file *fixInFile, tree merge3.ID) ([]radar.Finding, error) {
	path, at, err := file.at(ctx, w, tree)
	if err != nil || at.ID == "" || kindOfMode(at.Mode) != merge3.ModeFile {
		return nil, err
	}
	f := radar.File{Path: path, Old: file.fixed}
	if f.New, err = w.smallBlob(ctx, at.ID); err != nil || f.New == nil {
		return nil, err
	}
	for _, h := range file.change.Hunks {
		f.Fixes = append(f.Fixes, radar.Fix{At: newSpan(h), Removed: linesOf(h, '-')})
	}
	return radar.Around(f), nil
}

// Pieces lists what changed around a fix between two forms of it.
func (w *Workbench) Pieces(ctx context.Context, from, to merge3.ID) ([]radar.Piece, error) {
	var pieces []radar.Piece
	err := w.eachFixed(ctx, from, to, func(_ string, f radar.File) error {
		pieces = append(pieces, radar.Pieces(f)...)
		return nil
	})
	return pieces, err
}

// sameBlobs tells whether two commits replace the same blobs by the same ones.
func (w *Workbench) sameBlobs(ctx context.Context, x, y merge3.ID) (bool, error) {
	a, err := w.changes(ctx, x)
	if err != nil {
		return false, err
	}
	b, err := w.changes(ctx, y)
	return slices.Equal(a, b), err
}

// eachFixed goes through the files that two forms of a fix both have, but those that are
// the same to the byte, with the path of each in the first form. Another number of files is another change altogether.
func (w *Workbench) eachFixed(ctx context.Context, first, second merge3.ID, do func(was string, f radar.File) error) error {
	x, err := w.changes(ctx, first)
	if err != nil {
		return err
	}
	y, err := w.changes(ctx, second)
	if err != nil {
		return err
	}
	was, err := w.diffBut(ctx, first, x, y)
	if err != nil {
		return err
	}
	now, err := w.diffBut(ctx, second, y, x)
	if err != nil || len(was) != len(now) {
		return err
	}
	for a, b := range mailbox.Pairs(was, now) {
		if a.NewPath == "" || b.NewPath == "" || a.Binary != nil || a.Kind == mailbox.KindAdd || a.NewMode == merge3.ModeGitlink {
			continue
		}
		f, err := w.fixedFile(ctx, a, b)
		if err == nil {
			err = do(a.NewPath, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fixedFile is a file in two forms of a fix; without content where it is too large.
func (w *Workbench) fixedFile(ctx context.Context, a, b mailbox.FileChange) (radar.File, error) {
	f := radar.File{Path: b.NewPath}
	if a.NewBlob == b.NewBlob {
		return f, nil
	}
	var err error
	if f.Old, err = w.smallBlob(ctx, merge3.ID(a.NewBlob)); err != nil || f.Old == nil {
		return f, err
	}
	if f.New, err = w.smallBlob(ctx, merge3.ID(b.NewBlob)); err != nil || f.New == nil {
		f.Old = nil
		return f, err
	}
	for _, h := range a.Hunks {
		f.Fixes = append(f.Fixes, radar.Fix{At: newSpan(h), Removed: linesOf(h, '-')})
	}
	return f, nil
}

// newSpan is where the lines of a hunk without context stand in the new file.
func newSpan(h mailbox.Hunk) radar.Span { return span(h.NewStart, h.NewLines) }

// oldSpan is where they stood in the old one.
func oldSpan(h mailbox.Hunk) radar.Span { return span(h.OldStart, h.OldLines) }

func span(start, lines int) radar.Span {
	if lines == 0 {
		start++
	}
	return radar.Span{Start: start, Lines: lines}
}

func linesOf(h mailbox.Hunk, op byte) []string {
	var lines []string
	for _, l := range h.Lines {
		if l.Op == op {
			lines = append(lines, string(l.Text))
		}
	}
	return lines
}

// maxLooked is the length in bytes of a file that is still looked at.
const maxLooked = 2 << 20

// smallBlob reads a file; nil when it is so large that nobody wrote it by hand.
func (w *Workbench) smallBlob(ctx context.Context, id merge3.ID) ([]byte, error) {
	data, err := w.readBlobUpTo(ctx, id, maxLooked)
	var large *ObjectTooLargeError
	if errors.As(err, &large) {
		return nil, nil
	}
	if data == nil && err == nil {
		data = []byte{}
	}
	return data, err
}

// minStem is how long the name of a file must be to be known by it elsewhere.
const minStem = 5

// movedAway tells what speaks against a file having only been renamed: the commit that
// renamed it left nothing that calls it by either name.
func (w *Workbench) movedAway(ctx context.Context, seen, carried merge3.ID, from, to string) ([]radar.Finding, error) {
	stem := stemOf(from)
	if len(stem) < minStem || stem == stemOf(to) {
		return nil, nil
	}
	commits, err := w.Touching(ctx, seen, carried, []string{to})
	if err != nil {
		return nil, err
	}
	for _, id := range commits[:min(len(commits), maxBringers)] {
		changes, err := w.changes(ctx, id)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(changes, func(c TreeChange) bool { return c.Path == to && c.Old.ID == "" }) {
			continue
		}
		before, after, err := w.mentions(ctx, changes, from, to)
		if err != nil || before == 0 || after > 0 {
			return nil, err
		}
		words := "renamed the file, and nothing of what named it " + stem + " names it any more"
		return []radar.Finding{{Kind: radar.Path, Path: to, Words: words}}, nil
	}
	return nil, nil
}

func stemOf(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }

// maxCallers bounds the files that are searched for the name of another.
const maxCallers = 1000

// mentions counts the changed files that name a file before, and after under its old
// or its new name.
func (w *Workbench) mentions(ctx context.Context, changes []TreeChange, from, to string) (before, after int, err error) {
	for _, c := range changes[:min(len(changes), maxCallers)] {
		if c.Path == from || c.Path == to || !radar.IsCode(c.Path) {
			continue
		}
		named, err := w.names(ctx, c.Old, stemOf(from))
		if err != nil {
			return 0, 0, err
		}
		if named {
			before++
		}
		for _, stem := range []string{stemOf(from), stemOf(to)} {
			if named, err = w.names(ctx, c.New, stem); err != nil {
				return 0, 0, err
			}
			if named {
				after++
			}
		}
	}
	return before, after, nil
}

func (w *Workbench) names(ctx context.Context, e merge3.Entry, stem string) (bool, error) {
	if kindOfMode(e.Mode) != merge3.ModeFile || e.ID == "" {
		return false, nil
	}
	data, err := w.smallBlob(ctx, e.ID)
	return strings.Contains(string(data), stem), err
}

// maxBringers bounds the public commits that are looked at for one finding.
const maxBringers = 50

// Bringer implements patchset.Radar: the only commit that touches the file, or the
// newest one that puts in or takes out one of the lines.
func (w *Workbench) Bringer(ctx context.Context, since, base merge3.ID, f radar.Finding) (merge3.ID, error) {
	if since == "" {
		return "", nil
	}
	commits, err := w.Touching(ctx, since, base, []string{f.Path})
	if err != nil || len(commits) == 0 {
		return "", err
	}
	if len(commits) == 1 {
		return commits[0], nil
	}
	for _, id := range commits[:min(len(commits), maxBringers)] {
		files, err := w.Diff(ctx, id)
		if err != nil {
			return "", err
		}
		if changesLine(files, f) {
			return id, nil
		}
	}
	return "", nil
}

func changesLine(files []mailbox.FileChange, f radar.Finding) bool {
	for _, file := range files {
		if cmp.Or(file.NewPath, file.OldPath) != f.Path {
			continue
		}
		for _, h := range file.Hunks {
			for _, l := range h.Lines {
				if radar.Has(f.Lines, l.Text) {
					return true
				}
			}
		}
	}
	return false
}
