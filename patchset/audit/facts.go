package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Kind says what happened. The words are part of the contract with scripts: add,
// never rename.
type Kind string

// The kinds of facts.
const (
	KindVersion   Kind = "version"   // a version was made
	KindRegistry  Kind = "registry"  // people or policy changed
	KindAdded     Kind = "added"     // a patch came into the vault
	KindCarried   Kind = "carried"   // a version knows the patch for the first time; To is its state
	KindState     Kind = "state"     // its state in a version went from From to To
	KindConflict  Kind = "conflict"  // it did not merge; Cause is the patch that it waits for, if it only waits
	KindProposed  Kind = "proposed"  // Person made a resolution
	KindSigned    Kind = "signed"    // Person consented as To; Sure says how that is known
	KindOverride  Kind = "override"  // the same, without the owner
	KindResolved  Kind = "resolved"  // the resolution is in the stack
	KindPublished Kind = "published" // a stack was put on the target To and read back
	KindDisclosed Kind = "disclosed" // the embargo ended
	KindShown     Kind = "shown"     // embargoed, it left the vault for a review
	KindLanded    Kind = "landed"    // the public upstream has the fix
	KindRetired   Kind = "retired"   // Person named the public commit that has it
	KindDropped   Kind = "dropped"   // given up
	KindOwner     Kind = "owner"     // it went from the owner From to the owner To
	KindConfirmed Kind = "confirmed" // the guessed owner To is the right one
	KindSeverity  Kind = "severity"  // it went from From to To
	KindFound     Kind = "found"     // the day that the hole was found was corrected; On is the new one
	KindWithdrawn Kind = "withdrawn" // the fact of the kind From was taken back
)

// Fact is one thing that the ledger says has happened.
type Fact struct {
	At    time.Time // when the ledger took it in
	Entry string    // the ledger entry
	// Actor is who made the entry, as the registry knows them; Claim is how that is
	// known.
	Actor, Claim string

	Kind                      Kind
	Patch, Component, Version string // "" where it is about none
	Person                    string // whom it is about, where that need not be the actor
	From, To                  string
	Cause                     string
	Detail                    string    // a reason, a place, a commit
	On                        time.Time // the day that it speaks of; zero: At
	Sure                      string    // of a consent: how it was known when it was taken in
	Verified                  bool      // of a consent: a key proved it
}

// Signature is a consent as the ledger took it in.
type Signature struct {
	Person, As, Reason string
	Override           bool
	Sure               string // "owner priya, key verified (SHA256:…)"
	Verified           bool
}

// Weigh reads the signature in a file of the ledger, on a patch in a version, and says
// how sure it was when it was taken in: with the ledger as it was then.
type Weigh func(file []byte, at patchset.Spot, l patchset.Ledger) (Signature, error)

// Entry is one ledger entry and the files that it changed, nil for those that are gone.
type Entry struct {
	patchset.Entry
	ID      string
	Changes map[string][]byte
}

// Stream turns ledger entries, from the first on, into facts and into the state of the
// ledger that they lead to. Its work is in proportion to the files that changed.
type Stream struct {
	weigh  Weigh
	ledger patchset.Ledger
	facts  []Fact
	count  int
	last   Entry
}

// NewStream begins before the first entry.
func NewStream(weigh Weigh) *Stream {
	return &Stream{weigh: weigh, ledger: patchset.Ledger{}.Clone()}
}

