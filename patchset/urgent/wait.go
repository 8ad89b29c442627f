package urgent

// Wait is what a stack needs before it is on every target.
type Wait string

// What stacks wait for, in the order of the way.
const (
	WaitNothing   Wait = ""
	WaitAccepted  Wait = "accepted"  // somebody lets the item in
	WaitCarry     Wait = "carry"     // the program carries it
	WaitBehind    Wait = "behind"    // something in its version: a conflict, a consent
	WaitOthers    Wait = "others"    // the policy lets none go before the others
	WaitHold      Wait = "hold"      // somebody holds the item
	WaitTesting   Wait = "testing"   // testing targets
	WaitApprovals Wait = "approvals" // people
	WaitSoak      Wait = "soak"      // time on the testing targets
	WaitRelease   Wait = "release"   // somebody, or the program, releases it
	WaitTargets   Wait = "targets"   // stable targets
)

// Waits is what a stack waits for now.
func (s Standing) Waits(k Stack) Wait {
	switch {
	case s.Item.Over() || s.Successor != "" || k.public() || k.carried() && len(k.Stable) > 0 && there(k.Stable):
		return WaitNothing
	case !s.Item.Accepted.Happened():
		return WaitAccepted
	case k.missing():
		return WaitCarry
	case !k.carried() || len(k.Problems) > 0:
		return WaitBehind
	case len(s.Holds) > 0:
		return WaitHold
	case len(s.Fit()) == 0:
		return WaitOthers
	case !there(k.Testing):
		return WaitTesting
	case k.begun():
		return WaitTargets
	case s.Lacking(k) > 0:
		return WaitApprovals
	case s.Now.Before(s.SoakedAt()):
		return WaitSoak
	}
	return WaitRelease
}
