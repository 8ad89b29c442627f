package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// What the board, the audit and the lane have in common on the screen.

// look draws rows so that they fill a terminal, or says that it is too small.
func (t Theme) look(size Size, rows func() []line) string {
	if size.Width < minimum.Width || size.Height < minimum.Height {
		return t.screen([]line{text(plain, "needs %dx%d, now %dx%d; q leaves", minimum.Width, minimum.Height, size.Width, size.Height)}, size)
	}
	return t.screen(rows(), size)
}

// screen paints rows so that they fill a terminal.
func (t Theme) screen(rows []line, size Size) string {
	var b strings.Builder
	for i, row := range tall(rows, size.Height) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(t.paint(row.fit(0, size.Width)))
	}
	return b.String()
}

// lookSteps are the keys that go down and, below zero, up: by how many rows.
var lookSteps = map[string]int{
	"j": 1, "down": 1, "k": -1, "up": -1, "pgdown": halfPage, "pgup": -halfPage, "g": -far, "G": far,
}

// lookKey is a key of a look: its names, what the footer says ("r resolve"; "" keeps it out of
// there), and what the help says.
type lookKey struct {
	keys, short, long string
	from              int // the width from which on it is in the footer
}

// footer lists the keys that there is room for, but those to skip.
func footer(keys []lookKey, width int, skip func(keys string) bool) line {
	var out line
	for _, k := range keys {
		if width < k.from || skip != nil && skip(k.keys) {
			continue
		}
		i := strings.LastIndexByte(k.short, ' ')
		if i < 0 {
			continue
		}
		key, word := k.short[:i], k.short[i+1:]
		out = append(out, span{title, key}, span{plain, " " + word + "  "})
	}
	return out
}

// helpLines is the list of all keys.
func helpLines(t Theme, width int, keys []lookKey) []line {
	out := []line{t.rule(width, span{title, "KEYS"})}
	for _, k := range keys {
		out = append(out, append(line{{title, fmt.Sprintf(" %-12s", k.keys)}}, text(plain, "%s", k.long)...))
	}
	return out
}

// scrolled is a part of lines, of a height, from a line on.
func scrolled(lines []line, from, height int) []line {
	top := min(from, max(0, len(lines)-height))
	return tall(append([]line(nil), lines[top:]...), height)
}

// banner is the first line: what this is, and on the right who looks at it, as far as
// there is room.
func banner(width int, what, you string) line {
	name, _, _ := strings.Cut(you, ",")
	gap, who := 0, ""
	for _, who = range []string{"you: " + you + " ", "you: " + name + " ", ""} {
		if gap = width - printable.Width(printable.Text(what)) - printable.Width(printable.Text(who)); gap >= 2 {
			break
		}
	}
	return text(heading, "%s%s%s", what, strings.Repeat(" ", max(0, gap)), who)
}

// line is the moment as a row of a timeline.
func (m Moment) line() line {
	return append(line{{dim, " " + m.At.Format("2 Jan 2006 15:04") + "  "}}, text(plain, "%s", m.What)...)
}

// wrapped is a text in lines of a width, indented by one.
func wrapped(i ink, width int, s string) []line {
	var out []line
	row := ""
	for _, w := range strings.Fields(printable.Line(s)) {
		if row != "" && printable.Width(row)+1+printable.Width(w) > width-2 {
			out, row = append(out, text(i, " %s", row)), ""
		}
		row = strings.TrimLeft(row+" "+w, " ")
	}
	return append(out, text(i, " %s", row))
}
