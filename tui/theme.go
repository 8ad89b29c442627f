package tui

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// ink is what a text means; a [Theme] says how that looks.
type ink int

const (
	plain ink = iota
	dim       // context and what is only there to find one's way
	heading
	title
	added // signs; blue, because one man in twelve cannot tell green from red
	removed
	addedWord // the words that differ
	removedWord
	alarm
	current
	found
	syntaxWord
	syntaxString
	syntaxComment
	syntaxNumber
	inks
)

// Colours is how many colours a terminal has.
type Colours int

// What terminals can do.
const (
	NoStyle   Colours = iota // text alone: for pipes and tests
	NoColours                // bold, underlined, reversed: what NO_COLOR leaves
	Colours16
	Colours256
	TrueColour
)

// ThemeOptions say how frames look.
type ThemeOptions struct {
	Colours Colours
	Light   bool // the background is light
	ASCII   bool // no line-drawing characters
}

// Theme is how frames look. Make one with [NewTheme].
type Theme struct {
	styles  [inks]lipgloss.Style
	colours Colours
	ascii   bool
}

// NewTheme makes a theme. It asks no terminal anything.
func NewTheme(o ThemeOptions) Theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(map[Colours]termenv.Profile{
		NoStyle: termenv.Ascii, NoColours: termenv.ANSI, Colours16: termenv.ANSI, Colours256: termenv.ANSI256, TrueColour: termenv.TrueColor,
	}[o.Colours])
	r.SetHasDarkBackground(!o.Light)
	t := Theme{colours: o.Colours, ascii: o.ASCII}
	for i := range t.styles {
		t.styles[i] = r.NewStyle()
	}
	t.styles[dim] = r.NewStyle().Faint(true)
	t.styles[heading] = r.NewStyle().Reverse(true).Bold(true)
	t.styles[title] = r.NewStyle().Bold(true)
	t.styles[addedWord] = r.NewStyle().Bold(true).Underline(true)
	t.styles[removedWord] = t.styles[addedWord]
	t.styles[alarm] = r.NewStyle().Bold(true)
	t.styles[current] = r.NewStyle().Bold(true)
	t.styles[found] = r.NewStyle().Reverse(true)
	if o.Colours <= NoColours {
		return t
	}
	paint := func(i ink, dark, light, sixteen string) {
		c := dark
		if o.Light {
			c = light
		}
		if o.Colours == Colours16 {
			c = sixteen
		}
		t.styles[i] = t.styles[i].Foreground(lipgloss.Color(c))
	}
	paint(added, "75", "25", "4")
	paint(addedWord, "75", "25", "4")
	paint(removed, "215", "130", "3")
	paint(removedWord, "215", "130", "3")
	paint(alarm, "203", "160", "1")
	paint(syntaxWord, "183", "90", "5")
	paint(syntaxString, "151", "28", "6")
	paint(syntaxComment, "245", "244", "8")
	paint(syntaxNumber, "152", "24", "6")
	return t
}

// signs tells whether word marks are written out, since no style shows them.
func (t Theme) signs() bool { return t.colours == NoStyle }

// rule draws a line of n cells with a title in it.
func (t Theme) rule(n int, words ...span) line {
	dash := "─"
	if t.ascii {
		dash = "-"
	}
	out := line{{dim, dash}}
	if len(words) > 0 {
		out = append(append(append(out, span{dim, " "}), words...), span{dim, " "})
	}
	if rest := n - out.width(); rest > 0 {
		out = append(out, span{dim, strings.Repeat(dash, rest)})
	}
	return out
}

func (t Theme) divider() span {
	if t.ascii {
		return span{dim, "|"}
	}
	return span{dim, "│"}
}

// paint makes a line of a terminal of it.
func (t Theme) paint(l line) string {
	var b strings.Builder
	for _, s := range l {
		if t.ascii {
			s.text = strings.ReplaceAll(s.text, "…", "~") // what is cut
		}
		if s.ink == plain || t.colours == NoStyle || blank(s.text) && s.ink != heading {
			b.WriteString(s.text)
			continue
		}
		b.WriteString(t.styles[s.ink].Render(s.text))
	}
	return b.String()
}