// Add takes the next entry. What cannot be read is an error: silence would look like
// something that has not happened.
func (s *Stream) Add(e Entry) error {
	names := slices.Sorted(maps.Keys(e.Changes))
	before := make([]glimpse, len(names))
	for i, name := range names {
		before[i] = s.look(name)
		if err := s.ledger.Set(name, e.Changes[name]); err != nil {
			return fmt.Errorf("ledger entry %.12s: %w", e.ID, err)
		}
	}
	first := len(s.facts)
	for i, name := range names {
		now := s.look(name)
		if err := s.compare(before[i], now, e.Changes[name]); err != nil {
			return fmt.Errorf("ledger entry %.12s: %s: %w", e.ID, name, err)
		}
	}
	for i := first; i < len(s.facts); i++ {
		f := &s.facts[i]
		f.At, f.Entry, f.Actor, f.Claim = e.At.UTC(), e.ID, e.Person, e.Claim
		f.Component = cmp.Or(f.Component, s.ledger.Patches[f.Patch].Component)
		if f.On.Equal(f.At) {
			f.On = time.Time{}
		}
	}
	s.count++
	s.last = Entry{Entry: e.Entry, ID: e.ID}
	return nil
}

// Facts are the facts so far, in the order in which the ledger took them in.
func (s *Stream) Facts() []Fact { return s.facts }

// Count is the number of entries so far.
func (s *Stream) Count() int { return s.count }

// Last is the newest entry so far, without its changes.
func (s *Stream) Last() Entry { return s.last }

// Ledger is the state that the entries so far lead to. It is refused where it could be
// dangerous further on.
func (s *Stream) Ledger() (patchset.Ledger, error) { return s.ledger, s.ledger.Check() }

// glimpse is what one file of the ledger is about and what the ledger knows of that.
type glimpse struct {
	room, first, rest string // patches, T1, at/wmf.6
	known             bool
	version           patchset.Version
	patch             patchset.Patch
	in                patchset.Incarnation
	conflict          patchset.Conflict
	resolution        patchset.Resolution
	published         patchset.Published
}

func (s *Stream) look(name string) glimpse {
	var g glimpse
	stem, _ := strings.CutSuffix(name, ".toml")
	var rest string
	g.room, rest, _ = strings.Cut(stem, "/")
	g.first, g.rest, _ = strings.Cut(rest, "/")
	spot := patchset.Spot{Version: g.first, Patch: g.rest}
	switch g.room {
	case "versions":
		g.version, g.known = s.ledger.Versions[g.first]
	case "patches":
		g.patch = s.ledger.Patches[g.first]
		g.known = g.patch.CarryID != ""
		if version, ok := strings.CutPrefix(g.rest, "at/"); ok {
			g.in, g.known = g.patch.At[version]
		}
	case "conflicts":
		g.conflict, g.known = s.ledger.Conflicts[spot]
	case "resolutions":
		g.resolution, g.known = s.ledger.Resolutions[spot]
	case "targets":
		g.published, g.known = s.ledger.Targets[g.first].Published[g.rest]
	default:
		_, g.known = s.ledger.Other[name]
	}
	return g
}

func (s *Stream) add(f Fact) { s.facts = append(s.facts, f) }

// compare adds the facts that lie between two states of one file.
func (s *Stream) compare(was, is glimpse, file []byte) error {
	switch is.room {
	case "owners":
		s.add(Fact{Kind: KindRegistry})
	case "versions":
		if is.known && !was.known {
			s.add(Fact{Kind: KindVersion, Version: is.first, From: is.version.From})
		}
	case "patches":
		s.comparePatch(was, is)
	case "conflicts":
		if is.known && !is.conflict.Found.Equal(was.conflict.Found) {
			s.add(Fact{Kind: KindConflict, Patch: is.rest, Version: is.first, Cause: is.conflict.Cause, On: is.conflict.Found})
		}
	case "resolutions":
		if r := is.resolution; is.known && r.Proposed() && r.Result != was.resolution.Result {
			s.add(Fact{Kind: KindProposed, Patch: is.rest, Version: is.first, Person: r.By, On: r.At, Detail: strings.Join(r.How, "; ")})
		}
	case "signatures":
		return s.compareSignature(is, file)
	case "targets":
		if p := is.published; is.known && p != was.published {
			s.add(Fact{Kind: KindPublished, Component: p.Component, Version: p.Version, To: is.first, Person: p.By, On: p.At, Detail: string(p.Commit)})
		}
	}
	return nil
}

