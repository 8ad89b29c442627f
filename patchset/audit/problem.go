package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// Problem is something that a policy may forbid. The words are part of the
// contract with scripts.
type Problem string

// The problems, in the order in which they are listed.
const (
	ProblemOverdue     Problem = "overdue"     // not public after the days that its severity allows
	ProblemNoOwner     Problem = "no-owner"    // the owner is not in the registry, or has left
	ProblemUnconfirmed Problem = "unconfirmed" // the owner was guessed by an import
	ProblemOverride    Problem = "override"    // accepted by override and not yet reviewed by the owner
	ProblemUnverified  Problem = "unverified"  // a signature counts that no key proves
)

// Problems lists every problem.
var Problems = []Problem{ProblemOverdue, ProblemNoOwner, ProblemUnconfirmed, ProblemOverride, ProblemUnverified}

// ParseProblems reads a list such as "overdue,no-owner".
func ParseProblems(list string) ([]Problem, error) {
	var out []Problem
	for word := range strings.SplitSeq(list, ",") {
		p := Problem(strings.TrimSpace(word))
		if !slices.Contains(Problems, p) {
			return nil, patchset.Faultf(patchset.CodeUsage, "%q is nothing that an audit can fail on", word).
				WithHint("known: %v", Problems)
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func problemsOf(r Row) []Problem {
	if r.Life.Over() {
		return nil
	}
	var out []Problem
	for _, p := range Problems {
		if r.has(p) {
			out = append(out, p)
		}
	}
	return out
}

func (r Row) has(p Problem) bool {
	switch p {
	case ProblemOverdue:
		return r.Overdue
	case ProblemNoOwner:
		return !r.OwnerActive
	case ProblemUnconfirmed:
		return !r.Confirmed
	case ProblemOverride:
		return r.Consent.Override
	case ProblemUnverified:
		return r.Consent.Unverified
	}
	return false
}

// Breaches lists the rows that have one of the problems.
func (r Report) Breaches(of []Problem) []Row {
	var out []Row
	for _, row := range r.Rows {
		if slices.ContainsFunc(row.Problems, func(p Problem) bool { return slices.Contains(of, p) }) {
			out = append(out, row)
		}
	}
	return out
}

// words says a problem of a row to people.
func (r Row) words(p Problem) string {
	switch p {
	case ProblemOverdue:
		if r.DaysOver() == 1 {
			return "overdue by 1 day"
		}
		return fmt.Sprintf("overdue by %d days", r.DaysOver())
	case ProblemNoOwner:
		return "owner unknown or gone"
	case ProblemUnconfirmed:
		return "owner not confirmed"
	case ProblemOverride:
		return "accepted by override"
	}
	return "signature unverified"
}
