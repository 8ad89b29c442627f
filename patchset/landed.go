package patchset

import (
	"cmp"
	"fmt"
	"slices"
)

// Has a fix become public? The ladder of evidence, and what may be made of it: only a
// merge that changes nothing, and a public commit that bears the patch's id, makes its
// change and still stands, let a patch go by themselves. All else is a question to the owner.

// Query is what the public history is asked about a patch.
type Query struct {
	Item     Item
	Source   Commit
	SourceID ID
	Base     ID
	// Empty: merging the patch onto Base changes nothing. Then nothing of it can have
	// been taken back.
	Empty bool
	// Closely: look at similar commits and at single hunks too.
	Closely bool
}

// Since is what the public history is searched from: the base that the patch was last
// carried on.
func (q Query) Since() ID {
	if q.Item.Since != "" && q.Item.Was.State.InStack() {
		return q.Item.Since // the same for the whole stack
	}
	return q.Source.Parent()
}

// Evidence is what the public history since a patch was last carried says of it.
type Evidence struct {
	Traces []Trace // newest first
	// Fates are those of the patch's hunks in the base; nil when nobody looked.
	Fates []HunkFate
}

// Trace is a public commit that may have brought the fix, and what speaks for it.
type Trace struct {
	Commit ID
	// Bears is the trailer that ties it to the patch: Carry-Id, Change-Id, or "cherry
	// picked from"; "" none.
	Bears string
	Same  bool // the same lines are removed and added, white space included
	// Equal: Same, or merging the patch onto its parent gives what it made of the files.
	Equal bool
	Names string // what of the patch its message has: "task", "subject" or ""
	// Shared is how many percent of their changed lines the two have in common.
	Shared int
	Undone Undoing
}

// Undoing is how a later public commit took a fix back; zero: none did.
type Undoing struct {
	Happened bool
	Commit   ID // "" when none can be named
	// Open: only what the fix added is gone, so that the base may have it in another form.
	Open bool
	// Slight: Open, and less than a fifth of the fix is gone. Code is rewritten like that all
	// the time, so it is worth a word and not a question.
	Slight bool
	Words  string // what it does, such as "reverts 1a2b3c4d5e"
}

// similarPercent is how much two changes must share to be called similar.
const similarPercent = 50

// kind is the rung of the ladder that a trace reaches; "" for none.
func (t Trace) kind() GroundKind {
	switch {
	case t.Bears != "":
		return GroundTrailer
	case t.Same:
		return GroundPatchID
	case t.Names != "":
		return GroundTask
	case t.Shared >= similarPercent:
		return GroundSimilar
	}
	return ""
}

// ladder are the rungs, the strongest first.
var ladder = []GroundKind{GroundTrailer, GroundPatchID, GroundTask, GroundSimilar}

func (t Trace) rung() int { return slices.Index(ladder, t.kind()) }

// Says tells whether anything speaks for the commit.
func (t Trace) Says() bool { return t.kind() != "" }

// Strong tells whether the commit is the fix without doubt, be it still there or not.
func (t Trace) Strong() bool { return t.Bears != "" || t.Same }

// ground is the trace as evidence that people can look up.
func (t Trace) ground() Ground {
	g := Ground{Kind: t.kind(), Commit: t.Commit}
	switch g.Kind {
	case GroundTrailer:
		g.Words = "bears its " + t.Bears
		if t.Bears == CherryPicked {
			g.Words = "is what it was picked from"
		}
		if t.Equal {
			g.Words += " and makes the same change"
		} else {
			g.Words += " and makes another change"
		}
	case GroundPatchID:
		g.Words = "makes the same change"
	case GroundTask:
		g.Words = "has its " + t.Names
	case GroundSimilar:
		g.Words = fmt.Sprintf("makes a similar change, %d%% of the lines", t.Shared)
	}
	return g
}

// CherryPicked stands in [Trace.Bears] for git's own line about a picked commit.
const CherryPicked = "cherry picked from"

// Finding is what evidence comes to.
type Finding struct {
	Landed bool // the patch may go by itself
	Public ID   // the public commit that has it, or may have it
	// Ask: the owner must say whether Public has the fix.
	Ask     bool
	Undone  Undoing
	Grounds []Ground // the strongest first
}

// Weigh says what a merge and the evidence come to. conflict tells whether the patch
// did not merge; an empty merge was asked about as such.
func (e Evidence) Weigh(empty, conflict bool) Finding {
	standing, undone := e.best()
	var f Finding
	switch {
	case empty:
		f.Landed = true
		if standing.Commit == "" {
			standing = undone
		}
		f.name(standing)
		f.add(Ground{Kind: GroundEmpty, Words: "merging it changes nothing"})
		return f
	case standing.Strong():
		f.name(standing)
		f.Landed = conflict && standing.Bears != "" && standing.Equal && e.stands()
		f.Ask = !f.Landed
	case undone.Strong():
		f.undone(undone.Undone, undone.Commit, undone.ground())
		f.Ask = f.Ask && conflict
	case conflict:
		f.name(standing)
		f.Ask = standing.Commit != ""
	}
	if g, some := e.hunks(); some {
		f.add(g)
	}
	return f
}

// best are the strongest trace that still stands and the strongest that was undone;
// zero when there is none. Of two alike the newer one.
func (e Evidence) best() (standing, undone Trace) {
	for _, t := range e.Traces {
		into := &standing
		if t.Undone.Happened {
			into = &undone
		}
		if t.kind() != "" && (into.Commit == "" || t.before(*into)) {
			*into = t
		}
	}
	return standing, undone
}

// before tells whether a trace says more than one that is newer.
func (t Trace) before(other Trace) bool {
	return cmp.Or(
		cmp.Compare(t.rung(), other.rung()),
		-compareBool(t.Equal, other.Equal),
		-cmp.Compare(t.Shared, other.Shared),
	) < 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// stands tells whether every hunk of the patch can still be at work in the base.
func (e Evidence) stands() bool {
	return len(e.Fates) > 0 && !slices.ContainsFunc(e.Fates, func(f HunkFate) bool { return !f.Stands() })
}

// hunks says how many hunks of the patch the base has; some is false for none.
func (e Evidence) hunks() (g Ground, some bool) {
	there := 0
	for _, f := range e.Fates {
		if f == HunkThere {
			there++
		}
	}
	return Ground{Kind: GroundHunks, Words: fmt.Sprintf("%d of %d hunks upstream", there, len(e.Fates))}, there > 0
}

func (f *Finding) name(t Trace) {
	if t.Commit != "" {
		f.Public = t.Commit
		f.add(t.ground())
	}
}

func (f *Finding) add(g Ground) {
	f.Grounds = append(f.Grounds, g)
	slices.SortStableFunc(f.Grounds, func(a, b Ground) int { return cmp.Compare(a.Kind.rank(), b.Kind.rank()) })
}

// undone records that public, with what speaks for it, was taken back.
func (f *Finding) undone(u Undoing, public ID, grounds ...Ground) {
	f.Landed, f.Undone, f.Public, f.Ask = false, u, public, u.Open && public != ""
	f.Grounds = append([]Ground{u.ground()}, grounds...)
}

func (u Undoing) ground() Ground {
	kind := GroundReverted
	if u.Slight {
		kind = GroundRewritten
	}
	return Ground{Kind: kind, Commit: u.Commit, Words: u.Words}
}
