package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// verifiedRef is a branch that was compared with a stack.
type verifiedRef struct {
	Repo      string      `json:"repo"`
	Rev       string      `json:"rev"`
	Commit    patchset.ID `json:"commit"`
	Component string      `json:"component"`
	Patches   int         `json:"patches"` // that it should carry
	// Base is the public commit in its history that the stack was expected on; "" when
	// there is none and content alone was compared.
	Base     patchset.ID  `json:"base"`
	SameTree bool         `json:"same_tree"` // its tree is exactly what base and stack give
	Found    []foundPatch `json:"found"`
}

// foundPatch is how the branch has a patch.
type foundPatch struct {
	ID     string              `json:"id"`
	By     patchset.GroundKind `json:"by"`
	Commit patchset.ID         `json:"commit"` // of the branch, "" when none brings it by itself
	Words  string              `json:"words"`
	Parts  int                 `json:"parts"`   // of the fix that were looked for; 0 when its files are the stack's
	Lacks  []patchset.Lack     `json:"lacking"` // of these
}

// String is such as "HEAD of /srv/core (3f2a9c1b70)".
func (v verifiedRef) String() string {
	return fmt.Sprintf("%s of %s (%s)", v.Rev, v.Repo, v.Commit.Short())
}

// reportFound tells of the patches that are there in another form than the stack's own
// commits.
func (v verifiedRef) reportFound(a *app) {
	rows := [][]string{{"PATCH", "COMMIT", "FOUND BY"}}
	for _, p := range v.Found {
		if p.By == patchset.GroundCommit || p.Parts > 0 && len(p.Lacks) == p.Parts {
			continue
		}
		words := p.Words
		if lacking := len(p.Lacks); lacking > 0 {
			words += fmt.Sprintf("; %d of %d places lack it", lacking, p.Parts)
		}
		rows = append(rows, []string{p.ID, cmp.Or(p.Commit.Short(), "-"), words})
	}
	if len(rows) > 1 {
		a.say("")
		a.table(rows)
	}
	if v.Base == "" {
		a.say("")
		a.say("Its history has no base that the vault knows: files alone were compared.")
	}
}

// checkRef checks a branch that somebody else made: what it carries is read from it
// alone, the ledger says what it should.
func (o *verifyOptions) checkRef(ctx context.Context, a *app, r reading) (*verifiedRef, []patchset.Problem, error) {
	git, err := a.git()
	if err != nil {
		return nil, nil, err
	}
	source, err := gitops.OpenDeployed(ctx, git, a.path(o.ref))
	if err != nil {
		return nil, nil, err
	}
	tip, err := source.Resolve(ctx, o.rev)
	if err != nil {
		return nil, nil, err
	}
	scratch, err := source.Beside(r.vault)
	if err != nil {
		return nil, nil, err
	}
	bench := gitops.NewWorkbench(scratch, a.engine.mode)
	defer bench.Close()
	at, err := o.place(ctx, r, bench, source.Shallow, tip)
	if err != nil {
		return nil, nil, err
	}
	problems := r.unsettledIn(ctx, at.stack.Component, o.version)
	if at.version != o.version && at.Base != "" {
		problems = append(problems, patchset.Problem{
			Component: at.stack.Component, Problem: patchset.ProblemWrong,
			Detail: fmt.Sprintf("it stands on the base of %s (%s), not on that of %s (%s)", at.version, at.Base.Short(), o.version, at.stack.Base.Commit.Short()),
		})
	}
	findings, err := patchset.Examine(ctx, bench, at.stack, r.ledger.PublicIn(at.stack.Component, o.version), at.Branch)
	if err != nil {
		return nil, nil, err
	}
	ref := &verifiedRef{
		Repo: o.ref, Rev: o.rev, Commit: tip, Component: at.stack.Component, Patches: len(at.stack.Patches),
		Base: at.Base, SameTree: findings.Same, Found: []foundPatch{},
	}
	for _, p := range findings.Found {
		ref.Found = append(ref.Found, foundPatch{p.Patch.ID, p.Ground.Kind, p.Ground.Commit, p.Ground.Words, p.Parts, nonNil(p.Lacks)})
	}
	return ref, append(problems, findings.Problems(at.stack)...), nil
}

