package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

// urgentRun brings an item as far as nobody is needed.
type urgentRun struct {
	word     string
	release  bool // put it on the stable targets, too
	timeout  time.Duration
	parallel int
	results  []publishDelivery
	attempts map[attempt]bool
}

func (o *urgentRun) flags(c *cobra.Command) *cobra.Command {
	c.Args = cobra.MaximumNArgs(1)
	f := c.Flags()
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long one repository may take, as a `TIME` such as 90s or 10m")
	f.IntVar(&o.parallel, "parallel", 16, "how many repositories are served at once, `N`")
	return c
}

func newUrgentRunCmd(a *app) *cobra.Command {
	o := &urgentRun{}
	return o.flags(&cobra.Command{
		Use:   "run [ITEM]",
		Short: "Do all that needs nobody: carry, put on the testing targets",
		Long: `Bring an item as far as it goes without a person: carry it to every live version at once, put it
on the testing targets and read it back; where the policy lets the release follow the approvals by
itself, release it; make what is owed afterwards; take it out of the lane when its time is over.

It does what is missing and nothing else. Killed and run again it goes on from there. A version
that conflicts is parked for its owner, and does not stop the others.

Exit code 0 when a person is needed next or all is done, 1 when a target failed, 3 when a conflict
is parked, 75 when somebody else is at it.`,
		Example: `  git carry urgent run
  git carry urgent run U-2026-3 --timeout 30s`,
		RunE: func(c *cobra.Command, args []string) error {
			o.word = firstWord(args)
			return o.run(c.Context(), a)
		},
	})
}

func newUrgentReleaseCmd(a *app) *cobra.Command {
	o := &urgentRun{release: true}
	return o.flags(&cobra.Command{
		Use:   "release [ITEM]",
		Short: "Put what is approved on every stable target",
		Long: `Publish every version that is tested and approved: to a few targets first, and when it is well on
one of them, to all others at once. Each is read back; one that fails is named and stops
nobody. Run again, it serves those that still lack it.

Exit code 1 when a target failed, 8 while something is missing that people decide, 75 when somebody
else is at it.`,
		Example: `  git carry urgent release
  git carry urgent release U-2026-3`,
		RunE: func(c *cobra.Command, args []string) error {
			o.word = firstWord(args)
			return o.run(c.Context(), a)
		},
	})
}

func (o *urgentRun) run(ctx context.Context, a *app) error {
	if o.timeout <= 0 || o.parallel < 1 {
		return usagef("--timeout takes a time, such as 90s, and --parallel a number")
	}
	v, err := a.vault(ctx)
	if err != nil {
		return err
	}
	done, err := v.LockUrgent()
	if err != nil {
		return err
	}
	defer done()
	look, err := o.forward(ctx, a)
	if err != nil {
		return err
	}
	doc, err := a.urgentDoc(ctx, look)
	if err != nil {
		return err
	}
	doc.Deliveries = nonNil(o.results)
	a.show(doc, func() {
		o.report(a)
		doc.report(a)
	})
	return o.outcome(look)
}

// forward takes one step after the other until there is none.
func (o *urgentRun) forward(ctx context.Context, a *app) (urgentLook, error) {
	moved := false
	for {
		r, err := a.read(ctx)
		if err != nil {
			return urgentLook{}, err
		}
		look, err := a.urgentLook(ctx, r, o.word)
		if err != nil {
			return look, err
		}
		if err := inLane(look.lane, look.Item); err != nil {
			if moved {
				return look, nil // it has just left
			}
			return look, err
		}
		o.word = look.Item.ID
		if moved, err = o.step(ctx, a, look); err != nil || !moved {
			return look, err
		}
	}
}

