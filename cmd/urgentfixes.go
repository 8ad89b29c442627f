package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// findFixes works out what has to be seen of every item in every stack.
func (p *round) findFixes(ctx context.Context) error {
	scratch, err := p.r.vault.Scratch()
	if err != nil {
		return err
	}
	bench := gitops.NewWorkbench(scratch, gitops.EngineOwn)
	defer bench.Close()
	p.fixes = map[patchset.Spot][]itemFix{}
	for _, item := range p.items {
		for _, spot := range item.Expected(p.r.ledger) {
			fixes, err := p.fixesIn(ctx, bench, item, spot)
			if err != nil {
				return err
			}
			if len(fixes) > 0 {
				tip, _ := p.r.ledger.Published(spot.Patch, spot.Version)
				p.fixes[spot] = append(p.fixes[spot], itemFix{item, tip, p.gone || item.RolledBack.Happened(), fixes})
			}
		}
	}
	return nil
}

// fixesIn are the fixes of an item in one stack; none while one of its patches is not
// carried there: no target can have it.
func (p *round) fixesIn(ctx context.Context, bench *gitops.Workbench, item urgent.Item, spot patchset.Spot) ([]urgent.Fix, error) {
	stack := p.r.ledger.Stack(spot.Patch, spot.Version)
	var fixes []urgent.Fix
	for _, id := range item.Patches {
		patch := p.r.ledger.Patches[id]
		if patch.Component != spot.Patch {
			continue
		}
		in, here := patch.At[spot.Version]
		switch {
		case here && in.State.InStack(), in.State == patchset.StateLanded, in.State == patchset.StateRetired:
		case p.gone || item.RolledBack.Happened():
			in = lastForm(p.r.ledger, patch, spot.Version)
		default:
			word := string(in.State)
			if !here {
				word = "not carried"
			}
			p.notes = append(p.notes, fmt.Sprintf("%s is %s in %s: no target can have it there", id, word, spot.Version))
			return nil, nil
		}
		if in.Commit == "" && in.Source == "" {
			p.notes = append(p.notes, fmt.Sprintf("no form of %s is left from which to tell whether it is gone", id))
			return nil, nil
		}
		fix, err := fixOf(ctx, bench, stack, in, item.WitnessesOf(id))
		if err != nil {
			return nil, fmt.Errorf("what shows %s in %s: %w", id, spot.Version, err)
		}
		if why := fix.Blind(); why != "" {
			p.notes = append(p.notes, fmt.Sprintf("seeing %s in %s proves nothing: %s; git carry urgent witness add helps", id, spot.Version, why))
		}
		for _, w := range fix.BlindWitnesses() {
			p.notes = append(p.notes, fmt.Sprintf("the witness of %s for %s does not count in %s: it holds without the patch", w.By, id, spot.Version))
		}
		fixes = append(fixes, fix)
	}
	return fixes, nil
}

// lastForm is how a patch that was taken out of a version was carried there, or else in
// the newest version that has it.
func lastForm(l patchset.Ledger, p patchset.Patch, version string) patchset.Incarnation {
	for _, v := range append([]string{version}, reversed(l.VersionNames())...) {
		if in := p.At[v]; in.Commit != "" || in.Source != "" {
			return patchset.Incarnation{Source: cmp.Or(in.Commit, in.Source)}
		}
	}
	return patchset.Incarnation{}
}

// fixOf is what a tree must have for a patch to be there, and how all of that is without
// it. Where a stack carries it, that is the version's base, and what later patches of the stack
// changed again is not asked for. Else it is what the patch was made on.
func fixOf(ctx context.Context, bench *gitops.Workbench, stack patchset.Stack, in patchset.Incarnation, witnesses []urgent.Witness) (urgent.Fix, error) {
	fix := urgent.Fix{Witnesses: witnesses, Before: map[string]patchset.Form{}}
	commit, top := in.Source, in.Source
	switch {
	case in.State.InStack():
		commit, top = in.Commit, stack.Tip()
	case in.State != "": // public
		top = stack.Base.Commit
	}
	with, err := bench.Commit(ctx, top)
	if err != nil {
		return fix, err
	}
	if fix.Files, err = bench.Fixes(ctx, commit, with.Tree, with.Tree); err != nil {
		return fix, err
	}
	before := func(path string, old patchset.Form) (patchset.Form, error) { return old, nil }
	if in.State.InStack() {
		base, err := bench.Commit(ctx, stack.Base.Commit)
		if err != nil {
			return fix, err
		}
		before = func(path string, _ patchset.Form) (patchset.Form, error) { return bench.FormAt(ctx, base.Tree, path) }
	}
	for i, f := range fix.Files {
		if fix.Files[i].Branch, err = before(f.Path, f.Old); err != nil {
			return fix, err
		}
		fix.Before[f.Path] = fix.Files[i].Branch
	}
	for _, w := range witnesses {
		if _, known := fix.Before[w.Path]; known {
			continue
		}
		if fix.Before[w.Path], err = before(w.Path, patchset.Form{}); err != nil {
			return fix, err
		}
	}
	return fix, nil
}

// lookedAt are the targets to be asked: those that were named, or all.
func lookedAt(l patchset.Ledger, named []string) ([]string, error) {
	if len(named) == 0 {
		named = slices.Sorted(maps.Keys(l.Targets))
	}
	for _, name := range named {
		if _, known := l.Targets[name]; !known {
			return nil, unknown("target", l.Targets, name)
		}
	}
	if len(named) == 0 {
		return nil, patchset.Faultf(patchset.CodeFailed, "the vault has no targets").WithHint("git carry target add NAME URL")
	}
	return named, nil
}
