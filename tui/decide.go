package tui

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
	"github.com/git-carry/git-carry/patchset/printable"
)

// applyDecision carries out the intents that settle something.
func (s Session) applyDecision(in Intent) (Session, []Effect, bool) {
	var effects []Effect
	s.asking = nil
	switch in := in.(type) {
	case Take:
		if !s.hunked() && s.problem(in.Side) == "" && s.givesUpFix(s.wholly(whole{take: in.Side, how: string(in.Side)})) {
			return s.confirm(in, "Then nothing of the fix is left in "+s.f().Path), nil, true
		}
		s, effects = s.take(in.Side)
	case TakeAll:
		if w, n := s.takenAll(in.Side); n > 0 && s.losesFix(w) {
			return s.confirm(in, fmt.Sprintf("%s for all that is open: fix lines %s", in.Side, s.withWork(w).Meter().Fix.words())), nil, true
		}
		s, effects = s.takeAll(in.Side)
	case CombineWords:
		s, effects = s.combineWords()
	case Suggest:
		s, effects = s.suggest(in.Number)
	case Delete:
		if w := s.wholly(whole{remove: true, how: "deleted"}); s.givesUpFix(w) {
			return s.confirm(in, "Then nothing of the fix is left in "+s.f().Path), nil, true
		}
		s, effects = s.change(s.file, s.wholly(whole{remove: true, how: "deleted"}), "delete "+s.f().Path)
	case AsIs:
		s, effects = s.change(s.file, s.wholly(whole{take: Patch, how: "as git put it"}), "accept "+s.f().Path)
	case Reset:
		s, effects = s.reset()
	case EditHunk, EditFile, UseTool:
		s, effects = s.edit(in)
	default:
		return s, nil, false
	}
	return s, effects, true
}

func (s Session) wholly(d whole) work {
	w := s.w()
	w.whole = d
	return w
}

// withWork is the session as it would be with other work on the file in front.
func (s Session) withWork(w work) Session {
	s.files = slices.Clone(s.files)
	s.files[s.file] = w
	return s
}

// givesUpFix tells whether with that work the file in front would keep nothing of
// what the patch changes in it, and the person was not asked yet.
func (s Session) givesUpFix(w work) bool {
	if s.sure {
		return false
	}
	fix := s.withWork(w).fileMeter(s.file).Fix
	return fix.Total > 0 && fix.Kept == 0 && fix.Open == 0
}

// losesFix tells whether with that work more lines of the fix were lost than now,
// and the person was not asked yet.
func (s Session) losesFix(w work) bool {
	return !s.sure && len(s.withWork(w).fileMeter(s.file).Fix.Lost) > len(s.fileMeter(s.file).Fix.Lost)
}

// problem says why the side cannot be taken for what is in front; "" if it can.
func (s Session) problem(side Side) string {
	f := s.f()
	switch {
	case s.hunked() && side == Base && !s.facts.files[s.file].hunks[s.hunk].HasBase:
		return "the base's lines are not known here"
	case s.hunked():
		return ""
	case side == Both || side == None:
		return fmt.Sprintf("a %s conflict has no lines to put together: take one side", f.Kind)
	case f.nowhere():
		return "no side has this path: o accepts what git put there, d deletes it"
	case f.aside() && !f.side(side).Absent():
		return "something else stands at the file's own name: d deletes this copy"
	}
	return ""
}

// asideName is how git names a file that cannot have its own name.
var asideName = pattern.Of(`~(UPSTREAM|PATCH|HEAD)(_\d+)?$`)

// aside tells whether the path is such a name. It cannot stay.
func (f *File) aside() bool { return asideName().MatchString(f.Path) }

// nowhere tells that no side has a version of the path.
func (f *File) nowhere() bool { return f.Base.Absent() && f.Upstream.Absent() && f.Patch.Absent() }

func (s Session) take(side Side) (Session, []Effect) {
	if why := s.problem(side); why != "" {
		return s.say("%s", why), nil
	}
	if !s.hunked() {
		return s.change(s.file, s.wholly(whole{take: side, how: string(side)}), fmt.Sprintf("take %s for %s", side, s.f().Path))
	}
	return s.change(s.file, s.w().with(s.hunk, choice{side: side, how: string(side)}), fmt.Sprintf("take %s for conflict %d", side, s.number(s.file, s.hunk)))
}

// takenAll is the file's work with every open hunk settled with a side.
func (s Session) takenAll(side Side) (work, int) {
	w, n := s.w(), 0
	for i, h := range s.facts.files[s.file].hunks {
		if w.whole.how == "" && w.hunks[i].open() && (side != Base || h.HasBase) {
			w = w.with(i, choice{side: side, how: string(side)})
			n++
		}
	}
	return w, n
}

func (s Session) takeAll(side Side) (Session, []Effect) {
	if !s.hunked() {
		return s.take(side)
	}
	w, n := s.takenAll(side)
	if n == 0 {
		return s.say("nothing is open in this file"), nil
	}
	return s.change(s.file, w, fmt.Sprintf("take %s for %d conflicts", side, n))
}

func (s Session) combineWords() (Session, []Effect) {
	if !s.hunked() {
		return s.say("there are no words to combine"), nil
	}
	text, ok := s.facts.combined(s.file, s.hunk)
	if !ok {
		return s.say("the two changes touch the same words: nothing to combine"), nil
	}
	return s.change(s.file, s.w().with(s.hunk, choice{lines: text, how: "combined"}), fmt.Sprintf("combine conflict %d", s.number(s.file, s.hunk)))
}

