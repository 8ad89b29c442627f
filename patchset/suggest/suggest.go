// Package suggest offers answers to a conflict of texts, each with where it
// comes from and how often that proved right. Nothing here is ever applied by itself.
//
// Start reading at [For]. A dispute ([merge3.Hunk] of the diff3 style) goes to several
// sources; what they say comes back in the order of their precision, which was
// measured on what people really did (precision.go).
//
// Most answers come out of one idea (weave.go). The lines of upstream and of the patch
// are aligned with those of the base (line.go), equal ones and versions of one line, so that
// the total likeness is largest (align.go). Then both sides' changes are laid over each
// other line by line, and in a line that both changed word by word (words.go). Other than
// in a merge, changes may touch; and what came up on the way tells which [Source] the
// answer is of, and so how far it can be trusted.
//
// Promises: the answer depends on the inputs alone; every line of it is a line of one
// of the inputs, white space in front aside, or of [Words] made of tokens of the three versions of one line;
// no input makes it panic; time and memory are bounded by maxSides and maxCells.
package suggest

import (
	"bytes"
	"cmp"
	"iter"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Source says where a suggestion comes from, in words that are the same in text,
// JSON and screens.
type Source string

// The sources.
const (
	// Known is a signed resolution of the same dispute in another version or component.
	Known Source = "known resolution"
	// Present: upstream has what the patch adds.
	Present Source = "present"
	// Space: one of the edits changes white space only.
	Space Source = "white space"
	// Covers: nothing of upstream's edit is left when the patch's is done.
	Covers Source = "covers"
	// Lines: the edits are in different lines, though they touch.
	Lines Source = "lines"
	// Removes: the patch only removes lines, others than upstream touches.
	Removes Source = "removes"
	// Words: the edits are in different words of a line.
	Words Source = "words"
	// Absent: upstream does not have the lines that the patch is about.
	Absent Source = "absent"
	// Moved: upstream has the lines somewhere else.
	Moved Source = "moved"
	// Partly: lines that one side changes and the other no longer has are left out.
	Partly Source = "partly"
	// List: both add entries to a list, such as imports.
	List Source = "list"
	// Both sides add lines at the same place: the patch's come first, or upstream's.
	PatchFirst    Source = "patch first"
	UpstreamFirst Source = "upstream first"
)

// Sources are all of them, in the order of the documentation.
var Sources = []Source{Known, Present, Space, Covers, Removes, Lines, Words, Absent, Moved, Partly, List, PatchFirst, UpstreamFirst}

// Suggestion is an answer to one dispute.
type Suggestion struct {
	Source Source
	// Text is what is to stand in place of the dispute, whole lines; empty for no lines.
	Text []byte
	// Also is a further change that belongs to it, or nil.
	Also *Edit
	// Label says in a few words why, for people. It may hold names from the data.
	Label string
	// Precision is how often the source proved right.
	Precision Precision
}

// Edit replaces lines of upstream's version of a file.
type Edit struct {
	Path     string
	Line     int // of the first line, from 1
	Old, New []byte
}

// Precision counts for how many real disputes a source had a suggestion, and how often it
// was exactly what the people wrote who settled them. The zero value: not measured.
type Precision struct{ Right, Of int }

// Percent is the share that was right, rounded down; 0 if it was not measured.
func (p Precision) Percent() int {
	if p.Of == 0 {
		return 0
	}
	return 100 * p.Right / p.Of
}

// File is a text in dispute and what else is known.
type File struct {
	Path                  string // where upstream has it
	Base, Upstream, Patch []byte
	// Known finds signed resolutions of a dispute; may be nil.
	Known func(Key) []Resolution
	// Elsewhere are other files of upstream, with their paths, to which lines may have
	// moved, the likeliest first; may be nil. No more are read than are needed.
	Elsewhere iter.Seq2[string, []byte]
}

// Answers are the suggestions about a file.
type Answers struct {
	// Merged is the file as [merge3.Text] merges it, with style diff3.
	Merged merge3.Marked
	// Disputes has the suggestions for each dispute of Merged, the best first.
	Disputes [][]Suggestion
}

// maxSides bounds how many bytes the three sides of a dispute may have together for
// anything but known resolutions to be looked for.
const maxSides = 128 << 10

// For answers all disputes of a file. A binary file has none that could be answered.
func For(f File) Answers {
	r := merge3.Text(f.Base, f.Upstream, f.Patch, merge3.TextOptions{Style: merge3.StyleDiff3})
	if r.Binary {
		return Answers{}
	}
	a := Answers{Merged: r.Regions}
	for i, s := range r.Regions {
		if s.Hunk != nil {
			d := dispute{file: f, hunk: *s.Hunk, around: surroundings(r.Regions, i)}
			a.Disputes = append(a.Disputes, d.answers())
		}
	}
	return a
}

// First is the file with the first suggestion for each dispute. ok is false when
// there is a dispute without any, or one that goes with a change elsewhere.
func (a Answers) First() (text []byte, ok bool) {
	n := 0
	for _, s := range a.Merged {
		if s.Hunk == nil {
			text = append(text, s.Text...)
			continue
		}
		if len(a.Disputes[n]) == 0 || a.Disputes[n][0].Also != nil {
			return nil, false
		}
		text = append(text, a.Disputes[n][0].Text...)
		n++
	}
	return text, n > 0
}

// dispute is one dispute to be answered.
type dispute struct {
	file   File
	hunk   merge3.Hunk
	around around
	found  []Suggestion
}

func (d *dispute) answers() []Suggestion {
	d.known()
	if h := d.hunk; len(h.Base)+len(h.Upstream)+len(h.Patch) <= maxSides {
		d.moved()
		d.woven()
	}
	slices.SortStableFunc(d.found, func(a, b Suggestion) int {
		return cmp.Compare(b.Precision.Percent(), a.Precision.Percent())
	})
	return d.found
}

// offer adds a suggestion, unless another source has the same.
func (d *dispute) offer(s Suggestion) {
	s.Precision = measured[s.Source]
	for i, other := range d.found {
		if bytes.Equal(s.Text, other.Text) && (s.Also == nil) == (other.Also == nil) {
			if s.Precision.Percent() > other.Precision.Percent() {
				d.found[i] = s
			}
			return
		}
	}
	d.found = append(d.found, s)
}

// around are the lines in front of a dispute and behind it; nil at an end of the
// file and where the next dispute is.
type around struct{ before, after []byte }

func surroundings(m merge3.Marked, i int) around {
	var a around
	if i > 0 {
		a.before = lastLine(m[i-1].Text)
	}
	if i+1 < len(m) {
		a.after = firstLine(m[i+1].Text)
	}
	return a
}

func firstLine(text []byte) []byte {
	for l := range bytes.Lines(text) {
		return l
	}
	return nil
}

func lastLine(text []byte) []byte {
	if len(text) == 0 {
		return nil
	}
	return text[bytes.LastIndexByte(text[:len(text)-1], '\n')+1:]
}
