package tui

import (
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/owners"
)

// applyConsent carries out the intents about signing and handing off.
func (s Session) applyConsent(in Intent) (Session, []Effect, bool) {
	if _, ok := in.(Sign); !ok {
		return s, nil, false
	}
	next, effects := s.sign()
	return next, effects, true
}

// sign goes one step further towards a signature.
func (s Session) sign() (Session, []Effect) {
	switch {
	case s.signed:
		return s.say("it is signed already; q leaves"), nil
	case s.c.Owner.ID == "":
		return s.say("nobody owns %s, so nobody can sign it. First: git carry own %s", s.c.Patch, s.c.Patch), nil
	case !s.maySign():
		return s.openHandOff(), nil
	case s.Left() > 0:
		return s.move(ByOpenHunk, 1).leftToDo(), nil
	case s.screen != ScreenReview:
		return s.openReview()
	case s.review == nil:
		return s.say("still comparing: a moment"), nil
	case s.needsReason() && s.reason == "":
		return s.ask(questionReason), nil
	case !s.sure:
		s.asking = s.lastQuestion()
		return s, nil
	}
	s.awaiting = true
	return s, []Effect{AskSign{s.Outcome(), Consent{As: s.c.As, Reason: s.reason}}}
}

func (s Session) leftToDo() Session {
	if s.Left() == 1 {
		return s.say("one conflict is left: settle it, then sign")
	}
	return s.say("%d conflicts are left: settle them, then sign", s.Left())
}

// lastQuestion asks for the patch's id where a signature covers more than a
// choice between the sides, else for y.
func (s Session) lastQuestion() *asking {
	a := &asking{question: questionSure, want: "y", then: Sign{}, label: "Sign? y:"}
	if m := s.Meter(); len(m.Fix.Lost) > 0 || len(m.Upstream.Lost) > 0 || len(s.written()) > 0 {
		a.want = s.c.Patch
		a.label = fmt.Sprintf("Lines are lost or new: read them above. Type %s to sign:", s.c.Patch)
	}
	return a
}

// written is a place of the result that is no plain choice of a side.
type written struct {
	where, how string
	lines      []string // those that no side has there
}

// written lists the places that somebody wrote.
func (s Session) written() []written {
	var out []written
	for i, w := range s.files {
		f := &s.c.Files[i]
		if d := w.whole; d.how != "" && d.take == "" && !d.remove {
			sides := tally(chompAll(slices.Concat(splitLines(f.Base.Data), splitLines(f.Upstream.Data), splitLines(f.Patch.Data))))
			out = append(out, written{f.Path, d.how, newLines(d.text, sides)})
		}
		for n, h := range s.facts.files[i].hunks {
			if c := w.hunks[n]; w.whole.how == "" && !c.open() && c.side == "" {
				sides := tally(chompAll(slices.Concat(splitLines(h.Base), splitLines(h.Upstream), splitLines(h.Patch))))
				out = append(out, written{fmt.Sprintf("%s, conflict %d", f.Path, s.number(i, n)), c.how, newLines(c.lines, sides)})
			}
		}
	}
	return out
}

// newLines lists the lines of a text that are not among the known ones.
func newLines(text []byte, known map[string]int) []string {
	var out []string
	for _, l := range splitLines(text) {
		if known[chomp(l)] == 0 {
			out = append(out, l)
		}
	}
	return out
}

// openReview shows what the resolution changes against the patch as last signed.
func (s Session) openReview() (Session, []Effect) {
	if s.Left() > 0 {
		return s.leftToDo(), nil
	}
	s.screen, s.scroll, s.awaiting = ScreenReview, 0, true
	return s, []Effect{AskReview{s.Outcome()}}
}

// openHandOff opens the window with the owner chosen.
func (s Session) openHandOff() Session {
	if len(s.recipients()) == 0 {
		return s.say("there is nobody to hand it to. First: git carry own %s", s.c.Patch)
	}
	s.screen, s.chosen, s.scroll = ScreenHandOff, 0, 0
	return s
}

// recipients are the people who can be handed the draft: all signers but the
// person who sits here.
func (s Session) recipients() []owners.Signer {
	var out []owners.Signer
	for _, r := range s.c.Signers {
		if r.Person.ID != s.c.Actor.Person {
			out = append(out, r)
		}
	}
	return out
}

func (s Session) handOff() (Session, []Effect) {
	to := s.recipients()
	if s.awaiting || s.chosen >= len(to) {
		return s, nil
	}
	s.awaiting = true
	return s, []Effect{AskHandOff{s.Outcome(), HandOff{To: to[s.chosen].Person.ID, Note: s.note}}}
}

// answered is Apply for the answer to something that was not asked by a person:
// what was said last stays, unless there is news.
func (s Session) answered(in Intent) (Session, []Effect) {
	said := s.message
	next, effects := s.Apply(in)
	if next.message == "" {
		next.message = said
	}
	return next, effects
}

// applyAnswer takes what the host answers.
func (s Session) applyAnswer(in Intent) (Session, []Effect, bool) {
	var effects []Effect
	switch in := in.(type) {
	case Saved:
		if in.Err != nil {
			s = s.say("NOT SAVED: %v", in.Err)
		}
	case Edited:
		s, effects = s.edited(in)
	case Reviewed:
		s.awaiting, s.review = false, &in.Review
		if in.Err != nil {
			s.review, s.screen = nil, ScreenResolve
			s = s.say("cannot compare: %v", in.Err)
		}
	case Signed:
		s.awaiting = false
		if in.Err != nil {
			s = s.say("not signed: %v", in.Err)
			break
		}
		s.signed = true
		s = s.say("%s", in.Said)
	case HandedOff:
		s.awaiting = false
		if in.Err != nil {
			s = s.say("not handed off: %v", in.Err)
			break
		}
		s.screen, s.note = ScreenResolve, ""
		s = s.say("%s", in.Said)
	default:
		return s, nil, false
	}
	return s, effects, true
}
