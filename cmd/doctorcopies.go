package cmd

import (
	"cmp"
	"context"

	"github.com/git-carry/git-carry/gitops"
)

// sharing examines how the vault is shared.
func (o *doctorOptions) sharing(v *gitops.Vault, e *examination) {
	for _, dir := range v.Worktrees() {
		e.add(levelFail, "worktree", "git -C "+shellWord(v.Dir())+" worktree remove "+shellWord(dir),
			"%s is a work tree of the vault: what is committed or pushed there, no rule here sees", dir)
	}
	url, err := v.SharedURL()
	seen, seenErr := v.SharedSeen()
	switch {
	case cmp.Or(err, seenErr) != nil:
		e.failed("sync", cmp.Or(err, seenErr))
	case url == "":
		e.add(levelWarn, "sync", "git carry sync --remote URL", "one copy only: the vault is not shared, and nothing says whether it is backed up")
	default:
		e.ok("sync", "%s, last seen at %s", gitops.MaskURL(url), cmp.Or(seen.Short(), "nothing"))
	}
}

// copies examines the repositories that were named, and the one that we stand in.
func (o *doctorOptions) copies(ctx context.Context, a *app, s gitops.Snapshot, e *examination) error {
	e.area = "repository"
	if len(o.repos) == 0 {
		if form, err := a.opened.CopyAt(ctx, s, a.env.Dir); err == nil && !a.inVault() {
			o.copy(ctx, a, s, a.env.Dir, form, e)
		}
		return nil
	}
	for _, repo := range o.repos {
		dir := a.path(repo)
		form, err := a.opened.CopyAt(ctx, s, dir)
		if err != nil {
			e.add(levelWarn, "copy", "", "%s: %v", dir, err)
			continue
		}
		o.copy(ctx, a, s, dir, form, e)
	}
	return nil
}

// inVault tells whether we stand in the vault itself.
func (a *app) inVault() bool { return gitops.SameRemote(a.env.Dir, a.opened.Dir()) }

func (o *doctorOptions) copy(ctx context.Context, a *app, s gitops.Snapshot, dir string, form gitops.CopyForm, e *examination) {
	switch {
	case form == "":
		e.ok("copy", "%s has nothing of the vault", dir)
	case form.Grave():
		e.add(levelFail, "copy", "remove it, and use git carry init DIR --from URL for a second vault", "%s %s: a push from there is seen by no rule", dir, form)
	case pushesToPublic(ctx, a, s, dir):
		e.add(levelFail, "copy", "work in a clone that has no remote of the public upstream", "%s %s and a remote that is public", dir, form)
	default:
		e.add(levelWarn, "copy", "", "%s %s: keep it private", dir, form)
	}
}

// pushesToPublic tells whether a remote of dir is the public upstream of a component.
func pushesToPublic(ctx context.Context, a *app, s gitops.Snapshot, dir string) bool {
	urls, err := gitops.RemoteURLs(ctx, a.opened.Git(), dir)
	if err != nil {
		return true
	}
	for _, url := range urls {
		if real, err := gitops.CheckURL(url, dir); err == nil {
			url = real
		}
		if refusePublic(ctx, a.opened.Git(), s.Ledger, url) != nil {
			return true
		}
	}
	return false
}
