package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

// panicAction is the ledger's word for an entry that somebody wants panic mode.
const panicAction = "urgent panic on"

func newUrgentPanicCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "panic",
		Short: "Send users only to targets that serve the fix",
		Long: `Panic mode: users are sent to the targets that were seen to serve a fix, and to no others, until the
others have caught up. git carry urgent watch looks at the targets and writes the list; programs that
fetch read it (git carry help urgent serve check).

Two people start it, each with a reason. The origin (git carry target edit --origin) is always on the list and
private targets never are. A target comes back when two probes in a row found the fix on all its branches, by
IPv4 and by IPv6, and then with a quarter of its weight, half of it, all. One that lacks the fix, lost it or
cannot serve it is withdrawn at once; one that does not answer, the third time. With several items a target
must have all of the fixes.

Never is so much withdrawn that less is left than the floor (30 percent of all weights): what is over that stays and
is named, unless the second person agreed to it with --below-floor. Panic ends when every target that is waited
for is back, after 48 hours, or with panic off; never by itself while it is below the floor. Both numbers are
policy (git carry urgent policy). Panic moves users to the origin: whether it bears them only a trial shows.`,
		Example: `  git carry urgent panic on --reason 'used in the wild, mirrors lag for hours'
  git carry urgent panic status`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newUrgentPanicOnCmd(a), newUrgentPanicOffCmd(a), newUrgentPanicStatusCmd(a))
	return c
}

type panicOnOptions struct {
	item   string
	reason string
	below  bool
	dryRun bool
	pen
}

func newUrgentPanicOnCmd(a *app) *cobra.Command {
	o := &panicOnOptions{}
	c := &cobra.Command{
		Use:   "on [ITEM] --reason TEXT",
		Short: "Ask for panic mode, or agree to it",
		Long: `Say that users are to be sent only to targets that have the fix. The first person asks, a second one agrees
with the same command, and it is on; a later word of anybody gives it more time. --dry-run says who would
be withdrawn and how much would be left, by what the ledger knows of the targets (git carry urgent probe --record).

Where less than the floor would be left it is refused with exit 6, unless the one who agrees says --below-floor.
Exit 8 while a second person is missing.`,
		Example: `  git carry urgent panic on --reason 'used in the wild' --dry-run
  git carry urgent panic on U-2026-3 --reason 'agreed by phone' --below-floor --key agent`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.item = firstWord(args)
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.reason, "reason", "", "why, in one line of `TEXT`")
	f.BoolVar(&o.below, "below-floor", false, "also if less than the floor is left")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "only say who would be withdrawn")
	o.pen.flag(f)
	return c
}

type panicDoc struct {
	Schema  string   `json:"schema"`
	Item    string   `json:"item"`
	On      bool     `json:"on"`
	People  []string `json:"people"` // who said so, in order
	Since   string   `json:"since"`
	Until   string   `json:"until"`
	Below   bool     `json:"below_floor"`
	Reason  string   `json:"reason"`
	DryRun  bool     `json:"dry_run"`
	Floor   int      `json:"floor"`
	Left    int      `json:"left"` // percent of all weights, by what the ledger knows
	Served  []string `json:"served"`
	Leaving []string `json:"leaving"` // would be withdrawn
}

func newPanicDoc(command string, item urgent.Item, alarm urgent.Alarm) panicDoc {
	d := panicDoc{
		Schema: schema("urgent-panic-" + command), Item: item.ID, On: alarm.On(), People: []string{},
		Since: stamp(alarm.Since), Until: stamp(alarm.Until), Below: alarm.Below, Served: []string{}, Leaving: []string{},
	}
	for _, w := range alarm.Words {
		d.People = append(d.People, w.Person)
		d.Reason = w.Reason
	}
	return d
}