// step does the next thing that needs nobody, and tells whether there was one.
func (o *urgentRun) step(ctx context.Context, a *app, look urgentLook) (moved bool, err error) {
	state := look.State()
	release := o.release || look.Policy.Auto
	switch {
	case state == urgent.RolledBack:
		return o.clean(ctx, a, look)
	case !look.Item.Accepted.Happened():
		return false, nil
	case len(look.ToCarry()) > 0:
		if err := a.carryItem(ctx, look); err != nil {
			return false, err
		}
		return true, a.tellOwners(ctx)
	case state == urgent.Held:
		return false, nil
	case len(look.ToTest()) > 0 && !o.tried(urgent.Testing, look.ToTest()):
		return true, o.deliver(ctx, a, look, urgent.Testing, look.ToTest())
	case release && len(look.ToRelease()) > 0 && !o.tried(urgent.Release, look.ToRelease()):
		return true, o.deliver(ctx, a, look, urgent.Release, look.ToRelease())
	case look.Arrived() && !look.Item.Released.Happened():
		return true, a.recordArrival(ctx, look)
	case state == urgent.Public && len(look.Unfinished()) == 0:
		return true, a.record(ctx, "urgent retire", func(_ context.Context, s *step) error { return a.retireItem(s, look) })
	}
	return false, nil
}

// tried tells whether this run has served the ring for all of these stacks already: who
// failed then is for people.
func (o *urgentRun) tried(stage urgent.Stage, stacks []urgent.Stack) bool {
	return !slices.ContainsFunc(stacks, func(k urgent.Stack) bool { return !o.attempts[attempt{stage, k.Version, k.Component, k.Commit}] })
}

// attempt is that a run serves a stack to a ring.
type attempt struct {
	stage              urgent.Stage
	version, component string
	commit             patchset.ID
}

// deliver publishes stacks to the targets of one ring, looks at what these then serve, and
// writes down how long it took.
func (o *urgentRun) deliver(ctx context.Context, a *app, look urgentLook, stage urgent.Stage, stacks []urgent.Stack) error {
	run := urgent.Run{Started: a.env.Now()}
	if o.attempts == nil {
		o.attempts = map[attempt]bool{}
	}
	for _, k := range stacks {
		o.attempts[attempt{stage, k.Version, k.Component, k.Commit}] = true
	}
	d := delivery{versions: versionsOf(stacks), parallel: o.parallel}
	d.timeout, d.ring = o.timeout, patchset.RingTesting
	more := true
	if stage == urgent.Release {
		var err error
		d.ring = patchset.RingStable
		if more, err = o.serveFirst(ctx, a, look, &d, stacks); err != nil {
			return err
		}
		run.First = a.env.Now()
	}
	if more {
		if _, err := o.serve(ctx, a, look, d); err != nil {
			return err
		}
	}
	if err := o.follow(ctx, a, d); err != nil {
		return err
	}
	return o.recordRun(ctx, a, look, stage, run)
}

// serveFirst serves the first targets, and leaves the others in d; more is false when there
// are none, or when it is well on none of the first.
func (o *urgentRun) serveFirst(ctx context.Context, a *app, look urgentLook, d *delivery, stacks []urgent.Stack) (more bool, err error) {
	well := true
	if d.to = look.first(stacks); len(d.to) > 0 {
		if well, err = o.serve(ctx, a, look, *d); err != nil {
			return false, err
		}
	}
	if d.to = look.rest(stacks, d.to); !well && len(d.to) > 0 {
		o.results = append(o.results, unserved(stacks)...)
	}
	return well && len(d.to) > 0, nil
}

// serve publishes and then fetches from the targets as somebody who has nothing would;
// it tells whether it is well on one of them.
func (o *urgentRun) serve(ctx context.Context, a *app, look urgentLook, d delivery) (well bool, err error) {
	results, err := d.deliver(ctx, a)
	o.results = append(o.results, results...)
	if err != nil {
		return false, err
	}
	took := map[string]bool{}
	for _, result := range results {
		if result.well() {
			took[result.Target] = true
		}
	}
	if len(took) == 0 {
		return false, nil
	}
	r, err := a.read(ctx)
	if err != nil {
		return false, err
	}
	p := &round{r: r, items: []urgent.Item{look.Item}, targets: slices.Sorted(maps.Keys(took)), timeout: o.timeout}
	looks, err := p.look(ctx)
	a.endProgress()
	if err != nil {
		return false, err
	}
	if _, err := a.recordLooks(ctx, looks); err != nil {
		return false, err
	}
	for _, l := range looks {
		well = well || l.Presence(look.Item.Seen[l.Place], a.env.Now(), "").Verdict == urgent.Present
	}
	return well, nil
}

