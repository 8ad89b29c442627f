package cmd

import (
	"context"

	"github.com/git-carry/git-carry/gitops"
)

// join makes a vault of what a team shares.
func (o *initOptions) join(ctx context.Context, a *app) error {
	if len(o.components) > 0 || o.branch != "" {
		return usagef("--from brings the components along: leave out --component and --branch")
	}
	git, err := a.git()
	if err != nil {
		return err
	}
	url, err := gitops.CheckURL(o.from, a.env.Dir)
	if err != nil {
		return err
	}
	rules, err := gitops.ReadURLRules(ctx, git)
	if err != nil {
		return err
	}
	if err := gitops.RefuseAnonymous(ctx, git, rules, url); err != nil {
		return err
	}
	var shared gitops.Snapshot
	v, err := gitops.InitVault(ctx, git, a.path(o.dir), func(v *gitops.Vault) error {
		a.opened = v
		shared, err = v.JoinShared(ctx, url, a.progress())
		return err
	})
	a.endProgress()
	if err != nil {
		return err
	}
	a.opened = v
	l := shared.Ledger
	a.show(initDoc{schema("init"), v.Dir(), nonNil(l.ComponentNames())}, func() {
		a.say("Made a vault at %s from %s", v.Dir(), gitops.MaskURL(url))
		a.say("It has %s of %s in %s", count(len(l.Patches), "patch", "patches"),
			count(len(l.Components), "component", "components"), count(len(l.Versions), "version", "versions"))
	})
	return o.nextForNewcomer(ctx, a, v, shared)
}

// nextForNewcomer says what to type: who is not in the registry must be put there.
func (o *initOptions) nextForNewcomer(ctx context.Context, a *app, v *gitops.Vault, shared gitops.Snapshot) error {
	r, err := newReading(ctx, v, shared)
	if err != nil {
		return err
	}
	if actor, err := a.actor(r.registry, a.claim(ctx)); err == nil && actor.Person == "" {
		a.next("git carry --vault %s owner add ID --name NAME --email EMAIL", o.dir)
		return nil
	}
	a.next("git carry --vault %s status", o.dir)
	return nil
}
