package gitops

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var _ patchset.BranchBench = (*Workbench)(nil)

// maxBranch bounds how many commits of a branch are looked at; what is beyond is found
// by content.
const maxBranch = 10_000

// Commits implements patchset.BranchBench.
func (w *Workbench) Commits(ctx context.Context, since, tip merge3.ID) ([]merge3.ID, error) {
	ids, err := w.past.commitsBetween(ctx, tip, since)
	if err != nil {
		return nil, fmt.Errorf("reading the history of the branch: %w", err)
	}
	slices.Sort(ids)
	return ids[:min(len(ids), maxBranch)], nil
}

// Differing implements patchset.BranchBench.
func (w *Workbench) Differing(ctx context.Context, stack, branch merge3.ID) ([]string, error) {
	changes, err := w.DiffTrees(ctx, stack, branch)
	paths := changedPaths(changes)
	slices.Sort(paths)
	return paths, err
}

// FormAt implements patchset.BranchBench.
func (w *Workbench) FormAt(ctx context.Context, tree merge3.ID, path string) (patchset.Form, error) {
	e, ok, err := w.Entry(ctx, tree, path)
	if err != nil || !ok || e.Mode == "040000" {
		return patchset.Form{}, err
	}
	return w.form(ctx, e)
}

func (w *Workbench) form(ctx context.Context, e merge3.Entry) (patchset.Form, error) {
	text, err := w.shownText(ctx, e)
	return patchset.Form{Mode: e.Mode, ID: e.ID, Text: text}, err
}

// Fixes implements patchset.BranchBench. A file that the branch does not have is looked
// for under another name.
func (w *Workbench) Fixes(ctx context.Context, commit, stack, branch merge3.ID) ([]patchset.FileFix, error) {
	old, now, err := w.treesOf(ctx, commit)
	if err != nil {
		return nil, err
	}
	changes, err := w.DiffTrees(ctx, old, now)
	if err != nil {
		return nil, err
	}
	moved, err := w.movedFiles(ctx, old, now, changes)
	if err != nil {
		return nil, err
	}
	var fixes []patchset.FileFix
	for _, c := range moved {
		made, err := w.fileFixes(ctx, c, stack, branch)
		if err != nil {
			return nil, fmt.Errorf("what %s changes in %.200q: %w", commit.Short(), c.Path, err)
		}
		fixes = append(fixes, made...)
	}
	return fixes, nil
}

// fileFixes is one change; of a renamed file two, because its old name has to go.
func (w *Workbench) fileFixes(ctx context.Context, c movedFile, stack, branch merge3.ID) ([]patchset.FileFix, error) {
	fix, err := w.fileFix(ctx, c.Path, c.Old, c.New, stack, branch)
	if err != nil || c.From == "" {
		return []patchset.FileFix{fix}, err
	}
	left, err := w.fileFix(ctx, c.From, c.Old, merge3.Entry{}, stack, branch)
	return []patchset.FileFix{fix, left}, err
}

func (w *Workbench) fileFix(ctx context.Context, path string, old, fixed merge3.Entry, stack, branch merge3.ID) (patchset.FileFix, error) {
	f := patchset.FileFix{Path: path}
	var err error
	if f.Old, err = w.form(ctx, old); err != nil {
		return f, err
	}
	if f.Fixed, err = w.form(ctx, fixed); err != nil {
		return f, err
	}
	if f.Stack, err = w.FormAt(ctx, stack, path); err != nil {
		return f, err
	}
	if f.Branch, err = w.FormAt(ctx, branch, path); err != nil || f.Branch.Exists() || !f.Fixed.Exists() {
		return f, err
	}
	names, err := w.Engine.own().Renamed(ctx, stack, branch)
	if err != nil {
		return f, err
	}
	for now, was := range names {
		if was == path {
			f.Path = now
			f.Branch, err = w.FormAt(ctx, branch, now)
		}
	}
	return f, err
}

// SharedEntries counts the files and directories at the top of one commit's tree that
// another's has too, under the same name.
func (w *Workbench) SharedEntries(ctx context.Context, one, other merge3.ID) (int, error) {
	a, err := w.ReadCommit(ctx, one)
	if err != nil {
		return 0, err
	}
	b, err := w.ReadCommit(ctx, other)
	if err != nil {
		return 0, err
	}
	entries, err := w.ReadTree(ctx, a.Tree)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range entries {
		_, has, err := w.Entry(ctx, b.Tree, e.Name)
		if err != nil {
			return 0, err
		}
		if has {
			n++
		}
	}
	return n, nil
}
