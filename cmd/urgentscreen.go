package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/git-carry/git-carry/tui"
)

// laneLook shows the urgent lane until the person leaves; board tells that they want the board.
func (a *app) laneLook(ctx context.Context, streams tui.Streams) (board bool, err error) {
	lane, err := a.laneScreen(ctx)
	if err != nil {
		return false, err
	}
	s := tui.NewLaneSession(lane)
	for {
		if s, err = tui.RunLane(ctx, s, a.laneScreen, streams, a.theme()); err != nil {
			return false, err
		}
		if s.Wish() != tui.LaneRefresh {
			return s.Wish() == tui.LaneBoard, nil
		}
		if lane, err = a.laneScreen(ctx); err != nil {
			return false, err
		}
		s = s.With(lane)
	}
}

// laneScreen is the urgent lane as the screen shows it.
func (a *app) laneScreen(ctx context.Context) (tui.Lane, error) {
	r, err := a.read(ctx)
	if err != nil {
		return tui.Lane{}, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return tui.Lane{}, err
	}
	actor, err := a.actor(r.registry, a.claim(ctx))
	if err != nil {
		return tui.Lane{}, err
	}
	out := tui.Lane{You: actor.String(), At: a.env.Now(), Empty: "The urgent lane is empty. To put a patch into it: git carry urgent open ID --reason TEXT."}
	if c := a.drillAge(r, lane).Complaint; c != "" {
		out.Empty += " Mind that " + c + "."
	}
	for _, id := range lane.Open() {
		look, err := a.lookAt(ctx, r, lane, lane.Items[id])
		if err != nil {
			return tui.Lane{}, err
		}
		item, err := a.laneItem(ctx, look)
		if err != nil {
			return tui.Lane{}, err
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// laneItem is one item as the screen shows it.
func (a *app) laneItem(ctx context.Context, look urgentLook) (tui.LaneItem, error) {
	advice, err := a.advise(ctx, look)
	if err != nil {
		return tui.LaneItem{}, err
	}
	item := tui.LaneItem{
		ID: look.Item.ID, Patches: look.Item.Patches, State: look.State(), Sentence: advice.Sentence, Needed: advice.Needed, From: advice.From,
		Command: shellLine(advice.Command), Also: advice.Also, NotOut: look.NotOut(), Spans: look.spans, Threshold: look.Threshold(),
		People: look.voices(), Targets: look.laneTargets(),
	}
	if !look.Out() {
		item.Ends = urgent.Outlook(look.spans, look.Now)
	}
	for _, k := range look.Stacks {
		v, err := a.laneVersion(ctx, look, k)
		if err != nil {
			return item, err
		}
		item.Versions = append(item.Versions, v)
	}
	item.Story, err = look.story(ctx)
	return item, err
}

func (a *app) laneVersion(ctx context.Context, look urgentLook, k urgent.Stack) (tui.LaneVersion, error) {
	v := tui.LaneVersion{Stack: k, Approvers: look.Approvers(k), Waits: look.waitWords(k)}
	if look.Waits(k) != urgent.WaitBehind {
		return v, nil
	}
	argv, whose, err := a.stepBehind(ctx, look, k.Version)
	v.Whose, v.Command = whose, shellLine(argv)
	return v, err
}

// waitWords says what a stack waits for; "" for nothing.
func (look *urgentLook) waitWords(k urgent.Stack) string {
	switch look.Waits(k) {
	case urgent.WaitAccepted:
		return "somebody who lets it in"
	case urgent.WaitCarry:
		return "the program to carry it"
	case urgent.WaitBehind:
		return look.whyBehind(k)
	case urgent.WaitOthers:
		return "the versions that are behind"
	case urgent.WaitHold:
		return "the hold of " + look.Holds[0].Person
	case urgent.WaitTesting:
		return "testing targets: " + cutList(lackingOf(k.Testing), 3)
	case urgent.WaitApprovals:
		return count(look.Lacking(k), "approval", "approvals")
	case urgent.WaitSoak:
		return "time in testing, until " + look.SoakedAt().UTC().Format("15:04") + " UTC"
	case urgent.WaitRelease:
		return "the release"
	case urgent.WaitTargets:
		return cutList(lackingOf(k.Stable), 3)
	}
	return ""
}

// lackingOf names the targets that lack a stack and are waited for.
func lackingOf(arrivals []urgent.Arrival) []string {
	var names []string
	for _, arrival := range arrivals {
		if !arrival.There && !arrival.Excused {
			names = append(names, arrival.Target)
		}
	}
	return names
}

// laneTargets are the targets, and what helps where waiting does not.
func (look *urgentLook) laneTargets() []tui.LaneTarget {
	var out []tui.LaneTarget
	for _, reach := range look.Reaches() {
		t := tui.LaneTarget{Reach: reach, URL: look.ledger.Targets[reach.Target].URL}
		switch reach.Fate {
		case urgent.FateDead:
			t.Command = shellLine([]string{"git", "carry", "urgent", "excuse", look.Item.ID, "--target", reach.Target, "--reason", "TEXT"})
		case urgent.FateWrong, urgent.FateLagging:
			t.Command = shellLine([]string{"git", "carry", "urgent", "probe", look.Item.ID, "--to", reach.Target, "--record"})
		}
		out = append(out, t)
	}
	return out
}

// voices are who holds the item, what people voted, and then who else may and may not, and why.
func (look *urgentLook) voices() []tui.LanePerson {
	var out []tui.LanePerson
	against := map[string]bool{}
	for _, h := range look.Holds {
		if h.Vote {
			against[h.Person] = true
			continue
		}
		out = append(out, tui.LanePerson{Person: h.Person, Says: "HOLDS", Why: h.Reason + lifted(h), At: h.At})
	}
	voted := map[string]bool{}
	for _, v := range look.Votes {
		voted[v.Person] = true
		p := tui.LanePerson{
			Person: v.Person, Says: fmt.Sprintf("%+d", v.Score), Counts: v.Score > 0 && v.Ignored == "", In: look.versionsOf([]string{v.Content}),
			Why: v.Reason, Label: v.Label, At: v.At,
		}
		switch {
		case v.Ignored != "":
			p.Says, p.Why = p.Says+" VOID", strings.TrimSuffix(v.Ignored+"; "+v.Reason, "; ")
		case len(p.In) == 0:
			p.Says, p.Counts, p.Why = p.Says+" VOID", false, strings.TrimSuffix("of a form that no version has any more; "+v.Reason, "; ")
		case v.Score < 0 && against[v.Person]:
			p.Says += " HOLDS"
		}
		out = append(out, p)
	}
	return append(out, look.silent(voted)...)
}

// lifted says who would lift a hold.
func lifted(h urgent.Hold) string {
	if len(h.Lifters) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s would lift it; one more is needed)", joinWords(h.Lifters))
}

// silent are the people who have not voted: those who may, and then those who may not and
// authors whom nobody knows, for whom others approve in addition.
func (look *urgentLook) silent(voted map[string]bool) []tui.LanePerson {
	var may, not []tui.LanePerson
	for _, p := range look.registry.People {
		switch why := look.barred[p.ID]; {
		case voted[p.ID] || !p.Active():
		case why != "":
			not = append(not, tui.LanePerson{Person: p.ID, Says: "may not", Why: why})
		default:
			may = append(may, tui.LanePerson{Person: p.ID, Says: "may vote", Why: look.notIn(p.ID)})
		}
	}
	for _, author := range look.unknown {
		not = append(not, tui.LanePerson{Person: author, Says: "unknown", Why: "an author whom the registry does not know"})
	}
	return append(may, not...)
}

// notIn says in which versions the approval of somebody who may vote would not count.
func (look *urgentLook) notIn(person string) string {
	for _, k := range look.Stacks {
		if why := look.settled[k.Content][person]; k.Content != "" && why != "" {
			return fmt.Sprintf("not in %s: %s", joinWords(look.versionsOf([]string{k.Content})), why)
		}
	}
	return ""
}

// clockSkew is how far the clocks of people who share a ledger may be apart.
const clockSkew = 24 * time.Hour

// story is what happened to the item and its patches since it was opened, newest first.
func (look *urgentLook) story(ctx context.Context) ([]tui.Moment, error) {
	var moments []tui.Moment
	err := look.vault.Log(ctx, func(e gitops.LogEntry) bool {
		if e.Entry.At.Before(look.Item.Opened.At.Add(-clockSkew)) || len(moments) == maxMoments {
			return false
		}
		if !e.Entry.At.Before(look.Item.Opened.At) && look.named(e.Entry) {
			moments = append(moments, tui.Moment{At: e.Entry.At, What: e.Entry.Person + " " + e.Entry.Sentence})
		}
		return ctx.Err() == nil
	})
	return moments, err
}

// named tells whether an entry of the ledger is about the item or one of its patches.
func (look *urgentLook) named(e patchset.Entry) bool {
	for _, line := range append([]string{e.Sentence}, e.Details...) {
		if slices.ContainsFunc(append(slices.Clone(look.Item.Patches), look.Item.ID), func(id string) bool { return mentions(line, id) }) {
			return true
		}
	}
	return false
}
