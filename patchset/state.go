package patchset

// State is where a patch stands in one version. One word, the same in text,
// JSON and screens.
type State string

// The states of a patch in a version.
const (
	StateClean    State = "clean"    // carried; same change at the same place
	StateMoved    State = "moved"    // carried; same change, other lines or a renamed file
	StateDrift    State = "drift"    // merged cleanly, but what it changes is no longer what the owner last saw
	StateConflict State = "conflict" // parked: a person must settle it
	StateWaiting  State = "waiting"  // parked only because an earlier patch conflicts
	StateProposed State = "proposed" // settled by somebody, not yet signed by the owner
	StateResolved State = "resolved" // settled, signed, in the stack
	StateLanded   State = "landed"   // nothing left to do: the base has it
	StateRetired  State = "retired"  // a person named the public commit that has it
	StateDropped  State = "dropped"  // given up, with a reason and a person
	StateFailed   State = "failed"   // one of its checks does not hold
)

// States lists every state in the order in which people read them.
var States = []State{
	StateClean, StateMoved, StateDrift, StateConflict, StateWaiting, StateProposed,
	StateResolved, StateLanded, StateRetired, StateDropped, StateFailed,
}

// InStack tells whether a patch in this state has a commit in the stack.
func (s State) InStack() bool {
	switch s {
	case StateClean, StateMoved, StateDrift, StateResolved, StateFailed:
		return true
	}
	return false
}

// Parked tells whether a patch in this state waits outside the stack for a person.
func (s State) Parked() bool {
	return s == StateConflict || s == StateWaiting || s == StateProposed
}

// Live tells whether the patch must be accounted for in the next version:
// everything but dropped ones. (A landed patch stays under watch: upstream may
// revert it.)
func (s State) Live() bool { return s != StateDropped && s != "" }

// Carried tells whether the version needs the patch, in the stack or parked.
func (s State) Carried() bool { return s.InStack() || s.Parked() }

// Blocks tells whether a patch in this state keeps the version from being
// published. Drift blocks until the owner has signed; the caller knows that.
func (s State) Blocks() bool { return s.Parked() || s == StateFailed }

// Life is the stage of a patch as a whole.
type Life string

// The stages in the life of a patch.
const (
	LifeEmbargoed Life = "embargoed"
	LifeDisclosed Life = "disclosed"
	LifeLanded    Life = "landed" // public, still carried somewhere
	LifeClosed    Life = "closed" // public, carried nowhere
	LifeDropped   Life = "dropped"
)

// Over tells whether nothing is left to do for the patch.
func (l Life) Over() bool { return l == LifeClosed || l == LifeDropped }
