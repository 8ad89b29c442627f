package gitops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// PatchSource is the commit that a patch file became: what a stack merges.
type PatchSource struct {
	Commit merge3.ID
	// Offsets are the hunks that were found away from their place.
	Offsets []FileOffset
	// Guessed says in sentences what had to be assumed.
	Guessed []string
}

// FileOffset is a hunk of a file that was found away from its place.
type FileOffset struct {
	Path string
	mailbox.Offset
}

// PatchError says why a patch file cannot become a commit. Anything else that
// goes wrong is no fault of the patch.
type PatchError struct{ Err error }

func (e *PatchError) Error() string { return e.Err.Error() }

func (e *PatchError) Unwrap() error { return e.Err }

func patchErrorf(format string, args ...any) error { return &PatchError{fmt.Errorf(format, args...)} }

// CommitPatch makes a commit of a patch in a file. Its parent holds what the
// patch was made for: each file as the blob that the patch records where the
// repository has it, else as it is in the commit onto, where every hunk must
// then match exactly, if need be some lines away (see [mailbox.Apply]). The
// parent is onto itself when the trees agree.
//
// When onto lacks a file whose recorded blob is known, the parent holds only the
// files of the patch, as in git am -3, so that a merge onto onto can find where
// the file was renamed to.
//
// Reasons that lie in the patch are a *[PatchError].
func (w *Workbench) CommitPatch(ctx context.Context, onto merge3.ID, m mailbox.Message) (PatchSource, error) {
	tip, err := w.ReadCommit(ctx, onto)
	if err != nil {
		return PatchSource{}, err
	}
	p := patcher{w: w, tip: tip, before: map[string]merge3.Entry{}, after: map[string]merge3.Entry{}}
	if p.blobs, err = w.recordedBlobs(ctx, m.Files); err != nil {
		return PatchSource{}, err
	}
	for _, fc := range m.Files {
		if err := p.apply(ctx, fc); err != nil {
			return PatchSource{}, err
		}
	}
	if err := p.checkPlaces(ctx); err != nil {
		return PatchSource{}, err
	}
	before, after, err := p.trees(ctx)
	if err != nil {
		return PatchSource{}, err
	}
	if p.source.Commit, err = p.commit(onto, before, after, m); err != nil {
		return PatchSource{}, err
	}
	return p.source, nil
}

// checkPlaces refuses what git apply refuses too, a new file below a file, and what
// only git's own checks could tell to be harmless.
func (p *patcher) checkPlaces(ctx context.Context) error {
	for path, e := range p.after {
		if e != (merge3.Entry{}) && (path == ".gitmodules" || strings.HasSuffix(path, "/.gitmodules")) {
			return &PatchError{errors.New("it changes .gitmodules, which a patch file may not: take it from a commit that git has checked")}
		}
	}
	for _, added := range p.made {
		for dir, _ := parentOf(added); dir != ""; dir, _ = parentOf(dir) {
			old, ok, err := p.w.Entry(ctx, p.tip.Tree, dir)
			if err != nil {
				return err
			}
			if now, touched := p.after[dir]; ok && old.Mode != merge3.ModeTree && old.Mode != "040000" && (!touched || now != merge3.Entry{}) {
				return &PatchError{fmt.Errorf("it adds %s, but %s is a file", mailbox.QuotePath(added), mailbox.QuotePath(dir))}
			}
		}
	}
	return nil
}

