package patchset

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/git-carry/git-carry/patchset/radar"
)

// A clean merge proves little. What makes it drift besides a change of the patch
// itself: the code around the fix, the hole found elsewhere, the fix undone. Package
// radar finds it; here it is decided what that means for a patch.

// Radar is what looking for drift needs of git.
type Radar interface {
	// Around tells what changed around a fix between two forms of it: the one that was
	// last seen and the one that is carried.
	Around(ctx context.Context, seen, carried ID) ([]radar.Finding, error)
	// AroundPublic tells what changed around a public commit that is a fix, between two
	// later public commits; places says where its files are.
	AroundPublic(ctx context.Context, fix, since, base ID, places Places) ([]radar.Finding, error)
	// Again looks at a whole stack, of which fixes are the patches in order and tip is
	// the last commit: for vulnerable text that stands in it and did not before, and for
	// fixes that are no longer there. It answers with a list for each of fixes.
	Again(ctx context.Context, tip ID, fixes []StackFix) ([][]radar.Finding, error)
	// Bringer is the public commit in since..base with which a finding came; "" when it
	// cannot be told.
	Bringer(ctx context.Context, since, base ID, f radar.Finding) (ID, error)
}

// Seen is a patch as its owner last saw it, with no question left open.
type Seen struct {
	Commit ID // the patch
	Base   ID // the public commit that its stack stood on; "": the patch had been just made
	Tip    ID // of that stack; "" when there was none
}

// StackFix is a patch of a stack that is looked at again.
type StackFix struct {
	Patch   string
	Origin  ID // as it was added
	Seen    Seen
	Carried ID
}

// seenOf finds the form of a patch that its owner last saw, from a version backwards.
// A drift that still asks for the owner was not seen; of a resolution that was signed
// before more was found, only the change was. tip finds the last commit of a stack.
func (l Ledger) seenOf(p Patch, version string, source ID, open func(Spot) bool, tip tipFinder) Seen {
	seen := Seen{Commit: source}
	settled := false
	for v, in := range p.back(version) {
		asks := in.State == StateDrift && open != nil && open(Spot{v, p.ID})
		if !settled {
			if seen.Commit = in.Source; in.State.InStack() && !asks {
				seen.Commit, settled = in.Commit, true
			}
		}
		if settled && in.State.InStack() && !asks && !in.unasked() {
			seen.Base, seen.Tip = l.Versions[v].Bases[p.Component].Commit, tip(v, p.Component)
			break
		}
	}
	return seen
}

// unasked tells whether something was found beside a resolution that nobody was asked
// about.
func (in Incarnation) unasked() bool {
	return in.State != StateDrift && slices.ContainsFunc(in.Grounds, func(g Ground) bool {
		return g.Kind == GroundElsewhere || g.Kind == GroundUndone
	})
}

// back goes through the incarnations of a patch from a version to the one where it was
// added.
func (p Patch) back(version string) iter.Seq2[string, Incarnation] {
	return func(yield func(string, Incarnation) bool) {
		for range p.At { // a version never comes twice
			in, ok := p.At[version]
			if !ok || !yield(version, in) {
				return
			}
			version = in.From
		}
	}
}

// origin is the commit by which a patch was added, as far as its versions know.
func (p Patch) origin(version string, source ID) ID {
	for _, in := range p.back(version) {
		source = in.Source
	}
	return source
}

// tipFinder finds the last commit of a component's stack in a version; "" when it has none.
type tipFinder func(version, component string) ID

// tips goes through the patches of a version once, however many of them ask.
func (l Ledger) tips() tipFinder {
	known := map[string]map[string]ID{}
	return func(version, component string) ID {
		of := known[version]
		if of == nil {
			of = map[string]ID{}
			for _, p := range l.In(version) {
				if in := p.At[version]; in.State.InStack() {
					of[p.Component] = in.Commit
				}
			}
			known[version] = of
		}
		return of[component]
	}
}

