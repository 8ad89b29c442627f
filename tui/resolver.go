package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// wide is the width from which on the two sides stand beside each other.
const wide = 90

// nearby is how many lines around a hunk are shown with its sides, where there is
// room.
const nearby = 2

// cramped tells that there is only room for the lines that were added.
func (d frame) cramped() bool { return d.size.Height < 18 }

// resolver draws a hunk: what either side changes, and the result.
func (d frame) resolver(height int) []line {
	hint := d.hint()
	if height < 14 {
		hint = nil
	}
	height -= len(hint)
	if d.s.view == ViewResult {
		return append(d.result(height), hint...)
	}
	var sides []line
	if d.size.Width >= wide {
		half := (d.size.Width - 1) / 2
		left, right := d.side(Upstream, half), d.side(Patch, half)
		if d.s.view == ViewTexts {
			return append(append(d.texts(height*3/5), d.result(height-height*3/5)...), hint...)
		}
		n := min(max(left.total, right.total), max(height*3/5, height-12))
		sides = beside(d.window(left, n), d.window(right, n), half, d.size.Width, d.t)
	} else {
		names := []Side{Upstream, Patch}
		if d.s.view == ViewTexts {
			names = []Side{Base, Upstream, Patch}
		}
		n := max(2, (height-max(2, height/3))/len(names))
		for _, side := range names {
			block := d.side(side, d.size.Width)
			sides = append(sides, d.window(block, min(block.total, n))...)
		}
	}
	return append(append(sides, d.result(height-len(sides))...), hint...)
}

// texts draws the three texts, as they are.
func (d frame) texts(n int) []line {
	width := d.size.Width
	if width >= 150 {
		width = (width - 2) / 3
	}
	blocks := []block{d.side(Base, width), d.side(Upstream, width), d.side(Patch, width)}
	if width < d.size.Width {
		n = min(n, max(blocks[0].total, blocks[1].total, blocks[2].total))
		rest := d.size.Width - width - 1
		right := beside(d.window(blocks[1], n), d.window(blocks[2], n), width, rest, d.t)
		return beside(d.window(blocks[0], n), right, width, d.size.Width, d.t)
	}
	var out []line
	for _, block := range blocks {
		out = append(out, d.window(block, min(block.total, max(3, n/3)))...)
	}
	return out
}

// result draws the result as it will be written, around the hunk in front or from
// where it was scrolled to.
func (d frame) result(height int) []line {
	if height <= 0 {
		return nil
	}
	s := d.s
	heads := line{{title, "RESULT"}, {dim, " " + printable.Cut(s.f().Path, 40)}}
	c := s.w().hunks[s.hunk]
	switch {
	case c.unfinished != nil:
		heads = append(heads, span{alarm, "  markers are left in it"})
	case c.open():
		heads = append(heads, span{alarm, "  not decided"})
	case c.side != "":
		heads = append(heads, span{plain, "  from " + c.side.label()})
	default:
		heads = append(heads, span{plain, "  " + printable.Cut(c.how, 40)})
	}
	if lost := s.lostHere(); lost != "" {
		heads = append(heads, span{alarm, "  ! " + printable.Cut(lost, max(10, d.size.Width-heads.width()-8))})
	}
	out := []line{d.t.rule(d.size.Width, heads...)}
	top := s.top
	if top < 0 {
		start := s.hunkTop()
		lead := min(3, (height-1)/3)
		top = max(0, start-lead)
	}
	return tall(append(out, d.resultLines(top, height-1)...), height)
}

// lostHere says what the decision about the hunk in front loses.
func (s Session) lostHere() string {
	if s.isOpen(s.file, s.hunk) {
		return ""
	}
	h := s.facts.files[s.file].hunks[s.hunk]
	c := s.w().hunks[s.hunk]
	m := s.facts.measure(fmt.Sprint("hunk ", s.file, s.hunk, c.side, string(c.lines)), h.Base, h.Upstream, h.Patch, c.text(h))
	for _, side := range []struct {
		name string
		lost []LostLine
	}{{"the fix", m.Fix.Lost}, {"upstream", m.Upstream.Lost}} {
		if len(side.lost) == 0 {
			continue
		}
		l := side.lost[0]
		if l.Removed {
			return fmt.Sprintf("still has, against %s: %s", side.name, strings.TrimSpace(l.Text))
		}
		return fmt.Sprintf("loses of %s: %s", side.name, strings.TrimSpace(l.Text))
	}
	return ""
}

// resultLines are n lines of the result from line top on, both from 0.
func (d frame) resultLines(top, n int) []line {
	s := d.s
	var rows []diffLine
	var hunks []int
	at := 0
	for _, p := range s.pieces(s.file) {
		if at+p.lines <= top {
			at += p.lines
			continue
		}
		skip := max(0, top-at)
		if p.open {
			rows, hunks = append(rows, diffLine{op: '?', text: fmt.Sprintf("conflict %d is not decided", s.number(s.file, p.hunk))}), append(hunks, p.hunk)
		} else {
			for _, l := range splitLines(firstLines(behindLines(p.text, skip), n-len(rows))) {
				rows, hunks = append(rows, diffLine{op: ' ', text: l}), append(hunks, p.hunk)
			}
		}
		at += p.lines
		if len(rows) >= n {
			break
		}
	}
	return d.numbered(rows, hunks, top)
}

// behindLines is the text behind its first n lines.
func behindLines(text []byte, n int) []byte { return text[len(firstLines(text, n)):] }

// numbered draws lines of the result with their numbers; ">" marks the hunk in
// front.
func (d frame) numbered(rows []diffLine, hunks []int, top int) []line {
	s := d.s
	colours := d.colours(rows)
	digits := len(fmt.Sprint(top + len(rows)))
	out := make([]line, 0, len(rows))
	for i, r := range rows {
		sign, in := "  ", dim
		if hunks[i] == s.hunk {
			sign, in = "> ", current
		}
		l := line{{in, fmt.Sprintf("%s%*d  ", sign, max(3, digits), top+i+1)}}
		if r.op == '?' {
			out = append(out, append(l, span{alarm, r.text}))
			continue
		}
		var runs []colourRun
		if colours != nil {
			runs = colours[i]
		}
		l = append(l, code(r.text, s.facts.files[s.file].crlf, nil, ' ', runs, d.t).from(s.sideways)...)
		if s.search != "" && top+i == s.top && s.message != "" {
			l = l.in(found)
		}
		out = append(out, l)
	}
	return out
}

// hint offers what could settle the hunk in front: suggestions, words combined.
func (d frame) hint() []line {
	s := d.s
	if !s.isOpen(s.file, s.hunk) && s.w().hunks[s.hunk].side == "" {
		return nil
	}
	var out []line
	if hints := s.hints(); len(hints) > 0 {
		out = append(out, append(line{{title, "HINT  h: "}}, text(plain, "%s", hints[0].words())...))
	}
	if combined, ok := s.facts.combined(s.file, s.hunk); ok {
		shown := ""
		for _, l := range diffLines(splitLines(s.facts.files[s.file].hunks[s.hunk].Base), splitLines(combined)) {
			if l.op == '+' {
				shown = strings.TrimSpace(l.text)
				break
			}
		}
		out = append(out, append(line{{title, "HINT  c combines: "}}, text(plain, "%s", shown)...))
	}
	return out
}

// words say what a suggestion is worth.
func (g Suggestion) words() string {
	if g.Precision <= 0 {
		return fmt.Sprintf("%s (%s)", g.Label, g.Source)
	}
	return fmt.Sprintf("%s (%s: right in %.0f of 100)", g.Label, g.Source, 100*g.Precision)
}
