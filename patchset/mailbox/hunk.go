package mailbox

import (
	"bytes"
	"errors"
	"math"

	"github.com/sourcegraph/go-diff/diff"
)

var errShortHunk = errors.New("the hunk ends before the number of lines that its @@ line announces")

// readHunk reads the hunk whose @@ line is next. room is how many lines it may
// have; more are errNoRoom.
//
// go-diff reads the @@ line. The lines below it are counted out here, because
// go-diff reads on as long as a line begins with a space, '+', '-' or '\', so
// that it takes the "-- " above a mail's signature for a removed line and ends
// a hunk that removes "-- x" and adds "++ y" too early; because it knows the
// mark of a missing newline in English only; and because it glues a line
// without newline to the next one. TestGoDiffIsNotExact holds these reasons.
func readHunk(t *text, room int) (Hunk, error) {
	h, err := parseHunkHeader(t.next())
	if err != nil {
		return Hunk{}, t.syntax(err.Error())
	}
	if max(h.OldLines, h.NewLines) > room {
		return Hunk{}, errNoRoom
	}
	oldLeft, newLeft := h.OldLines, h.NewLines
	for oldLeft > 0 || newLeft > 0 {
		l, err := parseHunkLine(t.next())
		if err != nil {
			return Hunk{}, t.syntax(err.Error())
		}
		if l.Op != '+' {
			oldLeft--
		}
		if l.Op != '-' {
			newLeft--
		}
		if oldLeft < 0 || newLeft < 0 {
			return Hunk{}, t.syntax("the hunk has more lines on one side than its @@ line announces")
		}
		if atNoNewlineMark(t) {
			if l.Op != '+' && oldLeft > 0 || l.Op != '-' && newLeft > 0 {
				return Hunk{}, t.syntax("a line without newline is not the last of its file")
			}
			t.next()
			l.Text = bytes.TrimSuffix(l.Text, []byte("\n"))
		}
		if len(h.Lines) == room {
			return Hunk{}, errNoRoom
		}
		h.Lines = append(h.Lines, l)
	}
	if excess(t.peek()) {
		t.next()
		return Hunk{}, t.syntax("the hunk has more lines than its @@ line announces")
	}
	return h, nil
}

func parseHunkHeader(line []byte) (Hunk, error) {
	parsed, err := diff.ParseHunks([]byte(bare(line)))
	if err != nil || len(parsed) != 1 {
		return Hunk{}, errors.New("the @@ line cannot be read")
	}
	p := parsed[0]
	h := Hunk{
		OldStart: int(p.OrigStartLine), OldLines: int(p.OrigLines),
		NewStart: int(p.NewStartLine), NewLines: int(p.NewLines),
		Section: p.Section,
	}
	for _, side := range [2][2]int{{h.OldStart, h.OldLines}, {h.NewStart, h.NewLines}} {
		start, lines := side[0], side[1]
		if start < 0 || lines < 0 || start > math.MaxInt32-lines || start == 0 && lines > 0 {
			return Hunk{}, errors.New("the @@ line has impossible numbers")
		}
	}
	return h, nil
}

func parseHunkLine(raw []byte) (Line, error) {
	switch {
	case raw == nil:
		return Line{}, errShortHunk
	case bare(raw) == "":
		// Some mailers cut the space of an empty context line; git apply too
		// takes it for one.
		return Line{Op: ' ', Text: withNewline(raw)}, nil
	case raw[0] == ' ', raw[0] == '+', raw[0] == '-':
		return Line{Op: raw[0], Text: withNewline(raw[1:])}, nil
	}
	return Line{}, errShortHunk
}

// withNewline gives the last line of a patch the newline that an editor cut
// off. Had the file none, a "\ No newline" line would follow.
func withNewline(l []byte) []byte {
	if bytes.HasSuffix(l, []byte("\n")) {
		return l
	}
	return append(bytes.Clone(l), '\n')
}

// atNoNewlineMark recognises "\ No newline at end of file" in any language, by
// the rule of git apply: a backslash, a space, and at least twelve bytes.
func atNoNewlineMark(t *text) bool {
	l := t.peek()
	return len(l) >= 12 && bytes.HasPrefix(l, []byte(`\ `))
}

// excess tells whether the line after a hunk still looks like one of its
// lines. git apply skips such lines in silence; a fix must not lose a line so.
func excess(l []byte) bool {
	if len(l) == 0 || l[0] != '+' && l[0] != '-' {
		return false
	}
	switch b := bare(l); {
	case b == "-- ", b == "--", bytes.HasPrefix(l, []byte("--- ")), b == "---":
		return false
	}
	return true
}
