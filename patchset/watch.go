package patchset

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What the public has: a patch that landed or was retired stays under watch, and one
// that is carried is looked for in the base's new public commits. See Weigh in landed.go.

// Places is where files are now, by the path that a patch gives them.
type Places map[string]string

// watch is what is known of a patch that was landed or retired in the version before.
type watch struct {
	places Places // nil when it was neither
	undone Undoing
	around []Ground // what changed around the fix in this base
}

// watch looks, without merging, at a patch that was landed or retired. It is public when
// it needs no further look in this base.
func (c *carrier) watch(ctx context.Context, item Item) (w watch, public bool, err error) {
	was := item.Was
	if was.State != StateLanded && was.State != StateRetired {
		return w, false, nil
	}
	if was.State == StateRetired {
		// A person said which public commit has it: that holds where the base has that
		// commit and nothing took it back since.
		has, err := c.w.Contains(ctx, c.base, was.Public)
		if err != nil || !has || item.Final {
			return watch{places: was.Followed}, has, err
		}
	}
	if item.Since == "" {
		return w, was.State == StateRetired, nil
	}
	// Only a base that touches its files can have taken it back.
	same := false
	if w.places, same, err = c.w.Follow(ctx, item.Source, item.Since, c.base, was.Followed); err != nil {
		return w, false, err
	}
	if was.State == StateLanded {
		if !same {
			w.around, err = c.aroundPublic(ctx, item, w.places)
		}
		return w, same, err
	}
	w.undone, err = c.undone(ctx, item, w.places, false)
	return w, w.undone.stands(), err
}

// stillStands tells whether a patch that had landed, and whose merge would change
// something, is still there because nothing took it back.
func (c *carrier) stillStands(ctx context.Context, item Item, w *watch) (bool, error) {
	if item.Was.State != StateLanded || item.Since == "" {
		return false, nil
	}
	if item.Was.Public != "" {
		has, err := c.w.Contains(ctx, c.base, item.Was.Public)
		if err != nil || !has {
			return false, err
		}
	}
	var err error
	w.undone, err = c.undone(ctx, item, w.places, item.LandedFor <= watchClosely)
	return w.undone.stands(), err
}

// stands tells whether the fix is still there.
func (u Undoing) stands() bool { return !u.Happened || u.Slight }

// undone asks whether the fix was taken back since the version before: what the public
// commit did, or the patch itself where none is known.
func (c *carrier) undone(ctx context.Context, item Item, places Places, closely bool) (Undoing, error) {
	fix := item.Was.Public
	if fix == "" {
		fix = item.Source
	}
	return c.w.Undone(ctx, fix, item.Since, c.base, places, closely)
}

// look gathers and weighs what speaks for the public having the patch although its
// merge changes something.
func (c *carrier) look(ctx context.Context, item Item, source Commit, sourceID ID, conflict bool, w watch) (Finding, error) {
	var found Finding
	q := Query{Item: item, Source: source, SourceID: sourceID, Base: c.base, Closely: conflict}
	skip := item.Signed != "" // who settled it has said what they think of it
	if c.statesOnly && !conflict && !skip && q.Since() != "" {
		// Files that are as they were hold no fix that landed.
		var err error
		if _, skip, err = c.w.Follow(ctx, sourceID, q.Since(), c.base, nil); err != nil {
			return found, err
		}
	}
	if !skip {
		e, err := c.w.Evidence(ctx, q)
		if err != nil {
			return found, fmt.Errorf("looking for it in the public history: %w", err)
		}
		found = e.Weigh(false, conflict)
	}
	if w.undone.Happened {
		found.undone(w.undone, item.Was.Public, publicOnes(item.Was.Grounds)...)
		found.Ask = found.Ask && conflict
	}
	return found, nil
}

// lookEmpty finds the public commit behind a merge that changes nothing.
func (c *carrier) lookEmpty(ctx context.Context, item Item, source Commit, sourceID ID) (Finding, error) {
	if has, err := c.w.Contains(ctx, c.base, item.Was.Public); has || err != nil || c.statesOnly {
		return Finding{Landed: true, Public: item.Was.Public, Grounds: item.Was.withoutNews().Grounds}, err
	}
	e, err := c.w.Evidence(ctx, Query{Item: item, Source: source, SourceID: sourceID, Base: c.base, Empty: true, Closely: true})
	return e.Weigh(true, false), err
}

// aroundPublic looks at the code around a fix that has landed: its lines can all stand
// and do nothing any more.
func (c *carrier) aroundPublic(ctx context.Context, item Item, places Places) ([]Ground, error) {
	if c.statesOnly || item.Was.Public == "" || item.LandedFor > watchClosely {
		return nil, nil
	}
	findings, err := c.w.AroundPublic(ctx, item.Was.Public, item.Since, c.base, places)
	if err != nil {
		return nil, err
	}
	var grounds []Ground
	for _, f := range findings {
		g := Ground{Kind: GroundKind(f.Kind), Path: f.Path, Line: f.Line, Words: f.Words}
		if g.Commit, err = c.w.Bringer(ctx, item.Since, c.base, f); err != nil {
			return nil, err
		}
		if g.Commit == "" {
			g.Words = "upstream " + g.Words
		}
		grounds = append(grounds, g)
	}
	return grounds, nil
}

