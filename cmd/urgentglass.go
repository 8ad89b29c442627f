package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newUrgentGlassCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		if look.Item.Released.Happened() {
			return "", patchset.Faultf(patchset.CodeUsage, "%s is out: there is nothing to break the glass for", look.Item.ID)
		}
		people := look.Glass
		if !slices.Contains(people, s.actor.Person) {
			people = append(slices.Clone(people), s.actor.Person)
			if err := s.sayOfItem(ctx, a, look, &act.pen, look.said(actGlass, ""), act.reason); err != nil {
				return "", err
			}
		}
		if len(people) < 2 {
			return "needs a second person who breaks the glass", nil
		}
		if n := look.strangers(); n > 0 {
			return fmt.Sprintf("needs %d approvals, because nobody knows who wrote it, and no time on the testing targets", n+1), nil
		}
		return "needs one approval of somebody who is not the author, and no time on the testing targets", nil
	}
	return urgentActCmd(a, &cobra.Command{
		Use:   "break-glass [ITEM] --reason TEXT",
		Short: "Go on with one approval, when two people answer for it",
		Long: `When there is no time: two people, each with a reason, cut the approvals down to one and the
time on the testing targets to nothing. The one approval stays, and is never the author's; so do
signatures of owners, checks, and what verify demands. Somebody else looks at it afterwards,
and until then it is listed and the item stays: git carry urgent review.`,
		Example: `  git carry urgent break-glass --reason 'exploited now, nobody awake in three time zones'`,
	}, "why it cannot wait, in one line of `TEXT`", act)
}

func newUrgentReviewCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		switch {
		case !look.GlassBroken():
			return "", patchset.Faultf(patchset.CodeUsage, "nobody broke the glass for %s", look.Item.ID)
		case slices.Contains(look.Glass, s.actor.Person):
			return "", patchset.Faultf(patchset.CodeNotAllowed, "%s broke the glass: somebody else looks at it", s.actor.Person).
				WithHint("ask one of %s: git carry urgent review %s --reason TEXT", joinWords(look.others(look.Glass)), look.Item.ID)
		}
		if look.Item.Reviewed.Happened() {
			return "was looked at by " + look.Item.Reviewed.By, nil
		}
		s.did("looked at why the glass was broken for %s: %s", look.Item.ID, act.reason)
		return "was looked at", s.putWord(ctx, a, &act.pen, look.Item.ID, "reviewed", act.wordOf(s, "", act.reason), act.reason)
	}
	return urgentActCmd(a, &cobra.Command{
		Use:     "review [ITEM] --reason TEXT",
		Short:   "Close the review that broken glass has opened",
		Long:    "Say what came of looking at why the glass was broken. Whoever broke it cannot.",
		Example: `  git carry urgent review U-2026-3 --reason 'right call; two more approvers named for nights'`,
	}, "what came of it, in one line of `TEXT`", act)
}

func newUrgentExcuseCmd(a *app) *cobra.Command {
	act, target := &urgentAct{}, ""
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		if _, known := s.ledger.Targets[target]; !known {
			return "", unknown("target", s.ledger.Targets, target)
		}
		if !look.Item.Excused[target].Happened() {
			s.did("excused %s from %s: %s", target, look.Item.ID, act.reason)
			if err := s.putWord(ctx, a, &act.pen, look.Item.ID, "excused/"+target, act.wordOf(s, "", act.reason), act.reason); err != nil {
				return "", err
			}
		}
		return "does not wait for " + target, nil
	}
	c := urgentActCmd(a, &cobra.Command{
		Use:     "excuse [ITEM] --target NAME --reason TEXT",
		Short:   "Wait no longer for a target",
		Long:    "Say that an item has arrived without a target: it is dead, or nobody uses it. It is served and probed as the others.",
		Example: `  git carry urgent excuse --target mirror-7 --reason 'switched off since Monday'`,
	}, "why nobody waits for it, in one line of `TEXT`", act)
	c.Flags().StringVar(&target, "target", "", "the `NAME` of the target")
	_ = c.MarkFlagRequired("target") // fails for a flag that is not there
	return c
}
