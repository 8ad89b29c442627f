package urgent

import (
	"cmp"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Fate is how a target does, for those who wait for a fix.
type Fate string

// The fates.
const (
	FateWrong    Fate = "wrong"   // it serves something else, and waiting does not mend that
	FateDead     Fate = "dead"    // nobody reaches it
	FateLagging  Fate = "lagging" // it should have it by now
	FateToCome   Fate = "to come" // nothing was sent there yet
	FateVerified Fate = "verified"
	FateExcused  Fate = "excused" // nobody waits for it
)

// Fates lists the fates, the one that matters most first.
var Fates = []Fate{FateWrong, FateDead, FateLagging, FateToCome, FateVerified, FateExcused}

// Reach is how far an item is on one target.
type Reach struct {
	Target  string
	Testing bool
	Fate    Fate // the gravest over the stacks that may go out
	Stacks  []Reached
	There   int // how many of them it has
	// At is when it was last looked at; Took is from the beginning of the stage that delivers there
	// to its last stack, zero while it lacks one.
	At   time.Time
	Took time.Duration
}

// Reached is how far one stack is on a target.
type Reached struct {
	Component, Version string
	Fate               Fate
	Arrival            Arrival
	Seen               Presence // zero where no probe looked for this very commit
}

// Reaches lists the targets: those that matter most first, and of those the slowest.
func (s Standing) Reaches() []Reach {
	var out []Reach
	for _, k := range s.Stacks {
		if k.public() {
			continue // nothing to deliver
		}
		for ring, arrivals := range [][]Arrival{k.Stable, k.Testing} {
			for _, a := range arrivals {
				i := slices.IndexFunc(out, func(r Reach) bool { return r.Target == a.Target })
				if i < 0 {
					i = len(out)
					out = append(out, Reach{Target: a.Target, Testing: ring == 1})
				}
				out[i].Stacks = append(out[i].Stacks, s.reached(k, a, arrivals))
			}
		}
	}
	for i := range out {
		s.sum(&out[i])
	}
	slices.SortStableFunc(out, func(x, y Reach) int {
		return cmp.Or(
			slices.Index(Fates, x.Fate)-slices.Index(Fates, y.Fate), cmp.Compare(x.There, y.There), cmp.Compare(y.Took, x.Took),
			cmp.Compare(x.Target, y.Target),
		)
	})
	return out
}

// reached says how one stack does on one target of a ring.
func (s Standing) reached(k Stack, a Arrival, ring []Arrival) Reached {
	r := Reached{Component: k.Component, Version: k.Version, Arrival: a, Fate: FateToCome}
	seen := s.Item.Seen[patchset.Place{Target: a.Target, Stack: k.Version + "/" + k.Component}]
	if k.Commit != "" && seen.Commit == k.Commit {
		r.Seen = seen
	}
	gone := s.Item.RolledBack.Happened()
	switch {
	case a.There && !(gone && r.Seen.Verdict == Present):
		r.Fate = FateVerified
	case a.Excused:
		r.Fate = FateExcused
	case r.Seen.Verdict == Unreachable:
		r.Fate = FateDead
	case r.Seen.Verdict != "" && r.Seen.Verdict.For(gone) == Wrong:
		r.Fate = FateWrong
	case a.Detail != "", slices.ContainsFunc(ring, func(other Arrival) bool { return other.There }):
		r.Fate = FateLagging
	}
	return r
}

// sum says what the stacks of a target come to. One that is behind is none of the target's fault.
func (s Standing) sum(r *Reach) {
	fit := s.Fit()
	var fates []Fate
	var last time.Time
	for _, k := range r.Stacks {
		if at := k.Seen.At; at.After(r.At) {
			r.At = at
		}
		if at := k.Arrival.At; at.After(r.At) {
			r.At = at
		}
		if k.Fate == FateVerified {
			r.There++
			if k.Arrival.At.After(last) {
				last = k.Arrival.At
			}
		}
		if slices.ContainsFunc(fit, func(f Stack) bool { return f.Component == k.Component && f.Version == k.Version }) {
			fates = append(fates, k.Fate)
		}
	}
	r.Fate = FateToCome
	for _, f := range slices.Backward(Fates) {
		if slices.Contains(fates, f) {
			r.Fate = f
		}
	}
	stage := Release
	if r.Testing {
		stage = Testing
	}
	if start := s.Item.Runs[stage].Started; r.Fate == FateVerified && !start.IsZero() && last.After(start) {
		r.Took = last.Sub(start)
	}
}