func parentOf(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// patcher applies a patch file by file. Every old content is that of the tree
// before the patch, in whatever order the files come.
type patcher struct {
	w     *Workbench
	tip   patchset.Commit
	blobs map[string]merge3.ID // the recorded ids that are known, in full
	// before is what the patch was made for, after what it makes of it; the zero
	// entry is no file.
	before, after map[string]merge3.Entry
	made          []string // paths that the patch adds
	// partial tells that the tip lacks a file that is in before.
	partial bool
	source  PatchSource
}

func (p *patcher) apply(ctx context.Context, fc mailbox.FileChange) error {
	if _, _, ok := fc.Submodule(); ok {
		return p.applySubmodule(fc)
	}
	var old merge3.Entry
	var data []byte
	fc, err := p.asAddition(ctx, fc)
	if err != nil {
		return err
	}
	if fc.Kind == mailbox.KindAdd {
		if data, _, err = mailbox.Apply(nil, fc); err != nil {
			return &PatchError{err}
		}
	} else if old, data, err = p.change(ctx, fc); err != nil {
		return err
	}
	var now merge3.Entry
	if fc.Kind != mailbox.KindDelete {
		now.Mode = cmp.Or(fc.NewMode, old.Mode, merge3.ModeFile)
		if now.ID, err = p.w.Write("blob", data); err != nil {
			return err
		}
	}
	return p.put(fc, old, now)
}

// asAddition reads a change that removes nothing from line 0 of a file that is
// not there as the addition of it: diff without --git writes new files so.
func (p *patcher) asAddition(ctx context.Context, fc mailbox.FileChange) (mailbox.FileChange, error) {
	if fc.Kind != mailbox.KindModify || fc.OldBlob != "" || len(fc.Hunks) != 1 || fc.Hunks[0].OldStart != 0 || fc.Hunks[0].OldLines != 0 {
		return fc, nil
	}
	_, here, err := p.w.Entry(ctx, p.tip.Tree, fc.OldPath)
	if err == nil && !here {
		fc.Kind, fc.OldPath = mailbox.KindAdd, ""
	}
	return fc, err
}

// put notes what a change does to the entries of the tree.
func (p *patcher) put(fc mailbox.FileChange, old, now merge3.Entry) error {
	if fc.OldPath != "" {
		p.before[fc.OldPath] = old
		if _, known := p.after[fc.OldPath]; !known && fc.OldPath != fc.NewPath && fc.Kind != mailbox.KindCopy {
			p.after[fc.OldPath] = merge3.Entry{}
		}
	}
	if fc.NewPath == "" {
		return nil
	}
	if was := p.after[fc.NewPath]; was.ID != "" {
		return patchErrorf("%s: changed twice in one patch", mailbox.QuotePath(fc.NewPath))
	}
	p.after[fc.NewPath] = now
	if fc.OldPath != fc.NewPath {
		p.made = append(p.made, fc.NewPath)
	}
	return nil
}

func (p *patcher) applySubmodule(fc mailbox.FileChange) error {
	oldID, newID, _ := fc.Submodule()
	old, now := merge3.Entry{}, merge3.Entry{}
	for _, side := range []struct {
		path, id string
		entry    *merge3.Entry
	}{{fc.OldPath, oldID, &old}, {fc.NewPath, newID, &now}} {
		if side.path == "" {
			continue
		}
		if len(side.id) != 2*p.w.format.size() || !merge3.ID(side.id).Valid() {
			return patchErrorf("%s: the patch does not name the whole commit of the submodule", mailbox.QuotePath(fc.Path()))
		}
		*side.entry = merge3.Entry{Mode: merge3.ModeGitlink, ID: merge3.ID(side.id)}
	}
	return p.put(fc, old, now)
}

// change applies a change to the old content that fits: the recorded blob, else
// what is in the tip.
func (p *patcher) change(ctx context.Context, fc mailbox.FileChange) (old merge3.Entry, data []byte, err error) {
	present, here, err := p.w.Entry(ctx, p.tip.Tree, fc.OldPath)
	if err != nil {
		return old, nil, err
	}
	recorded := p.blobs[fc.OldBlob]
	if here && fc.OldBlob != "" && strings.HasPrefix(string(present.ID), fc.OldBlob) {
		recorded = present.ID
	}
	mode := plainMode(cmp.Or(fc.OldMode, merge3.ModeFile))
	if fc.OldMode == "" && isPlain(present.Mode) {
		mode = plainMode(present.Mode)
	}
	if recorded != "" {
		old = merge3.Entry{Mode: mode, ID: recorded}
		data, err = p.applyTo(ctx, old, fc)
		if err == nil {
			p.partial = p.partial || !here
			return old, data, nil
		}
		var unfit *PatchError
		if !here || present.ID == recorded || !errors.As(err, &unfit) {
			return old, nil, err
		}
		p.guess("%s: the patch does not fit the blob that it records, but it fits the file as it is now.", fc.Path())
	}
	switch {
	case !here:
		return old, nil, noSuchFile(fc)
	case isPlain(present.Mode) != isPlain(mode), !isPlain(mode) && present.Mode != mode:
		return old, nil, patchErrorf("%s: it is not the kind of file that the patch was made for", mailbox.QuotePath(fc.OldPath))
	}
	old = merge3.Entry{Mode: mode, ID: present.ID}
	data, err = p.applyTo(ctx, old, fc)
	return old, data, err
}

func noSuchFile(fc mailbox.FileChange) error {
	name := mailbox.QuotePath(fc.OldPath)
	if fc.OldBlob == "" {
		return patchErrorf("%s: there is no such file here", name)
	}
	return patchErrorf("%s: there is no such file here, and the vault does not have the content that the patch was made for (%s)", name, fc.OldBlob)
}

func (p *patcher) applyTo(ctx context.Context, old merge3.Entry, fc mailbox.FileChange) ([]byte, error) {
	pre, err := readType(ctx, p.w, old.ID, "blob")
	if err != nil {
		return nil, err
	}
	data, offsets, err := mailbox.Apply(pre, fc)
	if err != nil {
		return nil, &PatchError{err}
	}
	for _, o := range offsets {
		p.source.Offsets = append(p.source.Offsets, FileOffset{fc.Path(), o})
	}
	return data, nil
}

func (p *patcher) guess(format string, path string) {
	p.source.Guessed = append(p.source.Guessed, fmt.Sprintf(format, mailbox.QuotePath(path)))
}

// plainMode makes the odd modes of old repositories (100664) regular.
func plainMode(mode string) string {
	if isPlain(mode) && mode != merge3.ModeExecutable {
		return merge3.ModeFile
	}
	return mode
}

func isPlain(mode string) bool { return strings.HasPrefix(mode, "100") }

// recordedBlobs looks up the blobs that a patch records, which may be
// abbreviated. Ids that mean no blob here, or several, are left out.
func (w *Workbench) recordedBlobs(ctx context.Context, files []mailbox.FileChange) (map[string]merge3.ID, error) {
	var names []string
	for _, fc := range files {
		if isAbbreviation(fc.OldBlob, 2*w.format.size()) && !slices.Contains(names, fc.OldBlob) {
			names = append(names, fc.OldBlob)
		}
	}
	blobs := map[string]merge3.ID{}
	if len(names) == 0 {
		return blobs, nil
	}
	out, err := w.Git(ctx, Cmd{
		Args: []string{"cat-file", "--batch-check"}, Stdin: strings.NewReader(strings.Join(names, "\n") + "\n"),
		Config: [][2]string{{"core.disambiguate", "blob"}},
	})
	if err != nil {
		return nil, fmt.Errorf("looking up recorded blobs: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[1] != "blob" {
			continue
		}
		for _, name := range names {
			if strings.HasPrefix(fields[0], name) {
				blobs[name] = merge3.ID(fields[0])
			}
		}
	}
	return blobs, nil
}

// isAbbreviation tells whether s can be a blob id of up to digits digits, as far
// as git looks one up; all zeros mean no file.
func isAbbreviation(s string, digits int) bool {
	return len(s) >= 4 && len(s) <= digits && strings.Trim(s, "0123456789abcdef") == "" && strings.Trim(s, "0") != ""
}
