package main

import (
	"context"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// runTrain carries a fix over its points.
func (r *result) runTrain(ctx context.Context, bench *gitops.Workbench) error {
	v, err := newVoyage(ctx, bench, r.train.carried)
	if err != nil {
		return err
	}
	for _, p := range r.train.points {
		w, err := v.to(ctx, p.label, p.commit)
		if err != nil {
			return err
		}
		if w.has, err = bench.Contains(ctx, p.commit, r.train.landed); err != nil {
			return err
		}
		if r.train.reverted != "" {
			if w.reverted, err = bench.Contains(ctx, p.commit, r.train.reverted); err != nil {
				return err
			}
		}
	}
	r.weeks = v.weeks
	return nil
}

// runPick carries a backport from the parent of the original to what it was put on.
func (r *result) runPick(ctx context.Context, bench *gitops.Workbench) error {
	v, err := newVoyage(ctx, bench, r.pick.pick)
	if err != nil {
		return err
	}
	if _, err := v.to(ctx, "base", r.pick.base); err != nil {
		return err
	}
	if _, err := v.to(ctx, "onto", r.pick.onto); err != nil {
		return err
	}
	r.weeks = v.weeks
	return nil
}

// verdict is how a fix that became public was told.
type verdict string

const (
	toldRight  verdict = "right"  // landed, at the first point that has it
	toldLate   verdict = "late"   // landed, at a later one
	toldEarly  verdict = "early"  // landed, before it was there
	toldAsked  verdict = "asked"  // not landed, but the owner is asked about the right commit
	toldMissed verdict = "missed" // none of these
)

// score is what came of one train.
type score struct {
	verdict verdict
	named   bool // the right commit stands beside landed
	none    bool // no commit does

	wrongAsks int // points before it was there at which another commit was asked about
	clean     int // carries before it was there, from a commit in the stack to one in the stack
	drift     int // of those, drift
	parked    int // points before it was there at which it was parked
	watched   int // points at which it stays landed, or should
	back      int // of those, the ones at which it is said to be gone, or that it may be
	surely    int // of those, in trains at whose end the fix can still be taken out as it was

	gone     int // points at which it is reverted
	returned int // of those, the ones at which it is carried or asked about
}

// judge scores a train. present is the first point that has the fix.
func judge(weeks []week, t train) score {
	s := score{verdict: toldMissed}
	landed := -1
	for i, w := range weeks {
		told := w.told.State == patchset.StateLanded
		if told && landed < 0 {
			landed = i
		}
		switch {
		case w.reverted:
			s.gone++
			if !told {
				s.returned++
			}
		case i < t.present:
			s.before(w)
		case w.was == patchset.StateLanded:
			s.after(w, t.whole)
		}
	}
	s.verdict = verdictOf(weeks, t, landed)
	if landed >= 0 {
		public := weeks[landed].told.Public
		s.named, s.none = public != "" && public == t.landed, public == ""
	}
	return s
}

// before counts a point at which the fix is not public. What a person added is not
// judged: its commit may come from a later base.
func (s *score) before(w week) {
	switch {
	case w.told.State.Parked():
		s.parked++
	case w.was.InStack() && w.told.State.InStack():
		s.clean++
		if w.told.State == patchset.StateDrift {
			s.drift++
		}
	}
	if w.told.State != patchset.StateLanded && len(w.suspects()) > 0 {
		s.wrongAsks++
	}
}

// after counts a point at which the fix is under watch.
func (s *score) after(w week, whole bool) {
	s.watched++
	if w.told.State != patchset.StateLanded || w.warned {
		s.back++
		if whole {
			s.surely++
		}
	}
}

func verdictOf(weeks []week, t train, landed int) verdict {
	switch {
	case landed >= 0 && landed < t.present:
		return toldEarly
	case landed == t.present:
		return toldRight
	case landed > t.present:
		return toldLate
	}
	for _, w := range weeks[t.present:] {
		if w.asks(t.landed) {
			return toldAsked
		}
	}
	return toldMissed
}
