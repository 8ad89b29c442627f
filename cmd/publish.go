package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
			return o.inOrder(c.Context(), a)
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
	Hint      []string    `json:"hint,omitempty"`
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
	deliveries, err := o.deliveries(ctx, r)
	if err != nil {
		return err
	}
	if err := o.gate(ctx, a, r); err != nil {
		return err
	}
	doc := publishDoc{schema("publish"), o.version, o.dryRun, make([]publishDelivery, len(deliveries))}
	o.deliver(ctx, a, r, deliveries, doc.Targets)
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
func (o *publishOptions) deliveries(ctx context.Context, r reading) ([]patchset.Delivery, error) {
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
			return nil, unknownTarget(l, name)
		}
		list, err := l.Deliveries(t, o.version)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if err := refusePublic(ctx, r.vault.Git(), l, d.URL); err != nil {
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
	if !a.json {
		a.table(problemRows(problems))
	}
	return &gateError{
		Fault: patchset.Faultf(code, "%s may not be published: %s", o.version, count(len(problems), "problem", "problems")).
			WithHint("git carry status --version %s", o.version),
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

// parallelPushes bounds how many targets are pushed to at once.
const parallelPushes = 8

func (o *publishOptions) deliver(ctx context.Context, a *app, r reading, deliveries []patchset.Delivery, results []publishDelivery) {
	var g errgroup.Group
	g.SetLimit(parallelPushes)
	var done sync.Mutex
	for i, d := range deliveries {
		g.Go(func() error {
			result, err := o.deliverOne(ctx, a, r, d)
			out := publishDelivery{d.Target, d.Component, d.Branch, d.Tip, d.Length, result, "", nil}
			if err != nil {
				f := explain(err)
				out.Result, out.Error, out.Hint = publishFailed, f.Message, append(f.Hint, o.again(d))
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

func (o *publishOptions) deliverOne(ctx context.Context, a *app, r reading, d patchset.Delivery) (string, error) {
	v := r.vault
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
			return "", patchset.Faultf(patchset.CodeFailed, "%s holds %s, which this vault does not know: somebody else moved it", d.Branch, there.Short()).
				WithHint("see what it is, put it aside, and set the branch back: git ls-remote %s %s", shellWord(gitops.MaskURL(d.URL)), shellWord(ref))
		}
	}
	if o.dryRun {
		return publishWould, nil
	}
	if err := o.stillAllowed(ctx, a, r, d); err != nil {
		return "", err
	}
	if err := gitops.RefuseAnonymous(ctx, v.Git(), d.URL); err != nil {
		return "", err
	}
	if err := v.Push(ctx, d.URL, []gitops.PushUpdate{{Ref: ref, Old: there, New: d.Tip}}, a.progress()); err != nil {
		return "", err
	}
	return publishDone, v.ReadBack(ctx, d.URL, ref, d.Tip, d.Length+1)
}

// stillAllowed asks the gate again when the ledger has moved since: consent may have
// been withdrawn while other targets were served.
func (o *publishOptions) stillAllowed(ctx context.Context, a *app, r reading, d patchset.Delivery) error {
	now, err := a.read(ctx)
	if err != nil || now.at.Tip == r.at.Tip {
		return err
	}
	if now.ledger.Stack(d.Component, d.Version).Tip() != d.Tip {
		return patchset.Faultf(patchset.CodePolicy, "the stack changed meanwhile").WithHint("git carry publish %s", d.Version)
	}
	return o.gate(ctx, a, now)
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
		rows = append(rows, []string{d.Target, d.Component, d.Branch, d.Commit.Short(), fmt.Sprint(d.Patches), d.Result})
	}
	a.table(rows)
	for _, name := range doc.failedTargets() {
		doc.reportFailed(a, name)
	}
}

// failedTargets names the targets of which something failed, in order.
func (doc publishDoc) failedTargets() []string {
	var names []string
	for _, d := range doc.Targets {
		if d.Result == publishFailed && !slices.Contains(names, d.Target) {
			names = append(names, d.Target)
		}
	}
	return names
}

// reportFailed says what failed at one target: each error once, with what it
// kept back, then each hint once.
func (doc publishDoc) reportFailed(a *app, target string) {
	var problems, hints []string
	kept := map[string][]string{}
	for _, d := range doc.Targets {
		if d.Target != target || d.Result != publishFailed {
			continue
		}
		if kept[d.Error] == nil {
			problems = append(problems, d.Error)
		}
		kept[d.Error] = append(kept[d.Error], d.Component)
		for _, hint := range d.Hint {
			if !slices.Contains(hints, hint) {
				hints = append(hints, hint)
			}
		}
	}
	a.say("")
	a.say("%s failed:", target)
	for _, problem := range problems {
		a.say("  %s:", joinWords(kept[problem]))
		a.say("    %s", strings.ReplaceAll(problem, "\n", "\n    "))
	}
	for _, hint := range hints {
		a.say("  hint:  %s", hint)
	}
}

// again is what to type when what kept a delivery back is mended.
func (o *publishOptions) again(d patchset.Delivery) string {
	return fmt.Sprintf("when that is mended: git carry publish %s --to %s", shellWord(o.version), shellWord(d.Target))
}
