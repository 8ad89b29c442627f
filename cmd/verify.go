package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

type verifyOptions struct {
	version   string
	ref       string // a repository
	rev       string
	component string
	noRead    bool // do not ask the targets
}

func newVerifyCmd(a *app) *cobra.Command {
	o := &verifyOptions{}
	c := &cobra.Command{
		Use:   "verify VERSION",
		Short: "The gate: is the set complete, signed, and exactly what the branch holds?",
		Long: `Check a version before it is published: every patch of the version before is carried,
resolved, landed, retired or dropped here; nothing is parked; every consent that a conflict
or drift asked for is there, for exactly the commits in the stack; and the stacks hold these
commits and no others. Check commands that have not been run on exactly these stacks are run now;
what comes of that is reported and not recorded (git carry check run records it).

What was published of the version is read back from its targets: each must serve exactly what
publish put there. Before anything is published no server is asked, nor with --no-read-back.

With --ref REPO REV the same is asked of a branch that somebody else made or deployed, by
whatever means: git am, squash, rebase, merge, a checkout without history. Does the tree of REV
have the fix of every patch of VERSION, hunk by hunk, and nothing that base and patches do not
give? For each patch the commit is named that brings it: the stack's own, one with its Carry-Id,
one that makes the same change; else what counts is that the content is there. A missing hunk
and a file that should not be so are named with file and line. REPO may be a shallow clone;
REV decides, what is changed in its work tree and not committed is not looked at.

Exits 6 with the list when anything is wrong, 5 when a check does not hold.`,
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
	c.Flags().BoolVar(&o.noRead, "no-read-back", false, "do not ask the targets what they serve")
	return c
}

type verifyDoc struct {
	Schema   string             `json:"schema"`
	Version  string             `json:"version"`
	OK       bool               `json:"ok"`
	Problems []patchset.Problem `json:"problems"`
	Ref      *verifiedRef       `json:"ref,omitempty"`
	Targets  []verifiedTarget   `json:"targets"` // that were read back
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
	doc := verifyDoc{Schema: schema("verify"), Version: o.version, Targets: []verifiedTarget{}}
	if o.ref != "" {
		doc.Ref, doc.Problems, err = o.checkRef(ctx, a, r)
	} else {
		doc.Problems, err = a.verify(ctx, r, o.version)
	}
	if err != nil {
		return err
	}
	if o.ref == "" && !o.noRead {
		doc.read(a.readBack(ctx, r, o.version))
	}
	doc.OK, doc.Problems = len(doc.Problems) == 0, nonNil(doc.Problems)
	a.show(doc, func() { o.report(a, r, doc) })
	switch {
	case brokenCheck(doc.Problems):
		return outcome{exitCheck}
	case !doc.OK:
		return outcome{exitPolicy}
	}
	return nil
}

// read takes in what the targets serve.
func (d *verifyDoc) read(targets []verifiedTarget) {
	d.Targets = append(d.Targets, targets...)
	for _, t := range targets {
		if p, ok := t.problem(); ok {
			d.Problems = append(d.Problems, p)
		}
	}
}

func (o *verifyOptions) report(a *app, r reading, doc verifyDoc) {
	switch {
	case doc.OK && doc.Ref != nil:
		a.say("ok: %s is %s in %s: %s, these and nothing else", doc.Ref, doc.Ref.Component, o.version, count(doc.Ref.Patches, "patch", "patches"))
		doc.Ref.reportFound(a)
		return
	case doc.OK:
		n := 0
		for _, p := range r.ledger.In(o.version) {
			if p.At[o.version].State.InStack() {
				n++
			}
		}
		a.say("ok: %s carries %s, complete and signed", o.version, count(n, "patch", "patches"))
		for _, line := range targetWords(o.version, doc.Targets) {
			a.say("%s", line)
		}
		if len(r.ledger.Targets) == 0 || (board{reading: r, version: o.version}).unpublished() {
			a.next("git carry publish %s", o.version)
		}
		return
	case doc.Ref != nil:
		a.say("%s is not %s in %s: %s, compared with the %s of the ledger",
			doc.Ref, doc.Ref.Component, o.version, count(len(doc.Problems), "problem", "problems"), count(doc.Ref.Patches, "patch", "patches"))
	case doc.onlyTargets():
		a.say("%s is complete and signed, but not all that was published is there: %s", o.version, count(len(doc.Problems), "problem", "problems"))
	default:
		a.say("%s may not be published: %s", o.version, count(len(doc.Problems), "problem", "problems"))
	}
	a.say("")
	a.table(problemRows(doc.Problems))
	if doc.Ref != nil {
		doc.Ref.reportFound(a)
	}
	a.next("%s", doc.next(r.ledger))
}

// onlyTargets tells whether all problems are with what targets serve.
func (d verifyDoc) onlyTargets() bool {
	return !slices.ContainsFunc(d.Problems, func(p patchset.Problem) bool {
		return p.Problem != patchset.ProblemPublished && p.Problem != patchset.ProblemUnread
	})
}

// next is where to look: what is wrong elsewhere is not mended by the board.
func (d verifyDoc) next(l patchset.Ledger) string {
	switch {
	case d.Ref == nil && d.onlyTargets():
		return "git carry publish " + shellWord(d.Version) + " --dry-run      (or without the targets: git carry verify " + shellWord(d.Version) + " --no-read-back)"
	case d.Ref == nil:
		return shellLine(statusArgv(l, d.Version))
	}
	for _, p := range d.Problems {
		if p.Patch != "" {
			return "git carry show " + p.Patch
		}
	}
	for _, p := range d.Problems {
		if p.Path != "" && d.Ref.Base != "" {
			return fmt.Sprintf("git -C %s log -p %s..%s -- %s", shellWord(d.Ref.Repo), d.Ref.Base, shellWord(d.Ref.Rev), shellWord(p.Path))
		}
	}
	return "git carry log"
}

func problemRows(problems []patchset.Problem) [][]string {
	rows := [][]string{{"PATCH", "COMPONENT", "PROBLEM", "DETAIL"}}
	for _, p := range problems {
		rows = append(rows, []string{cmp.Or(p.Patch, "-"), cmp.Or(p.Component, "-"), p.Problem, placeOf(p) + p.Detail})
	}
	return rows
}

// placeOf is the file and line of a problem, "" when it has none.
func placeOf(p patchset.Problem) string {
	switch {
	case p.Path == "":
		return ""
	case p.Line == 0:
		return printable.Line(p.Path) + ": "
	}
	return fmt.Sprintf("%s:%d: ", printable.Line(p.Path), p.Line)
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
	problems = append(problems, verifyPins(ctx, bench, r.ledger, version)...)
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
	problems := r.ledger.VerifyCarried(version, again.ledger)
	broken, err := a.verifyChecks(ctx, again, version)
	return append(problems, broken...), err
}
