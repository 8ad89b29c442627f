package urgent

import (
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Stage is a part of the way whose time is taken.
type Stage string

// The stages, in their order, and two spans: the whole way, and its part in which the
// fix was ready and not out.
const (
	Intake   Stage = "intake"   // proposed to accepted
	Carry    Stage = "carry"    // accepted to carried to every live version
	Testing  Stage = "testing"  // carried to seen on every testing target
	Approval Stage = "approval" // seen there to approved
	Release  Stage = "release"  // approved to seen on every target
	Total    Stage = "total"    // the fix was there, to seen on every target
)

// Stages lists the stages in order, without the spans.
var Stages = []Stage{Intake, Carry, Testing, Approval, Release}

// stageDefaults are the target and the limit of each stage, in minutes.
var stageDefaults = map[Stage][2]int{
	Intake: {10, 20}, Carry: {1, 10}, Testing: {5, 20}, Approval: {20, 30}, Release: {10, 20}, Total: {45, 60},
}

// Target is how long a stage should take.
func (p Policy) Target(s Stage) time.Duration { return minutes(p.Targets[s], stageDefaults[s][0]) }

// Limit is after how long somebody must look.
func (p Policy) Limit(s Stage) time.Duration { return minutes(p.Limits[s], stageDefaults[s][1]) }

func minutes(set, otherwise int) time.Duration {
	if set == 0 {
		set = otherwise
	}
	return time.Duration(set) * time.Minute
}

// Drill is a lane that was tried out, with a patch that changes nothing.
type Drill struct {
	patchset.Event
	Where    string        `toml:"on"` // loopback or targets
	Versions int           `toml:"versions"`
	Targets  int           `toml:"targets"`
	OK       bool          `toml:"ok"`
	FailedAt string        `toml:"failed_at,omitempty"` // setup, a stage, or end
	Stages   map[Stage]Run `toml:"stages,omitempty"`
}
