package radar

import (
	"slices"
	"strings"
)

// Hole is a file as it is without a fix, and the places that the fix changes.
type Hole struct {
	Path string
	Text []byte
	Cuts []Cut
}

// Cut is one place: the lines that the fix takes out of the text, and those that it puts
// there.
type Cut struct {
	At    Span // in Hole.Text
	Added []string
}

// Pattern is vulnerable text: lines that stand together where a fix is missing.
type Pattern struct {
	Family string // of languages, see [Family]
	Lines  []Line
	// The fix takes out Lines[From:To]. When it only puts something in, both are the
	// place: what stands on either side of it stands together.
	From, To int
	First    string // what people are shown
}

// Line is a line without white space: a fingerprint, and how much its appearance tells.
type Line struct {
	Print  uint64
	Weight int
}

const (
	maxPatterns = 64 // of one file
	maxCut      = 40 // lines of a cut that are looked for
	beside      = 3  // lines on either side
)

// Patterns are what the cuts of a hole have to be recognised by.
func (h Hole) Patterns() []Pattern {
	if !IsCode(h.Path) || len(h.Text) > maxFile {
		return nil
	}
	t := split(LanguageOf(h.Path), h.Text)
	var places []place
	wanted := map[int]bool{}
	for _, cut := range h.Cuts {
		if p, ok := t.place(cut); ok {
			places = append(places, p)
			for _, i := range p.lines {
				wanted[i] = true
			}
		}
	}
	t.readCode(func(i int) bool { return wanted[i] })
	var out []Pattern
	for _, place := range places {
		if len(out) == maxPatterns {
			break
		}
		if p, ok := t.pattern(place); ok {
			p.Family = Family(h.Path)
			out = append(out, p)
		}
	}
	return out
}

// place is where a pattern is taken from: lines of a text that are not blank, of which
// the cut takes out from..to.
type place struct {
	lines    []int
	from, to int
	start    int // the first line of the cut, blank or not
	added    []string
}

// place takes the lines of a cut and some around them.
func (t text) place(cut Cut) (place, bool) {
	p := place{start: cut.At.Start - 1, added: cut.Added}
	to := p.start + min(cut.At.Lines, maxCut)
	if p.start < 0 || to > len(t.lines) {
		return p, false
	}
	for i := p.start - 1; i >= 0 && len(p.lines) < beside; i-- {
		if !blank(t.lines[i]) {
			p.lines = append(p.lines, i)
		}
	}
	slices.Reverse(p.lines)
	p.from = len(p.lines)
	for i := p.start; i < to; i++ {
		if !blank(t.lines[i]) {
			p.lines = append(p.lines, i)
		}
	}
	p.to = len(p.lines)
	for i := to; i < len(t.lines) && len(p.lines) < p.to+beside; i++ {
		if !blank(t.lines[i]) {
			p.lines = append(p.lines, i)
		}
	}
	return p, true
}

func weigh(t text, i int) Line {
	print, length := fingerprint([]byte(t.lines[i]))
	if t.code[i] == "" || isImport(t.lines[i]) || len(t.lines[i]) > maxLine {
		return Line{print, 0}
	}
	letters := 0
	for _, r := range t.code[i] {
		if isWord(r) {
			letters++
		}
	}
	if letters < 6 {
		return Line{print, min(length, 2)}
	}
	return Line{print, min(length, 60)}
}

// pattern is what a place is recognised by; false when so little is left that finding
// it would mean nothing.
func (t text) pattern(at place) (Pattern, bool) {
	p := Pattern{From: at.from, To: at.to}
	for n, i := range at.lines {
		l := weigh(t, i)
		p.Lines = append(p.Lines, l)
		if n >= p.From && n < p.To && l.Weight > 2 && p.First == "" {
			p.First = strings.TrimSpace(t.lines[i])
		}
	}
	if p.putBack(at.added) {
		p.To = p.From
	}
	if p.First == "" && at.start < len(t.lines) {
		p.First = strings.TrimSpace(t.lines[at.start])
	}
	return p, p.enough(0, len(p.Lines))
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

// putBack tells whether the fix puts most of what it takes out back in, such as below
// a condition: then what it really does is to put something in between.
func (p Pattern) putBack(added []string) bool {
	again := map[uint64]bool{}
	for _, text := range added {
		print, _ := fingerprint([]byte(text))
		again[print] = true
	}
	all, back := 0, 0
	for _, l := range p.Lines[p.From:p.To] {
		all += l.Weight
		if again[l.Print] {
			back += l.Weight
		}
	}
	return back*2 > all
}

// enough tells whether finding the lines from..to of the pattern, to excluded, means
// that the hole is there.
func (p Pattern) enough(from, to int) bool {
	if from > p.From || to < p.To {
		return false
	}
	all, before, after := 0, 0, 0
	for i := from; i < to; i++ {
		w := p.Lines[i].Weight
		all += w
		if i < p.From {
			before += w
		} else if i >= p.To {
			after += w
		}
	}
	cut := all - before - after
	if p.From == p.To {
		return before >= 15 && after >= 15 && all >= 90 && to-from >= 4
	}
	return cut >= 45 && p.To-p.From >= 2 || cut >= 55 || cut >= 15 && all >= 75 && to-from >= 3
}

// anchor is the line of the pattern that is looked for first.
func (p Pattern) anchor() int {
	lo, hi := p.From, p.To
	if lo == hi {
		lo, hi = max(0, lo-1), min(len(p.Lines), hi+1)
	}
	best := lo
	for i := lo; i < hi; i++ {
		if p.Lines[i].Weight > p.Lines[best].Weight {
			best = i
		}
	}
	return best
}

// fingerprint is a number for a line without its white space (FNV-1a), and its length.
func fingerprint(text []byte) (print uint64, length int) {
	print = 14695981039346656037
	for _, c := range text {
		if isSpace(c) {
			continue
		}
		print = (print ^ uint64(c)) * 1099511628211
		length++
	}
	return print, length
}

// Has tells whether one of the lines says the same as text, white space aside.
func Has(lines []string, text []byte) bool {
	print, length := fingerprint(text)
	if length < 4 {
		return false
	}
	for _, l := range lines {
		if p, _ := fingerprint([]byte(l)); p == print {
			return true
		}
	}
	return false
}
