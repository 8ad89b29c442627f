package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

type publishOptions struct {
	version string
	to      []string
	dryRun  bool
}

func newPublishCmd(a *app) *cobra.Command {
	o := &publishOptions{}
	c := &cobra.Command{
		Use:   "publish VERSION",
		Short: "Put the stacks on the private targets and read them back",
		Long: `Push the stacks of a version that passes verify to the private targets. Each push is
atomic and moves a branch only from what was last seen there; afterwards an empty
repository fetches the branch and must get exactly these commits. Only then it is
recorded. A target that fails is named and does not stop the others; run again, what is
there already is not pushed again.

Refused with exit 4 while a signature is missing, with 6 while verify finds anything else.`,
		Example: `  git carry publish 1.46.0-wmf.6
  git carry publish 1.46.0-wmf.6 --to staging`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.version = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringArrayVar(&o.to, "to", nil, "only the target with this `NAME`; may be given again")
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be pushed where")
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
	Component string      `json:"component"`
	Branch    string      `json:"branch"`
	Commit    patchset.ID `json:"commit"`
	Patches   int         `json:"patches"`
	Result    string      `json:"result"`
	Error     string      `json:"error,omitempty"`
}

// The results of a delivery.
const (
	publishWould  = "would publish"
	publishDone   = "published"
	publishThere  = "already there"
	publishFailed = "failed"
)

func (o *publishOptions) run(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	if _, err := r.ledger.Version(o.version); err != nil {
		return err
	}
	deliveries, err := o.deliveries(r.ledger)
	if err != nil {
		return err
	}
	if err := o.gate(ctx, a, r); err != nil {
		return err
	}
	doc := publishDoc{schema("publish"), o.version, o.dryRun, make([]publishDelivery, len(deliveries))}
	o.deliver(ctx, a, r.vault, deliveries, doc.Targets)
	if !o.dryRun {
		if err := o.record(ctx, a, deliveries, doc.Targets); err != nil {
			return err
		}
	}
	a.show(doc, func() { o.report(a, doc) })
	for _, d := range doc.Targets {
		if d.Result == publishFailed {
			return outcome{exitFailed}
		}
	}
	return nil
}

// deliveries lists what must go where. Stacks without patches go only where an
// earlier one of the same version stands.
func (o *publishOptions) deliveries(l patchset.Ledger) ([]patchset.Delivery, error) {
	names := o.to
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(l.Targets))
	}
	if len(names) == 0 {
		return nil, patchset.Faultf(patchset.CodeUsage, "the vault has no targets").WithHint("git carry target add NAME URL")
	}
	var out []patchset.Delivery
	for _, name := range names {
		t, ok := l.Targets[name]
		if !ok {
			return nil, patchset.Faultf(patchset.CodeUsage, "no target %q", name).WithHint("git carry target list")
		}
		list, err := l.Deliveries(t, o.version)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if err := refusePublic(l, d.URL); err != nil {
				return nil, err
			}
			if d.Length > 0 || d.Last != "" {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// gate refuses what verify would refuse.
func (o *publishOptions) gate(ctx context.Context, a *app, r reading) error {
	problems, err := a.verify(ctx, r, o.version)
	if err != nil || len(problems) == 0 {
		return err
	}
	code := patchset.CodePolicy
	for _, p := range problems {
		if p.Problem == patchset.ProblemUnsigned {
			code = patchset.CodeConsent
		}
	}
	f := patchset.Faultf(code, "%s may not be published: %s", o.version, count(len(problems), "problem", "problems"))
	for i, p := range problems {
		if i == 5 {
			f.WithHint("… and %d more", len(problems)-i)
			break
		}
		f.WithHint("%s %s: %s, %s", p.Component, orElse(p.Patch, "-"), p.Problem, p.Detail)
	}
	return f.WithHint("git carry verify %s", o.version)
}

// parallelPushes bounds how many targets are pushed to at once.
const parallelPushes = 8

func (o *publishOptions) deliver(ctx context.Context, a *app, v *gitops.Vault, deliveries []patchset.Delivery, results []publishDelivery) {
	var g errgroup.Group
	g.SetLimit(parallelPushes)
	var done sync.Mutex
	for i, d := range deliveries {
		g.Go(func() error {
			result, err := o.deliverOne(ctx, a, v, d)
			out := publishDelivery{d.Target, d.Component, d.Branch, d.Tip, d.Length, result, ""}
			if err != nil {
				out.Result, out.Error = publishFailed, err.Error()
			}
			done.Lock()
			results[i] = out
			done.Unlock()
			return nil
		})
	}
	_ = g.Wait() // every delivery has its own result
	a.endProgress()
}

func (o *publishOptions) deliverOne(ctx context.Context, a *app, v *gitops.Vault, d patchset.Delivery) (string, error) {
	refs, err := gitops.ListRemote(ctx, v.Git(), d.URL)
	if err != nil {
		return "", err
	}
	ref := "refs/heads/" + d.Branch
	there := refs[ref]
	switch {
	case there == d.Tip:
		return publishThere, v.ReadBack(ctx, d.URL, ref, d.Tip, d.Length+1)
	case there != "" && there != d.Last:
		// Ours or public is fine: the vault has it, nothing would be lost.
		if known, err := v.Exists(ctx, there); err != nil || !known {
			return "", fmt.Errorf("%s holds %s, which this vault does not know: somebody else moved it", d.Branch, there.Short())
		}
	}
	if o.dryRun {
		return publishWould, nil
	}
	if err := v.Push(ctx, d.URL, []gitops.PushUpdate{{Ref: ref, Old: there, New: d.Tip}}, a.progress()); err != nil {
		return "", err
	}
	return publishDone, v.ReadBack(ctx, d.URL, ref, d.Tip, d.Length+1)
}

// record writes down what was read back.
func (o *publishOptions) record(ctx context.Context, a *app, deliveries []patchset.Delivery, results []publishDelivery) error {
	return a.record(ctx, "publish", func(_ context.Context, s *step) error {
		n := 0
		for i, d := range deliveries {
			t := s.ledger.Targets[d.Target]
			if results[i].Result == publishFailed || t.Name == "" {
				continue
			}
			key := d.Version + "/" + d.Component
			if was, ok := t.Published[key]; ok && was.Commit == d.Tip && was.Branch == d.Branch {
				continue
			}
			t.Published[key] = patchset.Published{
				Component: d.Component, Version: d.Version, Branch: d.Branch, Commit: d.Tip,
				At: a.env.Now().UTC(), By: s.by(),
			}
			s.ledger.Targets[d.Target] = t
			n++
			s.details = append(s.details, fmt.Sprintf("%s: %s at %s", d.Target, d.Component, d.Branch))
		}
		s.did("published %s of %s, read back", count(n, "stack", "stacks"), o.version)
		return nil
	})
}

func (o *publishOptions) report(a *app, doc publishDoc) {
	if len(doc.Targets) == 0 {
		a.say("Nothing to publish: %s has no patches for these targets.", doc.Version)
		return
	}
	rows := [][]string{{"TARGET", "COMPONENT", "BRANCH", "COMMIT", "PATCHES", "RESULT"}}
	for _, d := range doc.Targets {
		rows = append(rows, []string{
			d.Target, d.Component, d.Branch, d.Commit.Short(), fmt.Sprint(d.Patches), orElse(d.Error, d.Result),
		})
	}
	a.table(rows)
}