// around looks at the code around a fix that merged cleanly.
func (c *carrier) around(ctx context.Context, item Item, sourceID, carried ID) ([]Ground, error) {
	seen := item.Seen.Commit
	if seen == "" {
		seen = sourceID
	}
	findings, err := c.w.Around(ctx, seen, carried)
	if err != nil {
		return nil, err
	}
	return c.grounds(ctx, item, findings)
}

// again looks at the whole stack, once it is made.
func (c *carrier) again(ctx context.Context, items []Item, outcomes []Outcome) error {
	var fixes []StackFix
	var places []int
	for i, out := range outcomes {
		if in := out.Incarnation; in.State.InStack() {
			item := items[i]
			fix := StackFix{Patch: out.Patch, Origin: item.Origin, Seen: item.Seen, Carried: in.Commit}
			if fix.Seen.Commit == "" {
				fix.Seen.Commit = in.Source
			}
			fixes, places = append(fixes, fix), append(places, i)
		}
	}
	if len(fixes) == 0 {
		return nil
	}
	found, err := c.w.Again(ctx, c.tip, fixes)
	if err != nil {
		return fmt.Errorf("looking for what the patches take out: %w", err)
	}
	for n, findings := range found {
		out := &outcomes[places[n]]
		grounds, err := c.grounds(ctx, items[places[n]], findings)
		if err != nil {
			return err
		}
		out.Incarnation.doubt(grounds, items[places[n]].Signed != "")
	}
	return nil
}

const movedWords = "same change at other lines or in a renamed file"

// drift says that the change itself is not what it was.
func (in *Incarnation) drift(why string) {
	in.State, in.Why, in.Grounds = StateDrift, why, []Ground{{Kind: GroundChange, Words: why}}
}

// doubt adds grounds for drift. A resolution that was signed here keeps its state: a
// signature for drift would take the place of the one that it rests on.
func (in *Incarnation) doubt(grounds []Ground, signed bool) {
	if len(grounds) == 0 {
		return
	}
	in.Grounds = append(in.Grounds, grounds...)
	if in.Why == "" || in.Why == movedWords {
		in.Why = fewWords(grounds)
	} else {
		in.Why += "; " + fewWords(grounds)
	}
	if !signed && (in.State == StateClean || in.State == StateMoved) {
		in.State = StateDrift
	}
}

// grounds are findings with the public commits that they come from.
func (c *carrier) grounds(ctx context.Context, item Item, findings []radar.Finding) ([]Ground, error) {
	var out []Ground
	for _, f := range findings {
		g := Ground{Kind: GroundKind(f.Kind), Path: f.Path, Line: f.Line, Words: f.Words}
		if f.Kind != radar.Undone {
			var err error
			if g.Commit, err = c.bringer(ctx, item, f); err != nil {
				return nil, err
			}
			if g.Commit == "" {
				g.Words = "upstream " + g.Words
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// bringer is the public commit that a finding comes from; "" when it cannot be told.
func (c *carrier) bringer(ctx context.Context, item Item, f radar.Finding) (ID, error) {
	since := item.Seen.Base
	if since == "" {
		since = item.Seen.Commit // what its author had
	}
	// What came to another place a forecast cannot find by halving: only a whole stack
	// is searched for it.
	if c.statesOnly && f.Kind != radar.Elsewhere || since == "" {
		return "", nil
	}
	return c.w.Bringer(ctx, since, c.base, f)
}

// maxGroundsSaid is how many grounds a sentence has; the others are told one by one.
const maxGroundsSaid = 2

// fewWords says in a line what speaks for a drift.
func fewWords(grounds []Ground) string {
	few := inWords(grounds[:min(len(grounds), maxGroundsSaid)])
	if more := len(grounds) - maxGroundsSaid; more > 0 {
		few += fmt.Sprintf("; %d more", more)
	}
	return few
}
