package gitops

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Files that are renamed are followed from one public commit to another.

// Follow implements patchset.Workbench.
func (w *Workbench) Follow(ctx context.Context, source, since, base merge3.ID, places patchset.Places) (patchset.Places, bool, error) {
	changes, err := w.changes(ctx, source)
	if err != nil {
		return nil, false, err
	}
	old, err := w.ReadCommit(ctx, since)
	if err != nil {
		return nil, false, err
	}
	now, err := w.ReadCommit(ctx, base)
	if err != nil {
		return nil, false, err
	}
	found, same := patchset.Places{}, true
	var all []string
	for _, path := range changedPaths(changes) {
		at := path
		if places[path] != "" {
			at = places[path]
		}
		before, _, err := w.Entry(ctx, old.Tree, at)
		if err != nil {
			return nil, false, err
		}
		after, _, err := w.Entry(ctx, now.Tree, at)
		if err != nil {
			return nil, false, err
		}
		found[path], same = at, same && before == after
		all = append(all, at)
	}
	if same {
		return found, true, nil
	}
	where, err := w.whereabouts(ctx, since, base, all)
	for path, at := range found {
		if to := where[at]; to != "" {
			found[path] = to
		}
	}
	return found, false, err
}

// whereabouts tells where a later commit has the files of an earlier one, as far as
// they have other names there.
func (w *Workbench) whereabouts(ctx context.Context, earlier, later merge3.ID, paths []string) (map[string]string, error) {
	old, err := w.ReadCommit(ctx, earlier)
	if err != nil {
		return nil, err
	}
	now, err := w.ReadCommit(ctx, later)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, path := range paths {
		_, before, err := w.Entry(ctx, old.Tree, path)
		if err != nil {
			return nil, err
		}
		_, after, err := w.Entry(ctx, now.Tree, path)
		if err != nil {
			return nil, err
		}
		if before && !after {
			gone = append(gone, path)
		}
	}
	where := map[string]string{}
	if len(gone) == 0 {
		return where, nil
	}
	renamed, err := w.Engine.own().Renamed(ctx, old.Tree, now.Tree, gone...)
	if unreadable(err) {
		return where, nil // they may have other names; nobody can tell
	}
	for to, from := range renamed {
		if slices.Contains(gone, from) { // others of the same content are paired too
			where[from] = to
		}
	}
	return where, err
}
