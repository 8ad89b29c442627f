package radar

import (
	"bytes"
	"slices"
)

// Index is the vulnerable text of many patches, to be looked for in one pass. Once it is
// made, it is safe for concurrent use.
type Index struct {
	patterns []owned
	anchors  map[uint64][]ref
	families map[string]bool
}

// owned is a pattern with the patch that it is of.
type owned struct {
	Pattern
	patch int
}

type ref struct{ pattern, at int }

// NewIndex makes an index of the patterns of patches, which are known by their place in the list.
func NewIndex(patterns [][]Pattern) *Index {
	x := &Index{anchors: map[uint64][]ref{}, families: map[string]bool{}}
	for patch, of := range patterns {
		for _, p := range of {
			x.add(owned{p, patch})
		}
	}
	return x
}

func (x *Index) add(p owned) {
	at := p.anchor()
	print := p.Lines[at].Print
	for _, r := range x.anchors[print] {
		if o := x.patterns[r.pattern]; o.patch == p.patch && o.same(p.Pattern) {
			return
		}
	}
	x.anchors[print] = append(x.anchors[print], ref{len(x.patterns), at})
	x.patterns = append(x.patterns, p)
	x.families[p.Family] = true
}

func (p Pattern) same(o Pattern) bool {
	return p.From == o.From && p.To == o.To && p.Family == o.Family &&
		slices.EqualFunc(p.Lines, o.Lines, func(a, b Line) bool { return a.Print == b.Print })
}

// Empty tells whether there is nothing to look for.
func (x *Index) Empty() bool { return len(x.patterns) == 0 }

// Wants tells whether a file could have a hole, by its path and its length in bytes.
func (x *Index) Wants(path string, size int64) bool {
	return size <= maxFile && x.families[Family(path)] && IsCode(path)
}

// Hit is vulnerable text that was found.
type Hit struct {
	Patch   int
	Pattern int    // the same for all hits of the same text
	Line    int    // where the fix belongs, counted from 1
	Text    string // the first line of it that tells something
}

// Scanner looks through files; it keeps its memory from one to the next. Use one for
// each goroutine.
type Scanner struct {
	x      *Index
	prints []uint64
	lines  []int
	hits   []Hit
}

// Scanner looks for what the index has.
func (x *Index) Scanner() *Scanner { return &Scanner{x: x} }

// sniffed is how many bytes of a file are looked at to tell that it is binary.
const sniffed = 8000

// Scan finds the vulnerable text in a file. The result is good until the next call.
func (s *Scanner) Scan(path string, data []byte) []Hit {
	s.hits = s.hits[:0]
	if bytes.IndexByte(data[:min(len(data), sniffed)], 0) >= 0 {
		return nil
	}
	s.prints, s.lines = s.prints[:0], s.lines[:0]
	anchored := false
	for n := 1; len(data) > 0; n++ {
		end := bytes.IndexByte(data, '\n')
		next := end + 1
		if end < 0 {
			end, next = len(data), len(data)
		}
		if print, length := fingerprint(data[:end]); length > 0 {
			s.prints, s.lines = append(s.prints, print), append(s.lines, n)
			anchored = anchored || s.x.anchors[print] != nil
		}
		data = data[next:]
	}
	if !anchored {
		return nil
	}
	family := Family(path)
	for i, print := range s.prints {
		for _, r := range s.x.anchors[print] {
			if p := s.x.patterns[r.pattern]; p.Family == family && s.matches(p.Pattern, r.at, i) {
				s.hits = append(s.hits, Hit{p.patch, r.pattern, s.lines[i-r.at+min(p.From, len(p.Lines)-1)], p.First})
			}
		}
	}
	return s.hits
}

// matches tells whether enough of a pattern stands around a line of the file that is
// the line at of the pattern.
func (s *Scanner) matches(p Pattern, at, line int) bool {
	from, to := at, at+1
	for from > 0 && line-(at-from)-1 >= 0 && s.prints[line-(at-from)-1] == p.Lines[from-1].Print {
		from--
	}
	for to < len(p.Lines) && line+to-at < len(s.prints) && s.prints[line+to-at] == p.Lines[to].Print {
		to++
	}
	return p.enough(from, to)
}
