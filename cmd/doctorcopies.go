package cmd

import (
	"cmp"
	"context"
	"slices"

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
			o.guardAt(ctx, a, s, a.env.Dir, form, e)
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
		o.guardAt(ctx, a, s, dir, form, e)
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

// guardAt warns of a repository from which embargoed work can be pushed past the guard: it
// has some, or it is where somebody writes a fix, because a remote is the public upstream.
func (o *doctorOptions) guardAt(ctx context.Context, a *app, s gitops.Snapshot, dir string, form gitops.CopyForm, e *examination) {
	if form.Grave() || form == "" && !hasUpstream(ctx, a, s, dir) {
		return
	}
	source, err := gitops.OpenOutgoing(ctx, a.opened.Git(), dir)
	has := false
	if err == nil {
		has, err = source.Guarded(ctx)
	}
	switch {
	case err != nil:
		e.failed("guard", err)
	case has:
		e.ok("guard", "%s has the guard", dir)
	default:
		e.add(levelWarn, "guard", "git carry guard install "+shellWord(dir), "%s has no guard: nothing keeps git push there from a public place", dir)
	}
}

// hasUpstream tells whether a remote of dir is, by its URL, the public upstream of a component.
func hasUpstream(ctx context.Context, a *app, s gitops.Snapshot, dir string) bool {
	urls, err := gitops.RemoteURLs(ctx, a.opened.Git(), dir)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(urls, func(url string) bool {
		if real, err := gitops.CheckURL(url, dir); err == nil {
			url = real
		}
		for _, c := range s.Ledger.Components {
			if gitops.SameRemote(c.URL, url) {
				return true
			}
		}
		return false
	})
}

// pushesToPublic tells whether a remote of dir is the public upstream of a component.
func pushesToPublic(ctx context.Context, a *app, s gitops.Snapshot, dir string) bool {
	urls, err := gitops.RemoteURLs(ctx, a.opened.Git(), dir)
	if err != nil {
		return true
	}
	rules, err := gitops.ReadURLRules(ctx, a.opened.Git())
	if err != nil {
		return true
	}
	for _, url := range urls {
		if real, err := gitops.CheckURL(url, dir); err == nil {
			url = real
		}
		if refusePublic(ctx, rules, s.Ledger, url) != nil {
			return true
		}
	}
	return false
}
