package audit

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
)

//go:embed chart.css
var chartCSS string

// Chart is one picture: an svg element that needs nothing from outside but a style.
type Chart struct {
	Name  string // of its file, without .svg
	Title string
	Text  string // what it shows, in words
	svg   string // what is inside the svg element
	high  int
}

// chartWidth is how wide a chart is in its own units. A letter is 13 high, so that it
// can still be read where the chart is shrunk to a telephone.
const chartWidth = 480

// File is the chart as a file of its own, in light or dark as the reader has it.
func (c Chart) File() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		c.element(` xmlns="http://www.w3.org/2000/svg"`, "<style>"+chartCSS+`.chart{background:var(--paper)}</style>`) + "\n")
}

// Inline is the chart as a part of a page that has the style.
func (c Chart) Inline() string { return c.element("", "") }

func (c Chart) element(namespace, style string) string {
	return fmt.Sprintf(`<svg%s class="chart" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-text">`, namespace, chartWidth, c.high, c.Name, c.Name) +
		fmt.Sprintf(`<title id="%s-title">%s</title><desc id="%s-text">%s</desc>`, c.Name, escaped(c.Title), c.Name, escaped(c.Text)) +
		style + c.svg + `</svg>`
}

// escaped cleans text that may come from data and makes it text of XML.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(printable.Line(s))) // a Builder takes everything
	return b.String()
}

// drawing collects the shapes of a chart.
type drawing struct {
	strings.Builder
	name string
}

func (d *drawing) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(d, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, px(x), px(y), px(w), px(h))
}

// filled is a rect in the nth pattern of the chart.
func (d *drawing) filled(n int, x, y, w, h float64) {
	fmt.Fprintf(d, `<rect class="edge" fill="url(#%s-p%d)" x="%s" y="%s" width="%s" height="%s"/>`, d.name, n, px(x), px(y), px(w), px(h))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `<path class="%s" d="M%s %sL%s %s"/>`, class, px(x1), px(y1), px(x2), px(y2))
}

func (d *drawing) circle(class string, x, y, r float64) {
	fmt.Fprintf(d, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, px(x), px(y), px(r))
}

// text is placed by its anchor: start, middle or end.
func (d *drawing) text(anchor string, x, y float64, text string) {
	fmt.Fprintf(d, `<text text-anchor="%s" x="%s" y="%s">%s</text>`, anchor, px(x), px(y), escaped(text))
}

// cross marks a conflict.
func (d *drawing) cross(x, y float64) {
	const r = 4
	fmt.Fprintf(d, `<path class="cross" d="M%s %sL%s %sM%s %sL%s %s"/>`, px(x-r), px(y-r), px(x+r), px(y+r), px(x-r), px(y+r), px(x+r), px(y-r))
}

// patterns tell apart what colours alone would not: plain, stripes up, dots, stripes
// across, squares.
var patternMarks = []string{
	"",
	`<path class="hatch" d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5"/>`,
	`<circle class="dot" cx="3" cy="3" r="1.3"/>`,
	`<path class="hatch" d="M0 3H6"/>`,
	`<path class="hatch" d="M0 3H6M3 0V6"/>`,
}

func (d *drawing) patterns(n int) {
	d.WriteString("<defs>")
	for i := range n {
		fmt.Fprintf(d, `<pattern id="%s-p%d" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="s%d" width="6" height="6"/>%s</pattern>`,
			d.name, i, i, patternMarks[i])
	}
	d.WriteString("</defs>")
}

// legend writes the words of the patterns in a row.
func (d *drawing) legend(x, y float64, words ...string) {
	for i, word := range words {
		d.filled(i, x, y-10, 12, 12)
		d.text("start", x+17, y, word)
		x += 17 + 8*float64(len(word)) + 14
	}
}

func px(n float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(n, 'f', 1, 64), "0"), ".")
}

// span maps times to places between two ends.
type span struct {
	from, to    time.Time
	left, right float64
}

func (s span) x(t time.Time) float64 {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return s.right
	}
	share := min(1, max(0, float64(t.Sub(s.from))/float64(whole)))
	return s.left + share*(s.right-s.left)
}

// timeAxis writes the days at the ends of a span and, where there is room, months
// between.
func (d *drawing) timeAxis(s span, y float64) {
	d.line("axis", s.left, y, s.right, y)
	d.text("start", s.left, y+17, s.from.UTC().Format(time.DateOnly))
	d.text("end", s.right, y+17, s.to.UTC().Format(time.DateOnly))
	if at := s.from.Add(s.to.Sub(s.from) / 2).UTC(); s.to.Sub(s.from) > 2*day {
		d.line("axis", s.x(at), y, s.x(at), y+4)
		d.text("middle", s.x(at), y+17, at.Format(time.DateOnly))
	}
}

// scale maps counts to heights and draws the lines of its steps.
type scale struct {
	top, bottom float64
	max         int
}

// newScale rounds the largest value up to a number that divides well.
func newScale(largest int, top, bottom float64) scale {
	step := 1
	for _, factor := range []int{2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		if largest > 4*step {
			step = factor
		}
	}
	return scale{top, bottom, max(1, (largest+step-1)/step) * step}
}

func (s scale) y(n float64) float64 {
	return s.bottom - (s.bottom-s.top)*min(1, n/float64(s.max))
}

func (s scale) draw(d *drawing, left, right float64) {
	for _, n := range []int{0, s.max / 2, s.max} {
		if n == s.max/2 && s.max%2 == 1 {
			continue
		}
		d.line("grid", left, s.y(float64(n)), right, s.y(float64(n)))
		d.text("end", left-6, s.y(float64(n))+4, strconv.Itoa(n))
	}
}
