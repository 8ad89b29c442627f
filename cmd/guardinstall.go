package cmd

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/spf13/cobra"
)

type guardInstallOptions struct {
	guard
	repo    string
	private []string
	server  bool
	remove  bool
}

func newGuardInstallCmd(a *app) *cobra.Command {
	o := &guardInstallOptions{guard: guard{app: a}}
	c := &cobra.Command{
		Use:   "install [REPO]",
		Short: "Put the guard into a checkout, or on a server",
		Long: `Put the guard into the pre-push hook of a checkout, where git looks for it (core.hooksPath). A
hook that is there is kept beside it, as pre-push.local, and runs after the guard.
--fingerprints and --private are written to the checkout's git configuration
(carry.fingerprints, carry.privateRemote); without a file the guard asks the vault. Running it
again changes nothing else.

With --server it is the pre-receive hook of a bare repository on a public server.

The hook is a second line. It does not see what goes out by git push --no-verify, git send-
pack, a bundle or a copy of the directory. The first line is that embargoed work is not in a
checkout with a public remote.`,
		Example: `  git carry guard install
  git carry guard install ~/src/core --fingerprints fingerprints --private ssh://deploy.example.org/srv/core.git
  git carry guard install --server /srv/git/core.git --fingerprints /srv/git/fingerprints
  git carry guard install --remove`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.repo = "."
			if len(args) == 1 {
				o.repo = args[0]
			}
			return o.run(c.Context())
		},
	}
	o.addFlag(c)
	c.Flags().StringArrayVar(&o.private, "private", nil, "a `URL` to which embargoed work may be pushed")
	c.Flags().BoolVar(&o.server, "server", false, "guard a server: pre-receive")
	c.Flags().BoolVar(&o.remove, "remove", false, "take the hook out and put back what was there before")
	return c
}

type guardInstallDoc struct {
	Schema  string `json:"schema"`
	Hook    string `json:"hook"`
	Kept    string `json:"kept"` // the hook that was there before; "" for none
	Already bool   `json:"already"`
	Removed bool   `json:"removed"`
}

func (o *guardInstallOptions) run(ctx context.Context) error {
	git, err := o.app.git()
	if err != nil {
		return err
	}
	source, err := gitops.OpenOutgoing(ctx, git, o.app.path(o.repo))
	if err != nil {
		return err
	}
	name := "pre-push"
	if o.server {
		name = "pre-receive"
	}
	doc := guardInstallDoc{Schema: schema("guard-install"), Removed: o.remove}
	var hook gitops.Hook
	if o.remove {
		hook, err = source.RemoveHook(ctx, name)
		doc.Removed = hook.Was
	} else {
		if err := o.configure(ctx, source); err != nil {
			return err
		}
		hook, err = source.InstallHook(ctx, name)
		doc.Already = hook.Was
		if unready := o.load(ctx, source); err == nil && unready != nil {
			o.app.talk("As it is, every push will be refused: %v", unready)
		}
	}
	if err != nil {
		return err
	}
	doc.Hook, doc.Kept = hook.Path, hook.Kept
	o.app.show(doc, func() { o.say(hook) })
	return nil
}

// configure writes down what the hook needs, after a look whether it can be read.
func (o *guardInstallOptions) configure(ctx context.Context, source *gitops.Source) error {
	for _, url := range o.private {
		checked, err := gitops.CheckURL(url, o.app.env.Dir)
		if err != nil {
			return err
		}
		listed, err := source.Configured(ctx, privateKey)
		if err != nil {
			return err
		}
		if !slices.Contains(listed, checked) {
			if err := source.Configure(ctx, privateKey, checked, true); err != nil {
				return err
			}
		}
	}
	if o.flag == "" {
		return nil
	}
	file := o.app.path(o.flag)
	data, err := readFileUpTo(file, fingerprint.MaxFile)
	if err != nil {
		return err
	}
	if _, err := fingerprint.Parse(data); err != nil {
		return err
	}
	return source.Configure(ctx, fingerprintsKey, file, false)
}

func (o *guardInstallOptions) say(h gitops.Hook) {
	a := o.app
	switch {
	case o.remove && !h.Was:
		a.say("There is no guard at %s", h.Path)
	case o.remove && h.Kept != "":
		a.say("The guard is gone; the hook from before is back: %s", h.Path)
	case o.remove:
		a.say("The guard is gone: %s", h.Path)
	case h.Was:
		a.say("The guard was there already: %s", h.Path)
	default:
		a.say("The guard is in %s", h.Path)
	}
	if !o.remove && h.Kept != "" {
		a.say("The hook that was there runs after it: %s", h.Kept)
	}
}
