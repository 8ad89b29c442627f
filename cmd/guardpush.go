package cmd

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newGuardPrePushCmd(a *app) *cobra.Command {
	g := &guard{app: a}
	c := &cobra.Command{
		Use:   "pre-push REMOTE URL",
		Short: "The hook: refuse a push of embargoed work to a public place",
		Long: `What the pre-push hook runs, with git's protocol on stdin. A push to a private place passes at
once: one that is a target of the vault or its shared repository, or that is listed in git's
configuration as carry.privateRemote, exactly as git will use it, after insteadOf. Every other
place is public, and what it does not have yet is looked at.`,
		Example: `  git carry guard pre-push "$@"`,
		Args:    cobra.ExactArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return g.prePush(c.Context(), args[1]) },
	}
	g.addFlag(c)
	return c
}

func (g *guard) prePush(ctx context.Context, url string) error {
	defer g.close()
	updates, err := gitops.ReadPush(g.app.env.Stdin)
	if err != nil {
		return err
	}
	updates = slices.DeleteFunc(updates, func(u gitops.RefUpdate) bool { return u.New == "" })
	if len(updates) == 0 {
		return nil
	}
	source, err := g.guarded(ctx)
	if err != nil {
		return err
	}
	private, err := g.isPrivate(ctx, source, url)
	if err != nil || private {
		return err
	}
	if err := g.load(ctx, source); err != nil {
		return err
	}
	if err := g.open(source, ""); err != nil {
		return err
	}
	seen, err := g.bench.See(ctx, gitops.OutgoingOf(updates, append(g.public(), g.onRemote(ctx, source, url, updates)...)))
	if err != nil {
		return err
	}
	doc, err := g.judge(ctx, "what would go to "+gitops.MaskURL(url), seen)
	if err != nil {
		return err
	}
	err = g.report(doc, true)
	if err != nil {
		g.app.next("if this place is private: git config --add %s %s", privateKey, shellWord(gitops.MaskURL(url)))
	}
	return err
}

// onRemote are the ids that the place shows. It is asked when a new ref goes there, which
// says nothing of what is there; where it does not answer, all of the history is looked
// at. What was fetched from a remote in the past proves nothing: its URL may have changed.
func (g *guard) onRemote(ctx context.Context, source *gitops.Source, url string, updates []gitops.RefUpdate) []patchset.ID {
	if !slices.ContainsFunc(updates, func(u gitops.RefUpdate) bool { return u.Old == "" }) {
		return nil
	}
	ids, err := source.Advertised(ctx, g.app.env.Dir, url)
	if err != nil {
		return nil
	}
	return ids
}

// isPrivate tells whether url is listed as private. A public upstream never is.
func (g *guard) isPrivate(ctx context.Context, source *gitops.Source, url string) (bool, error) {
	listed, err := source.Configured(ctx, privateKey)
	if err != nil {
		return false, err
	}
	files, err := source.Configured(ctx, fingerprintsKey)
	if err != nil {
		return false, err
	}
	if g.flag == "" && len(files) == 0 {
		r, err := g.app.read(ctx)
		if err != nil {
			return false, g.closed(err)
		}
		for _, c := range r.ledger.Components {
			if gitops.SameRemote(c.URL, url) {
				return false, nil
			}
		}
		listed = append(listed, privatePlaces(r)...)
	}
	return slices.ContainsFunc(listed, func(l string) bool { return gitops.SamePlace(l, url, g.app.env.Dir) }), nil
}

// privatePlaces are the targets and the shared repository of a vault.
func privatePlaces(r reading) []string {
	var urls []string
	if shared, err := r.vault.SharedURL(); err == nil && shared != "" {
		urls = append(urls, shared)
	}
	for _, t := range r.ledger.Targets {
		for _, component := range r.ledger.ComponentNames() {
			for _, version := range r.ledger.VersionNames() {
				urls = append(urls, t.URLFor(component, version))
			}
		}
	}
	return urls
}

func newGuardPreReceiveCmd(a *app) *cobra.Command {
	g := &guard{app: a}
	c := &cobra.Command{
		Use:   "pre-receive",
		Short: "The hook of a public server: take no embargoed work",
		Long: `What the pre-receive hook of a public server runs, with git's protocol on stdin. What comes and
no ref of the server has yet is looked at, before it is accepted. Whoever may push there can
try out what is refused: the answer names no patch unless the server has the vault, which it
should not.`,
		Example: "  git carry guard pre-receive --fingerprints /srv/git/fingerprints",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return g.preReceive(c.Context()) },
	}
	g.addFlag(c)
	return c
}

func (g *guard) preReceive(ctx context.Context) error {
	defer g.close()
	updates, err := gitops.ReadReceive(g.app.env.Stdin)
	if err != nil {
		return err
	}
	source, err := g.guarded(ctx)
	if err != nil {
		return err
	}
	if err := g.load(ctx, source); err != nil {
		return err
	}
	if err := g.open(source, g.quarantine()); err != nil {
		return err
	}
	refs, err := source.Refs()
	if err != nil {
		return err
	}
	seen, err := g.bench.See(ctx, gitops.OutgoingOf(updates, append(g.public(), refs...)))
	if err != nil {
		return err
	}
	doc, err := g.judge(ctx, "what was pushed", seen)
	if err != nil {
		return err
	}
	return g.report(doc, true)
}

// quarantine is where git keeps objects that have not been accepted.
func (g *guard) quarantine() string {
	for _, name := range []string{"GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"} {
		if dir := g.app.env.Getenv(name); dir != "" {
			return g.app.path(dir)
		}
	}
	return ""
}
