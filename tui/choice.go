package tui

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// FileOutcome is what was made of one path, in the words of [patchset.Draft].
type FileOutcome struct {
	Path string `json:"path"`
	// Hunks are the disputes that are settled one by one.
	Hunks []HunkOutcome `json:"hunks,omitempty"`
	// Take is the side whose version of the path is taken whole, absence included;
	// "" where something else was chosen.
	Take Side `json:"take,omitempty"`
	// Delete removes the path.
	Delete bool `json:"delete,omitempty"`
	// Text is the content, with markers of [patchset.DraftLabels] around what is
	// open. It means something only if HasText.
	Text    []byte `json:"text,omitempty"`
	HasText bool   `json:"has_text,omitempty"`
	// Open numbers the disputes that are left, from 1.
	Open []int `json:"open,omitempty"`
	// Settled tells that nothing is left to decide.
	Settled bool `json:"settled"`
	// How says what was chosen, a line each.
	How []string `json:"how,omitempty"`
}

// Touched tells whether anything was decided.
func (f FileOutcome) Touched() bool { return len(f.How) > 0 }

// HunkOutcome is one dispute: settled with a side, or with the lines that stand
// there; without How the lines hold markers still.
type HunkOutcome struct {
	Number int    `json:"number"`
	Take   Side   `json:"take,omitempty"`
	Lines  []byte `json:"lines,omitempty"`
	How    string `json:"how"`
}

// choice is what was decided about one hunk; the zero value is open.
type choice struct {
	side  Side
	lines []byte // where side is ""
	how   string // "patch", "combined", "edited", "suggestion: …"
	// unfinished is an edited text in which markers are left; the hunk is open.
	unfinished []byte
}

func (c choice) open() bool { return c.how == "" }

// text is what the choice makes of a hunk.
func (c choice) text(h *merge3.Hunk) []byte {
	if c.side == "" {
		return c.lines
	}
	out, err := h.Render(takes[c.side])
	if err != nil {
		return nil // the base is not known: takeSide refuses to choose it
	}
	return out
}

// work is what was decided about one file. It is never changed in place.
type work struct {
	hunks []choice
	whole whole
}

// whole is a decision about a path as a whole. It comes before those about hunks.
type whole struct {
	take   Side
	remove bool
	text   []byte
	how    string // "" while nothing is decided
	marker int    // the line of text, from 1, that is a conflict marker: not finished
}

func (w work) with(hunk int, c choice) work {
	w.hunks, w.whole = slices.Clone(w.hunks), whole{}
	w.hunks[hunk] = c
	return w
}

// left counts what is open in a file: hunks, or 1 for a path without any.
func (w work) left() int {
	switch {
	case w.whole.marker > 0:
		return 1
	case w.whole.how != "":
		return 0
	case len(w.hunks) == 0:
		return 1
	}
	n := 0
	for _, c := range w.hunks {
		if c.open() {
			n++
		}
	}
	return n
}

// content is the text of a file as decided so far, with markers around what is
// open; false where there is none.
func (w work) content(f *File) ([]byte, bool) {
	switch {
	case w.whole.remove:
		return nil, false
	case w.whole.take != "":
		e := f.side(w.whole.take)
		return e.Data, e.Data != nil
	case w.whole.how != "":
		return w.whole.text, true
	case len(w.hunks) == 0:
		return nil, false
	}
	out := make(merge3.Marked, 0, len(f.Text))
	n := 0
	for i, s := range f.Text {
		if s.Hunk != nil {
			s = w.hunks[n].settledAs(f, i)
			n++
		}
		out = append(out, s)
	}
	return out.Text(patchset.DraftLabels), true
}

// settledAs is the segment i of a file's text, a dispute, as it was decided.
func (c choice) settledAs(f *File, i int) merge3.Segment {
	s := f.Text[i]
	switch {
	case c.unfinished != nil:
		return merge3.Segment{Text: c.unfinished}
	case c.open():
		return s
	}
	lines := c.text(s.Hunk)
	if i == len(f.Text)-1 {
		lines = f.lastLines(c.side, lines)
	}
	return merge3.Segment{Text: lines}
}

// lastLines drops the line break that markers put behind the last line of a side
// that ends without one.
func (f *File) lastLines(s Side, lines []byte) []byte {
	if s == "" || s == None {
		return lines
	}
	whole := f.side(s).Data
	if len(whole) == 0 || whole[len(whole)-1] == '\n' {
		return lines
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(lines, []byte("\n")), []byte("\r"))
}

