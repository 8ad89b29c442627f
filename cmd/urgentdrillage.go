package cmd

import (
	"fmt"
	"time"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// drillAge is when the lane was last tried out.
type drillAge struct {
	Last      string `json:"last"` // "" for never
	On        string `json:"on"`
	Due       bool   `json:"due"`
	Complaint string `json:"complaint"`
}

// drillAge says when the last drill was, and complains when that is too long ago.
func (a *app) drillAge(r reading, lane urgent.Lane) drillAge {
	last, due := lane.DrillDue(r.ledger.Targets, a.env.Now())
	age := drillAge{Last: stamp(last.At), On: last.Where, Due: due}
	switch {
	case due && last.At.IsZero():
		age.Complaint = "the urgent lane has never been tried out: git carry urgent drill"
	case due:
		age.Complaint = fmt.Sprintf("the urgent lane was last tried out %d days ago: git carry urgent drill", int(a.env.Now().Sub(last.At)/(24*time.Hour)))
	}
	return age
}
