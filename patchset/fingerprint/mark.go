// Package fingerprint knows a secret fix again in whatever is about to become public,
// and can do so without having the fix: a [Set] holds a slow hash of every [Mark].
//
// A mark is something by which a fix can be known: the id of its commit, tree or file, its
// Carry-Id, the change as a whole, one line. [Set.Hits] says which of the marks that
// were seen belong to secret fixes, and [Set.Judge] what that comes to.
package fingerprint

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// Kind is what a mark is. Its value stands in files.
type Kind byte

// The kinds, those that say most first. Gone is a removed line; it counts for a fix that
// adds no telling line.
const (
	Commit   Kind = 'k'
	CarryID  Kind = 'c'
	Tree     Kind = 't' // of a whole commit
	Blob     Kind = 'b'
	Verbatim Kind = 'v' // the change: paths, removed and added lines
	Stable   Kind = 's' // the same without white space
	Added    Kind = '+'
	Gone     Kind = '-'
)

var kinds = []Kind{Commit, CarryID, Tree, Blob, Verbatim, Stable, Added, Gone}

func (k Kind) isLine() bool { return k == Added || k == Gone }

// Mark is something by which a fix can be known. Text is an id, or a line without
// white space.
type Mark struct {
	Kind Kind
	Text string
}

// Place is where a mark was seen.
type Place struct {
	Commit string // "" where there is none
	Path   string
	Line   string // as it was there; for lines only
}

// Seen is what was seen, each mark where it was first.
type Seen map[Mark]Place

// Add notes a mark.
func (s Seen) Add(k Kind, text string, at Place) {
	t := Mark{k, text}
	if _, known := s[t]; !known && text != "" {
		s[t] = at
	}
}

// A line tells something when it is not of the kind that every program has: so many
// bytes, so many of them letters or digits, without white space.
const (
	minTelling = 16
	minWord    = 10
)

// Essence is a line without white space and without the signs that a diff or a mail
// puts before it; "" when it tells nothing.
func Essence(line []byte) string {
	if len(line) > maxLine {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, string(line))
	s = strings.TrimLeft(s, "+>")
	words := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			words++
		}
	}
	if len(s) < minTelling || words < minWord {
		return ""
	}
	return s
}

// maxLine is the longest line, in bytes, that is looked at: longer ones are data.
const maxLine = 4096

var carryLine = pattern.Of(`(?i)carry-id[ \t]*:[ \t]*([0-9a-z]{8,64})`)

// Text notes what the lines of a text say: Carry-Ids and telling lines.
func (s Seen) Text(text []byte, at Place) {
	for line := range bytes.Lines(text) {
		s.line(Added, line, at)
	}
}

func (s Seen) line(k Kind, line []byte, at Place) {
	if k == Added && len(line) <= maxLine {
		for _, m := range carryLine().FindAllSubmatch(line, -1) {
			s.Add(CarryID, strings.ToLower(string(m[1])), at)
		}
	}
	if text := Essence(line); text != "" {
		at.Line = string(bytes.TrimSpace(line))
		s.Add(k, text, at)
	}
}

// Change notes what a change of files says: its lines, and with whole the change as such.
// Where at has no path, a line is at that of its file.
func (s Seen) Change(files []mailbox.FileChange, whole bool, at Place) {
	for _, file := range files {
		at := Place{Commit: at.Commit, Path: cmp.Or(at.Path, file.Path())}
		for _, h := range file.Hunks {
			for _, l := range h.Lines {
				switch l.Op {
				case '+':
					s.line(Added, l.Text, at)
				case '-':
					s.line(Gone, l.Text, at)
				}
			}
		}
	}
	if whole {
		s.Add(Verbatim, patchID(files, func(b []byte) []byte { return b }), at)
		s.Add(Stable, patchID(files, withoutSpace), at)
	}
}

func withoutSpace(line []byte) []byte { return bytes.Join(bytes.Fields(line), nil) }

// patchID is one number for what a change removes and adds in which files, wherever in
// them; "" when it changes no line.
func patchID(files []mailbox.FileChange, form func([]byte) []byte) string {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b mailbox.FileChange) int { return cmp.Compare(a.Path(), b.Path()) })
	sum := sha256.New()
	some := false
	for _, file := range files {
		sum.Write([]byte(file.Path() + "\x00"))
		for _, h := range file.Hunks {
			for _, l := range h.Lines {
				if l.Op == ' ' {
					continue
				}
				some = true
				sum.Write([]byte{l.Op})
				sum.Write(form(l.Text))
				sum.Write([]byte{0})
			}
		}
	}
	if !some {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}
