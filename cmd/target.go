package cmd

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newTargetCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "target",
		Short: "The private places that stacks are published to",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newTargetAddCmd(a), newTargetEditCmd(a), newTargetRemoveCmd(a), newTargetListCmd(a))
	return c
}

type targetAddOptions struct {
	target patchset.Target
	use    targetUse
}

func newTargetAddCmd(a *app) *cobra.Command {
	o := &targetAddOptions{}
	c := &cobra.Command{
		Use:   "add NAME URL",
		Short: "Add a target, or change one",
		Long: `Add a private git repository that publish puts stacks into. URL and the branch pattern
may hold {component} and {version}. The branch is named as the public one unless --branch
says otherwise. What goes to a stable target has been read back from the testing ones before
(git carry help publish). The public upstream of a component, and a place that answers somebody without
a login, are refused: published there, an embargoed fix would be out. So is a place where two components
would share a branch.

What users fetch from is told by the flags below; the urgent lane's panic mode needs it (git carry help
urgent panic).`,
		Example: `  git carry target add prod ssh://deploy.example.org/srv/{component}.git
  git carry target add staging /srv/staging/core.git --component core --branch 'deploy/{version}' --ring testing`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			o.target.Name, o.target.URL = args[0], args[1]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.target.Component, "component", "", "only this `COMPONENT` goes there")
	f.StringVar(&o.target.Branch, "branch", "", "the `PATTERN` of the branch, such as deploy/{version}")
	f.StringVar(&o.target.Ring, "ring", patchset.RingStable, "the `RING`: testing, or stable, which gets nothing before testing has it")
	o.use.flags(f)
	return c
}

type targetDoc struct {
	Name      string `json:"name"`
	URL       string `json:"url"`
	Component string `json:"component"`
	Branch    string `json:"branch"`
	Ring      string `json:"ring"`
	Class     string `json:"class"` // mirror, origin or private
	Weight    int    `json:"weight"`
	Optional  bool   `json:"optional"`
	Serves    string `json:"serves"` // where users fetch from
	// Undelivered are the stacks that did not get there when that was last tried.
	Undelivered []undeliveredDoc `json:"undelivered,omitempty"`
}

type undeliveredDoc struct {
	Stack string `json:"stack"` // version/component
	Error string `json:"error"`
	Since string `json:"since"`
}

func newTargetDoc(t patchset.Target) targetDoc {
	return targetDoc{
		Name: t.Name, URL: gitops.MaskURL(t.URL), Component: t.Component, Branch: t.Branch, Ring: t.Ring,
		Class: cmp.Or(t.Class, "mirror"), Weight: t.Bears(), Optional: t.Optional, Serves: gitops.MaskURL(cmp.Or(t.Serves, t.URL)),
	}
}

// showTarget ends a command that changed a target: the target in JSON, or a line.
func (a *app) showTarget(command string, t patchset.Target, format string, args ...any) {
	doc := struct {
		Schema string `json:"schema"`
		targetDoc
	}{schema(command), newTargetDoc(t)}
	a.show(doc, func() { a.say(format, args...) })
}

func (o *targetAddOptions) run(ctx context.Context, a *app) error {
	if err := o.check(a); err != nil {
		return err
	}
	git, err := a.git()
	if err != nil {
		return err
	}
	rules, err := gitops.ReadURLRules(ctx, git)
	if err != nil {
		return err
	}
	// Where the URL has a component in it, publish asks.
	if !strings.Contains(o.target.URL, "{") {
		if err := gitops.RefuseAnonymous(ctx, git, rules, o.target.URL); err != nil {
			return err
		}
	}
	var t patchset.Target
	var verb string
	err = a.record(ctx, "target add", func(ctx context.Context, s *step) error {
		if o.target.Component != "" {
			if _, err := s.ledger.Component(o.target.Component); err != nil {
				return err
			}
		}
		if err := refusePublic(ctx, rules, s.ledger, o.target.URL); err != nil {
			return err
		}
		t, verb = o.target, "added"
		if old, known := s.ledger.Targets[t.Name]; known {
			verb = "changed"
			if old.URL == t.URL {
				t.Published = old.Published
			}
			t.Class, t.Weight, t.Optional, t.Serves = old.Class, old.Weight, old.Optional, old.Serves
		}
		o.use.set(&t)
		newest, _ := s.ledger.Newest()
		if _, err := s.ledger.Deliveries(t, newest); err != nil {
			return err // publish would refuse it, when there is no time
		}
		s.ledger.Targets[t.Name] = t
		s.did("%s target %s (%s)", verb, t.Name, t.Ring)
		return nil
	})
	if err != nil {
		return err
	}
	a.showTarget("target-add", t, "Target %s %s (%s): %s", t.Name, verb, t.Ring, gitops.MaskURL(t.URL))
	return nil
}