// foresee adds what the list would be, if it came to panic now.
func (d *panicDoc) foresee(f serve.File) {
	d.Floor, d.Left = f.Floor.Weight, f.Floor.Actual
	for _, e := range f.Serve {
		d.Served = append(d.Served, e.ID)
	}
	for _, w := range f.Withdrawn {
		d.Leaving = append(d.Leaving, w.ID+" ("+w.Reason+")")
	}
}

func (o *panicOnOptions) run(ctx context.Context, a *app) error {
	if err := requireReason(o.reason); err != nil {
		return err
	}
	if err := o.pen.open(ctx, a); err != nil {
		return err
	}
	defer o.pen.close()
	var doc panicDoc
	edit := func(ctx context.Context, s *step) (err error) {
		doc, err = o.say(ctx, a, s)
		return err
	}
	var err error
	if o.dryRun {
		err = a.rehearse(ctx, edit)
	} else {
		err = a.record(ctx, panicAction, edit)
	}
	if err != nil {
		return err
	}
	doc.DryRun = o.dryRun
	a.show(doc, func() { doc.report(a) })
	if !doc.On && !o.dryRun {
		a.next("a second person: git carry urgent panic on %s --reason TEXT", doc.Item)
		return outcome{exitPending}
	}
	a.next("git carry urgent watch --serve-dir DIR")
	return nil
}

// say adds the actor's word.
func (o *panicOnOptions) say(ctx context.Context, a *app, s *step) (panicDoc, error) {
	lane, item, err := s.urgentItem(o.item)
	if err != nil {
		return panicDoc{}, err
	}
	if err := inLane(lane, item); err != nil {
		return panicDoc{}, err
	}
	if err := o.pen.takeUp(a, s); err != nil {
		return panicDoc{}, err
	}
	if err := s.mustBeSomebody(); err != nil {
		return panicDoc{}, err
	}
	if err := o.sign(ctx, a, s, &lane, item); err != nil {
		return panicDoc{}, err
	}
	alarm, err := s.alarm(ctx, lane, item)
	if err != nil {
		return panicDoc{}, err
	}
	doc := newPanicDoc("on", item, alarm)
	f, err := s.foreseen(ctx, lane, item, a.env.Now())
	if err != nil {
		return doc, err
	}
	doc.foresee(f)
	if alarm.On() && !alarm.Below && doc.Left < doc.Floor && !o.dryRun {
		return doc, patchset.Faultf(patchset.CodePolicy, "%d%% of what all targets bear would be left, and the floor is %d%%: %s would have to bear it all",
			doc.Left, doc.Floor, joinWords(doc.Served)).
			WithHint("see who would be withdrawn: git carry urgent panic on %s --reason TEXT --dry-run", item.ID).
			WithHint("probe first, perhaps more of them have it by now: git carry urgent probe %s --record", item.ID).
			WithHint("if they can bear it, whoever agrees says so: --below-floor")
	}
	verb := "asked for"
	if alarm.On() {
		verb = "agreed to"
	}
	s.did("%s panic mode for %s: %s", verb, item.ID, o.reason)
	return doc, nil
}

// sign puts the actor's word into the ledger, and into the lane as it was read.
func (o *panicOnOptions) sign(ctx context.Context, a *app, s *step, lane *urgent.Lane, item urgent.Item) error {
	act := urgent.ActPanic
	if o.below {
		act = urgent.ActBelow
	}
	st := alarmStatement(s.ledger, item, act)
	sig := owners.Signature{Statement: st, Person: s.actor.Person, As: owners.AsApprover, Reason: o.reason, At: o.pen.at, Claim: s.actor.Claim}
	if !o.dryRun {
		var err error
		if sig, err = o.pen.sign(ctx, a, sig); err != nil {
			return err
		}
	}
	if _, problem := s.registry.Approval(st, sig, nil); problem != "" && !o.dryRun {
		return patchset.Faultf(patchset.CodeNotAllowed, "that would not count: it %s", problem).WithHint("sign it: --key FILE")
	}
	data, err := sig.Encode()
	if err != nil {
		return err
	}
	words := map[string][]byte{s.actor.Person: data}
	for person, word := range lane.Alarms[item.ID] {
		if person != s.actor.Person {
			words[person] = word
		}
	}
	lane.Alarms[item.ID] = words
	s.ledger.Other[urgentFile(sig)] = data
	return nil
}

