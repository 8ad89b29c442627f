package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentHoldCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		h, held := look.Item.Holds[s.actor.Person]
		if stands := slices.ContainsFunc(look.Holds, func(h urgent.Hold) bool { return h.Person == s.actor.Person && !h.Vote }); held && stands && h.Reason == act.reason {
			return "is held by " + s.actor.Person, nil
		}
		s.holdsAnew(look.Item)
		s.did("put %s on hold: %s", look.Item.ID, act.reason)
		return "is held by " + s.actor.Person, s.putWord(ctx, a, &act.pen, look.Item.ID, "holds/"+s.actor.Person, act.wordOf(s, "", act.reason), act.reason)
	}
	return urgentActCmd(a, &cobra.Command{
		Use:   "hold [ITEM] --reason TEXT",
		Short: "Keep an item from its targets",
		Long: `Stop an item where it is: nothing goes to a target while the hold stands. Anybody may do
so, with a reason, and with --key where the policy asks for keys. Whoever holds takes the hold back, or
two others say that it may go on.`,
		Example: `  git carry urgent hold --reason 'wait: does it lock out LDAP users?'`,
	}, "what is to be found out, in one line of `TEXT`", act)
}

// holdsAnew takes away what was said to lift earlier holds of the person who acts.
func (s *step) holdsAnew(item urgent.Item) {
	for lift := range item.Lifts {
		if lift.Holder == s.actor.Person {
			name := "lifts/" + lift.Holder + "/" + lift.By
			delete(s.ledger.Other, urgent.File(item.ID, name))
			delete(s.ledger.Other, urgent.SignatureFile(item.ID, name))
		}
	}
}

func newUrgentLiftCmd(a *app) *cobra.Command {
	act, holder := &urgentAct{}, ""
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		hold, err := look.holdOf(holder)
		if err != nil {
			return "", err
		}
		if !slices.Contains(hold.Lifters, s.actor.Person) {
			s.did("said that %s may go on, whatever %s holds: %s", look.Item.ID, hold.Person, act.reason)
			lift := urgent.Lift{Event: act.wordOf(s, "", act.reason), Of: hold.At}
			if err := s.putWord(ctx, a, &act.pen, look.Item.ID, "lifts/"+hold.Person+"/"+s.actor.Person, lift, act.reason); err != nil {
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
