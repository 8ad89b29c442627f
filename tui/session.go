package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// Session is the work on one conflict, a value: see the package comment. Make
// one with [NewSession].
type Session struct {
	c     *Conflict
	facts *facts
	can   Abilities

	files        []work
	file, hunk   int // what is in front
	past, future *moment

	screen   Screen
	view     View
	plain    bool // no colours of the language
	top      int  // first line of the result; -1 follows the hunk
	scroll   int  // lines that the text in front is moved by
	sideways int
	chosen   int // in a list

	prefix   string // first key of two
	asking   *asking
	search   string
	message  string
	review   *Review
	note     string // for the hand-off
	reason   string // for the signature
	sure     bool   // the person was asked and said yes
	signed   bool
	awaiting bool // an answer of the host to a question about consent
}

// Abilities are what the surroundings can do.
type Abilities struct {
	// Suspend tells that a shell waits to have the terminal back. Without one,
	// nobody could wake the program again.
	Suspend bool
	// NoSyntax starts without the colours of the language.
	NoSyntax bool
}

// moment is what undo goes back to.
type moment struct {
	files      []work
	file, hunk int
	what       string // was done then
	earlier    *moment
}

// NewSession begins, or goes on with, the work on a conflict.
func NewSession(c Conflict, can Abilities) Session {
	s := Session{c: &c, facts: newFacts(&c), can: can, top: -1, plain: can.NoSyntax}
	for i := range c.Files {
		w := work{hunks: make([]choice, len(s.facts.files[i].hunks))}
		for _, d := range c.Drafted {
			if d.Path == c.Files[i].Path {
				w = restore(&c.Files[i], d)
			}
		}
		s.files = append(s.files, w)
	}
	s = s.say("%s", strings.Join(c.Notes, "; "))
	if s.Left() > 0 && !s.isOpen(0, 0) {
		s = s.move(ByOpenHunk, 1)
	}
	return s
}

// Outcome is what was decided so far, a FileOutcome for each path.
func (s Session) Outcome() []FileOutcome {
	out := make([]FileOutcome, len(s.files))
	for i, w := range s.files {
		out[i] = w.outcome(&s.c.Files[i])
	}
	return out
}

// Left counts the disputes that nobody has decided.
func (s Session) Left() int {
	n := 0
	for _, w := range s.files {
		n += w.left()
	}
	return n
}

// Total counts all disputes.
func (s Session) Total() int {
	n := 0
	for i := range s.files {
		n += s.units(i)
	}
	return n
}

// units counts the disputes of a file; a path without hunks is one.
func (s Session) units(file int) int { return max(1, len(s.facts.files[file].hunks)) }

// Apply does what an intent asks for. The effects are to be carried out in order;
// their answers are intents again.
func (s Session) Apply(in Intent) (Session, []Effect) {
	if len(s.files) == 0 {
		return s, []Effect{Quit{}}
	}
	s.message = ""
	switch in := in.(type) {
	case Move:
		return s.move(in.Unit, in.By), nil
	case Go:
		return s.goTo(in.File, 0), nil
	case Undo:
		return s.undo()
	case Redo:
		return s.redo()
	case Suspend:
		return s.suspend()
	case Leave:
		return s, []Effect{Quit{}}
	}
	for _, part := range []func(Intent) (Session, []Effect, bool){s.applyDecision, s.applyView, s.applyTyping, s.applyConsent, s.applyAnswer} {
		if next, effects, ok := part(in); ok {
			return next, effects
		}
	}
	return s, nil
}

// f is the file in front.
func (s Session) f() *File { return &s.c.Files[s.file] }

// w is the work on the file in front.
func (s Session) w() work { return s.files[s.file] }

// hunked tells whether the file in front is settled hunk by hunk.
func (s Session) hunked() bool { return len(s.facts.files[s.file].hunks) > 0 }

func (s Session) say(format string, args ...any) Session {
	s.message = printable.Line(fmt.Sprintf(format, args...))
	return s
}

// change puts other work in the place of a file's, so that it can be undone, and
// has it saved.
func (s Session) change(file int, w work, what string) (Session, []Effect) {
	s.past = &moment{s.files, s.file, s.hunk, what, s.past}
	s.future = nil
	s.files = slices.Clone(s.files)
	s.files[file] = w
	return s.changed()
}

// changed follows every change of the work.
func (s Session) changed() (Session, []Effect) {
	s.review, s.signed, s.scroll = nil, false, 0
	if !s.hunked() {
		s.hunk = 0
	}
	return s, []Effect{Save{s.Outcome()}}
}

func (s Session) undo() (Session, []Effect) {
	if s.past == nil {
		return s.say("nothing to undo"), nil
	}
	m := s.past
	s.future = &moment{s.files, s.file, s.hunk, m.what, s.future}
	s.files, s.file, s.hunk, s.past = m.files, m.file, m.hunk, m.earlier
	s.top = -1
	return s.say("undone: %s", m.what).changed()
}

func (s Session) redo() (Session, []Effect) {
	if s.future == nil {
		return s.say("nothing to redo"), nil
	}
	m := s.future
	s.past = &moment{s.files, s.file, s.hunk, m.what, s.past}
	s.files, s.file, s.hunk, s.future = m.files, m.file, m.hunk, m.earlier
	s.top = -1
	return s.say("done again: %s", m.what).changed()
}

func (s Session) suspend() (Session, []Effect) {
	if !s.can.Suspend {
		return s.say("no shell waits here that could wake the program again: q leaves, the draft is kept"), nil
	}
	return s, []Effect{Stop{}}
}

// goTo puts a hunk of a file in front.
func (s Session) goTo(file, hunk int) Session {
	s.file = min(max(file, 0), len(s.files)-1)
	s.hunk = min(max(hunk, 0), s.units(s.file)-1)
	s.top, s.scroll, s.chosen, s.screen = -1, 0, 0, ScreenResolve
	return s
}

// move goes on or back. There is no way around the ends.
func (s Session) move(unit Unit, by int) Session {
	if unit == ByFile {
		if to := s.file + by; to < 0 || to >= len(s.files) {
			return s.say("no other file that way")
		}
		return s.goTo(s.file+by, 0)
	}
	file, hunk := s.file, s.hunk
	for {
		hunk += by
		switch {
		case hunk >= 0 && hunk < s.units(file):
		case by < 0 && file > 0:
			file--
			hunk = s.units(file) - 1
		case by > 0 && file < len(s.files)-1:
			file, hunk = file+1, 0
		case unit == ByOpenHunk && s.Left() == 0:
			return s.say("no conflict is left")
		default:
			return s.say("no other conflict that way")
		}
		if unit == ByHunk || s.isOpen(file, hunk) {
			return s.goTo(file, hunk)
		}
	}
}

// isOpen tells whether a dispute is undecided.
func (s Session) isOpen(file, hunk int) bool {
	w := s.files[file]
	if w.whole.how != "" || len(w.hunks) == 0 {
		return w.left() > 0
	}
	return w.hunks[hunk].open()
}

// maySign tells whether whoever sits here may sign, alone or with others.
func (s Session) maySign() bool { return s.c.Owner.ID != "" && s.c.As != "" }

// needsReason tells whether the role asks for one.
func (s Session) needsReason() bool {
	return s.c.As.NeedsReason()
}
