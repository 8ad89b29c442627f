package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// voyage is one fix on its way from one public commit to the next: a vault with one
// component and one patch, in memory.
type voyage struct {
	bench  *gitops.Workbench
	ledger patchset.Ledger
	weeks  []week
}

// week is what was said of the fix in one version.
type week struct {
	label    string
	base     merge3.ID
	was      patchset.State // in the version before; "" in the first
	told     patchset.Incarnation
	has      bool // the history of base has the public commit
	reverted bool // and its revert
	// warned: it stays landed, with new evidence that it may not be what it was.
	warned bool
}

const (
	onePatch     = "fix"
	oneComponent = "public"
	carryID      = "carried-for-the-radar"
)

// startOfTime dates what nobody looks at.
var startOfTime = time.Unix(0, 0).UTC()

// newVoyage makes the vault. What is carried is the fix as it was before anybody
// published it.
func newVoyage(ctx context.Context, bench *gitops.Workbench, fix merge3.ID) (*voyage, error) {
	c, err := bench.Commit(ctx, fix)
	if err != nil {
		return nil, err
	}
	c = secret(c)
	if fix, err = bench.WriteCommit(ctx, c); err != nil {
		return nil, err
	}
	l := patchset.Ledger{}.Clone()
	l.Components[oneComponent] = patchset.Component{Name: oneComponent}
	l.Patches[onePatch] = patchset.Patch{
		ID: onePatch, Component: oneComponent, CarryID: carryID, Title: titleOf(c.Message), Task: taskOf(c.Message),
	}
	v := &voyage{bench: bench, ledger: l}
	v.ledger.Put(onePatch, v.version(0), patchset.Incarnation{Position: 1, Source: fix})
	return v, nil
}

// secret is a fix with an id of its own and without the lines that git writes about
// picks: a secret fix names no public commit, and no public one names it.
func secret(c patchset.Commit) patchset.Commit {
	var lines []string
	for line := range strings.Lines(string(c.Message)) {
		if !strings.HasPrefix(line, "(cherry picked from commit ") {
			lines = append(lines, line)
		}
	}
	c.Message = patchset.WithCarryID([]byte(strings.Join(lines, "")), carryID)
	c.Parents = c.Parents[:min(1, len(c.Parents))]
	return c
}

// titleOf is what `git carry add` would take for the title.
func titleOf(message []byte) string {
	title, _, _ := strings.Cut(string(message), "\n")
	return title
}

// taskOf is the task that a person would have given.
func taskOf(message []byte) string {
	for _, task := range patchset.Trailers(message, "Bug") {
		return task
	}
	return ""
}

// version is the name of the n-th version.
func (v *voyage) version(n int) string { return fmt.Sprintf("v%d", n) }

// to runs the train to the next public commit.
func (v *voyage) to(ctx context.Context, label string, base merge3.ID) (*week, error) {
	n := len(v.weeks)
	w := week{label: label, base: base}
	req := patchset.TrainRequest{Version: v.version(n), Bases: map[string]patchset.Base{oneComponent: {Commit: base}}}
	if n > 0 {
		req.From = v.version(n - 1)
		w.was = v.weeks[n-1].told.State
	}
	work := v.ledger.Work(req)
	outcomes := map[string][]patchset.Outcome{}
	for _, todo := range work {
		out, err := patchset.CarryStack(ctx, v.bench, todo.Base.Commit, todo.Items, startOfTime)
		if err != nil {
			return nil, err
		}
		outcomes[todo.Component] = out
	}
	v.ledger = v.ledger.Record(req, work, outcomes, startOfTime)
	w.told = v.ledger.Patches[onePatch].At[req.Version]
	if n > 0 {
		w.warned = w.told.State == patchset.StateLanded && newWarning(v.weeks[n-1].told.Grounds, w.told.Grounds)
	}
	v.weeks = append(v.weeks, w)
	return &v.weeks[n], nil
}

// dismiss has the owner say, of what was raised in the newest version, that the fix is
// still there.
func (v *voyage) dismiss(landed merge3.ID) {
	at := v.version(len(v.weeks) - 1)
	in := v.ledger.Patches[onePatch].At[at]
	v.ledger.Put(onePatch, at, patchset.Incarnation{
		State: patchset.StateLanded, Position: in.Position, Source: in.Source, From: in.From, Public: landed,
	})
	v.weeks[len(v.weeks)-1].told.State = patchset.StateLanded
}

// asks tells whether a week's words name a public commit as one that may be the fix.
func (w week) asks(id merge3.ID) bool {
	return slices.Contains(w.suspects(), id.Short())
}

// suspects are the public commits that a week's words name as what may be the fix,
// shortened.
func (w week) suspects() []string {
	var out []string
	if w.told.Public != "" {
		out = append(out, w.told.Public.Short())
	}
	for _, g := range w.told.Grounds {
		if g.Commit != "" && landedGround(g.Kind) {
			out = append(out, g.Commit.Short())
		}
	}
	if _, words, ok := strings.Cut(w.told.Why, "git carry retire "+onePatch+" --commit "); ok {
		id, _, _ := strings.Cut(words, " ")
		out = append(out, merge3.ID(id).Short())
	}
	return out
}

// landedGround tells whether a ground is evidence that the base has the fix.
func landedGround(k patchset.GroundKind) bool {
	switch k {
	case patchset.GroundTrailer, patchset.GroundEmpty, patchset.GroundPatchID, patchset.GroundHunks, patchset.GroundTask, patchset.GroundSimilar:
		return true
	}
	return false
}

// raised tells whether a person is told that the fix, which was public, may be gone, or
// that the carried one may no longer hold.
func (w week) raised() bool {
	switch w.told.State {
	case patchset.StateDrift, patchset.StateConflict, patchset.StateWaiting, patchset.StateFailed:
		return true
	case patchset.StateClean, patchset.StateMoved:
		return w.was == patchset.StateLanded || w.was == patchset.StateRetired
	}
	return w.warned
}

// newWarning tells whether there is evidence that a fix is not what it was, and that
// was not there before.
func newWarning(before, now []patchset.Ground) bool {
	return slices.ContainsFunc(now, func(g patchset.Ground) bool { return !landedGround(g.Kind) && !slices.Contains(before, g) })
}
