package main

import (
	"context"
	"errors"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// scene is one way in which a fix was lost, played again.
type scene struct {
	skipped string // why it cannot be played, or ""
	weeks   []week
	// before counts the weeks under watch before the breaker, alarms those of them at which
	// something was raised. Each was answered: the fix is still there.
	before, alarms int
	caught         bool
}

// Why a scene cannot be played.
var (
	errNoFix     = errors.New("nobody knows the commit of the fix")
	errNoBreaker = errors.New("nothing broke it")
	errNotLater  = errors.New("was never whole on its branch")
	errNothing   = errors.New("without the fix it changes nothing")
	errInside    = errors.New("nothing of the fix was left before")
)

// runLoss plays the loss twice: as of a fix that had become public, and as of one that is secret.
func (r *result) runLoss(ctx context.Context, bench *gitops.Workbench) error {
	l := r.loss
	if l.fix == "" {
		r.skipped = errNoFix.Error()
		return nil
	}
	r.watched = played(playWatched(ctx, bench, l))
	r.carried = played(playCarried(ctx, bench, l))
	return ctx.Err()
}

// played is a scene, or why there is none.
func played(s scene, err error) scene {
	if err != nil {
		return scene{skipped: reason(err)}
	}
	return s
}

// playWatched adds the fix where it was not yet public and carries it week by week along the
// public history to the commit that broke it.
func playWatched(ctx context.Context, bench *gitops.Workbench, l loss) (scene, error) {
	switch {
	case l.breaker == "":
		return scene{}, errNoBreaker
	case !l.later:
		return playBackport(ctx, bench, l)
	}
	v, err := newVoyage(ctx, bench, l.fix)
	if err != nil {
		return scene{}, err
	}
	fix, err := bench.Commit(ctx, l.fix)
	if err != nil {
		return scene{}, err
	}
	breaker, err := bench.Commit(ctx, l.breaker)
	if err != nil {
		return scene{}, err
	}
	line, err := weekly(ctx, bench, breaker.Parent(), l.fix)
	if err != nil {
		return scene{}, err
	}
	if _, err := v.to(ctx, "before the fix", fix.Parent()); err != nil {
		return scene{}, err
	}
	s := scene{}
	for i, base := range append([]merge3.ID{l.fix}, line...) {
		w, err := v.to(ctx, "week", base)
		if err != nil {
			return s, err
		}
		if i > 0 && w.was == patchset.StateLanded {
			s.before++
			if w.raised() {
				s.alarms++
				v.dismiss(l.fix)
			}
		}
	}
	w, err := v.to(ctx, "breaker", l.breaker)
	if err != nil {
		return s, err
	}
	s.caught = w.raised()
	s.weeks = afterwards(ctx, bench, v, l)
	return s, nil
}

// afterwards goes on to the repair, as far as that is possible: nothing is counted of it.
func afterwards(ctx context.Context, bench *gitops.Workbench, v *voyage, l loss) []week {
	if l.repair == "" {
		return v.weeks
	}
	repair, err := bench.Commit(ctx, l.repair)
	if err == nil {
		_, err = v.to(ctx, "before the repair", repair.Parent())
	}
	if err == nil {
		_, err = v.to(ctx, "repair", l.repair)
	}
	if err != nil {
		talk("%s %s, on to the repair: %v", l.repo, l.fix.Short(), err)
	}
	return v.weeks
}

// playBackport carries a fix on a branch that gets a bad backport of it: whatever is
// said, it must not be that it has landed.
func playBackport(ctx context.Context, bench *gitops.Workbench, l loss) (scene, error) {
	v, err := newVoyage(ctx, bench, l.fix)
	if err != nil {
		return scene{}, err
	}
	breaker, err := bench.Commit(ctx, l.breaker)
	if err != nil {
		return scene{}, err
	}
	if _, err := v.to(ctx, "before the breaker", breaker.Parent()); err != nil {
		return scene{}, err
	}
	w, err := v.to(ctx, "breaker", l.breaker)
	if err != nil {
		return scene{}, err
	}
	s := scene{caught: w.told.State != patchset.StateLanded}
	s.weeks = afterwards(ctx, bench, v, l)
	return s, nil
}

// playCarried makes the history as if the fix had stayed secret: what was before the
// breaker without the fix, the fix on top of that, and the breaker as its author would have
// written it there. A fix that nothing broke is carried over its repair in the same way.
func playCarried(ctx context.Context, bench *gitops.Workbench, l loss) (scene, error) {
	breakerID := l.breaker
	switch {
	case breakerID == "":
		breakerID = l.repair
	case !l.later:
		return scene{}, errNotLater
	}
	if breakerID == "" {
		return scene{}, errNoBreaker
	}
	w, err := without(ctx, bench, l.fix, breakerID)
	if err != nil {
		return scene{}, err
	}
	v, err := newVoyage(ctx, bench, w.fix)
	if err != nil {
		return scene{}, err
	}
	if _, err := v.to(ctx, "before the breaker, without the fix", w.before); err != nil {
		return scene{}, err
	}
	last, err := v.to(ctx, "breaker, without the fix", w.after)
	if err != nil {
		return scene{}, err
	}
	return scene{weeks: v.weeks, caught: last.raised()}, nil
}

// otherwise is a history in which a fix was never public.
type otherwise struct{ before, fix, after merge3.ID }

// without takes the fix out of the parent of breaker, and puts the breaker onto that. What is in
// dispute is as it was before the fix, and as the breaker has it.
func without(ctx context.Context, bench *gitops.Workbench, fixID, breakerID merge3.ID) (otherwise, error) {
	var o otherwise
	fix, err := bench.Commit(ctx, fixID)
	if err != nil {
		return o, err
	}
	breaker, err := bench.Commit(ctx, breakerID)
	if err != nil {
		return o, err
	}
	parent, err := bench.Commit(ctx, breaker.Parent())
	if err != nil {
		return o, err
	}
	unfixed, err := bench.Commit(ctx, fix.Parent())
	if err != nil {
		return o, err
	}
	tree, err := mergeAs(ctx, bench, merge3.Request{
		Base:     merge3.Side{Commit: fixID, Tree: fix.Tree},
		Upstream: merge3.Side{Commit: breaker.Parent(), Tree: parent.Tree},
		Patch:    merge3.Side{Commit: fix.Parent(), Tree: unfixed.Tree},
	})
	if err != nil {
		return o, err
	}
	if tree == parent.Tree {
		return o, errInside
	}
	before := parent
	before.Tree, before.Parents = tree, []merge3.ID{breaker.Parent()}
	if o.before, err = bench.WriteCommit(ctx, before); err != nil {
		return o, err
	}
	carried := fix
	carried.Tree, carried.Parents = parent.Tree, []merge3.ID{o.before}
	if o.fix, err = bench.WriteCommit(ctx, carried); err != nil {
		return o, err
	}
	after := breaker
	after.Parents = []merge3.ID{o.before}
	after.Tree, err = mergeAs(ctx, bench, merge3.Request{
		Base:     merge3.Side{Commit: breaker.Parent(), Tree: parent.Tree},
		Upstream: merge3.Side{Commit: o.before, Tree: tree},
		Patch:    merge3.Side{Commit: breakerID, Tree: breaker.Tree},
	})
	if err != nil {
		return o, err
	}
	if after.Tree == before.Tree {
		return o, errNothing
	}
	o.after, err = bench.WriteCommit(ctx, after)
	return o, err
}

// mergeAs is the tree of a merge, with what is in dispute as the patch has it.
func mergeAs(ctx context.Context, bench *gitops.Workbench, req merge3.Request) (merge3.ID, error) {
	res, err := bench.Merge(ctx, req)
	if err != nil || res.Clean() {
		return res.Tree, err
	}
	return bench.FavourPatch(ctx, req, res)
}

// weekly lists the last commit of each week on the first-parent line from since to tip, and tip.
func weekly(ctx context.Context, bench *gitops.Workbench, tip, since merge3.ID) ([]merge3.ID, error) {
	line, _, err := bench.FirstParents(ctx, tip, since)
	if err != nil || len(line) == 0 {
		return nil, err
	}
	line = line[1:] // where it leaves the history of since
	times := make([]int64, len(line))
	for i, id := range line {
		c, err := bench.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		times[i] = c.CommitterTime()
	}
	return lastOfWeeks(line, times), nil
}

// lastOfWeeks keeps of commits in order, with their times in seconds, the last one of each
// week, and the last one.
func lastOfWeeks(line []merge3.ID, times []int64) []merge3.ID {
	const week = 7 * 24 * 3600
	var out []merge3.ID
	for i, id := range line {
		if i == len(line)-1 || times[i+1]/week > times[i]/week {
			out = append(out, id)
		}
	}
	return out
}
