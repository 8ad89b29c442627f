package gitops

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Secrets lists the embargoed fixes of a ledger, each with the marks that every form of
// it leaves: in all versions, in resolutions and drafts.
func (w *Workbench) Secrets(ctx context.Context, l patchset.Ledger) ([]fingerprint.Secret, error) {
	var secrets []fingerprint.Secret
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		if !p.Embargoed() { // a dropped one still is
			continue
		}
		marks, err := w.marksOf(ctx, l, p)
		if err != nil {
			return nil, fmt.Errorf("what %s changes: %w", id, err)
		}
		secrets = append(secrets, fingerprint.Secret{Name: id, Marks: marks})
	}
	return secrets, nil
}

func (w *Workbench) marksOf(ctx context.Context, l patchset.Ledger, p patchset.Patch) ([]fingerprint.Mark, error) {
	seen := fingerprint.Seen{}
	seen.Add(fingerprint.CarryID, strings.ToLower(p.CarryID), fingerprint.Place{})
	done := map[merge3.ID]bool{"": true}
	for version, in := range p.At {
		spot := patchset.Spot{Version: version, Patch: p.ID}
		for _, id := range []merge3.ID{in.Commit, in.Source, l.Resolutions[spot].Result} {
			if done[id] {
				continue
			}
			done[id] = true
			if err := w.secretCommit(ctx, seen, id); err != nil {
				return nil, err
			}
		}
		for _, id := range []merge3.ID{l.Conflicts[spot].Record, l.Resolutions[spot].Keep} {
			if id != "" { // what is in their files is partly upstream's
				seen.Add(fingerprint.Commit, string(id), fingerprint.Place{})
			}
		}
	}
	var marks []fingerprint.Mark
	for t := range seen {
		marks = append(marks, t)
	}
	return marks, nil
}

// secretCommit notes one form of a fix. A line that its file had elsewhere before tells nothing.
func (w *Workbench) secretCommit(ctx context.Context, seen fingerprint.Seen, id merge3.ID) error {
	old, now, err := w.treesOf(ctx, id)
	if err != nil {
		return err
	}
	at := fingerprint.Place{Commit: string(id)}
	seen.Add(fingerprint.Commit, string(id), at)
	if old != now {
		seen.Add(fingerprint.Tree, string(now), at)
	}
	changes, err := w.DiffTrees(ctx, old, now)
	if err != nil {
		return err
	}
	own := fingerprint.Seen{}
	if err := w.seeChanges(ctx, own, old, now, changes, id, true); err != nil {
		return err
	}
	before, err := w.linesBefore(ctx, changes)
	if err != nil {
		return err
	}
	for t := range own {
		if t.Kind != fingerprint.Added || !before[t.Text] {
			seen.Add(t.Kind, t.Text, own[t])
		}
	}
	return nil
}

// linesBefore are the telling lines that files had before they were changed.
func (w *Workbench) linesBefore(ctx context.Context, changes []TreeChange) (map[string]bool, error) {
	lines := map[string]bool{}
	for _, c := range changes {
		text, err := w.guardText(ctx, c.Old)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(text) {
			lines[fingerprint.Essence(line)] = true
		}
	}
	return lines, nil
}

// seeChanges notes what changes of a tree say: the ids of new files, and the lines; with
// whole, the change as such.
func (w *Workbench) seeChanges(ctx context.Context, seen fingerprint.Seen, old, now merge3.ID, changes []TreeChange, commit merge3.ID, whole bool) error {
	for _, c := range changes {
		at := fingerprint.Place{Commit: string(commit), Path: c.Path}
		switch c.New.Mode {
		case "":
		case merge3.ModeGitlink:
			seen.Add(fingerprint.Commit, string(c.New.ID), at)
		default:
			seen.Add(fingerprint.Blob, string(c.New.ID), at)
		}
	}
	moved, err := w.movedFiles(ctx, old, now, changes)
	if err != nil {
		moved = nil // then every file that came is new as a whole
		for _, c := range changes {
			moved = append(moved, movedFile{TreeChange: c})
		}
	}
	files := make([]mailbox.FileChange, 0, len(moved))
	for _, c := range moved {
		file, err := w.guardChange(ctx, c)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	seen.Change(files, whole, fingerprint.Place{Commit: string(commit)})
	return nil
}

// guardChange is the change of a file as the guard compares it: whatever it is called,
// and with no old text where that is not here.
func (w *Workbench) guardChange(ctx context.Context, c movedFile) (mailbox.FileChange, error) {
	fc := mailbox.FileChange{Kind: mailbox.KindModify, OldPath: c.Path, NewPath: c.Path}
	old, err := w.guardText(ctx, c.Old)
	if err != nil && !isMissing(err) {
		return fc, err
	}
	now, err := w.guardText(ctx, c.New)
	if err != nil {
		return fc, err
	}
	changes, _ := merge3.Changes(old, now)
	for _, change := range changes {
		fc.Hunks = append(fc.Hunks, hunkOf(change))
	}
	return fc, nil
}

// maxGuardText is the size of a file, in bytes, above which only its id is compared.
const maxGuardText = 16 << 20

// guardText is the text of a file; nil for what is none, or too large for one.
func (w *Workbench) guardText(ctx context.Context, e merge3.Entry) ([]byte, error) {
	if e.ID == "" || e.Mode == merge3.ModeGitlink {
		return nil, nil
	}
	size, err := w.BlobSize(ctx, e.ID)
	if err != nil || size > maxGuardText {
		return nil, err
	}
	text, err := w.ReadBlob(ctx, e.ID)
	if err == nil && bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		text = nil
	}
	return text, err
}

// PublicBases lists the public commits that versions start from.
func PublicBases(l patchset.Ledger) []string {
	var ids []string
	for _, v := range l.Versions {
		for _, b := range v.Bases {
			ids = append(ids, string(b.Commit))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