// unserved stands for stacks that no target was asked to take.
func unserved(stacks []urgent.Stack) []publishDelivery {
	var out []publishDelivery
	for _, k := range stacks {
		out = append(out, publishDelivery{
			Target: "the others", Ring: patchset.RingStable, Version: k.Version, Component: k.Component, Commit: k.Commit,
			Result: publishHeld, Error: "none of the first targets took it",
		})
	}
	return out
}

// first are the stable targets that get it first.
func (look *urgentLook) first(stacks []urgent.Stack) []string {
	lacking := look.rest(stacks, nil)
	if len(look.Policy.First) > 0 {
		return slices.DeleteFunc(lacking, func(name string) bool { return !slices.Contains(look.Policy.First, name) })
	}
	return lacking[:min(len(lacking), firstTargets)]
}

// firstTargets is how many targets get it first where the policy names none.
const firstTargets = 4

// rest are the stable targets that lack one of the stacks, but for some.
func (look *urgentLook) rest(stacks []urgent.Stack, but []string) []string {
	lacking := map[string]bool{}
	for _, k := range stacks {
		for _, arrival := range k.Stable {
			if !arrival.There && !arrival.Excused && !slices.Contains(but, arrival.Target) {
				lacking[arrival.Target] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(lacking))
}

func (o *urgentRun) recordRun(ctx context.Context, a *app, look urgentLook, stage urgent.Stage, run urgent.Run) error {
	run.Ended = a.env.Now()
	run.Remote = run.Ended.Sub(run.Started)
	return a.record(context.WithoutCancel(ctx), "urgent "+string(stage), func(_ context.Context, s *step) error {
		_, item, err := s.urgentItem(look.Item.ID)
		if err != nil {
			return err
		}
		s.did("%s of %s took %s", stage, item.ID, run.Remote.Round(time.Second))
		return s.putUrgent(urgent.File(item.ID, "runs/"+string(stage)), item.Runs[stage].Add(run))
	})
}

// recordArrival writes down that every target has it, and how long that took.
func (a *app) recordArrival(ctx context.Context, look urgentLook) error {
	return a.record(ctx, "urgent arrived", func(_ context.Context, s *step) error {
		fact := urgent.Arriving{Event: a.event(s, "", ""), Stages: urgent.Record(look.spans)}
		s.did("%s is on every target, %s after the fix was ready", look.Item.ID, took(fact.Stages[urgent.Total].Ended.Sub(fact.Stages[urgent.Total].Started)))
		return s.putUrgent(urgent.File(look.Item.ID, "released"), fact)
	})
}

func versionsOf(stacks []urgent.Stack) []string {
	var versions []string
	for _, k := range stacks {
		if !slices.Contains(versions, k.Version) {
			versions = append(versions, k.Version)
		}
	}
	return versions
}

// carryItem puts the item's patches into every live version that lacks them, all at once.
func (a *app) carryItem(ctx context.Context, look urgentLook) error {
	started := a.env.Now()
	return a.record(ctx, "urgent carry", func(ctx context.Context, s *step) error {
		now, err := a.lookAt(ctx, s.reading, look.lane, look.Item)
		if err != nil {
			return err
		}
		reqs := map[string]*patchset.TrainRequest{}
		for _, k := range now.ToCarry() {
			if err := s.putInStack(now.Item, k); err != nil {
				return err
			}
			v := s.ledger.Versions[k.Version]
			if reqs[k.Version] == nil {
				reqs[k.Version] = &patchset.TrainRequest{Version: k.Version, From: v.From, Settle: true, Bases: map[string]patchset.Base{}}
			}
			reqs[k.Version].Bases[k.Component] = v.Bases[k.Component]
		}
		var list []patchset.TrainRequest
		for _, version := range slices.SortedFunc(maps.Keys(reqs), patchset.CompareVersions) {
			list = append(list, *reqs[version])
		}
		s.runsChecks = true
		if _, err := a.carryAll(ctx, s, list); err != nil {
			return err
		}
		for _, k := range now.ToCarry() {
			for _, id := range slices.Sorted(maps.Keys(k.States)) {
				s.details = append(s.details, fmt.Sprintf("%s %s: %s", k.Version, id, s.ledger.Patches[id].At[k.Version].State))
			}
		}
		s.did("carried %s to %s", now.Item.ID, count(len(list), "version", "versions"))
		ended := a.env.Now()
		run := urgent.Run{Started: started, Ended: ended, Machine: ended.Sub(started)}
		return s.putUrgent(urgent.File(now.Item.ID, "runs/"+string(urgent.Carry)), now.Item.Runs[urgent.Carry].Add(run))
	})
}

// tellOwners tells the owners of what conflicts, in a vault that has a way to. What could
// not be sent stops nothing: git carry status says so.
func (a *app) tellOwners(ctx context.Context) error {
	channels, err := a.opened.Channels()
	if err != nil || len(channels) == 0 {
		return err
	}
	silent := *a
	silent.env.Stdout, silent.quiet = io.Discard, true
	if err := (&notifyOptions{}).run(ctx, &silent); err != nil {
		a.talk("not every owner could be told: git carry notify")
	}
	return nil
}

// putInStack puts what a stack lacks of an item at its end, in the form in which the newest
// version carries it.
func (s *step) putInStack(item urgent.Item, k urgent.Stack) error {
	for _, id := range item.Patches {
		if state, ours := k.States[id]; !ours || state != "" {
			continue
		}
		var newest string
		for v, in := range s.ledger.Patches[id].At {
			if in.State.InStack() && (newest == "" || patchset.CompareVersions(v, newest) > 0) {
				newest = v
			}
		}
		if newest == "" {
			return patchset.Faultf(patchset.CodeConflicts, "%s is in no stack yet that it could be carried from", id).
				WithHint("git carry show %s", id)
		}
		s.ledger.Put(id, k.Version, patchset.Incarnation{
			Position: s.ledger.NextPosition(k.Component, k.Version), Source: s.ledger.Patches[id].At[newest].Commit,
		})
	}
	return nil
}

func (o *urgentRun) report(a *app) {
	if len(o.results) == 0 {
		return
	}
	total := map[string]int{}
	for _, d := range o.results {
		total[d.Result]++
	}
	var words []string
	for _, result := range slices.Sorted(maps.Keys(total)) {
		words = append(words, fmt.Sprintf("%d %s", total[result], result))
	}
	a.say("Targets: %s", joinWords(words))
	var said []string
	for _, d := range o.results {
		if line := d.Target + ": " + cmp.Or(failureLine(d.Error), d.Result); !d.well() && !slices.Contains(said, line) {
			said = append(said, line)
			a.say("  %s", line)
		}
	}
	a.say("")
}

func (o *urgentRun) outcome(look urgentLook) error {
	if err := (publishDoc{Targets: o.results}).outcome(); err != nil {
		return err
	}
	if state := look.State(); o.release && !slices.Contains([]urgent.State{urgent.Released, urgent.Public}, state) {
		return outcome{exitPending}
	}
	if slices.ContainsFunc(look.Behind(), func(k urgent.Stack) bool {
		return strings.Contains(strings.Join(k.Problems, " "), patchset.ProblemUnsettled)
	}) {
		return outcome{exitConflicts}
	}
	return nil
}
