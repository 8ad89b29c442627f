package urgent

import (
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// State is where an item stands.
type State string

// The states, in the order of the way, and then those beside it.
const (
	Proposed  State = "proposed"
	Accepted  State = "accepted"
	Carrying  State = "carrying"
	Carried   State = "carried"
	Ready     State = "ready"
	InTesting State = "in-testing"
	Approved  State = "approved"
	Releasing State = "releasing"
	Released  State = "released"
	Public    State = "public"
	Retired   State = "retired"

	Held       State = "held"
	Conflicted State = "conflicted"
	RolledBack State = "rolled-back"
	Superseded State = "superseded"
	Rejected   State = "rejected"
)

// Rule is one line of the table: an item is in State when When holds and no rule above
// does. Who brings it there, and what the ledger then keeps, is for people to read.
type Rule struct {
	State    State
	Who      string
	Evidence string
	When     func(Standing) bool
}

// table is read from the top. Nothing but this decides where an item stands.
var table = []Rule{
	{Rejected, "anybody", "reason", func(s Standing) bool { return s.Item.Rejected.Happened() }},
	{Superseded, "whoever accepts its successor", "the successor's item", func(s Standing) bool { return s.Successor != "" }},
	{Retired, "the machine, once all guards hold", "entry, with the final times", func(s Standing) bool { return s.Item.Retired.Happened() }},
	{RolledBack, "two people", "reason, the stacks as they were", func(s Standing) bool { return s.Item.RolledBack.Happened() }},
	{Public, "the machine", "disclosure, or the public commit", func(s Standing) bool { return s.released() && !s.PublicAt.IsZero() }},
	{Released, "the machine", "read-backs and probes of every target", Standing.released},
	{Held, "anybody, and every vote against", "who, when, why", func(s Standing) bool { return len(s.Holds) > 0 }},
	{Proposed, "anybody", "patches, reason", func(s Standing) bool { return !s.Item.Accepted.Happened() }},
	{Releasing, "the releaser, or the machine", "what each target took", func(s Standing) bool { return s.some(Stack.begun) }},
	{Approved, "the machine", "signed votes on the content", func(s Standing) bool { return s.inTesting() && s.approved() }},
	{InTesting, "the machine", "read-backs and probes of the testing targets", Standing.inTesting},
	{Ready, "the machine", "what verify found", Standing.ready},
	{Carried, "the machine", "the commit in each version", Standing.carried},
	{Conflicted, "the machine", "the conflict in each version", func(s Standing) bool { return s.some(Stack.parked) }},
	{Carrying, "the machine", "the versions that have it", func(s Standing) bool { return s.some(Stack.carried) && s.some(Stack.missing) }},
	{Accepted, "anybody but the author", "the live versions", func(Standing) bool { return true }},
}

// way are the states in the order in which people read them.
var way = []State{
	Proposed, Accepted, Carrying, Conflicted, Carried, Ready, InTesting, Approved, Held, Releasing, Released, Public, Retired,
	RolledBack, Superseded, Rejected,
}

// States lists the states in the order of the way: who brings an item there, and what is
// kept of it.
func States() []Rule {
	rules := slices.Clone(table)
	slices.SortFunc(rules, func(a, b Rule) int { return slices.Index(way, a.State) - slices.Index(way, b.State) })
	return rules
}

// Standing is what decides where an item stands: its facts, and what is known of the
// stacks that it must be in.
type Standing struct {
	Item      Item
	Policy    Policy
	Now       time.Time
	Stacks    []Stack
	Votes     []Vote // weighed
	Holds     []Hold // that stand
	Successor string // the item that took its place
	PublicAt  time.Time
	// Glass are the people who broke it; two are needed.
	Glass []string
	// Strangers is how many authors nobody could be found for: each may be one of the voters.
	Strangers int
}

// Stack is one stack that the item must be in.
type Stack struct {
	Component, Version string
	States             map[string]patchset.State // of the item's patches there; "" where it is not carried yet
	Commit             patchset.ID               // the tip
	Content            string                    // what people approve; "" while it is not in the stack
	Problems           []string                  // what verify has against the version
	Testing, Stable    []Arrival
}

// Arrival is whether a stack is on one target.
type Arrival struct {
	Target  string
	There   bool
	At      time.Time // since when, or when that was last looked at
	Excused bool
	Detail  string // why it is not there, if that is known
}

// CountThere counts the arrivals that nothing waits for: there, or excused.
func CountThere(arrivals []Arrival) int {
	n := 0
	for _, a := range arrivals {
		if a.There || a.Excused {
			n++
		}
	}
	return n
}

// State is where the item stands.
func (s Standing) State() State {
	for _, r := range table {
		if r.When(s) {
			return r.State
		}
	}
	return Accepted
}

// going are the stacks that go on: all, or those without a conflict where the policy
// lets them go ahead of the others.
func (s Standing) going() []Stack {
	if s.Policy.Whole {
		return s.Stacks
	}
	return slices.DeleteFunc(slices.Clone(s.Stacks), Stack.parked)
}

func (s Standing) some(is func(Stack) bool) bool { return slices.ContainsFunc(s.Stacks, is) }

// Fit are the stacks that may go out now: carried, and nothing in their version speaks
// against it.
func (s Standing) Fit() []Stack {
	fit := slices.DeleteFunc(slices.Clone(s.going()), func(k Stack) bool { return !k.carried() || len(k.Problems) > 0 })
	if s.Policy.Whole && len(fit) < len(s.Stacks) {
		return nil
	}
	return fit
}

// Behind are the stacks that hold their version back while others go on.
func (s Standing) Behind() []Stack {
	return slices.DeleteFunc(slices.Clone(s.Stacks), func(k Stack) bool { return k.carried() && len(k.Problems) == 0 })
}

func (s Standing) carried() bool {
	going := s.going()
	return s.Item.Accepted.Happened() && len(going) > 0 && all(going, Stack.carried)
}

func all(stacks []Stack, are func(Stack) bool) bool {
	return !slices.ContainsFunc(stacks, func(k Stack) bool { return !are(k) })
}

func (s Standing) ready() bool { return s.carried() && len(s.Fit()) > 0 }

func (s Standing) inTesting() bool {
	return s.ready() && all(s.Fit(), func(k Stack) bool { return there(k.Testing) })
}

func (s Standing) approved() bool {
	return !s.Now.Before(s.SoakedAt()) && all(s.Fit(), func(k Stack) bool { return s.Lacking(k) == 0 })
}

// released stays so when the stacks move on afterwards.
func (s Standing) released() bool { return s.Item.Released.Happened() || s.Arrived() }

// Arrived tells whether every version is on every target now. It also waits for the
// versions that conflict: users of those have nothing yet.
func (s Standing) Arrived() bool {
	done := func(k Stack) bool { return k.public() || k.carried() && len(k.Stable) > 0 && there(k.Stable) }
	return s.Item.Accepted.Happened() && len(s.Stacks) > 0 && all(s.Stacks, done)
}

// ToCarry are the stacks that lack a patch of the item.
func (s Standing) ToCarry() []Stack {
	return slices.DeleteFunc(slices.Clone(s.Stacks), func(k Stack) bool { return !k.missing() })
}

// ToTest are the stacks that may go out and that a testing target lacks.
func (s Standing) ToTest() []Stack {
	return slices.DeleteFunc(slices.Clone(s.Fit()), func(k Stack) bool { return k.public() || there(k.Testing) })
}

// ToRelease are the stacks that a stable target lacks and may have: tested and approved,
// or begun with before the approvals grew old.
func (s Standing) ToRelease() []Stack {
	if s.Now.Before(s.SoakedAt()) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Fit()), func(k Stack) bool {
		return k.public() || there(k.Stable) || !there(k.Testing) || s.Lacking(k) > 0 && !k.begun()
	})
}

