package cmd

import (
	"cmp"
	"context"
	"fmt"
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
	told     bool // the owners of what holds a version back
	looked   bool // at what was delivered before
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
nobody. Run again, it serves those that still lack it. Too early it serves nobody, and says what is
missing, from whom, and what to type.

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
		if o.release && len(o.results) == 0 && len(doc.Unreleased) > 0 {
			doc.tooEarly(a)
			return
		}
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
	case !o.looked && len(look.unseen()) > 0:
		o.looked = true
		_, err := o.see(ctx, a, look, look.unseen())
		return true, err
	case state == urgent.RolledBack:
		return o.clean(ctx, a, look)
	case !look.Item.Accepted.Happened():
		return false, nil
	case len(look.ToCarry()) > 0:
		return true, a.carryItem(ctx, look)
	case len(look.Behind()) > 0 && !o.told:
		o.told = true
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

// tooEarly says what a release that served nobody waits for.
func (doc urgentDoc) tooEarly(a *app) {
	a.say("%s is not released: it is too early.", doc.Item)
	for _, line := range doc.Unreleased {
		a.say("  %s", line)
	}
	a.say("")
	doc.Next.report(a)
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
