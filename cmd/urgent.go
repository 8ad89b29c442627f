package cmd

import (
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "urgent",
		Short: "The fast lane: one fix on every version and every target, in minutes",
		Long: `Take a fix that cannot wait to every live version and every target at once. An item of the lane
(U-2026-3) holds one patch or several; every command takes the item or one of its patches, and
none at all while only one item is in the lane.

git carry urgent next says at any time where it stands, who is needed and what to type. What
carries and publishes is what always does; the lane only says when, and keeps what people decide.`,
		Example: `  git carry urgent open T401234 --reason 'used in the wild'
  git carry urgent next`,
		Args: cobra.NoArgs,
	}
	for _, group := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"way", "The way of a fix:", []*cobra.Command{
			newUrgentNextCmd(a), newUrgentStatusCmd(a), newUrgentOpenCmd(a), newUrgentAcceptCmd(a), newUrgentRunCmd(a),
			newUrgentVoteCmd(a), newUrgentReleaseCmd(a), newUrgentExtrasCmd(a), newUrgentRetireCmd(a),
		}},
		{"trouble", "When something goes wrong:", []*cobra.Command{
			newUrgentHoldCmd(a), newUrgentLiftCmd(a), newUrgentGlassCmd(a), newUrgentReviewCmd(a), newUrgentExcuseCmd(a),
			newUrgentRollbackCmd(a), newUrgentRejectCmd(a),
		}},
		{"targets", "Targets and users:", []*cobra.Command{
			newUrgentProbeCmd(a), newUrgentWitnessCmd(a), newUrgentWatchCmd(a), newUrgentPanicCmd(a), newUrgentServeCmd(a), newUrgentMailCmd(a),
		}},
		{"ready", "So that it works when it is needed:", []*cobra.Command{
			newUrgentPolicyCmd(a), newUrgentSOPCmd(a), newUrgentDrillCmd(a), newUrgentTimeCmd(a),
		}},
	} {
		c.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, sub := range group.commands {
			sub.GroupID = group.id
			c.AddCommand(sub)
		}
	}
	return c
}

// laneOf reads the lane out of a ledger.
func laneOf(l patchset.Ledger) (urgent.Lane, error) { return urgent.Read(l.Other) }

// putUrgent records a fact of the lane.
func (s *step) putUrgent(name string, fact any) error {
	data, err := urgent.Encode(fact)
	if err == nil {
		s.ledger.Other[name] = data
	}
	return err
}

// urgentItem finds the item that a command is about, in a step.
func (s *step) urgentItem(word string) (urgent.Lane, urgent.Item, error) {
	lane, err := laneOf(s.ledger)
	if err != nil {
		return lane, urgent.Item{}, err
	}
	item, err := lane.Find(word)
	return lane, item, err
}

// inLane refuses an item that has left the lane.
func inLane(lane urgent.Lane, item urgent.Item) error {
	other := lane.SupersededBy(item.ID)
	switch {
	case item.Rejected.Happened():
		return patchset.Faultf(patchset.CodeUsage, "%s was rejected on %s: %s", item.ID, date(item.Rejected.At), item.Rejected.Reason)
	case item.Retired.Happened():
		return patchset.Faultf(patchset.CodeUsage, "%s left the lane on %s", item.ID, date(item.Retired.At))
	case other != "":
		return patchset.Faultf(patchset.CodeUsage, "%s was superseded by %s", item.ID, other).WithHint("git carry urgent next %s", other)
	}
	return nil
}

// firstWord is the argument of a command that takes one or none.
func firstWord(args []string) string { return strings.Join(args, "") }
