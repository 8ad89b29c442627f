package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

// urgentAct is a command by which a person says something of an item, with a reason.
type urgentAct struct {
	word, reason string
	// key: the act takes away what protects users, so it takes a key where the policy asks
	// for keys. nil: anybody's word will do.
	key *pen
	do  func(ctx context.Context, a *app, s *step, look urgentLook) (did string, err error)
}

// urgentActCmd makes the command of an act.
func urgentActCmd(a *app, c *cobra.Command, reason string, act *urgentAct) *cobra.Command {
	if c.Args == nil {
		c.Args = cobra.MaximumNArgs(1)
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		act.word = firstWord(args)
		return act.run(c.Context(), a, c.Name())
	}
	c.Flags().StringVar(&act.reason, "reason", "", reason)
	if act.key != nil {
		act.key.flag(c.Flags())
	}
	return c
}

func (act *urgentAct) run(ctx context.Context, a *app, command string) error {
	if err := requireReason(act.reason); err != nil {
		return err
	}
	if act.key != nil {
		if err := act.key.open(ctx, a); err != nil {
			return err
		}
		defer act.key.close()
	}
	var item, did string
	err := a.record(ctx, "urgent "+command, func(ctx context.Context, s *step) error {
		look, err := a.urgentLook(ctx, s.reading, act.word)
		if err != nil {
			return err
		}
		if err := inLane(look.lane, look.Item); err != nil {
			return err
		}
		if err := act.mayAct(a, s); err != nil {
			return err
		}
		item = look.Item.ID
		did, err = act.do(ctx, a, s, look)
		return err
	})
	if err == nil {
		a.said(command, item, did)
	}
	return err
}

// mayAct refuses who is nobody in the registry, and who only claims to be somebody where a
// key is asked for.
func (act *urgentAct) mayAct(a *app, s *step) error {
	if act.key == nil {
		return s.mustBeSomebody()
	}
	if err := act.key.takeUp(a, s); err != nil {
		return err
	}
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	if s.registry.Policy.Require == owners.RequireKey && s.actor.Assurance != owners.Verified {
		return patchset.Faultf(patchset.CodeNotAllowed, "the policy asks for a key, and %s is %s", s.actor.Person, s.actor.Label()).
			WithHint("say it with your key: --key FILE")
	}
	return nil
}

func newUrgentHoldCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(_ context.Context, a *app, s *step, look urgentLook) (string, error) {
		h, held := look.Item.Holds[s.actor.Person]
		if stands := slices.ContainsFunc(look.Holds, func(h urgent.Hold) bool { return h.Person == s.actor.Person && !h.Vote }); held && stands && h.Reason == act.reason {
			return "is held by " + s.actor.Person, nil
		}
		s.holdsAnew(look.Item)
		s.did("put %s on hold: %s", look.Item.ID, act.reason)
		return "is held by " + s.actor.Person, s.putUrgent(urgent.File(look.Item.ID, "holds/"+s.actor.Person), a.event(s, "", act.reason))
	}
	return urgentActCmd(a, &cobra.Command{
		Use:   "hold [ITEM] --reason TEXT",
		Short: "Keep an item from its targets",
		Long: `Stop an item where it is: nothing goes to a target while the hold stands. Anybody may do
so, with a reason. Whoever holds takes the hold back, or two others say that it may go on.`,
		Example: `  git carry urgent hold --reason 'wait: does it lock out LDAP users?'`,
	}, "what is to be found out, in one line of `TEXT`", act)
}

// holdsAnew takes away what was said to lift earlier holds of the person who acts.
func (s *step) holdsAnew(item urgent.Item) {
	for lift := range item.Lifts {
		if lift.Holder == s.actor.Person {
			delete(s.ledger.Other, urgent.File(item.ID, "lifts/"+lift.Holder+"/"+lift.By))
		}
	}
}

func newUrgentLiftCmd(a *app) *cobra.Command {
	act, holder := &urgentAct{key: &pen{}}, ""
	act.do = func(_ context.Context, a *app, s *step, look urgentLook) (string, error) {
		hold, err := look.holdOf(holder)
		if err != nil {
			return "", err
		}
		if !slices.Contains(hold.Lifters, s.actor.Person) {
			s.did("said that %s may go on, whatever %s holds: %s", look.Item.ID, hold.Person, act.reason)
			lift := urgent.Lift{Event: a.event(s, "", act.reason), Of: hold.At}
			if err := s.putUrgent(urgent.File(look.Item.ID, "lifts/"+hold.Person+"/"+s.actor.Person), lift); err != nil {
				return "", err
			}
		}
		if s.actor.Person == hold.Person || len(hold.Lifters) > 0 && !slices.Contains(hold.Lifters, s.actor.Person) {
			return "is no longer held by " + hold.Person, nil
		}
		return "is still held by " + hold.Person + ": one more must say that it may go on", nil
	}
	c := urgentActCmd(a, &cobra.Command{
		Use:   "lift [ITEM] --reason TEXT",
		Short: "Say that a held item may go on",
		Long: `Take back a hold, or a vote against. Whoever holds does it alone; else two others are needed, each
with a reason, and with --key where the policy asks for keys. The hold and what was said of it stay
in the ledger.`,
		Example: `  git carry urgent lift --hold sam --reason 'tried with LDAP: works'`,
	}, "why it may go on, in one line of `TEXT`", act)
	c.Flags().StringVar(&holder, "hold", "", "the `PERSON` whose hold it is (not needed when there is only one)")
	return c
}

// holdOf is the hold of a person, or the only one.
func (look *urgentLook) holdOf(person string) (urgent.Hold, error) {
	var holders []string
	for _, h := range look.Holds {
		if h.Person == person || person == "" && len(look.Holds) == 1 {
			return h, nil
		}
		holders = append(holders, h.Person)
	}
	if len(holders) == 0 {
		return urgent.Hold{}, patchset.Faultf(patchset.CodeUsage, "nobody holds %s", look.Item.ID).WithHint("git carry urgent next %s", look.Item.ID)
	}
	return urgent.Hold{}, usagef("say whose hold: --hold %s", strings.Join(holders, " or "))
}
