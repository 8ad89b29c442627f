package cmd

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type verifyOptions struct {
	version   string
	ref       string // a repository
	rev       string
	component string
}

func newVerifyCmd(a *app) *cobra.Command {
	o := &verifyOptions{}
	c := &cobra.Command{
		Use:   "verify VERSION",
		Short: "The gate: is the set complete, signed, and exactly what the branch holds?",
		Long: `Check a version before it is published: every patch of the version before is carried,
resolved, landed, retired or dropped here; nothing is parked; every consent that a conflict
or drift asked for is there, for exactly the commits in the stack; and the stacks hold these
commits and no others.

With --ref REPO REV the same is asked of a branch that somebody made or deployed: does it
carry the patches of VERSION, these and nothing else? Exits 6 with the list when not.`,
		Example: `  git carry verify 1.46.0-wmf.6
  git carry verify 1.46.0-wmf.6 --ref /srv/mediawiki HEAD --component core`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.version = args[0]
			if len(args) == 2 {
				o.rev = args[1]
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.ref, "ref", "", "check the branch REV of this `REPO` instead of the vault's stacks")
	c.Flags().StringVar(&o.component, "component", "", "the `COMPONENT` that REPO holds (else the one whose base it has)")
	return c
}

type verifyDoc struct {
	Schema   string             `json:"schema"`
	Version  string             `json:"version"`
	OK       bool               `json:"ok"`
	Problems []patchset.Problem `json:"problems"`
}

func (o *verifyOptions) run(ctx context.Context, a *app) error {
	if (o.ref == "") != (o.rev == "") {
		return usagef("--ref takes a repository and a revision: --ref REPO REV")
	}
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	if _, err := r.ledger.Version(o.version); err != nil {
		return err
	}
	var problems []patchset.Problem
	if o.ref != "" {
		problems, err = o.checkRef(ctx, a, r)
	} else {
		problems, err = a.verify(ctx, r, o.version)
	}
	if err != nil {
		return err
	}
	doc := verifyDoc{schema("verify"), o.version, len(problems) == 0, nonNil(problems)}
	a.show(doc, func() { o.report(a, r, doc) })
	if !doc.OK {
		return outcome{exitPolicy}
	}
	return nil
}

func (o *verifyOptions) report(a *app, r reading, doc verifyDoc) {
	if doc.OK {
		n := 0
		for _, p := range r.ledger.In(o.version) {
			if p.At[o.version].State.InStack() {
				n++
			}
		}
		a.say("ok: %s carries %s, complete and signed", o.version, count(n, "patch", "patches"))
		if o.ref == "" {
			a.next("git carry publish %s", o.version)
		}
		return
	}
	a.say("%s may not be published: %s", o.version, count(len(doc.Problems), "problem", "problems"))
	a.say("")
	rows := [][]string{{"PATCH", "COMPONENT", "PROBLEM", "DETAIL"}}
	for _, p := range doc.Problems {
		rows = append(rows, []string{orElse(p.Patch, "-"), p.Component, p.Problem, p.Detail})
	}
	a.table(rows)
	a.next("git carry status")
}

// verify checks a version: what the ledger says, and what the stacks hold.
func (a *app) verify(ctx context.Context, r reading, version string) ([]patchset.Problem, error) {
	problems := r.ledger.VerifyLedger(version, r.consent(ctx))
	scratch, err := r.vault.Scratch()
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	bench := gitops.NewWorkbench(scratch)
	bases := r.ledger.Versions[version].Bases
	for _, component := range slices.Sorted(maps.Keys(bases)) {
		base := bases[component]
		stack := r.ledger.Stack(component, version)
		ids, commits, err := scratch.ReadStack(ctx, base.Commit, stack.Tip())
		if err != nil {
			problems = append(problems, patchset.Problem{Component: component, Problem: patchset.ProblemWrong, Detail: err.Error()})
			continue
		}
		problems = append(problems, stack.VerifyStack(ids, commits)...)
	}
	moved, err := r.verifyResolved(ctx, bench, version)
	return append(problems, moved...), err
}

// verifyResolved checks that what the stack holds is what was signed: the same
// commit, or the same change on another base.
func (r reading) verifyResolved(ctx context.Context, bench *gitops.Workbench, version string) ([]patchset.Problem, error) {
	var problems []patchset.Problem
	for _, p := range r.ledger.In(version) {
		in := p.At[version]
		signed := r.ledger.Resolutions[patchset.Spot{Version: version, Patch: p.ID}].Result
		if in.State != patchset.StateResolved || in.Commit == signed {
			continue
		}
		cmp := patchset.Comparison{}
		if signed != "" {
			var err error
			if cmp, err = bench.Compare(ctx, signed, in.Commit); err != nil {
				return nil, err
			}
		}
		if !cmp.Same {
			problems = append(problems, patchset.Problem{
				Patch: p.ID, Component: p.Component, Problem: patchset.ProblemUnsigned,
				Detail: fmt.Sprintf("the stack holds %s, which is not what was signed", in.Commit.Short()),
			})
		}
	}
	return problems, nil
}

// checkRef checks a branch that somebody else made: which patches it carries is
// read from it alone, the ledger says which it should.
func (o *verifyOptions) checkRef(ctx context.Context, a *app, r reading) ([]patchset.Problem, error) {
	git, err := a.git(ctx)
	if err != nil {
		return nil, err
	}
	source, err := gitops.OpenSource(ctx, git, a.path(o.ref))
	if err != nil {
		return nil, err
	}
	tip, err := source.Resolve(ctx, o.rev)
	if err != nil {
		return nil, err
	}
	component, base, err := o.findComponent(ctx, r, source, tip)
	if err != nil {
		return nil, err
	}
	scratch, err := source.Scratch(filepath.Join(r.vault.Dir(), "carry-tmp"))
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	ids, commits, err := scratch.ReadStack(ctx, base, tip)
	if err != nil {
		return nil, err
	}
	return r.ledger.Stack(component, o.version).VerifyStack(ids, commits), nil
}

func (o *verifyOptions) findComponent(ctx context.Context, r reading, source *gitops.Source, tip patchset.ID) (string, patchset.ID, error) {
	bases := r.ledger.Versions[o.version].Bases
	for _, name := range r.ledger.ComponentNames() {
		base, ok := bases[name]
		if !ok || (o.component != "" && name != o.component) {
			continue
		}
		if common, err := source.MergeBase(ctx, base.Commit, tip); err == nil && common == base.Commit {
			return name, base.Commit, nil
		}
	}
	f := patchset.Faultf(patchset.CodeNoBase, "%s in %s does not stand on the base of %s", o.rev, o.ref, o.version)
	return "", "", f.WithHint("name the component: --component NAME").WithHint("or it is another version: git carry log")
}
