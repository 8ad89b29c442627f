package tui

import (
	"bytes"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// applyView carries out the intents that change only what is seen.
func (s Session) applyView(in Intent) (Session, []Effect, bool) {
	switch in := in.(type) {
	case Scroll:
		s = s.scrolled(in)
	case Sideways:
		s.sideways = max(0, s.sideways+in.Columns)
	case NextView:
		s.view, s.scroll = (s.view+1)%3, 0
		s = s.say("%s", [...]string{"two diffs against base, and the result", "the three texts, and the result", "the result alone"}[s.view])
	case Syntax:
		s.plain = !s.plain
	case Choose:
		s.chosen = min(max(s.chosen+in.By, 0), max(s.choices()-1, 0))
	case Show:
		next, effects := s.show(in.Screen)
		return next, effects, true
	case Back:
		s = s.back()
	case Find:
		s = s.find(in)
	default:
		return s, nil, false
	}
	return s, nil, true
}

// choices counts what can be chosen from on the screen in front.
func (s Session) choices() int {
	switch s.screen {
	case ScreenFiles:
		return len(s.files)
	case ScreenHints:
		return len(s.hints())
	case ScreenHandOff:
		return len(s.recipients())
	}
	return 0
}

func (s Session) show(to Screen) (Session, []Effect) {
	switch to {
	case ScreenReview:
		return s.openReview()
	case ScreenHandOff:
		return s.openHandOff(), nil
	case ScreenHints:
		if len(s.hints()) == 0 {
			return s.say("no suggestion for this conflict"), nil
		}
	}
	s.screen, s.scroll, s.chosen = to, 0, 0
	if to == ScreenFiles {
		s.chosen = s.file
	}
	return s, nil
}

// back leaves what is in front: a question, else a screen.
func (s Session) back() Session {
	if s.asking != nil {
		s.asking = nil
		return s
	}
	s.screen, s.scroll = ScreenResolve, 0
	return s
}

// halfPage is how far a page key goes, in lines.
const halfPage = 10

// scrolled moves the text in front. The result moves with the view that shows it
// alone; elsewhere the sides of the hunk do.
func (s Session) scrolled(in Scroll) Session {
	by := in.Lines + in.Pages*halfPage
	if s.screen == ScreenResolve && s.view == ViewResult && s.hunked() {
		if s.top < 0 {
			s.top = s.hunkTop()
		}
		s.top = min(max(0, s.top+by), max(0, s.resultLines()-1))
		return s
	}
	s.scroll = min(max(0, s.scroll+by), s.lastLine())
	return s
}

// lastLine is about how far the text in front can be scrolled. How much of it is
// in sight only the frame knows.
func (s Session) lastLine() int {
	if s.screen == ScreenResolve && s.hunked() && s.w().whole.how == "" {
		n := 0
		for _, side := range []Side{Base, Upstream, Patch} {
			n = max(n, len(s.facts.changes(s.file, s.hunk, side, s.view == ViewTexts)))
		}
		return n
	}
	return len(frame{s, Size{80, 24}, Theme{}}.text())
}

// piece is a run of the result.
type piece struct {
	text  []byte
	lines int
	hunk  int  // from 0; -1 for what is not in dispute
	open  bool // then it is shown as one line
}

// pieces are the result of a file as it will be written.
func (s Session) pieces(file int) []piece {
	f, w, facts := &s.c.Files[file], s.files[file], &s.facts.files[file]
	if w.whole.how != "" || len(w.hunks) == 0 {
		text, _ := w.content(f)
		return []piece{{text: text, lines: merge3.CountLines(text), hunk: -1}}
	}
	out := make([]piece, 0, len(f.Text))
	n := 0
	for i, seg := range f.Text {
		if seg.Hunk == nil {
			out = append(out, piece{seg.Text, facts.lines[i], -1, false})
			continue
		}
		text := w.hunks[n].settledAs(f, i).Text
		p := piece{text, merge3.CountLines(text), n, w.hunks[n].open()}
		if p.open {
			p.lines = 1
		}
		out = append(out, p)
		n++
	}
	return out
}

func (s Session) resultLines() int {
	n := 0
	for _, p := range s.pieces(s.file) {
		n += p.lines
	}
	return n
}

// hunkTop is the line of the result, from 0, at which the hunk in front begins.
func (s Session) hunkTop() int {
	n := 0
	for _, p := range s.pieces(s.file) {
		if p.hunk == s.hunk {
			return n
		}
		n += p.lines
	}
	return 0
}

// find goes to the next line of the result that holds a text, in this file or
// one that comes after it, around the end.
func (s Session) find(in Find) Session {
	if in.Text != "" {
		s.search = in.Text
	}
	if s.search == "" {
		return s.say("nothing was searched for yet: /")
	}
	from := s.top
	if from < 0 {
		from = s.hunkTop()
		if in.Text != "" && !in.Back {
			from-- // a new search may find the line in front
		}
	}
	for i := range len(s.files) + 1 {
		step := i
		if in.Back {
			step = len(s.files) - i
		}
		file := (s.file + step) % len(s.files)
		lines := s.linesWith(file, s.search)
		if at, ok := pick(lines, from, in.Back, i == 0); ok {
			if file != s.file {
				s = s.goTo(file, 0)
			}
			s.top = at
			return s.say("%s: line %d", s.search, at+1)
		}
	}
	return s.say("not found: %s", s.search)
}

// pick chooses among the lines that were found; in the file where the search
// begins only those beyond from count.
func pick(lines []int, from int, back, here bool) (int, bool) {
	if back {
		for i := len(lines) - 1; i >= 0; i-- {
			if !here || lines[i] < from {
				return lines[i], true
			}
		}
		return 0, false
	}
	for _, at := range lines {
		if !here || at > from {
			return at, true
		}
	}
	return 0, false
}

// maxFound bounds the lines that a search remembers.
const maxFound = 10000

// linesWith lists the lines of a file's result, from 0, that hold a text. Letter
// case counts only if the text has capitals. The sides of an open conflict count
// as its one line.
func (s Session) linesWith(file int, text string) []int {
	fold := text == strings.ToLower(text)
	needle := []byte(text)
	var out []int
	at := 0
	for _, p := range s.pieces(file) {
		hay := p.text
		if p.open {
			h := s.facts.files[file].hunks[p.hunk]
			hay = bytes.ReplaceAll(bytes.Join([][]byte{h.Base, h.Upstream, h.Patch}, nil), []byte("\n"), []byte(" "))
		}
		if fold {
			hay = bytes.ToLower(hay)
		}
		for line, done := at, 0; len(out) < maxFound; {
			i := bytes.Index(hay[done:], needle)
			if i < 0 {
				break
			}
			line += bytes.Count(hay[done:done+i], []byte("\n"))
			out = append(out, line)
			next := bytes.IndexByte(hay[done+i:], '\n')
			if next < 0 {
				break
			}
			done, line = done+i+next+1, line+1
		}
		at += p.lines
	}
	return out
}
