package cmd

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// The lane delivers as `publish` does, several versions at once and a few targets first.

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
	return o.see(ctx, a, look, slices.Sorted(maps.Keys(took)))
}

// see looks at what targets serve, and tells whether it is well on one of them.
func (o *urgentRun) see(ctx context.Context, a *app, look urgentLook, targets []string) (well bool, err error) {
	r, err := a.read(ctx)
	if err != nil {
		return false, err
	}
	p := &round{r: r, items: []urgent.Item{look.Item}, targets: targets, timeout: o.timeout}
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

// unseen are the targets that were read back and that nobody has looked at since as their users
// do: what delivered it was killed in between, or was no run of the lane.
func (look *urgentLook) unseen() []string {
	lacking := map[string]bool{}
	for _, k := range look.Stacks {
		for _, arrival := range slices.Concat(k.Testing, k.Stable) {
			at := patchset.Place{Target: arrival.Target, Stack: k.Version + "/" + k.Component}
			read, seen := look.ledger.Targets[at.Target].Published[at.Stack], look.Item.Seen[at]
			if k.Commit != "" && read.Commit == k.Commit && seen.Commit != k.Commit && (k.Content != "" || look.Item.RolledBack.Happened()) {
				lacking[at.Target] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(lacking))
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
