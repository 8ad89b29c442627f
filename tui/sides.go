package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// block is what there is to see of a side. Only the rows that can be in sight now
// are drawn; total counts them all.
type block struct {
	rows  []line
	total int
}

// window is the part of a side that is in sight: its first line always, the rest
// from where it is scrolled to.
func (d frame) window(b block, n int) []line {
	if b.total <= n {
		return tall(b.rows, n)
	}
	skip := min(d.s.scroll, b.total-n)
	out := tall(append([]line{b.rows[0]}, b.rows[1+skip:]...), n)
	if below := b.total - skip - n; below > 0 {
		out[n-1] = text(dim, "   … %d more lines: j", below+1)
	}
	return out
}

// side draws one side: its title, whose it is, and its change or its text.
func (d frame) side(side Side, width int) block {
	s, c := d.s, d.s.c
	words := map[Side]string{Base: "[1] BASE", Upstream: "[2] UPSTREAM CHANGED", Patch: "[3] THE PATCH CHANGES"}[side]
	if s.view == ViewTexts {
		words = map[Side]string{Base: "[1] BASE", Upstream: "[2] UPSTREAM", Patch: "[3] PATCH"}[side]
	}
	heads := line{{title, words}}
	var out []line
	switch {
	case width != d.size.Width || d.size.Height >= 30 && s.view == ViewDiffs:
		if c.From != "" && side == Upstream {
			heads = append(heads, span{dim, "  " + printable.Cut(fmt.Sprintf("%s to %s", shortVersion(c.From), shortVersion(c.Version)), 30)})
		}
		out = append(out, d.t.rule(width, heads...))
		if commit, subject := d.who(side); commit != "" {
			out = append(out, text(dim, " %s", printable.Cut(commit, width-2)), text(plain, " '%s'", printable.Cut(subject, width-4)))
		}
	default:
		if commit, subject := d.who(side); commit != "" {
			heads = append(heads, span{dim, "  " + printable.Cut(commit+": "+subject, max(4, width-6-heads.width()))})
		}
		out = append(out, d.t.rule(width, heads...))
	}
	rows, total := d.sideLines(side)
	return block{append(out, rows...), len(out) + total}
}

func shortVersion(v string) string {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[i+1:]
	}
	return v
}

// who names the commit behind a side, and gives its subject.
func (d frame) who(side Side) (commit, subject string) {
	c := map[Side]*Commit{Upstream: d.s.c.Cause, Patch: d.s.c.Source}[side]
	if c == nil {
		return "", ""
	}
	return fmt.Sprintf("%s %s, %s", c.ID.Short(), c.Author, c.Date.Format("2 Jan 2006")), c.Subject
}

// sideLines draws the lines of a side, with a little of what stands around them,
// as far down as they can be in sight, and counts them all.
func (d frame) sideLines(side Side) (rows []line, total int) {
	s := d.s
	if h := s.facts.files[s.file].hunks[s.hunk]; side == Base && !h.HasBase {
		return []line{text(dim, "   the base's lines are not known")}, 1
	}
	lines := s.facts.changes(s.file, s.hunk, side, s.view == ViewTexts)
	if d.cramped() && slices.ContainsFunc(lines, isAdded) {
		lines = slices.DeleteFunc(slices.Clone(lines), func(l diffLine) bool { return !isAdded(l) })
	}
	if len(lines) == 0 {
		return []line{text(dim, "   (no lines)")}, 1
	}
	before, behind := s.context()
	if d.size.Width < wide && d.size.Height < 30 || d.size.Width < 150 && s.view == ViewTexts {
		before, behind = nil, nil
	}
	total = len(before) + len(lines) + len(behind)
	reach := min(s.scroll, total) + d.size.Height
	top := max(0, min(s.scroll, total-d.size.Height)-3) // a side has up to three lines of title
	seen := slices.Concat(before, lines[:min(len(lines), reach)], behind)
	seen = seen[:min(len(seen), reach)]
	colours, cut := d.colours(seen[top:]), s.indent()
	rows = make([]line, top, len(seen)) // what is above is not in sight
	for i, l := range seen[top:] {
		var runs []colourRun
		if colours != nil {
			runs = shifted(colours[i], cut)
		}
		rows = append(rows, d.diffLine(l.without(cut), runs))
	}
	return rows, total
}

func isAdded(l diffLine) bool { return l.op == '+' }

// colours are the colours of the language for some lines; nil when they are off.
func (d frame) colours(lines []diffLine) [][]colourRun {
	if d.s.plain || d.t.colours <= NoColours {
		return nil
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = chomp(l.text) + "\n"
	}
	return d.s.facts.syntax.colours(d.s.f().Path, texts)
}

func (d frame) diffLine(l diffLine, colours []colourRun) line {
	body := code(l.text, d.s.facts.files[d.s.file].crlf, l.marks, l.op, colours, d.t)
	body = body.from(d.s.sideways)
	switch l.op {
	case '+':
		return append(line{{added, " + "}}, body...)
	case '-':
		return append(line{{removed, " - "}}, body.in(removed)...)
	case '.':
		return append(line{{plain, "   "}}, body.in(dim)...)
	}
	return append(line{{plain, "   "}}, body...)
}

// in draws what has no ink of its own in another.
func (l line) in(i ink) line {
	out := make(line, len(l))
	for n, s := range l {
		if s.ink != removedWord && s.ink != addedWord {
			s.ink = i
		}
		out[n] = s
	}
	return out
}

// from is the line without its first cells.
func (l line) from(skip int) line {
	if skip == 0 {
		return l
	}
	return l.fit(skip, max(0, l.width()-skip))
}

// indent is how many bytes of white space all lines of the hunk in front begin
// with: the sides are shown without. Of long hunks nothing is cut.
func (s Session) indent() int {
	h := s.facts.files[s.file].hunks[s.hunk]
	common, first := "", true
	for _, text := range [][]byte{h.Base, h.Upstream, h.Patch} {
		if len(text) > maxColoured {
			return 0
		}
		for _, l := range splitLines(text) {
			if blank(l) {
				continue
			}
			own := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
			if first {
				common, first = own, false
			}
			for !strings.HasPrefix(own, common) {
				common = common[:len(common)-1]
			}
		}
	}
	return len(common)
}

// without is the line without its first bytes, as far as they are white space.
func (l diffLine) without(n int) diffLine {
	n = min(n, len(l.text)-len(strings.TrimLeft(l.text, " \t")))
	l.text = l.text[n:]
	marks := make([]mark, len(l.marks))
	for i, m := range l.marks {
		marks[i] = mark{max(0, m.from-n), max(0, m.to-n)}
	}
	l.marks = marks
	return l
}

// shifted are colour runs of a line without its first bytes.
func shifted(runs []colourRun, n int) []colourRun {
	out := make([]colourRun, len(runs))
	for i, r := range runs {
		out[i] = colourRun{max(0, r.to-n), r.ink}
	}
	return out
}

// context are the lines before and behind the hunk in front that are in no dispute.
func (s Session) context() (before, behind []diffLine) {
	n := -1
	f := s.f()
	for i, seg := range f.Text {
		if seg.Hunk == nil {
			continue
		}
		if n++; n != s.hunk {
			continue
		}
		if i > 0 {
			before = contextLines(lastLines(f.Text[i-1].Text, nearby))
		}
		if i < len(f.Text)-1 {
			behind = contextLines(firstLines(f.Text[i+1].Text, nearby))
		}
	}
	return before, behind
}

func contextLines(text []byte) []diffLine {
	var out []diffLine
	for _, l := range splitLines(text) {
		out = append(out, diffLine{op: '.', text: l})
	}
	return out
}
