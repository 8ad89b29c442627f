package cmd

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type publishOptions struct {
	version string
	to      []string
	ring    string
	timeout time.Duration
	dryRun  bool
}

// delivery is what a publish does of several versions at once.
type delivery struct {
	publishOptions
	versions []string
	// parallel is how many repositories are served at once; 0: as usual.
	parallel int
}

func newPublishCmd(a *app) *cobra.Command {
	o := &publishOptions{}
	c := &cobra.Command{
		Use:   "publish VERSION",
		Short: "Put the stacks on the private targets and read them back",
		Long: `Push the stacks of a version that passes verify to the private targets. Each repository gets
all of its branches or none, and a branch is moved only from what was last seen there;
afterwards an empty repository fetches it and must get exactly these commits. Only then it is
recorded. A target that fails, takes too long or serves something else is named and recorded,
and does not stop the others. Run again, what is there already is read back and not pushed again:
so a run that was cut off is finished by the next.

Targets of the ring testing come first. A stable target gets a stack once every testing target
that takes it has been read back well, now or earlier; until then it is held back. So one
command does both, and --ring testing today and --ring stable tomorrow leaves a day between.
With --to NAME that target gets it now, whatever the others have.

Refused with exit 4 while a signature is missing, with 6 while verify finds anything else, and
with 6 for a target that is a public upstream or answers somebody without a login: it is not
pushed to, the others are. Exit 1 when a target failed, 8 when all that is missing was held back.`,
		Example: `  git carry publish 1.46.0-wmf.6
  git carry publish 1.46.0-wmf.6 --ring testing
  git carry publish 1.46.0-wmf.6 --to staging`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.version = args[0]
			return o.inOrder(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.to, "to", nil, "only the target with this `NAME`, now; may be given again")
	f.StringVar(&o.ring, "ring", "", "only the targets of this `RING`: testing or stable")
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "how long one repository may take, as a `TIME` such as 90s or 10m")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be pushed where")
	return c
}

type publishDoc struct {
	Schema  string            `json:"schema"`
	Version string            `json:"version"`
	DryRun  bool              `json:"dry_run"`
	Targets []publishDelivery `json:"targets"`
}

type publishDelivery struct {
	Target    string      `json:"target"`
	Ring      string      `json:"ring"`
	Component string      `json:"component"`
	Version   string      `json:"version"`
	Branch    string      `json:"branch"`
	Commit    patchset.ID `json:"commit"`
	Patches   int         `json:"patches"`
	Result    string      `json:"result"`
	Error     string      `json:"error,omitempty"`
	Hint      []string    `json:"hint,omitempty"`
}

// The results of a delivery.
const (
	publishWould   = "would publish"
	publishDone    = "published"
	publishThere   = "already there"
	publishFailed  = "failed"
	publishRefused = "refused" // by policy: others could read it there, or consent is gone
	publishHeld    = "held"    // it is not well on the testing targets
)

// well tells whether the stack is there, or would be.
func (d publishDelivery) well() bool {
	return d.Result == publishWould || d.Result == publishDone || d.Result == publishThere
}

func (o *publishOptions) run(ctx context.Context, a *app) error {
	if o.ring != "" {
		if err := checkRing(o.ring); err != nil {
			return err
		}
	}
	if o.timeout <= 0 {
		return usagef("--timeout takes a time, such as 10m")
	}
	results, err := (&delivery{publishOptions: *o, versions: []string{o.version}}).deliver(ctx, a)
	if err != nil {
		return err
	}
	doc := publishDoc{schema("publish"), o.version, o.dryRun, results}
	a.show(doc, func() { doc.report(a) })
	return doc.outcome()
}

// deliver publishes the stacks of the versions, the testing targets first, and tells
// what came of each.
func (o *delivery) deliver(ctx context.Context, a *app) ([]publishDelivery, error) {
	r, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := gitops.ReadURLRules(ctx, r.vault.Git())
	if err != nil {
		return nil, err
	}
	var deliveries []patchset.Delivery
	private := map[string]bool{}
	for _, version := range o.versions {
		if _, err := r.ledger.Version(version); err != nil {
			return nil, err
		}
		list, err := o.deliveries(ctx, r, rules, private, version)
		if err != nil {
			return nil, err
		}
		deliveries = append(deliveries, list...)
	}
	if err := o.gate(ctx, a, r); err != nil {
		return nil, err
	}
	f := &fanOut{a: a, o: o, r: r, rules: rules, tried: map[patchset.Place]bool{}}
	all := []publishDelivery{}
	for _, ring := range []string{patchset.RingTesting, patchset.RingStable} {
		results, err := f.serve(ctx, inRing(deliveries, ring))
		if err != nil {
			return all, err
		}
		all = append(all, results...)
	}
	return all, nil
}

// outcome is the exit code: a place that others can read weighs most.
func (doc publishDoc) outcome() error {
	for _, c := range []struct {
		result string
		exit   int
	}{{publishRefused, exitPolicy}, {publishFailed, exitFailed}, {publishHeld, exitPending}} {
		if slices.ContainsFunc(doc.Targets, func(d publishDelivery) bool { return d.Result == c.result }) {
			return outcome{c.exit}
		}
	}
	return nil
}

func inRing(deliveries []patchset.Delivery, ring string) []patchset.Delivery {
	var out []patchset.Delivery
	for _, d := range deliveries {
		if (d.Ring == patchset.RingTesting) == (ring == patchset.RingTesting) {
			out = append(out, d)
		}
	}
	return out
}

// deliveries lists what must go where. Stacks without patches go only where an
// earlier one of the same version stands. private are the URLs that passed as no public
// upstream's.
func (o *publishOptions) deliveries(ctx context.Context, r reading, rules gitops.URLRules, private map[string]bool, version string) ([]patchset.Delivery, error) {
	l := r.ledger
	names := o.to
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(l.Targets))
	}
	if len(names) == 0 {
		return nil, patchset.Faultf(patchset.CodeFailed, "the vault has no targets").WithHint("git carry target add NAME URL")
	}
	var out []patchset.Delivery
	for _, name := range names {
		t, ok := l.Targets[name]
		if !ok {
			return nil, unknown("target", l.Targets, name)
		}
		if o.ring != "" && t.Ring != o.ring {
			continue
		}
		list, err := l.Deliveries(t, version)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if !private[d.URL] {
				if err := refusePublic(ctx, rules, l, d.URL); err != nil {
					return nil, err
				}
				private[d.URL] = true
			}
			if d.Length > 0 || d.Last != "" {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// gate refuses what verify would refuse.
func (o *delivery) gate(ctx context.Context, a *app, r reading) error {
	for _, version := range o.versions {
		problems, err := a.verify(ctx, r, version)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return a.refused(version, problems)
		}
	}
	return nil
}

// refused lists what keeps a version from being published.
func (a *app) refused(version string, problems []patchset.Problem) error {
	code := patchset.CodePolicy
	for _, p := range problems {
		if p.Problem == patchset.ProblemUnsigned {
			code = patchset.CodeConsent
		}
	}
	if !a.json {
		a.table(problemRows(problems))
	}
	return &gateError{
		Fault: patchset.Faultf(code, "%s may not be published: %s", version, count(len(problems), "problem", "problems")).
			WithHint("git carry status --version %s", version),
		problems: problems,
	}
}

// gateError is a refusal with all its reasons.
type gateError struct {
	*patchset.Fault
	problems []patchset.Problem
}

// Unwrap gives the fault, which decides the exit code.
func (e *gateError) Unwrap() error { return e.Fault }