func (s *Stream) compareSignature(is glimpse, file []byte) error {
	id, _, _ := strings.Cut(is.rest, "/")
	if file == nil {
		_, person, _ := strings.Cut(is.rest, "/")
		s.add(Fact{Kind: KindWithdrawn, From: string(KindSigned), Patch: id, Version: is.first, Person: person})
		return nil
	}
	sig, err := s.weigh(file, patchset.Spot{Version: is.first, Patch: id}, s.ledger)
	if err != nil {
		return err
	}
	f := Fact{
		Kind: KindSigned, Patch: id, Version: is.first, Person: sig.Person, To: sig.As, Detail: sig.Reason,
		Sure: sig.Sure, Verified: sig.Verified,
	}
	if sig.Override {
		f.Kind = KindOverride
	}
	s.add(f)
	return nil
}

// comparePatch looks at one file of a patch: what it is, whose, how bad, a clock, or its
// state in a version.
func (s *Stream) comparePatch(was, is glimpse) {
	a, b := was.patch, is.patch
	at := Fact{Patch: is.first, Component: cmp.Or(b.Component, a.Component)}
	add := func(k Kind, f Fact) {
		f.Kind, f.Patch, f.Component = k, at.Patch, at.Component
		s.add(f)
	}
	withdrawn := func(k Kind) { add(KindWithdrawn, Fact{From: string(k)}) }
	event := func(k Kind, a, b patchset.Event) {
		switch {
		case b.Happened() && a != b:
			add(k, Fact{Person: b.By, On: b.At, Detail: cmp.Or(b.Reason, b.Where)})
		case a.Happened() && !b.Happened():
			withdrawn(k)
		}
	}
	switch is.rest {
	case "patch":
		switch {
		case is.known && !was.known:
			add(KindAdded, Fact{Person: b.Added.By, On: b.Added.At, Detail: b.Added.Where})
		case was.known && !is.known:
			withdrawn(KindAdded)
		}
	case "owner":
		switch {
		case a.Owner == "" || b.Owner == "":
		case a.Owner != b.Owner:
			add(KindOwner, Fact{Person: b.Owner, From: a.Owner, To: b.Owner})
		case b.OwnerConfirmed && !a.OwnerConfirmed:
			add(KindConfirmed, Fact{Person: b.Owner, To: b.Owner})
		}
	case "severity":
		if a.Severity != "" && b.Severity != "" && a.Severity != b.Severity {
			add(KindSeverity, Fact{From: string(a.Severity), To: string(b.Severity)})
		}
	case "found":
		if was.known && is.known && !a.Found.Equal(b.Found) {
			add(KindFound, Fact{On: b.Found})
		}
	case "disclosed":
		event(KindDisclosed, a.Disclosed, b.Disclosed)
	case "shown":
		event(KindShown, a.Shown, b.Shown)
	case "landed":
		event(KindLanded, a.Landed, b.Landed)
	case "dropped":
		event(KindDropped, a.Dropped, b.Dropped)
	default:
		if version, ok := strings.CutPrefix(is.rest, "at/"); ok {
			s.compareState(at, version, was.in, is.in)
		}
	}
}

func (s *Stream) compareState(f Fact, version string, was, is patchset.Incarnation) {
	if was.State == is.State {
		return
	}
	f.Version, f.From, f.To = version, string(was.State), string(is.State)
	switch {
	case is.State == "":
		f.Kind, f.From = KindWithdrawn, string(KindCarried)
	case is.State == patchset.StateResolved:
		f.Kind = KindResolved
	case is.State == patchset.StateRetired:
		f.Kind, f.Detail = KindRetired, string(is.Public)
		if is.Event != nil {
			f.Person, f.On = is.Event.By, is.Event.At
		}
	case was.State == "":
		f.Kind = KindCarried
	default:
		f.Kind = KindState
	}
	s.add(f)
}
