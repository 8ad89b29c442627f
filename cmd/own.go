package cmd

import (
	"cmp"
	"context"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type ownOptions struct {
	id      string
	owner   string
	confirm bool
	reason  string
}

func newOwnCmd(a *app) *cobra.Command {
	o := &ownOptions{}
	c := &cobra.Command{
		Use:   "own ID [OWNER]",
		Short: "Say whose a patch is, or confirm what an import guessed",
		Long: `Without more, show whose a patch is and who may sign for them. With OWNER, hand it over;
with --confirm, confirm the owner it has. Both are for the owner and the deputies; anyone
else in the registry gives a reason, which stays in the ledger. What the owner before had
delegated is over.`,
		Example: `  git carry own T401234
  git carry own T401234 --confirm
  git carry own T401234 sam --reason 'priya moved to another team'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			if len(args) == 2 {
				o.owner = args[1]
			}
			if o.owner == "" && !o.confirm {
				return o.show(c.Context(), a)
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().BoolVar(&o.confirm, "confirm", false, "the owner it has is right")
	c.Flags().StringVar(&o.reason, "reason", "", "why, in one line of `TEXT`, when you are neither owner nor deputy")
	return c
}

func (o *ownOptions) run(ctx context.Context, a *app) error {
	if err := checkText("reason", o.reason); err != nil {
		return err
	}
	var owner string
	err := a.record(ctx, "own", func(_ context.Context, s *step) error {
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return err
		}
		owner = cmp.Or(o.owner, p.Owner)
		return o.own(s, p, owner)
	})
	if err != nil {
		return err
	}
	return a.showPatch(ctx, "own", o.id, "%s belongs to %s.", o.id, owner)
}

func (o *ownOptions) own(s *step, p patchset.Patch, owner string) error {
	if err := o.mayOwn(s, p); err != nil {
		return err
	}
	switch person, known := s.registry.Person(owner); {
	case !known:
		return unknownPerson(s.registry, owner)
	case !person.Active():
		return patchset.Faultf(patchset.CodeUnknownPerson, "%s has left", person).
			WithHint("git carry owner list")
	case owner == p.Owner && p.OwnerConfirmed:
		return patchset.Faultf(patchset.CodeUsage, "%s belongs to %s already, and that is confirmed", p.ID, owner)
	}
	if owner == p.Owner {
		s.did("confirmed that %s belongs to %s", p.ID, owner)
	} else {
		s.did("gave %s to %s; it was %s's", p.ID, owner, p.Owner)
	}
	if o.reason != "" {
		s.details = append(s.details, "reason: "+o.reason)
	}
	if owner != p.Owner {
		s.endDelegations(p.ID)
	}
	p.Owner, p.OwnerConfirmed = owner, true
	s.ledger.Patches[p.ID] = p
	return nil
}

func (o *ownOptions) mayOwn(s *step, p patchset.Patch) error {
	if err := s.mustSpeakFor(p, "give it away"); err != nil {
		return err
	}
	if s.speaksForOwner(p) || strings.TrimSpace(o.reason) != "" {
		return nil
	}
	return patchset.Faultf(patchset.CodeNotAllowed, "%s is neither the owner of %s nor a deputy", s.actor.Person, p.ID).
		WithHint("ask %s, or give a reason: git carry own %s %s --reason TEXT", p.Owner, p.ID, cmp.Or(o.owner, "--confirm"))
}

// ownDoc is whose a patch is.
type ownDoc struct {
	Schema    string      `json:"schema"`
	ID        string      `json:"id"`
	Owner     string      `json:"owner"`
	Confirmed bool        `json:"owner_confirmed"`
	Signers   []signerDoc `json:"signers"`
}

type signerDoc struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	As   owners.As `json:"as"`
}

func (o *ownOptions) show(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	p, err := r.ledger.Patch(o.id)
	if err != nil {
		return err
	}
	doc := ownDoc{Schema: schema("own"), ID: p.ID, Owner: p.Owner, Confirmed: p.OwnerConfirmed, Signers: []signerDoc{}}
	signers := r.registry.Signers(ownerOf(p))
	for _, s := range signers {
		doc.Signers = append(doc.Signers, signerDoc{s.Person.ID, s.Person.Name, s.As})
	}
	a.show(doc, func() {
		a.say("%s belongs to %s%s", p.ID, p.Owner, guessed(p))
		for _, s := range signers {
			a.say("  %-7s %s", s.As, s)
		}
		switch {
		case len(signers) == 0:
			a.say("  nobody who is in the registry and has not left can sign for it")
			a.next("git carry own %s OWNER --reason TEXT", p.ID)
		case !p.OwnerConfirmed:
			a.next("%s      or: git carry own %s OWNER", askToConfirm(p), p.ID)
		}
	})
	return nil
}

// guessed is what to add to the name of an owner that nobody has confirmed.
func guessed(p patchset.Patch) string {
	if p.OwnerConfirmed {
		return ""
	}
	return " (guessed by an import, not confirmed)"
}
