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
	ProblemDueSoon     Problem = "due-soon"    // in the last days before that, see [patchset.WarnDays]
	ProblemNoOwner     Problem = "no-owner"    // the owner is not in the registry, or has left
	ProblemOwnerAway   Problem = "owner-away"  // the owner is away now
	ProblemUnconfirmed Problem = "unconfirmed" // the owner was guessed by an import
	ProblemOverride    Problem = "override"    // accepted by override and not yet reviewed by the owner
	ProblemUnverified  Problem = "unverified"  // a signature counts that no key proves
	ProblemPublicLate  Problem = "public-late" // public for more than [LateDays] and still carried
)

// Problems lists every problem.
var Problems = []Problem{
	ProblemOverdue, ProblemDueSoon, ProblemNoOwner, ProblemOwnerAway, ProblemUnconfirmed, ProblemOverride, ProblemUnverified, ProblemPublicLate,
}

// LateDays is how long a public patch may still be carried before the report names it.
const LateDays = 30

func knownProblems() string {
	var words []string
	for _, p := range Problems {
		words = append(words, string(p))
	}
	return strings.Join(words, ", ")
}

// ParseProblems reads a list such as "overdue,no-owner".
func ParseProblems(list string) ([]Problem, error) {
	var out []Problem
	for word := range strings.SplitSeq(list, ",") {
		p := Problem(strings.TrimSpace(word))
		if !slices.Contains(Problems, p) {
			return nil, patchset.Faultf(patchset.CodeUsage, "%q is no problem that an audit knows", strings.TrimSpace(word)).
				WithHint("known: %s", knownProblems())
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
	case ProblemDueSoon:
		return r.DueSoon()
	case ProblemNoOwner:
		return !r.OwnerActive
	case ProblemOwnerAway:
		return r.OwnerActive && r.OwnerAway != ""
	case ProblemUnconfirmed:
		return !r.Confirmed
	case ProblemOverride:
		return r.Consent.Override
	case ProblemUnverified:
		return r.Consent.Unverified
	case ProblemPublicLate:
		return r.DaysPublic > LateDays
	}
	return false
}

func (r Row) hasAny(of []Problem) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return slices.Contains(of, p) })
}

// Breaches lists the rows that have one of the problems.
func (r Report) Breaches(of []Problem) []Row {
	var out []Row
	for _, row := range r.Rows {
		if row.hasAny(of) {
			out = append(out, row)
		}
	}
	return out
}

// words says a problem of a row to people.
func (r Row) words(p Problem) string {
	switch p {
	case ProblemOverdue:
		return "overdue by " + dayCount(r.DaysOver())
	case ProblemDueSoon:
		if r.DaysLeft() == 0 {
			return "due today"
		}
		return "due in " + dayCount(r.DaysLeft())
	case ProblemNoOwner:
		return "owner unknown or gone"
	case ProblemOwnerAway:
		return "owner away " + r.OwnerAway
	case ProblemUnconfirmed:
		return "owner not confirmed"
	case ProblemOverride:
		return "accepted by override"
	case ProblemPublicLate:
		return "public for " + dayCount(r.DaysPublic) + " and still carried"
	}
	return "signature unverified"
}

func dayCount(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
