package mailbox

import (
	"bytes"
	"fmt"
	"strings"
)

// MaxOffset is how many lines from its place a hunk is looked for, in each
// direction.
const MaxOffset = 1000

// maxCompared bounds the lines that one call of Apply compares, so that a
// patch made to match almost everywhere cannot keep it busy.
const maxCompared = 50_000_000

// Offset tells that a hunk was found away from its place.
type Offset struct {
	Hunk  int // counted from 1
	Lines int // positive: further down
}

// ApplyError says why a change does not apply.
type ApplyError struct {
	Path string
	// Hunk counts from 1; 0 means the file as a whole. Line is where the hunk
	// expects to find its old lines.
	Hunk, Line int
	Reason     string
}

func (e *ApplyError) Error() string {
	if e.Hunk == 0 {
		return fmt.Sprintf("%s: the patch does not apply: %s", QuotePath(e.Path), e.Reason)
	}
	return fmt.Sprintf("%s: hunk %d (line %d) does not apply: %s", QuotePath(e.Path), e.Hunk, e.Line, e.Reason)
}

// Apply makes the new content of one file from its old content pre (nil for a
// file that is added). The result is nil for a file that is deleted.
//
// The rules are those of git apply without fuzz: all context must match byte
// for byte; a hunk for line 1 matches only at the start of the file, one
// without trailing context only at its end; a hunk that does not match at its
// place is looked for nearest first, up to [MaxOffset] lines away. It is
// stricter than git apply in two points: hunks must be found in order, and two
// equally near places are an error. Such finds are reported as offsets.
//
// A binary change needs the whole blob ids, which must fit. The error is an
// *[ApplyError].
func Apply(pre []byte, fc FileChange) ([]byte, []Offset, error) {
	post, offsets, err := apply(pre, fc)
	if err != nil {
		err.Path = fc.Path()
		return nil, nil, err
	}
	if fc.Kind != KindDelete {
		return post, offsets, nil
	}
	if len(post) > 0 {
		return nil, nil, &ApplyError{Path: fc.Path(), Reason: "the file has content that the patch does not delete"}
	}
	return nil, offsets, nil
}

func apply(pre []byte, fc FileChange) ([]byte, []Offset, *ApplyError) {
	if fc.Kind == KindAdd && len(pre) > 0 {
		return nil, nil, &ApplyError{Reason: "the file exists already"}
	}
	if fc.Binary != nil {
		post, err := applyBinary(pre, fc)
		return post, nil, err
	}
	a := applier{old: splitLines(pre), budget: maxCompared}
	for i, h := range fc.Hunks {
		if err := a.apply(i+1, h); err != nil {
			return nil, nil, err
		}
	}
	return a.finish(), a.offsets, nil
}

// splitLines keeps the newlines.
func splitLines(data []byte) [][]byte {
	if len(data) == 0 {
		return nil
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// applier holds a file half way through its hunks.
type applier struct {
	old [][]byte
	// done counts the lines of old that are behind us; out is what they became.
	done int
	out  bytes.Buffer
	// grown is how many lines out has more than done.
	grown   int
	offsets []Offset
	budget  int
}

func (a *applier) apply(number int, h Hunk) *ApplyError {
	fail := func(reason string) *ApplyError {
		return &ApplyError{Hunk: number, Line: h.OldStart, Reason: reason}
	}
	want := newPreimage(h)
	// Like git apply, count from the start in the new file: right when all
	// earlier hunks were found at their places.
	expected := max(h.NewStart-1, 0) - a.grown
	at, reason := a.find(want, expected)
	if reason != "" {
		return fail(reason)
	}
	if at != expected {
		a.offsets = append(a.offsets, Offset{Hunk: number, Lines: at - expected})
	}
	a.emit(a.old[a.done:at])
	for _, l := range h.Lines {
		if l.Op != '-' {
			a.out.Write(l.Text)
			a.grown++
		}
	}
	a.grown -= len(want.lines)
	a.done = at + len(want.lines)
	return nil
}

func (a *applier) emit(lines [][]byte) {
	for _, l := range lines {
		a.out.Write(l)
	}
}

func (a *applier) finish() []byte {
	a.emit(a.old[a.done:])
	return a.out.Bytes()
}

// preimage is what a hunk expects to find.
type preimage struct {
	lines          [][]byte
	atStart, atEnd bool
}

func newPreimage(h Hunk) preimage {
	p := preimage{atStart: h.OldStart <= 1, atEnd: true}
	for _, l := range h.Lines {
		if l.Op != '+' {
			p.lines = append(p.lines, l.Text)
		}
		p.atEnd = l.Op != ' '
	}
	return p
}

// find returns the index in a.old at which want matches, or why there is none.
func (a *applier) find(want preimage, expected int) (at int, reason string) {
	last := len(a.old) - len(want.lines)
	switch {
	case want.atStart:
		expected = 0
	case want.atEnd:
		expected = last
	}
	if a.matches(want, expected) {
		return expected, ""
	}
	for d := 1; d <= MaxOffset && a.budget > 0; d++ {
		after, before := a.matches(want, expected+d), a.matches(want, expected-d)
		switch {
		case after && before:
			return 0, fmt.Sprintf("its lines are found twice, %d lines further up and further down", d)
		case after:
			return expected + d, ""
		case before:
			return expected - d, ""
		}
	}
	if a.budget <= 0 {
		return 0, "gave up looking for its place: it nearly matches in too many"
	}
	return 0, want.missing()
}

func (want preimage) missing() string {
	where := []string{"its old lines are not in the file"}
	if want.atStart {
		where = append(where, "at the start")
	}
	if want.atEnd {
		where = append(where, "at the end")
	}
	if len(where) == 1 {
		where = append(where, fmt.Sprintf("within %d lines of their place", MaxOffset))
	}
	return strings.Join(where, " ")
}

func (a *applier) matches(want preimage, at int) bool {
	if at < a.done || at > len(a.old)-len(want.lines) ||
		want.atStart && at != 0 || want.atEnd && at != len(a.old)-len(want.lines) {
		return false
	}
	for i, l := range want.lines {
		a.budget--
		if !bytes.Equal(a.old[at+i], l) {
			return false
		}
	}
	return true
}