// foreseen is the list as it would be, by what the ledger knows, if nothing but the fix
// counted.
func (s *step) foreseen(ctx context.Context, lane urgent.Lane, item urgent.Item, now time.Time) (serve.File, error) {
	if !slices.ContainsFunc(servedTargets(s.ledger, nil), func(t serve.Target) bool { return t.Class == patchset.ClassOrigin }) {
		return serve.File{}, patchset.Faultf(patchset.CodePolicy, "no target is the origin, to which users can always be sent").
			WithHint("git carry target edit NAME --origin")
	}
	on, err := s.alarms(ctx, lane)
	if err != nil {
		return serve.File{}, err
	}
	on[item.ID] = urgent.Alarm{Below: true}
	round := serve.Round{
		Targets: servedTargets(s.ledger, []urgent.Item{item}), Now: now, Valid: time.Hour, TTL: serveTTL,
		Alarm: &serve.Alarm{Items: []string{item.ID}, Floor: max(0, lane.Policy.PanicFloor), Confirmed: true},
	}
	var items []urgent.Item
	known := map[string]map[patchset.Place]urgent.Presence{}
	for _, id := range lane.IDs() {
		if _, counts := on[id]; counts {
			items = append(items, lane.Items[id])
			known[id] = lane.Items[id].Seen
		}
	}
	round.Seen = sights(s.ledger, items, known)
	return round.Next(serve.File{})
}

func (d panicDoc) report(a *app) {
	switch {
	case d.DryRun:
		a.say("Panic for %s would leave %d%% of what all targets bear; the floor is %d%%.", d.Item, d.Left, d.Floor)
	case d.On:
		a.say("Panic for %s is on, by %s, until %s unless all are back before.", d.Item, joinWords(d.People), d.Until)
	default:
		a.say("Panic for %s is asked for by %s; it takes one more person.", d.Item, joinWords(d.People))
	}
	a.say("  stay:  %s", joinWords(d.Served))
	if len(d.Leaving) > 0 {
		a.say("  leave: %s", joinWords(d.Leaving))
	}
}

func newUrgentPanicOffCmd(a *app) *cobra.Command {
	var reason string
	p := &pen{}
	c := &cobra.Command{
		Use:     "off [ITEM] --reason TEXT",
		Short:   "Call panic mode off",
		Long:    "Call the panic of an item off, or what somebody asked for. The next round of urgent watch sends\nusers everywhere again, if no other item is in panic.",
		Example: "  git carry urgent panic off --reason 'the mirrors that lack it are gone'",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := requireReason(reason); err != nil {
				return err
			}
			var item urgent.Item
			err := a.recordWord(c.Context(), "urgent panic off", p, func(ctx context.Context, s *step) (err error) {
				var lane urgent.Lane
				if lane, item, err = s.urgentItem(firstWord(args)); err != nil {
					return err
				}
				if len(lane.Alarms[item.ID]) == 0 {
					return patchset.Faultf(patchset.CodeUsage, "there is no panic for %s", item.ID)
				}
				s.calm(lane, item, reason)
				return s.putWord(ctx, a, p, item.ID, "calm", p.wordOf(s, "", reason), reason)
			})
			if err == nil {
				a.said("panic-off", item.ID, "is not in panic any more")
			}
			return err
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in one line of `TEXT`")
	p.flag(c.Flags())
	return c
}

// calm ends the panic of an item. The words for it are gone with it: the ledger's past has them.
func (s *step) calm(lane urgent.Lane, item urgent.Item, reason string) {
	for person := range lane.Alarms[item.ID] {
		delete(s.ledger.Other, urgent.File(item.ID, "panic/"+person))
	}
	s.did("called off the panic for %s: %s", item.ID, reason)
}
