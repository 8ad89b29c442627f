package patchset

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// Severity says how bad the hole is.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists all severities, worst first.
var Severities = []Severity{Critical, High, Medium, Low}

// ParseSeverity reads a severity; crit and med are accepted as short forms.
func ParseSeverity(s string) (Severity, error) {
	switch strings.ToLower(s) {
	case "crit":
		return Critical, nil
	case "med":
		return Medium, nil
	}
	for _, v := range Severities {
		if string(v) == strings.ToLower(s) {
			return v, nil
		}
	}
	return "", Faultf(CodeUsage, "%q is no severity", s).WithHint("use critical, high, medium or low")
}

// Compare orders severities, worst first; unknown ones come last. It returns -1,
// 0 or 1.
func (s Severity) Compare(other Severity) int { return cmp.Compare(s.rank(), other.rank()) }

func (s Severity) rank() int {
	if i := slices.Index(Severities, s); i >= 0 {
		return i
	}
	return len(Severities)
}

var cvePattern = pattern.Of(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

// CheckCVE refuses what is no CVE id.
func CheckCVE(id string) error {
	if !cvePattern().MatchString(id) {
		return Faultf(CodeUsage, "%q is no CVE id such as CVE-2026-12345", id)
	}
	return nil
}

// Event is a dated act of a person: when, who, where (a commit, a URL), why.
type Event struct {
	At     time.Time `toml:"at"`
	By     string    `toml:"by,omitempty"`
	Where  string    `toml:"where,omitempty"`
	Reason string    `toml:"reason,omitempty"`
}

// Happened tells whether the event has taken place.
func (e Event) Happened() bool { return !e.At.IsZero() }

// Patch is one security fix in one component: an identity that survives every
// carry. What belongs to one version is in At.
type Patch struct {
	ID        string // T401234, or T401234-2 for the second on one task
	Component string
	// CarryID is the random id in the Carry-Id trailer of every commit of this patch.
	CarryID string
	Title   string
	// Task is the ticket that public commits name ("Bug: T401234"); often the id.
	Task string

	Owner          string // a person in the registry
	OwnerConfirmed bool   // false: an import guessed it from the author
	Deputies       []string
	Severity       Severity
	CVE            string // "" while none is assigned

	Found        time.Time // when the hole became known; zero: unknown
	CarriedSince time.Time // when it first entered a stack
	// FoundFrom and CarriedFrom say where these days were read, when nobody recorded them.
	FoundFrom, CarriedFrom string
	Added                  Event
	Disclosed              Event
	Landed                 Event // Where names the public commit
	// Shown is when the patch last left the vault for a review while it was embargoed; Where
	// names the place, Reason says why.
	Shown   Event
	Dropped Event

	At map[string]Incarnation // by version

	Checks  map[string]Check // what must hold wherever it is carried, by name
	Results map[CheckAt]CheckResult
}

// Incarnation is the patch in one version.
type Incarnation struct {
	State State `toml:"state"`
	// Position orders the stack; equal positions are ordered by patch id.
	Position int `toml:"position"`
	// Commit is the carried commit; empty unless State.InStack().
	Commit ID `toml:"commit,omitempty"`
	// Source is the commit that was merged to get here: the incarnation of From,
	// or the commit that add or import made.
	Source ID `toml:"source"`
	// From is the version that Source was carried from; empty: it was added here.
	From string `toml:"from,omitempty"`
	// Replaces is the commit that Source took the place of here; the state is drift until
	// the owner has agreed to it.
	Replaces ID `toml:"replaces,omitempty"`
	// Public is the public commit that has the fix (landed, retired).
	Public ID `toml:"public,omitempty"`
	// Why says what the state rests on, in words.
	Why string `toml:"why,omitempty"`
	// Grounds are the evidence behind Why, the strongest first.
	Grounds []Ground `toml:"ground,omitempty"`
	// Cause is the patch that a waiting one waits for.
	Cause string `toml:"cause,omitempty"`
	// Culprit is the public commit from which on the patch conflicts, as far as can
	// be told; "" when the cause is in the stack.
	Culprit ID `toml:"culprit,omitempty"`
	// Paths are the files in dispute (conflict, waiting).
	Paths []string `toml:"paths,omitempty"`
	// Followed is where the base has files of a landed or retired patch that were renamed
	// since, by the path that the patch gives them.
	Followed Places `toml:"followed,omitempty"`
	// Event is the person's act behind retired.
	Event *Event `toml:"event,omitempty"`
}

// TaskOf is the ticket in a patch id: T401234 of T401234-2.
func TaskOf(id string) string {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 || i == len(id)-1 || strings.Trim(id[i+1:], "0123456789") != "" || len(id)-i > 3 {
		return id
	}
	return id[:i]
}

// Latest is the newest version that knows the patch, and the patch in it. Both
// are empty for a patch that no version knows.
func (p Patch) Latest() (version string, in Incarnation) {
	for v := range p.At {
		if version == "" || CompareVersions(v, version) > 0 {
			version = v
		}
	}
	return version, p.At[version]
}

// AgeStart is where the age of the patch starts: found, else carried since.
func (p Patch) AgeStart() time.Time {
	if !p.Found.IsZero() {
		return p.Found
	}
	return p.CarriedSince
}

// FoundAt puts the day that the hole became known back to an earlier one, which was read
// in from. It tells whether that is news.
func (p *Patch) FoundAt(at time.Time, from string) bool {
	return putBack(&p.Found, &p.FoundFrom, at, from)
}

// CarriedAt does the same with the day that the patch was first carried.
func (p *Patch) CarriedAt(at time.Time, from string) bool {
	return putBack(&p.CarriedSince, &p.CarriedFrom, at, from)
}

func putBack(clock *time.Time, where *string, at time.Time, from string) bool {
	if at.IsZero() || !clock.IsZero() && !at.Before(*clock) {
		return false
	}
	*clock, *where = utc(at), from
	return true
}

// PublicAt is when the fix became public, zero while it is not.
func (p Patch) PublicAt() time.Time {
	switch {
	case p.Disclosed.Happened() && p.Landed.Happened():
		return earlier(p.Disclosed.At, p.Landed.At)
	case p.Disclosed.Happened():
		return p.Disclosed.At
	}
	return p.Landed.At
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// AgeDays is the age in whole days at a time: until public, dropped, or now.
func (p Patch) AgeDays(now time.Time) int {
	start, end := p.AgeStart(), now
	for _, stop := range []time.Time{p.PublicAt(), p.Dropped.At} {
		if !stop.IsZero() {
			end = earlier(end, stop)
		}
	}
	if start.IsZero() || end.Before(start) {
		return 0
	}
	return int(end.Sub(start) / (24 * time.Hour))
}

// Embargoed tells whether the fix is still a secret: only a person's act ends
// that, never a date.
func (p Patch) Embargoed() bool { return !p.Disclosed.Happened() && !p.Landed.Happened() }

// VersionsCarried counts the versions in which the patch was in a stack or
// parked.
func (p Patch) VersionsCarried() int {
	n := 0
	for _, in := range p.At {
		if in.State.Carried() {
			n++
		}
	}
	return n
}

// Life is the stage of a patch as a whole. A public patch is closed once the
// newest version no longer carries it.
func (l Ledger) Life(p Patch) Life {
	newest, _ := l.Newest()
	return p.Life(newest)
}

// Life is the stage of the patch as a whole, for those who ask of every patch and know
// the newest version.
func (p Patch) Life(newest string) Life {
	switch {
	case p.Dropped.Happened():
		return LifeDropped
	case p.Landed.Happened() && !p.At[newest].State.Carried():
		return LifeClosed
	case p.Landed.Happened():
		return LifeLanded
	case p.Disclosed.Happened():
		return LifeDisclosed
	}
	return LifeEmbargoed
}