// outcome is what was decided, for the host.
func (w work) outcome(f *File) FileOutcome {
	o := FileOutcome{Path: f.Path, Settled: w.left() == 0}
	switch {
	case w.whole.how != "":
		o.Take, o.Delete, o.How = w.whole.take, w.whole.remove, []string{w.whole.how}
		if o.Take == "" && !o.Delete {
			o.Text, o.HasText = w.whole.text, true
		}
		return o
	case len(w.hunks) == 0:
		return o
	}
	for i, c := range w.hunks {
		if c.open() {
			o.Open = append(o.Open, i+1)
			if c.unfinished != nil {
				o.Hunks = append(o.Hunks, HunkOutcome{Number: i + 1, Lines: c.unfinished})
				o.How = append(o.How, fmt.Sprintf("hunk %d edited, not finished", i+1))
			}
			continue
		}
		o.Hunks = append(o.Hunks, HunkOutcome{i + 1, c.side, c.lines, c.how})
		o.How = append(o.How, fmt.Sprintf("hunk %d %s", i+1, c.how))
	}
	o.Text, o.HasText = w.content(f)
	return o
}

// restore is the work that an outcome describes; what does not fit the file is
// left open.
func restore(f *File, o FileOutcome) work {
	w := work{hunks: make([]choice, len(f.hunks()))}
	switch {
	case o.Delete:
		w.whole = whole{remove: true, how: "deleted"}
	case o.Take != "":
		w.whole = whole{take: o.Take, how: string(o.Take)}
	case len(o.Hunks) > 0:
		for _, h := range o.Hunks {
			if h.Number < 1 || h.Number > len(w.hunks) {
				continue
			}
			_, known := takes[h.Take]
			known = known && (h.Take != Base || f.hunks()[h.Number-1].HasBase)
			switch at := &w.hunks[h.Number-1]; {
			case h.How == "":
				at.unfinished = h.Lines
			case h.Take == "" || known:
				*at = choice{side: h.Take, lines: h.Lines, how: h.How}
			}
		}
	case o.HasText && len(o.How) > 0:
		return w.edited(f, o.Text, o.How[len(o.How)-1])
	case o.HasText:
		return w.edited(f, o.Text, "drafted before")
	}
	return w
}

// edited is the work after the whole text of a file was given. Where the text
// between the disputes is untouched each hunk keeps a decision of its own, open if
// its markers still stand; else the text counts as a whole.
func (w work) edited(f *File, text []byte, how string) work {
	parts, ok := f.Text.TakeApart(text)
	if !ok || len(parts) == 0 {
		w.whole = whole{text: text, how: how, marker: f.marker(text)}
		return w
	}
	out := work{hunks: make([]choice, len(parts))}
	for i, h := range f.hunks() {
		marked := merge3.Marked{{Hunk: h}}.Text(patchset.DraftLabels)
		switch before := w.hunks[i]; {
		case bytes.Equal(parts[i], marked):
		case !before.open() && bytes.Equal(parts[i], before.text(h)):
			out.hunks[i] = before
		case f.marker(parts[i]) > 0:
			out.hunks[i] = choice{unfinished: parts[i]}
		default:
			out.hunks[i] = wholeSide(h, parts[i], choice{lines: parts[i], how: how})
		}
	}
	return out
}

// wholeSide is the choice of a side, where the lines are exactly those of one; else as
// it is.
func wholeSide(h *merge3.Hunk, lines []byte, c choice) choice {
	for _, side := range []Side{Patch, Upstream, Both, Base} {
		if side == Base && !h.HasBase {
			continue
		}
		if of := (choice{side: side, how: string(side)}); bytes.Equal(of.text(h), lines) {
			return of
		}
	}
	return c
}

// marker finds the first line of a text, from 1, that is a conflict marker and no
// line of the file's own; 0 when there is none.
func (f *File) marker(text []byte) int {
	var sides [][]byte
	for _, e := range []Entry{f.Base, f.Upstream, f.Patch} {
		if !bytes.Contains(e.Data, []byte("<<<<<<< "+patchset.DraftLabels.Upstream)) {
			sides = append(sides, e.Data)
		}
	}
	for _, h := range f.hunks() {
		sides = append(sides, h.Base, h.Upstream, h.Patch)
	}
	return merge3.LeftMarker(text, patchset.DraftLabels, sides...)
}
