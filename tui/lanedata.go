package tui

import (
	"time"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// Lane is what the screen of the urgent lane shows.
type Lane struct {
	Items []LaneItem // that are in the lane, oldest first
	You   string
	At    time.Time // when it was looked at
	Empty string    // what there is to know where there are no items
}

// LaneItem is one item, with all that it waits for.
type LaneItem struct {
	ID      string
	Patches []string
	State   urgent.State
	// Sentence is where it stands, Needed what brings it on ("" for nothing), From who can do that
	// (none: anybody, or nobody), Command what they type, Also what is open beside it.
	Sentence, Needed string
	From             []string
	Command          string
	Also             []string

	NotOut time.Duration // for how long the fix has been ready and not out
	Spans  []urgent.Span
	Ends   map[urgent.Stage]time.Time // when the stages that are left will be over

	Versions  []LaneVersion
	Threshold int // how many must approve
	People    []LanePerson
	Targets   []LaneTarget
	Story     []Moment // newest first
}

// LaneVersion is one stack that the item must be in.
type LaneVersion struct {
	urgent.Stack
	Approvers []string
	Waits     string // for what, in words; "" for nothing
	Whose     string // who brings it on where it is behind, and Command how; "" else
	Command   string
}

func (v LaneVersion) name() string { return v.Version + " " + v.Component }

// behind tells whether somebody has to do something before it goes on.
func (v LaneVersion) behind() bool { return v.Command != "" || len(v.Problems) > 0 }

// LaneTarget is one target.
type LaneTarget struct {
	urgent.Reach
	URL     string
	Command string // what to type where waiting does not help; "" else
}

// LanePerson is what one person says of the item, or might.
type LanePerson struct {
	Person string
	Says   string    // "+1", "+1 VOID", "-1 HOLDS", "may vote", "may not"
	Counts bool      // it is an approval that counts
	In     []string  // the versions that it is about
	Why    string    // the reason that they gave; why they may not, or it does not count
	Label  string    // how sure it is whose word it is; "" for nobody's
	At     time.Time // zero when nothing was said
}