// check refuses what no target can be, and completes the URLs.
func (o *targetAddOptions) check(a *app) (err error) {
	if err := patchset.CheckTarget(o.target.Name); err != nil {
		return err
	}
	if err := checkRing(o.target.Ring); err != nil {
		return err
	}
	if o.target.URL, err = gitops.CheckURL(o.target.URL, a.env.Dir); err != nil {
		return err
	}
	if err := o.use.check(a); err != nil {
		return err
	}
	return checkBranchPattern(o.target)
}

func checkRing(ring string) error {
	if ring != patchset.RingTesting && ring != patchset.RingStable {
		return usagef("--ring is testing or stable, not %q", ring)
	}
	return nil
}

func checkBranchPattern(t patchset.Target) error {
	if t.Branch == "" {
		return nil
	}
	sample := t.BranchFor("core", "v1", patchset.Base{})
	if !gitops.ValidBranch(sample) {
		return usagef("%q is no pattern for a branch name", t.Branch)
	}
	if !strings.Contains(t.Branch, "{version}") {
		return usagef("the branch pattern %q has no {version} in it: versions would overwrite each other", t.Branch)
	}
	return nil
}

// refusePublic keeps embargoed work away from the public upstreams: by what the URLs
// say, and by what git makes of them with the person's own configuration.
func refusePublic(ctx context.Context, rules gitops.URLRules, l patchset.Ledger, url string) error {
	pushed, err := rules.Effective(ctx, url, true)
	if err != nil {
		return err
	}
	for _, name := range l.ComponentNames() {
		public := l.Components[name].URL
		fetched, err := rules.Effective(ctx, public, false)
		if err != nil {
			return err
		}
		if gitops.SameRemote(url, public) || gitops.SameRemote(pushed, fetched) || gitops.SameRemote(pushed, public) {
			return patchset.Faultf(patchset.CodePolicy, "%s is the public upstream of %s: an embargoed fix would be out", gitops.MaskURL(url), name).
				WithHint("name a private repository")
		}
	}
	return nil
}

func newTargetRemoveCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a target",
		Long: `Forget a target. What was published there stays there, and stays in the ledger's past; the
repository itself is not touched.`,
		Example: "  git carry target remove staging",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return removeTarget(c.Context(), a, args[0]) },
	}
}

func removeTarget(ctx context.Context, a *app, name string) error {
	var gone patchset.Target
	err := a.record(ctx, "target remove", func(_ context.Context, s *step) error {
		t, ok := s.ledger.Targets[name]
		if !ok {
			return unknown("target", s.ledger.Targets, name)
		}
		gone = t
		delete(s.ledger.Targets, name)
		maps.DeleteFunc(s.ledger.Undelivered, func(at patchset.Place, _ patchset.Failure) bool { return at.Target == name })
		s.did("removed target %s (%s)", name, t.Ring)
		return nil
	})
	if err != nil {
		return err
	}
	a.showTarget("target-remove", gone, "Target %s removed. The repository is as it was: %s", name, gitops.MaskURL(gone.URL))
	return nil
}

func newTargetListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the targets and what was last put there",
		Long:    "List the private targets, and for each the stacks that were last read back from it, and\nthose that did not get there when that was last tried, with why.",
		Example: "  git carry target list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return listTargets(c.Context(), a) },
	}
}

func listTargets(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	list := []targetDoc{}
	rows := [][]string{{"TARGET", "RING", "COMPONENT", "BRANCH", "URL", "PUBLISHED"}}
	for _, name := range slices.Sorted(maps.Keys(r.ledger.Targets)) {
		t := r.ledger.Targets[name]
		doc := newTargetDoc(t)
		doc.Undelivered = undeliveredTo(r.ledger, name)
		list = append(list, doc)
		var published []string
		for _, key := range slices.Sorted(maps.Keys(t.Published)) {
			p := t.Published[key]
			published = append(published, p.Component+" "+p.Version)
		}
		rows = append(rows, []string{
			t.Name, t.Ring, cmp.Or(t.Component, "(all)"), cmp.Or(t.Branch, "(as the public one)"),
			gitops.MaskURL(t.URL), joinWords(published),
		})
	}
	doc := struct {
		Schema  string      `json:"schema"`
		Targets []targetDoc `json:"targets"`
	}{schema("target-list"), list}
	a.show(doc, func() {
		if len(list) == 0 {
			a.say("No targets.")
			a.next("git carry target add NAME URL")
			return
		}
		a.fittedTable(rows, "PUBLISHED", "BRANCH")
		for _, t := range list {
			if words := useWords(r.ledger.Targets[t.Name]); words != useWords(patchset.Target{}) {
				a.say("%s: %s", t.Name, words)
			}
			for _, u := range t.Undelivered {
				a.say("%s lacks %s: %s", t.Name, u.Stack, u.Error)
			}
		}
	})
	return nil
}

func undeliveredTo(l patchset.Ledger, target string) []undeliveredDoc {
	var out []undeliveredDoc
	for at, failure := range l.Undelivered {
		if at.Target == target {
			out = append(out, undeliveredDoc{at.Stack, failure.Error, stamp(failure.At)})
		}
	}
	slices.SortFunc(out, func(x, y undeliveredDoc) int { return strings.Compare(x.Stack, y.Stack) })
	return out
}
