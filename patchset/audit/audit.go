// Package audit answers what an auditor asks of a vault: what do we carry, since
// when, whose is it, is it overdue, and who consented to what.
//
// The table of `git carry audit` takes three steps, each a pure function: [Gather] takes
// plain [Facts] from a ledger, [New] works out a [Report] from them, and a renderer per
// format writes it: [Text], [NewDocument] for JSON, [CSV].
//
// `git carry report` has the history too: a [Stream] turns ledger entries, oldest first,
// into facts ([Fact]) and the state that they lead to, [NewAccount] works out an [Account]
// from both, and [HTML], [Charts], [AccountCSV], [AccountJSON], [Prometheus] and [Calendar]
// write it. [Account.Public] is what may be published.
//
// No renderer computes anything, so the formats cannot disagree.
//
// How the numbers come about:
//
//   - Age runs from the day the hole was found, or, where nobody recorded that,
//     from the first time the patch was carried; until the fix was public, the
//     patch was dropped, or the time of the report. Whole days, rounded down.
//   - A patch is overdue when it is neither public nor dropped and its age in
//     whole days is greater than the limit of its severity.
//   - Median and oldest age are over the patches that are carried.
package audit

import (
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Facts are what a report rests on, taken from one state of the ledger.
type Facts struct {
	AsOf    time.Time
	Version string // the newest one; "" when the vault has none
	Patches []Patch
}

// Patch is what is known of one patch. Times are zero while the event has not
// happened or nobody recorded it.
type Patch struct {
	ID, Component string
	Owner         string
	OwnerActive   bool   // the owner is in the registry and has not left
	Confirmed     bool   // false: an import guessed the owner
	OwnerAway     string // "2026-12-20 to 2027-01-05" while they are
	Severity      patchset.Severity
	LimitDays     int
	Life          patchset.Life

	Found, CarriedSince, PublicAt, DroppedAt time.Time
	FoundFrom, CarriedFrom                   string // where these days were read, when nobody recorded them

	Version         string         // the newest version that knows the patch
	State           patchset.State // in Version
	VersionsCarried int
	Conflicts       int // versions in which it did not merge by itself
	Consent         Consent
}

// Consent is what an auditor asks about the signatures on a patch, over all
// versions.
type Consent struct {
	Override   bool // a result was accepted by override, and the owner has not reviewed it
	Unverified bool // a signature that counted was not checked against a key
}

// Registry answers what only the registry of owners knows.
type Registry struct {
	// LimitDays is how many days a patch of a severity may stay unpublished.
	LimitDays func(patchset.Severity) int
	// Active tells whether a person is in the registry and has not left.
	Active func(person string) bool
	// Away tells from when to when a person is away, "" while they are not. May be nil.
	Away func(person string) string
	// Consent weighs the signatures on a patch.
	Consent func(patchset.Patch) Consent
}

// Gather takes the facts from a ledger. It leaves out patches that are closed or
// dropped unless all is set.
func Gather(l patchset.Ledger, r Registry, asOf time.Time, all bool) Facts {
	f := Facts{AsOf: asOf.UTC()}
	f.Version, _ = l.Newest()
	conflicts := conflictCounts(l)
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		life := p.Life(f.Version)
		if life.Over() && !all {
			continue
		}
		version, in := p.Latest()
		away := ""
		if r.Away != nil {
			away = r.Away(p.Owner)
		}
		f.Patches = append(f.Patches, Patch{
			ID: p.ID, Component: p.Component, Owner: p.Owner, OwnerActive: r.Active(p.Owner), OwnerAway: away, Confirmed: p.OwnerConfirmed,
			Severity: p.Severity, LimitDays: r.LimitDays(p.Severity), Life: life,
			FoundFrom: p.FoundFrom, CarriedFrom: p.CarriedFrom,
			Found: p.Found, CarriedSince: p.CarriedSince, PublicAt: p.PublicAt(), DroppedAt: p.Dropped.At,
			Version: version, State: in.State,
			VersionsCarried: p.VersionsCarried(), Conflicts: conflicts[id], Consent: r.Consent(p),
		})
	}
	return f
}

// conflictCounts counts, by patch, the versions with a record of a conflict or of
// what settled one.
func conflictCounts(l patchset.Ledger) map[string]int {
	n := map[string]int{}
	for at, k := range l.Conflicts {
		if k.Cause != "" {
			continue // it only waited for another
		}
		n[at.Patch]++
	}
	for at := range l.Resolutions {
		if _, counted := l.Conflicts[at]; !counted {
			n[at.Patch]++
		}
	}
	return n
}