// Threshold is how many people must approve, so that as many as the policy says are no
// authors. Broken glass leaves one who is not the author, never none.
func (s Standing) Threshold() int {
	switch {
	case s.GlassBroken():
		return s.Strangers + 1
	case s.Policy.Auto:
		return s.Strangers + s.Policy.AutoApprovals
	}
	return s.Strangers + s.Policy.Approvals
}

// GlassBroken tells whether two people have broken it.
func (s Standing) GlassBroken() bool { return len(s.Glass) >= 2 }

// SoakedAt is when it will have been on the testing targets for long enough; the zero
// time when that asks for nothing.
func (s Standing) SoakedAt() time.Time {
	var last time.Time
	for _, k := range s.Fit() {
		for _, a := range k.Testing {
			if a.There && a.At.After(last) {
				last = a.At
			}
		}
	}
	if last.IsZero() || s.GlassBroken() {
		return time.Time{}
	}
	return last.Add(s.Policy.soak())
}

// Approvers lists who approves what a stack holds.
func (s Standing) Approvers(k Stack) []string { return For(s.Votes, k.Content) }

// Lacking is how many more must approve what a stack holds.
func (s Standing) Lacking(k Stack) int {
	if k.public() {
		return 0
	}
	return max(0, s.Threshold()-len(s.Approvers(k)))
}

func there(arrivals []Arrival) bool {
	return !slices.ContainsFunc(arrivals, func(a Arrival) bool { return !a.There && !a.Excused })
}

// carried: every patch is in the stack, or public in its base.
func (k Stack) carried() bool {
	return k.each(func(p patchset.State) bool { return p.InStack() || isOut(p) })
}

// public: the base has it all, or it was given up there; there is nothing to deliver.
func (k Stack) public() bool { return k.each(isOut) }

func isOut(p patchset.State) bool {
	return p == patchset.StateLanded || p == patchset.StateRetired || p == patchset.StateDropped
}

func (k Stack) parked() bool {
	return k.has(func(p patchset.State) bool { return p != "" && !p.InStack() && !isOut(p) })
}

func (k Stack) missing() bool { return k.has(func(p patchset.State) bool { return p == "" }) }

// begun: a stable target has it.
func (k Stack) begun() bool {
	return k.carried() && slices.ContainsFunc(k.Stable, func(a Arrival) bool { return a.There })
}

func (k Stack) has(is func(patchset.State) bool) bool {
	for _, p := range k.States {
		if is(p) {
			return true
		}
	}
	return false
}

func (k Stack) each(is func(patchset.State) bool) bool {
	return len(k.States) > 0 && !k.has(func(p patchset.State) bool { return !is(p) })
}
