package cmd

import (
	"cmp"
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
	Ref      *verifiedRef       `json:"ref,omitempty"`
}

// verifiedRef is a branch that was compared with a stack.
type verifiedRef struct {
	Repo      string      `json:"repo"`
	Rev       string      `json:"rev"`
	Commit    patchset.ID `json:"commit"`
	Component string      `json:"component"`
	Patches   int         `json:"patches"` // that it should carry
}

// String is such as "HEAD of /srv/core (3f2a9c1b70)".
func (v verifiedRef) String() string {
	return fmt.Sprintf("%s of %s (%s)", v.Rev, v.Repo, v.Commit.Short())
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
	var ref *verifiedRef
	if o.ref != "" {
		ref, problems, err = o.checkRef(ctx, a, r)
	} else {
		problems, err = a.verify(ctx, r, o.version)
	}
	if err != nil {
		return err
	}
	doc := verifyDoc{schema("verify"), o.version, len(problems) == 0, nonNil(problems), ref}
	a.show(doc, func() { o.report(a, r, doc) })
	if !doc.OK {
		return outcome{exitPolicy}
	}
	return nil
}

func (o *verifyOptions) report(a *app, r reading, doc verifyDoc) {
	switch {
	case doc.OK && doc.Ref != nil:
		a.say("ok: %s is %s in %s: %s, these and nothing else", doc.Ref, doc.Ref.Component, o.version, count(doc.Ref.Patches, "patch", "patches"))
		return
	case doc.OK:
		n := 0
		for _, p := range r.ledger.In(o.version) {
			if p.At[o.version].State.InStack() {
				n++
			}
		}
		a.say("ok: %s carries %s, complete and signed", o.version, count(n, "patch", "patches"))
		a.next("git carry publish %s", o.version)
		return
	case doc.Ref != nil:
		a.say("%s is not %s in %s: %s, compared with the %s of the ledger",
			doc.Ref, doc.Ref.Component, o.version, count(len(doc.Problems), "problem", "problems"), count(doc.Ref.Patches, "patch", "patches"))
	default:
		a.say("%s may not be published: %s", o.version, count(len(doc.Problems), "problem", "problems"))
	}
	a.say("")
	a.table(problemRows(doc.Problems))
	a.next("%s", doc.next())
}

// next is where to look: a branch that is wrong is not mended by the board.
func (d verifyDoc) next() string {
	if d.Ref == nil {
		return "git carry status"
	}
	for _, p := range d.Problems {
		if p.Patch != "" {
			return "git carry show " + p.Patch
		}
	}
	return "git carry log"
}

func problemRows(problems []patchset.Problem) [][]string {
	rows := [][]string{{"PATCH", "COMPONENT", "PROBLEM", "DETAIL"}}
	for _, p := range problems {
		rows = append(rows, []string{cmp.Or(p.Patch, "-"), p.Component, p.Problem, p.Detail})
	}
	return rows
}

// verify checks a version: what the ledger says, and what the stacks hold.
func (a *app) verify(ctx context.Context, r reading, version string) ([]patchset.Problem, error) {
	problems := r.ledger.VerifyLedger(version, r.consent(ctx))
	scratch, err := r.vault.Scratch()
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	bench := gitops.NewWorkbench(scratch, a.engine.mode)
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
	carried, err := a.verifyCarried(ctx, r, bench, version)
	if err != nil && ctx.Err() == nil { // say it beside the other problems, not instead of them
		return append(problems, patchset.Problem{Problem: patchset.ProblemWrong, Detail: "cannot be carried again: " + err.Error()}), nil
	}
	return append(problems, carried...), err
}

// verifyCarried carries the version again, in memory, and compares.
func (a *app) verifyCarried(ctx context.Context, r reading, bench *gitops.Workbench, version string) ([]patchset.Problem, error) {
	again := &step{reading: r, bench: bench}
	again.ledger = r.ledger.Clone()
	v := r.ledger.Versions[version]
	if _, err := a.carry(ctx, again, patchset.TrainRequest{Version: version, From: v.From, Settle: true, Bases: v.Bases}); err != nil {
		return nil, err
	}
	return r.ledger.VerifyCarried(version, again.ledger), nil
}

// checkRef checks a branch that somebody else made: which patches it carries is
// read from it alone, the ledger says which it should.
func (o *verifyOptions) checkRef(ctx context.Context, a *app, r reading) (*verifiedRef, []patchset.Problem, error) {
	git, err := a.git()
	if err != nil {
		return nil, nil, err
	}
	source, err := gitops.OpenSource(ctx, git, a.path(o.ref))
	if err != nil {
		return nil, nil, err
	}
	tip, err := source.Resolve(ctx, o.rev)
	if err != nil {
		return nil, nil, err
	}
	component, base, err := o.findComponent(ctx, r, source, tip)
	if err != nil {
		return nil, nil, err
	}
	scratch, err := source.Scratch(filepath.Join(r.vault.Dir(), "carry-tmp"))
	if err != nil {
		return nil, nil, err
	}
	defer scratch.Close()
	ids, commits, err := scratch.ReadStack(ctx, base, tip)
	if err != nil {
		return nil, nil, err
	}
	stack := r.ledger.Stack(component, o.version)
	ref := &verifiedRef{o.ref, o.rev, tip, component, len(stack.Patches)}
	return ref, append(r.unsettledIn(ctx, component, o.version), stack.VerifyStack(ids, commits)...), nil
}

// unsettledIn is what the ledger says against one component of a version: what is
// parked or unsigned is missing in every branch, however it was made.
func (r reading) unsettledIn(ctx context.Context, component, version string) []patchset.Problem {
	return slices.DeleteFunc(r.ledger.VerifyLedger(version, r.consent(ctx)), func(p patchset.Problem) bool {
		return p.Component != component
	})
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
