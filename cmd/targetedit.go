package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// targetUse is what flags say of how users use a target.
type targetUse struct {
	given                     *pflag.FlagSet
	origin, private, optional bool
	weight                    int
	serves                    string
}

func (u *targetUse) flags(f *pflag.FlagSet) {
	u.given = f
	f.BoolVar(&u.origin, "origin", false, "it is a server of ours, to which users can always be sent")
	f.BoolVar(&u.private, "private", false, "no user fetches from it: panic mode leaves it alone")
	f.BoolVar(&u.optional, "optional", false, "nothing waits for it")
	f.IntVar(&u.weight, "weight", patchset.DefaultWeight, "how many users it bears beside the others, as a `NUMBER`")
	f.StringVar(&u.serves, "serves", "", "the `URL` that users fetch from, if it is another")
}

// check refuses what makes no sense, and completes the URL.
func (u *targetUse) check(a *app) (err error) {
	switch {
	case u.origin && u.private:
		return usagef("a target is --origin or --private, not both")
	case u.given.Changed("weight") && (u.weight < 1 || u.weight > patchset.MaxWeight):
		return usagef("--weight is a number from 1 to %d", patchset.MaxWeight)
	case u.serves != "":
		u.serves, err = gitops.CheckURL(u.serves, a.env.Dir)
	}
	return err
}

// set puts what was given into a target, and leaves the rest of it as it is.
func (u *targetUse) set(t *patchset.Target) {
	if u.given.Changed("weight") {
		t.Weight = u.weight
	}
	for name, class := range map[string]string{"origin": patchset.ClassOrigin, "private": patchset.ClassPrivate} {
		on, _ := u.given.GetBool(name) // flags sets it up
		switch {
		case !u.given.Changed(name):
		case on:
			t.Class = class
		case t.Class == class:
			t.Class = patchset.ClassMirror
		}
	}
	if u.given.Changed("optional") {
		t.Optional = u.optional
	}
	if u.given.Changed("serves") {
		t.Serves = u.serves
	}
}

// useWords says how a target is used.
func useWords(t patchset.Target) string {
	words := []string{cmp.Or(t.Class, "mirror")}
	if t.Weight != 0 {
		words = append(words, fmt.Sprintf("weight %d", t.Weight))
	}
	if t.Optional {
		words = append(words, "optional")
	}
	if t.Serves != "" {
		words = append(words, "users fetch from "+gitops.MaskURL(t.Serves))
	}
	return strings.Join(words, ", ")
}

type targetEditOptions struct {
	name string
	ring string
	use  targetUse
}

func newTargetEditCmd(a *app) *cobra.Command {
	o := &targetEditOptions{}
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change how a target is used",
		Long: `Change how a target is used; what is not given stays as it is, and --origin=false takes a word back.

The origin is a server of ours: panic mode always sends users there. A private target is one that no
user fetches from. An optional one is probed, and nothing waits for it. The weight says how many users
it bears beside the others; a target without one has 100.`,
		Example: `  git carry target edit origin-1 --origin --weight 300
  git carry target edit mirror-7 --serves https://mirror7.example.org/core.git
  git carry target edit mirror-9 --optional`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.ring, "ring", "", "the `RING`: testing or stable")
	o.use.flags(f)
	return c
}

func (o *targetEditOptions) run(ctx context.Context, a *app) error {
	if o.ring != "" {
		if err := checkRing(o.ring); err != nil {
			return err
		}
	}
	if err := o.use.check(a); err != nil {
		return err
	}
	var t patchset.Target
	err := a.record(ctx, "target edit", func(_ context.Context, s *step) error {
		known := false
		if t, known = s.ledger.Targets[o.name]; !known {
			return unknown("target", s.ledger.Targets, o.name)
		}
		o.use.set(&t)
		t.Ring = cmp.Or(o.ring, t.Ring)
		s.ledger.Targets[o.name] = t
		s.did("changed target %s (%s): %s", o.name, t.Ring, useWords(t))
		return nil
	})
	if err != nil {
		return err
	}
	a.showTarget("target-edit", t, "Target %s (%s): %s", t.Name, t.Ring, useWords(t))
	return nil
}
