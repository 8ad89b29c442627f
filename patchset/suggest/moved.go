package suggest

import (
	"bytes"
	"fmt"
)

// Bounds on the search for lines that have moved.
const (
	maxSearched  = 64 << 20 // bytes of other files
	minMoved     = 60       // weight of the lines that are looked for
	maxMoved     = 200      // lines that are looked for
	maxMovedFile = 4 << 20  // bytes of one file
)

// moved looks for the base's lines where upstream may have moved them: the file
// itself, then others. They must be found exactly once, indentation left aside.
func (d *dispute) moved() {
	s, ok := newSought(d.hunk.Base, d.hunk.Patch)
	if !ok || s.in(d.hunk.Upstream).count > 0 {
		return
	}
	if p := s.in(d.file.Upstream); p.count > 0 {
		d.offerMoved(s, p, d.file.Path)
		return
	}
	if d.file.Elsewhere == nil {
		return
	}
	read := 0
	for path, text := range d.file.Elsewhere {
		if read += len(text); read > maxSearched {
			return
		}
		if p := s.in(text); p.count > 0 {
			d.offerMoved(s, p, path)
			return
		}
	}
}

func (d *dispute) offerMoved(s sought, p place, path string) {
	if p.count > 1 {
		return
	}
	var patched []byte
	for _, l := range s.patch {
		if isBlank(l) {
			patched = append(patched, l...)
			continue
		}
		patched = append(patched, p.shift.apply(l)...)
	}
	if len(s.patch) > 0 && bytes.HasSuffix(p.old, []byte("\n")) {
		patched = broken(patched, s.patch[len(s.patch)-1], p.old)
	}
	if bytes.Equal(patched, p.old) {
		return
	}
	d.offer(Suggestion{
		Source: Moved, Text: d.hunk.Upstream,
		Also:  &Edit{Path: path, Line: p.line, Old: p.old, New: patched},
		Label: fmt.Sprintf("upstream moved the lines: found again in %s:%d", path, p.line),
	})
}

// sought are the lines of the base that are looked for, and what the patch makes of them.
type sought struct {
	base, patch [][]byte
	longest     int // the line that is looked for first
}

// newSought returns false for lines that could stand anywhere.
func newSought(base, patch []byte) (sought, bool) {
	s := sought{base: rows(base), patch: rows(patch)}
	total := 0
	for i, l := range s.base {
		for _, t := range tokens(l) {
			total += weight(t)
		}
		if len(bytes.TrimSpace(l)) > len(bytes.TrimSpace(s.base[s.longest])) {
			s.longest = i
		}
	}
	return s, total >= minMoved && len(s.base) <= maxMoved
}

// place is where lines were found.
type place struct {
	count int // how often, 2 for more
	line  int // from 1, the last of them
	old   []byte
	shift shift
}

// in looks for the lines in a text.
func (s sought) in(text []byte) place {
	var p place
	if len(text) > maxMovedFile || !bytes.Contains(text, bytes.TrimSpace(s.base[s.longest])) {
		return p
	}
	lines := rows(text)
	for i := 0; i+len(s.base) <= len(lines) && p.count < 2; i++ {
		if s.at(lines[i:]) {
			p.count++
			p.line, p.old = i+1, bytes.Join(lines[i:i+len(s.base)], nil)
			p.shift = shift{indentOf(s.base[s.longest]), indentOf(lines[i+s.longest])}
		}
	}
	return p
}

func (s sought) at(lines [][]byte) bool {
	for i, l := range s.base {
		if !bytes.Equal(bytes.TrimSpace(l), bytes.TrimSpace(lines[i])) {
			return false
		}
	}
	return true
}