// still is a patch that stays landed or retired.
func (w watch) still(item Item) Incarnation {
	was := item.Was.withoutNews()
	return w.tell(Incarnation{
		State: was.State, Public: was.Public, Why: was.Why, Grounds: was.Grounds, Event: was.Event,
		Followed: w.places.renamed(),
	})
}

// tell adds what this base brought and what leaves the fix where it is: a small part was
// rewritten, the code around it changed. It is worth a word in one version.
func (w watch) tell(in Incarnation) Incarnation {
	news := w.around
	if w.undone.Happened {
		news = append([]Ground{w.undone.ground()}, news...)
	}
	for _, g := range news {
		in.Grounds, in.Why = append(in.Grounds, g), in.Why+"; "+g.Sentence()
	}
	return in
}

// withoutNews leaves out what tell has added.
func (in Incarnation) withoutNews() Incarnation {
	var lasting []Ground
	for _, g := range slices.Backward(in.Grounds) {
		switch g.Kind {
		case GroundRewritten, GroundFunction, GroundNearby:
			in.Why = strings.TrimSuffix(in.Why, "; "+g.Sentence())
		default:
			lasting = append(lasting, g)
		}
	}
	slices.Reverse(lasting)
	in.Grounds = lasting
	return in
}

// renamed leaves out the files that are where they were; nil when all are.
func (p Places) renamed() Places {
	renamed := maps.Clone(p)
	maps.DeleteFunc(renamed, func(was, is string) bool { return was == is })
	if len(renamed) == 0 {
		return nil
	}
	return renamed
}

// landed records a patch that the base has.
func (c *carrier) landed(ctx context.Context, item Item, found Finding, w watch) (verdict, error) {
	if w.places == nil {
		var err error
		if w.places, _, err = c.w.Follow(ctx, item.Source, item.Source, c.base, nil); err != nil {
			return nil, err
		}
	}
	in := Incarnation{State: StateLanded, Public: found.Public, Grounds: found.Grounds, Why: inWords(found.Grounds), Followed: w.places.renamed()}
	if in.Why == "" {
		in.Why = cmp.Or(item.Was.withoutNews().Why, "the base already has every change of the patch")
	}
	if !w.undone.Slight {
		w.undone = Undoing{} // it has been brought again
	}
	out := c.outcome(item, w.tell(in))
	if in.Public != "" {
		public, err := c.w.Commit(ctx, in.Public)
		if err != nil {
			return nil, err
		}
		out.PublicAt = time.Unix(rawTime(public.Committer), 0).UTC()
	}
	return decided(out), nil
}

// mark writes what was found on a patch that is carried all the same.
func (f Finding) mark(item Item, in Incarnation) Incarnation {
	was := item.Was.State
	back := was == StateLanded || was == StateRetired
	known := f.Undone.Happened && was.Parked() || !f.Undone.Happened && !f.Ask
	g := item.Was.Grounds
	i := slices.IndexFunc(g, func(g Ground) bool { return g.Kind == GroundReverted })
	if known && !back && i >= 0 {
		// Why a public fix is carried is worth a word for as long as it is. Of one that is
		// parked the history was searched from the same commit on before.
		f.undone(Undoing{Happened: true, Commit: g[i].Commit, Words: g[i].Words}, "", publicOnes(g[i+1:])...)
	}
	in.Grounds = append(in.Grounds, f.Grounds...)
	why := ""
	switch {
	case f.Undone.Happened && back:
		why = "landed before; " + f.Undone.ground().Sentence() + f.otherForm(item)
	case f.Undone.Happened:
		why = f.Undone.ground().Sentence() + f.otherForm(item)
	case back && in.State != StateResolved:
		why = "landed before, but the base no longer has it"
	case f.Ask:
		why = fmt.Sprintf("landed and edited? %s; if it has the fix: git carry retire %s --commit %s", inWords(f.Grounds), item.Patch, f.Public.Short())
		if in.State == StateClean || in.State == StateMoved {
			in.State = StateDrift
		}
	case len(f.Grounds) > 0:
		why = inWords(f.Grounds)
	}
	switch {
	case in.Why != "" && why != "" && in.State == StateDrift:
		in.Why += "; " + why
	case why != "":
		in.Why = why
	}
	return in
}

// otherForm says what the owner can do where a fix may be there in another form.
func (f Finding) otherForm(item Item) string {
	if !f.Ask {
		return ""
	}
	return fmt.Sprintf("; if the base has it in another form: git carry retire %s --commit %s", item.Patch, f.Public.Short())
}

// publicOnes are the grounds that name a public commit which has the fix.
func publicOnes(grounds []Ground) []Ground {
	return slices.DeleteFunc(slices.Clone(grounds), func(g Ground) bool { return g.Commit == "" || g.Kind.rank() < 0 })
}