// hints are the suggestions for what is in front.
func (s Session) hints() []Suggestion {
	var out []Suggestion
	for _, g := range s.c.Suggestions {
		if s.hunked() && g.Path == s.f().Path && g.Hunk == s.hunk+1 {
			out = append(out, g)
		}
	}
	return out
}

func (s Session) suggest(n int) (Session, []Effect) {
	hints := s.hints()
	if n < 0 || n >= len(hints) {
		return s.say("no such suggestion"), nil
	}
	s.screen = ScreenResolve
	c := choice{lines: hints[n].Lines, how: "suggestion: " + printable.Line(hints[n].Source)}
	return s.change(s.file, s.w().with(s.hunk, c), "take a suggestion")
}

// touched tells whether something was decided about what is in front.
func (s Session) touched() bool {
	w := s.w()
	return w.whole.how != "" || s.hunked() && (!w.hunks[s.hunk].open() || w.hunks[s.hunk].unfinished != nil)
}

func (s Session) reset() (Session, []Effect) {
	w := s.w()
	switch {
	case !s.touched():
		return s.say("nothing is decided here"), nil
	case w.whole.how != "":
		w.whole = whole{}
	default:
		w = w.with(s.hunk, choice{})
	}
	return s.change(s.file, w, "reset")
}

// around is how many lines of context an editor gets with a hunk.
const around = 10

// edit asks for an editor or a merge tool.
func (s Session) edit(in Intent) (Session, []Effect) {
	before, text, behind, ok := s.textToEdit()
	if !ok {
		return s.say("there is no text to edit"), nil
	}
	_, tool := in.(UseTool)
	if _, hunk := in.(EditHunk); hunk && s.hunked() && s.w().whole.how == "" {
		head, tail := lastLines(before, around), firstLines(behind, around)
		e := Edit{
			Path: s.f().Path, Text: bytes.Join([][]byte{head, text, tail}, nil), Line: bytes.Count(head, []byte("\n")) + 1, file: s.file,
			before: before[:len(before)-len(head)], after: behind[len(tail):],
		}
		return s, []Effect{e}
	}
	return s, []Effect{Edit{
		Path: s.f().Path, Text: bytes.Join([][]byte{before, text, behind}, nil), Line: bytes.Count(before, []byte("\n")) + 1, Tool: tool, file: s.file,
	}}
}

// editable tells whether there is a text to edit.
func editable(s Session) bool {
	if s.hunked() {
		return true
	}
	_, _, _, ok := s.textToEdit()
	return ok
}

// textToEdit is the file in front as it stands, cut at the hunk in front.
func (s Session) textToEdit() (before, text, behind []byte, ok bool) {
	f, w := s.f(), s.w()
	if !s.hunked() || w.whole.how != "" {
		text, ok = w.content(f)
		for _, e := range []Entry{f.Patch, f.Upstream} {
			if !ok && isText(e) && e.Mode != merge3.ModeSymlink {
				text, ok = e.Data, true
			}
		}
		return nil, text, nil, ok && bytes.IndexByte(text, 0) < 0
	}
	var parts [3]merge3.Marked
	part, n := 0, 0
	for i, seg := range f.Text {
		if seg.Hunk == nil {
			parts[part] = append(parts[part], seg)
			continue
		}
		seg = w.hunks[n].settledAs(f, i)
		if n == s.hunk {
			parts[1], part = merge3.Marked{seg}, 2
		} else {
			parts[part] = append(parts[part], seg)
		}
		n++
	}
	labels := patchset.DraftLabels
	return parts[0].Text(labels), parts[1].Text(labels), parts[2].Text(labels), true
}

func lastLines(text []byte, n int) []byte {
	at := len(text)
	for range n {
		if at == 0 {
			break
		}
		at = bytes.LastIndexByte(text[:at-1], '\n') + 1
	}
	return text[at:]
}

func firstLines(text []byte, n int) []byte {
	at := 0
	for range n {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return text
		}
		at += i + 1
	}
	return text[:at]
}

// edited takes what came back from an editor.
func (s Session) edited(a Edited) (Session, []Effect) {
	how := "edited"
	if a.Edit.Tool {
		how = "merge tool"
	}
	switch {
	case a.Err != nil:
		return s.say("%s: %v; nothing was changed", how, a.Err), nil
	case bytes.Equal(a.Text, a.Edit.Text) && !a.Edit.Tool && s.hunked():
		return s.say("the text came back as it was: nothing was changed"), nil
	}
	file := a.Edit.file
	text := bytes.Join([][]byte{a.Edit.before, a.Text, a.Edit.after}, nil)
	w := s.files[file].edited(&s.c.Files[file], text, how)
	s, effects := s.change(file, w, how)
	if w.whole.marker > 0 {
		s = s.say("line %d of the text is still a conflict marker: it is kept, e goes on", w.whole.marker)
	}
	for i, c := range w.hunks {
		if c.unfinished != nil && w.whole.how == "" {
			s = s.say("markers are left in conflict %d: the text is kept, e goes on", s.number(file, i))
		}
	}
	return s, effects
}