// unsettledIn is what the ledger says against one component of a version: what is
// parked or unsigned is missing in every branch, however it was made.
func (r reading) unsettledIn(ctx context.Context, component, version string) []patchset.Problem {
	return slices.DeleteFunc(r.ledger.VerifyLedger(version, r.consent(ctx)), func(p patchset.Problem) bool {
		return p.Component != component
	})
}

// branchPlace is where a branch belongs.
type branchPlace struct {
	patchset.Branch
	stack   patchset.Stack
	version string // whose base it stands on
}

// place finds out which component a branch is of, and which base it stands on: that of
// the version, else of another version; else the component whose files are most like it.
func (o *verifyOptions) place(ctx context.Context, r reading, bench *gitops.Workbench, shallow bool, tip patchset.ID) (branchPlace, error) {
	var components []string
	for _, name := range r.ledger.ComponentNames() {
		_, has := r.ledger.Versions[o.version].Bases[name]
		if has && (o.component == "" || o.component == name) {
			components = append(components, name)
		}
	}
	if !shallow {
		versions := append([]string{o.version}, reversed(r.ledger.VersionNames())...)
		for _, version := range versions {
			for _, name := range components {
				base := r.ledger.Versions[version].Bases[name].Commit
				if has, err := bench.Contains(ctx, tip, base); err != nil || has {
					if err != nil {
						return branchPlace{}, err
					}
					return o.standing(ctx, r, bench, name, version, tip, base)
				}
			}
		}
	}
	name, err := o.mostAlike(ctx, r, bench, components, tip)
	if err != nil {
		return branchPlace{}, err
	}
	return o.standing(ctx, r, bench, name, o.version, tip, "")
}

func reversed(names []string) []string {
	slices.Reverse(names)
	return names
}

// standing is the place on a base. On another version's, the stack is carried there, in
// memory; where that goes not smoothly, it is compared as it stands on its own.
func (o *verifyOptions) standing(ctx context.Context, r reading, bench *gitops.Workbench, component, version string, tip, base patchset.ID) (branchPlace, error) {
	p := branchPlace{stack: r.ledger.Stack(component, o.version), version: version}
	p.Tip, p.Base = tip, base
	c, err := bench.Commit(ctx, p.stack.Tip())
	if err != nil {
		return p, err
	}
	p.Stack, p.Home = c.Tree, c.Tree
	if version == o.version {
		return p, nil
	}
	tree, whole, err := patchset.StackOn(ctx, bench, p.stack, r.ledger.PublicIn(component, o.version), base)
	if whole {
		p.Stack = tree
	}
	return p, err
}

// mostAlike picks the component of which a tree has the most entries at its top.
func (o *verifyOptions) mostAlike(ctx context.Context, r reading, bench *gitops.Workbench, components []string, tip patchset.ID) (string, error) {
	best, most, second := "", 0, 0
	for _, name := range components {
		n, err := bench.SharedEntries(ctx, r.ledger.Versions[o.version].Bases[name].Commit, tip)
		if err != nil {
			return "", err
		}
		switch {
		case n > most:
			best, most, second = name, n, most
		case n > second:
			second = n
		}
	}
	switch {
	case o.component != "" && len(components) == 1:
		return components[0], nil
	case o.component != "":
		return "", patchset.Faultf(patchset.CodeNoBase, "%s has no base in component %q", o.version, o.component).WithHint("git carry component list")
	case most == 0 || most == second:
		f := patchset.Faultf(patchset.CodeNoBase, "%s in %s does not stand on the base of %s, and its files do not tell which component it is", o.rev, o.ref, o.version)
		return "", f.WithHint("name the component: --component NAME").WithHint("or it is another version: git carry log")
	}
	return best, nil
}
