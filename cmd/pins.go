package cmd

import (
	"context"
	"fmt"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// makePins records the pins that a version lacks, in one entry, and gives the state with
// them.
func (a *app) makePins(ctx context.Context, version string) (reading, error) {
	edit := func(ctx context.Context, s *step) error {
		names := s.ledger.PinsToMake(version)
		for _, name := range names {
			pin, err := makePin(ctx, s.bench, s.ledger, name, version)
			if err != nil {
				return err
			}
			s.ledger.Pins[patchset.Spot{Version: version, Patch: name}] = pin
		}
		s.did("pointed the submodules of %s at their stacks in %s", joinWords(names), version)
		return nil
	}
	if err := a.record(ctx, "pin", edit); err != nil {
		return reading{}, err
	}
	return a.read(ctx)
}

// makePin makes the pin of a component in a version.
func makePin(ctx context.Context, bench *gitops.Workbench, l patchset.Ledger, component, version string) (patchset.Pin, error) {
	pin := patchset.Pin{On: l.Stack(component, version).Tip(), Links: map[string]patchset.ID{}}
	onto, err := bench.ReadCommit(ctx, pin.On)
	if err != nil {
		return pin, err
	}
	links, _ := l.Links(component, version)
	changes, newest := map[string]merge3.Entry{}, int64(0)
	for _, link := range links {
		was, ok, err := bench.Entry(ctx, onto.Tree, link.Path)
		if err != nil {
			return pin, err
		}
		if !ok || was.Mode != merge3.ModeGitlink {
			return pin, patchset.Faultf(patchset.CodeFailed, "%s has no submodule at %s in %s, where %s is to be", component, link.Path, version, link.Component).
				WithHint("git carry component discover %s --core %s", shellWord(version), shellWord(component))
		}
		c, err := bench.ReadCommit(ctx, link.Tip)
		if err != nil {
			return pin, err
		}
		newest = max(newest, c.CommitterTime())
		pin.Links[link.Path] = link.Tip
		changes[link.Path] = merge3.Entry{Mode: merge3.ModeGitlink, ID: link.Tip}
	}
	tree, err := bench.EditTree(ctx, onto.Tree, changes)
	if err != nil {
		return pin, err
	}
	pin.Commit, err = bench.WriteCommit(ctx, patchset.PinCommit(pin.On, onto, tree, links, newest))
	return pin, err
}

// verifyPins makes the pins of a version again: the same stacks give the same commits. One
// that is older than its stacks is what publish is for, and no problem.
func verifyPins(ctx context.Context, bench *gitops.Workbench, l patchset.Ledger, version string) []patchset.Problem {
	var problems []patchset.Problem
	for _, component := range l.ComponentNames() {
		tip, whole := l.Published(component, version)
		if stack := l.Stack(component, version); !whole || tip == stack.Tip() {
			continue
		}
		again, err := makePin(ctx, bench, l, component, version)
		detail := fmt.Sprintf("its pin is recorded as %s, but its stacks give %s", tip.Short(), again.Commit.Short())
		if err != nil {
			detail = "its pin cannot be made again: " + err.Error()
		}
		if err != nil || again.Commit != tip {
			problems = append(problems, patchset.Problem{Component: component, Problem: patchset.ProblemWrong, Detail: detail})
		}
	}
	return problems
}
