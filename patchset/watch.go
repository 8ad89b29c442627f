package patchset

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What the public has: a patch that landed or was retired stays under watch, and one
// that is carried is looked for in the base's new public commits. See Weigh in landed.go.

// stillPublic tells, without merging, whether a patch that was landed or retired needs
// no look in this base; if it does, undone may say already who took the fix back.
func (c *carrier) stillPublic(ctx context.Context, item Item) (public bool, undone Undoing, err error) {
	switch item.Was.State {
	case StateRetired:
		// A person said which public commit has it: that holds where the base has that
		// commit and nothing took it back since.
		has, err := c.w.Contains(ctx, c.base, item.Was.Public)
		if err != nil || !has || item.Final {
			return has, Undoing{}, err
		}
		undone, err := c.undone(ctx, item, false)
		return !undone.Happened, undone, err
	case StateLanded:
		if item.Since == "" {
			return false, Undoing{}, nil
		}
		// Only a base that touches its files can have taken it back.
		public, err := c.w.Untouched(ctx, item.Source, item.Since, c.base)
		return public, Undoing{}, err
	}
	return false, Undoing{}, nil
}

// stillStands tells whether a patch that had landed, and whose merge would change
// something, is still there because nothing took it back.
func (c *carrier) stillStands(ctx context.Context, item Item, known Undoing) (stands bool, undone Undoing, err error) {
	if item.Was.State != StateLanded || item.Since == "" {
		return false, known, nil
	}
	if item.Was.Public != "" {
		has, err := c.w.Contains(ctx, c.base, item.Was.Public)
		if err != nil || !has {
			return false, Undoing{}, err
		}
	}
	undone, err = c.undone(ctx, item, item.LandedFor <= watchClosely)
	return !undone.Happened, undone, err
}

// undone asks whether the fix was taken back since the version before: what the public
// commit did, or the patch itself where none is known.
func (c *carrier) undone(ctx context.Context, item Item, closely bool) (Undoing, error) {
	paths, err := c.w.Changed(ctx, item.Source)
	if err != nil || item.Since == "" {
		return Undoing{}, err
	}
	fix := item.Was.Public
	if fix == "" {
		fix = item.Source
	}
	return c.w.Undone(ctx, fix, item.Since, c.base, paths, closely)
}

// look gathers and weighs what speaks for the public having the patch although its
// merge changes something. undone is what the watch found.
func (c *carrier) look(ctx context.Context, item Item, source Commit, sourceID ID, conflict bool, undone Undoing) (Finding, error) {
	var found Finding
	if item.Signed == "" { // who settled it has said what they think of it
		e, err := c.w.Evidence(ctx, Query{Item: item, Source: source, SourceID: sourceID, Base: c.base, Closely: conflict})
		if err != nil {
			return found, fmt.Errorf("looking for it in the public history: %w", err)
		}
		found = e.Weigh(false, conflict)
	}
	if undone.Happened {
		found.undone(undone, item.Was.Public, publicOnes(item.Was.Grounds)...)
		found.Ask = found.Ask && conflict
	}
	return found, nil
}

// lookEmpty finds the public commit behind a merge that changes nothing.
func (c *carrier) lookEmpty(ctx context.Context, item Item, source Commit, sourceID ID) (Finding, error) {
	if has, err := c.w.Contains(ctx, c.base, item.Was.Public); has || err != nil || c.statesOnly {
		return Finding{Landed: true, Public: item.Was.Public, Grounds: item.Was.Grounds}, err
	}
	e, err := c.w.Evidence(ctx, Query{Item: item, Source: source, SourceID: sourceID, Base: c.base, Empty: true, Closely: true})
	return e.Weigh(true, false), err
}

// stillLanded is what was known of a patch that is public.
func stillLanded(item Item) Incarnation {
	was := item.Was
	return Incarnation{State: was.State, Public: was.Public, Why: was.Why, Grounds: was.Grounds, Event: was.Event}
}

// landed records a patch that the base has.
func (c *carrier) landed(ctx context.Context, item Item, found Finding) (Outcome, error) {
	in := Incarnation{State: StateLanded, Public: found.Public, Grounds: found.Grounds, Why: inWords(found.Grounds)}
	if in.Why == "" {
		in.Why = orWords(item.Was.Why, "the base already has every change of the patch")
	}
	out := c.outcome(item, in)
	if in.Public != "" {
		public, err := c.w.Commit(ctx, in.Public)
		if err != nil {
			return Outcome{}, err
		}
		out.PublicAt = time.Unix(rawTime(public.Committer), 0).UTC()
	}
	return out, nil
}

// mark writes what was found on a patch that is carried all the same.
func (f Finding) mark(item Item, in Incarnation) Incarnation {
	was := item.Was.State
	back := was == StateLanded || was == StateRetired
	if !f.Undone.Happened && !f.Ask && in.State.InStack() {
		// Why a public fix is carried is worth a word for as long as it is.
		if g := item.Was.Grounds; len(g) > 0 && g[0].Kind == GroundReverted && !back {
			f.undone(Undoing{Happened: true, Commit: g[0].Commit, Words: g[0].Words}, "", publicOnes(g[1:])...)
		}
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
