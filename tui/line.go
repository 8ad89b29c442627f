package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/mattn/go-runewidth"
)

// span is a run of text in one ink. Its text holds no control character.
type span struct {
	ink  ink
	text string
}

// line is a row of a frame, or a part of one.
type line []span

// text is a line in one ink; what comes from data is cleaned.
func text(i ink, format string, args ...any) line {
	return line{{i, printable.Text(strings.NewReplacer("\t", " ", "\n", " ").Replace(fmt.Sprintf(format, args...)))}}
}

func (l line) width() int {
	n := 0
	for _, s := range l {
		n += printable.Width(s.text)
	}
	return n
}

// fit is the part of the line from cell skip on, exactly width cells wide. A line
// that goes on beyond that ends with ">".
func (l line) fit(skip, width int) line {
	if width > 1 && l.width() > skip+width {
		return append(l.cut(skip, width-1), span{dim, ">"})
	}
	return l.cut(skip, width)
}

// cut is the part of the line from cell skip on, exactly width cells wide.
func (l line) cut(skip, width int) line {
	out := make(line, 0, len(l)+1)
	at, used := 0, 0 // cells of the line, cells of the part
	for _, s := range l {
		var b strings.Builder
		for _, r := range s.text {
			w := runewidth.RuneWidth(r)
			switch {
			case at >= skip && at+w <= skip+width:
				b.WriteRune(r)
				used += w
			case at < skip && at+w > skip: // half of a wide character
				b.WriteByte(' ')
				used++
			}
			at += w
		}
		out = append(out, span{s.ink, b.String()})
	}
	return append(out, span{plain, strings.Repeat(" ", max(0, width-used))})
}

// beside puts two columns next to each other, the left one of half cells.
func beside(left, right []line, half, width int, t Theme) []line {
	out := make([]line, 0, len(left))
	for i := range max(len(left), len(right)) {
		l := at(left, i).fit(0, half)
		out = append(out, append(append(l, t.divider()), at(right, i).fit(0, width-1-half)...))
	}
	return out
}

func at(lines []line, i int) line {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}

// tall is exactly n lines.
func tall(lines []line, n int) []line {
	n = max(0, n)
	for len(lines) < n {
		lines = append(lines, nil)
	}
	return lines[:n:n]
}

// tabWidth is how many cells a tab may take.
const tabWidth = 4

// code is a line of a file as it can be shown: tabs become blanks, what is unsafe
// is written out, a line end that is not the file's own is shown. marks are drawn
// in the ink of words, or with signs around them.
func code(raw string, crlf bool, marks []mark, op byte, colours []colourRun, t Theme) line {
	body := chomp(raw)
	ends := raw[len(body):]
	body = body[:min(len(body), maxLine)]
	word, open, closing := addedWord, "{+", "+}"
	if op == '-' {
		word, open, closing = removedWord, "[-", "-]"
	}
	var out line
	column := 0
	add := func(i ink, s string) {
		s = strings.ReplaceAll(printable.Text(s), "\n", "<U+000A>") // a row stays one row
		s = untab(s, &column)
		out = append(out, span{i, s})
	}
	for _, part := range cuts(len(body), marks, colours) {
		i := inkAt(colours, part.from)
		if !markedAt(marks, part.from) {
			add(i, body[part.from:part.to])
			continue
		}
		if t.signs() && startsMark(marks, part.from) {
			out = append(out, span{word, open})
		}
		add(word, body[part.from:part.to])
		if t.signs() && endsMark(marks, part.to) {
			out = append(out, span{word, closing})
		}
	}
	switch {
	case ends == "" && raw != "":
		out = append(out, span{dim, " (no line end)"})
	case ends == "\r\n" && !crlf:
		out = append(out, span{dim, "^M"})
	case ends == "\n" && crlf:
		out = append(out, span{dim, " (no ^M)"})
	}
	return out
}

// untab writes tabs as blanks, from a column on.
func untab(s string, column *int) string {
	if !strings.Contains(s, "\t") {
		*column += printable.Width(s)
		return s
	}
	var b strings.Builder
	for part := range strings.SplitAfterSeq(s, "\t") {
		head, isTab := strings.CutSuffix(part, "\t")
		b.WriteString(head)
		*column += printable.Width(head)
		if isTab {
			n := tabWidth - *column%tabWidth
			b.WriteString(strings.Repeat(" ", n))
			*column += n
		}
	}
	return b.String()
}

// cuts are the parts of a text of n bytes at whose ends a mark or colour changes.
func cuts(n int, marks []mark, colours []colourRun) []mark {
	points := []int{0, n}
	for _, m := range marks {
		points = append(points, min(m.from, n), min(m.to, n))
	}
	for _, c := range colours {
		points = append(points, min(c.to, n))
	}
	slices.Sort(points)
	points = slices.Compact(points)
	var out []mark
	for i := 1; i < len(points); i++ {
		out = append(out, mark{points[i-1], points[i]})
	}
	return out
}

func markedAt(marks []mark, i int) bool {
	return slices.ContainsFunc(marks, func(m mark) bool { return m.from <= i && i < m.to })
}

func startsMark(marks []mark, i int) bool {
	return slices.ContainsFunc(marks, func(m mark) bool { return m.from == i })
}

func endsMark(marks []mark, i int) bool {
	return slices.ContainsFunc(marks, func(m mark) bool { return m.to == i })
}
