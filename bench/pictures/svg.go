package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Sizes in units of the picture.
const (
	cellWidth  = 8.4
	cellHeight = 18
	margin     = 12
	baseline   = 13 // of the text in its row
	fontSize   = 14
)

// A picture brings its own ground, so that it reads on light pages and on dark ones.
const (
	ground = "#16181d"
	ink    = "#dcdfe4"
	faint  = "#9aa0aa"
)

// ansi are the first 16 colours, each light enough to read on the ground.
var ansi = [16]string{
	"#5c6370", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#dcdfe4",
	"#9aa0aa", "#ffa198", "#a5f0ac", "#f2cc60", "#a5d6ff", "#e2c5ff", "#8ae9ef", "#ffffff",
}

// colour is a colour of the palette of 256 as xterm has it.
func colour(n int) string {
	switch {
	case n < 16:
		return ansi[n]
	case n >= 232:
		grey := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}

// colours are those of the text and of what is behind it, "" for the ground.
func (s style) colours() (fore, back string) {
	fore = ink
	switch {
	case s.fore != none:
		fore = colour(s.fore)
	case s.dim:
		fore = faint
	}
	if s.back != none {
		back = colour(s.back)
	}
	if s.inverse {
		if back == "" {
			back = ground
		}
		return back, fore
	}
	return fore, back
}

// draw makes the picture of a screen. Every run is put at its own column and stretched to
// its cells, so that no font can shift what follows.
func draw(title string, rows [][]run, columns int) []byte {
	var b bytes.Buffer
	width, height := float64(columns)*cellWidth+2*margin, len(rows)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="%d">`+"\n", width, height, width, fontSize)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", ground)
	for i, row := range rows {
		column := 0
		for _, r := range row {
			column += drawRun(&b, r, column, margin+i*cellHeight)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// drawRun draws a run from a column on, and tells how many columns it takes.
func drawRun(b *bytes.Buffer, r run, column, y int) int {
	cells := runewidth.StringWidth(r.text)
	fore, back := r.colours()
	x := margin + float64(column)*cellWidth
	if back != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y, float64(cells)*cellWidth, cellHeight, back)
	}
	text := strings.TrimLeft(r.text, " ")
	x += float64(cells-runewidth.StringWidth(text)) * cellWidth
	text = strings.TrimRight(text, " ")
	if text == "" {
		return cells
	}
	more := ""
	if r.bold {
		more += ` font-weight="bold"`
	}
	if r.underlined {
		more += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d" fill="%s"%s xml:space="preserve" textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		x, y+baseline, fore, more, float64(runewidth.StringWidth(text))*cellWidth, escape(text))
	return cells
}

// escape writes text for XML. It fails for no writer that takes everything.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
