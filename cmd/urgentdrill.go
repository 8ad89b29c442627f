package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentDrillOptions struct {
	loopback  bool
	targets   int
	versions  int
	component string
	to        []string
	timeout   time.Duration
}

func newUrgentDrillCmd(a *app) *cobra.Command {
	o := &urgentDrillOptions{}
	c := &cobra.Command{
		Use:   "drill",
		Short: "Try the whole lane out, with a fix that fixes nothing",
		Long: `Go the whole way with a harmless patch: open, accept, carry, test, approve, release, public,
retired. It is the same code, in a vault that is made for it and thrown away. The stacks go to the real
targets, on branches of their own (carry-drill/…) that are taken away again; with --loopback
to repositories on this machine. The people of a drill are made up: what it tries is the machines, the
credentials and the servers. What a drill that was killed has left, here and there, the next one takes away first.

How long each stage took is kept in the ledger, apart from the real ones: git carry urgent time.
Without a drill in 90 days (or as the policy says) git carry urgent status complains.

Exit code 1 when a target or a step failed: it says at which stage, on which targets, and what to type. That is
kept, too.`,
		Example: `  git carry urgent drill
  git carry urgent drill --loopback --versions 20 --targets 50`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.BoolVar(&o.loopback, "loopback", false, "on repositories that it makes on this machine")
	f.IntVar(&o.targets, "targets", 5, "how many, `N`, it makes with --loopback")
	f.IntVar(&o.versions, "versions", 2, "for how many versions, `N`")
	f.StringVar(&o.component, "component", "", "the `NAME` of the component that it poses as (else the first that has targets)")
	f.StringArrayVar(&o.to, "to", nil, "only the target with this `NAME`; may be given again")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long one repository may take, as a `TIME` such as 90s")
	return c
}

// drillPeople are made up: the first wrote the fix.
var drillPeople = []string{"author", "ann", "bob", "cat"}

// drillTarget is where a drill publishes to.
type drillTarget struct{ name, url, ring string }

// drill is one under way.
type drill struct {
	a        *app
	o        *urgentDrillOptions
	r        reading
	room     *gitops.DrillRoom
	dir      string // of the room
	id       string
	versions []string
	targets  []drillTarget
	later    time.Duration // by which the clock of its commands is ahead
}

func (o *urgentDrillOptions) run(ctx context.Context, a *app) error {
	if o.targets < 1 || o.versions < 1 || o.versions > 200 || o.targets > 2000 {
		return usagef("a drill has at least one version and one target, and at most 200 and 2000")
	}
	d, err := o.prepare(ctx, a)
	if err != nil {
		return err
	}
	fact := urgent.Drill{Where: "targets", Versions: len(d.versions), Targets: len(d.targets)}
	if o.loopback {
		fact.Where = "loopback"
	}
	failure, played := d.play(ctx)
	if played == nil {
		fact.Stages, played = d.stages(ctx, &failure)
	}
	tookNothing := func(t patchset.Target) bool { return len(t.Published) == 0 } // and that it failed is told already
	left := (drillClearing{d.r.vault.Git(), o.timeout, tookNothing}).clear(context.WithoutCancel(ctx), d.room)
	if played != nil { // Ctrl-C, or a disk that is full
		return errors.Join(played, left)
	}
	return d.tell(ctx, fact, failure, left)
}

// prepare makes the directory of a drill and finds out what it works on.
func (o *urgentDrillOptions) prepare(ctx context.Context, a *app) (*drill, error) {
	r, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	d := &drill{a: a, o: o, r: r}
	word, err := a.randomID(4)
	if err != nil {
		return nil, err
	}
	d.id = word
	if err := d.choose(); err != nil {
		return nil, err
	}
	if err := o.sweep(ctx, a, r); err != nil {
		return nil, err
	}
	if d.room, err = r.vault.DrillRoom(); err != nil {
		return nil, err
	}
	d.dir = d.room.Dir
	if err := d.makeRepositories(ctx); err != nil {
		return nil, errors.Join(err, d.room.Remove())
	}
	return d, nil
}

// choose finds the component, the versions and the targets.
func (d *drill) choose() error {
	o, l := d.o, d.r.ledger
	if o.loopback {
		o.component = cmp.Or(o.component, "core")
		for i := range o.versions {
			d.versions = append(d.versions, fmt.Sprintf("drill-%d", i+1))
		}
		for i := range o.targets {
			t := drillTarget{fmt.Sprintf("target-%d", i+1), filepath.Join("targets", fmt.Sprintf("%d.git", i+1)), patchset.RingStable}
			if i == 0 && o.targets > 1 {
				t.ring = patchset.RingTesting
			}
			d.targets = append(d.targets, t)
		}
		return nil
	}
	names := o.to
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(l.Targets))
	}
	for _, name := range names {
		t, known := l.Targets[name]
		if !known {
			return unknown("target", l.Targets, name)
		}
		for _, component := range append(notEmpty(t.Component), l.ComponentNames()...) {
			o.component = cmp.Or(o.component, component)
		}
		if t.Component == "" || t.Component == o.component {
			d.targets = append(d.targets, drillTarget{name, t.URL, t.Ring})
		}
	}
	d.versions = l.VersionNames()
	d.versions = d.versions[max(0, len(d.versions)-o.versions):]
	if d.stable() == 0 && len(d.targets) > 0 {
		return patchset.Faultf(patchset.CodeUsage, "%s for testing only: a release has nowhere to go", count(len(d.targets), "target is", "targets are")).
			WithHint("name a stable one too: git carry urgent drill --to NAME")
	}
	if len(d.targets) == 0 || len(d.versions) == 0 {
		return patchset.Faultf(patchset.CodeFailed, "the vault has no targets or versions to try the lane on").
			WithHint("git carry urgent drill --loopback").WithHint("git carry target add NAME URL")
	}
	return nil
}

// stable counts the targets to which a release goes.
func (d *drill) stable() int {
	n := 0
	for _, t := range d.targets {
		if t.ring != patchset.RingTesting {
			n++
		}
	}
	return n
}

func (d *drill) makeRepositories(ctx context.Context) error {
	git := d.r.vault.Git()
	if err := gitops.MakeDrill(ctx, git, filepath.Join(d.dir, "upstream.git"), d.versions, d.author(), d.now()); err != nil || !d.o.loopback {
		return err
	}
	if err := os.Mkdir(filepath.Join(d.dir, "targets"), 0o700); err != nil {
		return err
	}
	for i := range d.targets {
		d.targets[i].url = filepath.Join(d.dir, d.targets[i].url)
		if err := gitops.MakeDrillTarget(ctx, git, d.targets[i].url); err != nil {
			return err
		}
	}
	return nil
}

func (d *drill) author() string { return "Drill <" + drillPeople[0] + "@drill.invalid>" }

func (d *drill) now() time.Time { return d.a.env.Now().Add(d.later) }

// branch is where a version goes on a target: where nothing else is.
func (d *drill) branch() string {
	if d.o.loopback {
		return "deploy/{version}"
	}
	return drillBranches + d.id + "/{version}"
}
