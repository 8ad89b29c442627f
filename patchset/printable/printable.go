// Package printable makes strings that come from data fit for people: on a
// terminal, in a message, in a table. It is the one place that does so.
//
// Titles, paths, author names and what a server says may hold escape sequences,
// carriage returns, bidirectional overrides or invisible characters. Stripping
// escape sequences alone is not enough; nothing here passes through that could
// move the cursor, hide text, or show it in another order than it is stored.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Line returns s on one line with every unsafe character shown as <U+202E>, bytes
// that are no UTF-8 as <E9>, and runs of white space as one space.
func Line(s string) string {
	return strings.Join(strings.Fields(Text(s)), " ")
}

// Text is Line for text of several lines: newlines and tabs stay.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<%02X>", s[i])
		case Unsafe(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < ' ' && c != '\n' && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

// Unsafe tells whether a character must not reach a terminal as it is: control
// characters other than newline and tab, format characters (bidirectional marks,
// zero-width, tags), separators that some programs take for line ends.
func Unsafe(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
		r == '\u034f' || (r >= 0x180b && r <= 0x180f) || (r >= 0xfe00 && r <= 0xfe0f) || (r >= 0xe0100 && r <= 0xe01ef)
}

// Width is how many terminal cells s takes.
func Width(s string) int { return runewidth.StringWidth(s) }

// Cut shortens s to a width in terminal cells, keeping its start and, for long
// strings, its end: what is hidden in the middle cannot pass for the whole.
func Cut(s string, width int) string {
	s = Line(s)
	if runewidth.StringWidth(s) <= width {
		return s
	}
	if width < 12 {
		return runewidth.Truncate(s, width, "…")
	}
	tail := width / 4
	head := runewidth.Truncate(s, width-tail-1, "")
	return head + "…" + runewidth.TruncateLeft(s, runewidth.StringWidth(s)-tail, "")
}

// Table writes rows as aligned columns, two spaces apart, without trailing
// space. The first row is the head. Every cell is cleaned.
func Table(rows [][]string) string {
	var widths []int
	clean := make([][]string, len(rows))
	for i, row := range rows {
		clean[i] = make([]string, len(row))
		for j, cell := range row {
			clean[i][j] = Line(cell)
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], runewidth.StringWidth(clean[i][j]))
		}
	}
	var b strings.Builder
	for _, row := range clean {
		var line strings.Builder
		for j, cell := range row {
			line.WriteString(runewidth.FillRight(cell, widths[j]+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
