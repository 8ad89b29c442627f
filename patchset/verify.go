package patchset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one reason why a version may not be published.
type Problem struct {
	Patch     string `json:"id"`
	Component string `json:"component"`
	// Problem is one of the words below; Detail a sentence.
	Problem string `json:"problem"`
	Detail  string `json:"detail"`
	// Path and Line are the place, where there is one; line 0 is the whole file.
	Path string `json:"path,omitempty"`
	Line int    `json:"line,omitempty"`
}

// The words for problems.
const (
	ProblemMissing    = "missing"    // live in the version before, not accounted for here
	ProblemUnsettled  = "unsettled"  // conflict, waiting
	ProblemUnsigned   = "unsigned"   // a proposal or drift without the owner's consent
	ProblemNoOwner    = "no-owner"   // no such person in the registry
	ProblemUnexpected = "unexpected" // a commit in the stack that the ledger does not know
	ProblemWrong      = "wrong"      // a commit that is not the one the ledger names
	ProblemNoEvidence = "no-evidence"
	ProblemPublished  = "published" // a target serves something else than was published there
	ProblemUnread     = "unread"    // nobody knows what a target serves
	ProblemCheck      = "check"     // an assertion or a check command did not hold
	ProblemUnchecked  = "unchecked" // a check command could not be run
)

// Consent answers what only the registry of owners knows.
type Consent struct {
	// HasOwner tells whether the owner of a patch is a known person.
	HasOwner func(p Patch) bool
	// Missing says, in a sentence, what consent the incarnation still lacks; ""
	// when it has all that it needs.
	Missing func(p Patch, version string) string
}

// VerifyLedger checks what the ledger alone can tell of a version: that every
// patch of the version before is accounted for, nothing is parked, and every
// consent is there.
func (l Ledger) VerifyLedger(version string, consent Consent) []Problem {
	problems := l.unaccounted(version)
	for _, p := range l.In(version) {
		if problem, detail := p.problemIn(version, consent); problem != "" {
			problems = append(problems, p.problem(problem, "%s", detail))
		}
		if !consent.HasOwner(p) {
			problems = append(problems, p.problem(ProblemNoOwner, "owner %q is not in the registry", p.Owner))
		}
	}
	return problems
}

func (p Patch) problem(word, format string, args ...any) Problem {
	return Problem{Patch: p.ID, Component: p.Component, Problem: word, Detail: fmt.Sprintf(format, args...)}
}

// unaccounted lists the patches of the version before of which nothing says what became of them.
func (l Ledger) unaccounted(version string) []Problem {
	var problems []Problem
	before, _ := l.NewestBefore(version)
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		from, in, ok := p.lastSeen(before)
		_, here := p.At[version]
		switch {
		case !ok || here || !in.State.Carried():
		case !p.Dropped.Happened():
			problems = append(problems, p.problem(ProblemMissing, "live in %s, but neither carried, landed, retired nor dropped in %s", from, version))
		case p.Dropped.By == "" || p.Dropped.Reason == "":
			problems = append(problems, p.problem(ProblemNoEvidence, "dropped without a person and a reason"))
		}
	}
	for _, id := range l.Versions[before].LeftOut {
		p, known := l.Patches[id]
		_, back := p.At[before]
		_, here := p.At[version]
		if known && !back && !here && !p.Dropped.Happened() {
			problems = append(problems, p.problem(ProblemMissing, "a rollback took it out of %s, and %s does not have it: add it again, or drop it", before, version))
		}
	}
	return problems
}

// problemIn is what keeps the patch from being published with a version; "" when nothing does.
func (p Patch) problemIn(version string, consent Consent) (problem, detail string) {
	switch in := p.At[version]; {
	case in.State == StateProposed:
		return ProblemUnsigned, "settled, but " + cmp.Or(consent.Missing(p, version), "not yet in the stack")
	case in.State == StateWaiting:
		return ProblemUnsettled, "waits until " + in.Cause + " is settled"
	case in.State == StateFailed:
		return ProblemCheck, cmp.Or(in.Why, "a check did not hold")
	case in.State.Blocks():
		return ProblemUnsettled, string(in.State) + ": " + cmp.Or(strings.Join(in.Paths, ", "), in.Why, "must be settled")
	case in.State == StateLanded && in.Why == "":
		return ProblemNoEvidence, "landed, and nothing says why"
	case in.State == StateRetired && (in.Public == "" || in.Event == nil):
		return ProblemNoEvidence, "retired without a public commit and a person"
	case in.State.InStack():
		if why := consent.Missing(p, version); why != "" {
			return ProblemUnsigned, "state " + string(in.State) + ": " + why
		}
	}
	return "", ""
}

// VerifyStack compares a stack with the commits that a branch really has, from
// its base upwards: the same patches, in order, nothing else.
func (s Stack) VerifyStack(ids []ID, commits []Commit) []Problem {
	var problems []Problem
	add := func(id, problem, format string, args ...any) {
		problems = append(problems, Problem{Patch: id, Component: s.Component, Problem: problem, Detail: fmt.Sprintf(format, args...)})
	}
	byCarryID := map[string]Patch{}
	for _, p := range s.Patches {
		byCarryID[p.CarryID] = p
	}
	var found []string
	for i, c := range commits {
		p, known := byCarryID[CarryIDOf(c.Message)]
		switch {
		case !known:
			add("", ProblemUnexpected, "commit %s is no patch that the ledger has in %s", ids[i].Short(), s.Version)
			continue
		case slices.Contains(found, p.ID):
			add(p.ID, ProblemUnexpected, "commit %s carries it a second time", ids[i].Short())
			continue
		case ids[i] != p.At[s.Version].Commit:
			add(p.ID, ProblemWrong, "carried by %s, the ledger names %s", ids[i].Short(), p.At[s.Version].Commit.Short())
		}
		found = append(found, p.ID)
	}
	for _, p := range s.Patches {
		if !slices.Contains(found, p.ID) {
			add(p.ID, ProblemMissing, "not in the branch")
		}
	}
	return problems
}

// VerifyCarried compares a version with what carrying it again gives: the same
// inputs give the same commits, so a difference means that something was changed
// behind the program's back, or that a train is due.
func (l Ledger) VerifyCarried(version string, again Ledger) []Problem {
	var problems []Problem
	for _, p := range l.In(version) {
		is, want := p.At[version], again.Patches[p.ID].At[version]
		if is.State == want.State && is.Commit == want.Commit {
			continue
		}
		problems = append(problems, Problem{
			Patch: p.ID, Component: p.Component, Problem: ProblemWrong,
			Detail: fmt.Sprintf("recorded as %s, but carrying it again gives %s: train again, or look at the log", isAt(is), isAt(want)),
		})
	}
	return problems
}

func isAt(in Incarnation) string {
	if in.Commit == "" {
		return string(in.State)
	}
	return fmt.Sprintf("%s %s", in.State, in.Commit.Short())
}
