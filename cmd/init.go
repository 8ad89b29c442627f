package cmd

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type initOptions struct {
	dir        string
	components []string
	branch     string
	from       string
}

func newInitCmd(a *app) *cobra.Command {
	o := &initOptions{}
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a vault",
		Long: `Make a vault at DIR: a bare, private git repository (mode 0700, no remotes) that
will hold the public bases, the carried commits and the ledger. Nothing is fetched
yet; train and add fetch what they need.

With --from, it is the vault that a team shares through the private repository at URL: all of
it comes here, and from then on "git carry sync" exchanges the two.`,
		Example: `  git carry init vault --component core=https://example.org/core.git
  git carry init vault --component core=../core --branch 'wmf/{version}'
  git carry init vault --from ssh://git@example.org/security/vault.git`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringArrayVar(&o.components, "component", nil, "a deployed repository, `NAME=URL`; may be given again")
	c.Flags().StringVar(&o.branch, "branch", "", "the `PATTERN` of their deployment branches, such as wmf/{version}")
	c.Flags().StringVar(&o.from, "from", "", "join the team that shares its vault at `URL`")
	return c
}

type initDoc struct {
	Schema     string   `json:"schema"`
	Vault      string   `json:"vault"`
	Components []string `json:"components"`
}

func (o *initOptions) run(ctx context.Context, a *app) error {
	if o.from != "" {
		return o.join(ctx, a)
	}
	git, err := a.git()
	if err != nil {
		return err
	}
	l := patchset.Ledger{}.Clone()
	for _, arg := range o.components {
		c, err := parseComponent(arg, o.branch, a.env.Dir)
		if err != nil {
			return err
		}
		l.Components[c.Name] = c
	}
	if l.Store, err = a.newStore(); err != nil {
		return err
	}
	l.Other[ownersFile] = owners.Format(owners.New())
	v, err := gitops.InitVault(ctx, git, a.path(o.dir), func(v *gitops.Vault) error {
		a.opened = v
		return o.firstEntry(ctx, a, v, l)
	})
	if err != nil {
		return err
	}
	a.opened = v
	a.show(initDoc{schema("init"), v.Dir(), nonNil(l.ComponentNames())}, func() {
		a.say("Made a vault at %s", v.Dir())
		if len(l.Components) > 0 {
			a.say("Components: %s", joinWords(l.ComponentNames()))
		}
	})
	a.next("git carry --vault %s owner add ID --name NAME --email EMAIL", o.dir)
	return nil
}

func (a *app) newStore() (patchset.Store, error) {
	id, err := a.randomID(16)
	return patchset.Store{Format: patchset.Format, ID: id, Created: a.env.Now().UTC()}, err
}

func (o *initOptions) firstEntry(ctx context.Context, a *app, v *gitops.Vault, l patchset.Ledger) error {
	scratch, err := v.Scratch()
	if err != nil {
		return err
	}
	defer scratch.Close()
	s := &step{reading: reading{vault: v, ledger: l}, bench: gitops.NewWorkbench(scratch, a.engine.mode)}
	if s.actor, err = a.actor(owners.New(), a.claim(ctx)); err != nil {
		return err
	}
	s.did("made the vault")
	plan, err := a.plan("init", s)
	if err != nil {
		return err
	}
	_, err = v.CarryOut(ctx, scratch, gitops.Snapshot{}, plan)
	return err
}

func parseComponent(arg, branch, dir string) (patchset.Component, error) {
	name, url, ok := strings.Cut(arg, "=")
	if !ok {
		return patchset.Component{}, usagef("--component takes NAME=URL, not %q", arg)
	}
	if err := patchset.CheckComponent(name); err != nil {
		return patchset.Component{}, err
	}
	url, err := gitops.CheckURL(url, dir)
	if err != nil {
		return patchset.Component{}, err
	}
	if branch != "" && !strings.Contains(branch, "{version}") {
		return patchset.Component{}, usagef("the branch pattern %q has no {version} in it", branch)
	}
	return patchset.Component{Name: name, URL: url, Branch: branch}, nil
}

// nonNil makes an empty list print as [] in JSON.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
