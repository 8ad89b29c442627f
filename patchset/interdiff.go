package patchset

import (
	"bytes"
	"fmt"

	"github.com/git-carry/git-carry/patchset/mailbox"
)

// Interdiff is what differs between two forms of one change: the lines that they
// remove and add, without context and line numbers.
type Interdiff struct {
	Files []FileInterdiff
	// Moved counts the hunks of files with the same change that start elsewhere.
	Moved int
	// Moves are the hunks that Moved counts.
	Moves []Move
}

// Move is a hunk that starts at another line.
type Move struct {
	Path     string // in the second form
	From, To int    // lines, counted from 1
}

// FileInterdiff is one file of an Interdiff.
type FileInterdiff struct {
	Path string // in the second form, or in the first when the second lacks it
	Was  string // in the first form, where it differs
	// Lines are the changed lines of both forms in order; empty for a file without text.
	Lines []InterdiffLine
	// Notes say what else differs: modes, binary content, one form lacks the file.
	Notes []string
	// Only is the form that alone changes the file, as [InterdiffLine.In] has it; 0: both do.
	Only byte
}

// InterdiffLine is a changed line and the form that has it.
type InterdiffLine struct {
	In   byte // ' ' both forms, '-' the first only, '+' the second only
	Op   byte // what the form does with the line: '-' removes, '+' adds it
	Text []byte
}

// Same tells whether both forms remove and add the same lines.
func (d Interdiff) Same() bool {
	for _, f := range d.Files {
		if !f.Same() {
			return false
		}
	}
	return true
}

// Same tells whether both forms do the same to the file.
func (f FileInterdiff) Same() bool {
	for _, l := range f.Lines {
		if l.In != ' ' {
			return false
		}
	}
	return len(f.Notes) == 0
}

// CompareChanges compares two forms of a change, first and second, read with
// [mailbox.ParseDiff]. Files are paired by path; where as many are left over in
// both, they are paired in order: that is how a renamed file finds its partner.
func CompareChanges(first, second []mailbox.FileChange) Interdiff {
	var d Interdiff
	var restA []mailbox.FileChange
	partner := map[string]mailbox.FileChange{}
	for _, b := range second {
		partner[b.Path()] = b
	}
	for _, a := range first {
		b, ok := partner[a.Path()]
		if !ok {
			restA = append(restA, a)
			continue
		}
		delete(partner, a.Path())
		d.add(&a, &b)
	}
	var restB []mailbox.FileChange
	for _, b := range second {
		if _, left := partner[b.Path()]; left {
			restB = append(restB, b)
		}
	}
	if len(restA) == len(restB) {
		for i := range restA {
			d.add(&restA[i], &restB[i])
		}
		return d
	}
	for i := range restA {
		d.add(&restA[i], nil)
	}
	for i := range restB {
		d.add(nil, &restB[i])
	}
	return d
}

// add compares one pair; one of the two may be nil.
func (d *Interdiff) add(a, b *mailbox.FileChange) {
	var f FileInterdiff
	switch {
	case b == nil:
		f.Path, f.Only, f.Notes = a.Path(), '-', []string{"only the first form changes this file"}
		b = &mailbox.FileChange{}
	case a == nil:
		f.Path, f.Only, f.Notes = b.Path(), '+', []string{"only the second form changes this file"}
		a = &mailbox.FileChange{}
	default:
		f.Path = b.Path()
		if a.Path() != b.Path() {
			f.Was = a.Path()
		}
		f.Notes = compareRest(*a, *b)
	}
	f.Lines = compareLines(changedLines(*a), changedLines(*b))
	if f.Same() {
		d.Moves = append(d.Moves, movedHunks(f.Path, a.Hunks, b.Hunks)...)
		d.Moved = len(d.Moves)
	}
	d.Files = append(d.Files, f)
}

// compareRest names what differs besides lines and place.
func compareRest(a, b mailbox.FileChange) []string {
	var notes []string
	if a.Kind != b.Kind {
		notes = append(notes, fmt.Sprintf("first: %s, second: %s", a.Kind, b.Kind))
	}
	changes := func(fc mailbox.FileChange) bool { return fc.OldMode != fc.NewMode }
	if (changes(a) || changes(b)) && a.NewMode != b.NewMode {
		notes = append(notes, fmt.Sprintf("first: mode %s, second: mode %s", a.NewMode, b.NewMode))
	}
	binary := a.Binary != nil || b.Binary != nil
	if binary && (a.Binary == nil || b.Binary == nil || a.NewBlob != b.NewBlob) {
		notes = append(notes, "the binary content differs")
	}
	return notes
}

func changedLines(fc mailbox.FileChange) []mailbox.Line {
	var lines []mailbox.Line
	for _, h := range fc.Hunks {
		for _, l := range h.Lines {
			if l.Op != ' ' {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

func movedHunks(path string, a, b []mailbox.Hunk) []Move {
	var moved []Move
	for i := range min(len(a), len(b)) {
		if a[i].OldStart != b[i].OldStart || a[i].NewStart != b[i].NewStart {
			moved = append(moved, Move{path, max(1, a[i].NewStart), max(1, b[i].NewStart)})
		}
	}
	return moved
}

// maxCompared bounds the table of a comparison; beyond it everything between the
// common beginning and end counts as different.
const maxCompared = 4 << 20

// compareLines aligns two lists of changed lines along a longest common subsequence.
func compareLines(a, b []mailbox.Line) []InterdiffLine {
	var out []InterdiffLine
	put := func(in byte, lines ...mailbox.Line) {
		for _, l := range lines {
			out = append(out, InterdiffLine{in, l.Op, l.Text})
		}
	}
	head := 0
	for head < min(len(a), len(b)) && sameLine(a[head], b[head]) {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && sameLine(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	put(' ', a[:head]...)
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)*len(y) > maxCompared {
		put('-', x...)
		put('+', y...)
	} else {
		i, j := 0, 0
		for length := commonLengths(x, y); i < len(x) && j < len(y); {
			switch {
			case sameLine(x[i], y[j]):
				put(' ', x[i])
				i, j = i+1, j+1
			case length[i+1][j] >= length[i][j+1]:
				put('-', x[i])
				i++
			default:
				put('+', y[j])
				j++
			}
		}
		put('-', x[i:]...)
		put('+', y[j:]...)
	}
	put(' ', a[len(a)-tail:]...)
	return out
}

func sameLine(a, b mailbox.Line) bool { return a.Op == b.Op && bytes.Equal(a.Text, b.Text) }

// commonLengths gives, for every pair of places, the length of the longest common
// subsequence of what follows.
func commonLengths(a, b []mailbox.Line) [][]int32 {
	length := make([][]int32, len(a)+1)
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if sameLine(a[i], b[j]) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}
