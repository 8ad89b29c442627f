package patchset

import "time"

// Handoff asks a person to go on with what a patch waits for in a version: its
// conflict, with the draft or proposal if there is one, or its drift.
type Handoff struct {
	// About is the Record of the conflict, or the commit that drifted. Once the
	// patch waits with another one, or no more, the hand-off is over.
	About ID        `toml:"about"`
	To    string    `toml:"to"` // a person in the registry
	By    string    `toml:"by"`
	At    time.Time `toml:"at"`
	Note  string    `toml:"note,omitempty"` // one line
}

// HandOff records a hand-off of what the patch waits for now, in place of the one
// before.
func (l Ledger) HandOff(at Spot, h Handoff) {
	h.About, h.At = l.waitsWith(at), utc(h.At)
	l.Handoffs[at] = h
}

// Handoff is the hand-off of a patch in a version that stands; false when there is
// none, or when it is over.
func (l Ledger) Handoff(at Spot) (Handoff, bool) {
	h, ok := l.Handoffs[at]
	if !ok || h.About == "" || h.About != l.waitsWith(at) {
		return Handoff{}, false
	}
	return h, true
}

// waitsWith is what a patch needs a person for in a version: the record of its
// conflict, or the commit that drifted; "" when it needs nobody.
func (l Ledger) waitsWith(at Spot) ID {
	switch in := l.Patches[at.Patch].At[at.Version]; in.State {
	case StateConflict, StateProposed:
		return l.Conflicts[at].Record
	case StateDrift:
		return in.Commit
	}
	return ""
}

// endHandoffs forgets those that are over.
func (l Ledger) endHandoffs() {
	for at := range l.Handoffs {
		if _, stands := l.Handoff(at); !stands {
			delete(l.Handoffs, at)
		}
	}
}
