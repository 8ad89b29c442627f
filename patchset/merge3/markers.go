package merge3

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// DefaultMarkerSize is how many characters begin a conflict marker.
const DefaultMarkerSize = 7

// MarkerLabels are the labels in conflict markers, exactly as the engine wrote
// them. Of a renamed file an engine writes "label:path"; that fits too.
type MarkerLabels struct {
	Upstream, Patch string
	// Base is needed for text of the diff3 style only.
	Base string
	// Size is the length of the run of characters in front of a label; 0 means
	// DefaultMarkerSize.
	Size int
}

// Marked is a merged text with its disputes. Together its segments are the
// whole text.
type Marked []Segment

// Segment is a run of a merged text: Text where nothing is in dispute, else Hunk.
type Segment struct {
	Text []byte
	// From tells where Text comes from, if that is known.
	From Origin
	Hunk *Hunk
}

// Origin says where resolved lines come from.
type Origin int

// The origins of lines.
const (
	FromUnknown  Origin = iota // read from a text with markers, or written by somebody
	FromBoth                   // both sides have them: unchanged, or changed alike
	FromUpstream               // only upstream changed something there
	FromPatch                  // only the patch changed something there
)

// Hunk is one dispute: whole lines of each side.
//
// In a hunk that was read from a text with markers every line ends with a line
// break, whether or not the side's last line had one; in a hunk of [Text] the
// lines are as the side has them.
type Hunk struct {
	Base, Upstream, Patch []byte
	// HasBase tells whether the text was of a style with base lines and Base is known.
	HasBase bool
	// CRLF tells that the markers around the hunk end with CR LF.
	CRLF bool
}

// Take says how a dispute is to be settled.
type Take int

// The ways to settle a dispute.
const (
	TakeBase     Take = iota + 1
	TakeUpstream      // drop what the patch says
	TakePatch         // drop what upstream says
	TakeBoth          // upstream's lines, then the patch's
	TakeNone          // neither: the lines go away
)

// ErrNoBase says that a base was asked for of a text without base lines.
var ErrNoBase = errors.New("the text in dispute does not hold the base's lines")

// MarkerError says that markers are not where they belong, or that lines of
// the files look like markers so that nobody can tell them apart.
type MarkerError struct {
	Line   int // from 1
	Reason string
}

func (e *MarkerError) Error() string {
	return fmt.Sprintf("conflict markers: line %d: %s", e.Line, e.Reason)
}

// ParseMarked takes a text with conflict markers of any [Style] apart. Only lines with the given labels begin and end a dispute; outside of
// one everything else is text. Where a dispute cannot be read for certain,
// because a line of a side looks like a marker, the error is a [*MarkerError].
func ParseMarked(marked []byte, labels MarkerLabels) (Marked, error) {
	p := markerParser{labels: labels.sized()}
	for line := range bytes.Lines(marked) {
		p.line++
		if err := p.take(line); err != nil {
			return nil, &MarkerError{Line: p.line, Reason: err.Error()}
		}
	}
	if p.part != inText {
		return nil, &MarkerError{Line: p.line, Reason: "the last dispute has no end"}
	}
	p.flush()
	return p.segments, nil
}

// part is where in a dispute the parser stands.
type part int

const (
	inText part = iota
	inUpstream
	inBase
	inPatch
)

type markerParser struct {
	labels   MarkerLabels
	line     int
	part     part
	text     []byte
	hunk     Hunk
	segments Marked
}

func (p *markerParser) take(line []byte) error {
	switch {
	case p.is(line, '<', p.labels.Upstream) && p.part == inText:
		p.flush()
		p.hunk, p.part = Hunk{CRLF: bytes.HasSuffix(line, []byte("\r\n"))}, inUpstream
		return nil
	case p.part == inText:
		p.text = append(p.text, line...)
		return nil
	case p.is(line, '<', p.labels.Upstream):
		return errors.New("a dispute begins inside another")
	case p.is(line, '|', p.labels.Base) && p.part == inUpstream:
		p.hunk.HasBase, p.part = true, inBase
		return nil
	case p.starts(line, '|') && p.part != inPatch:
		return errors.New("a base marker that is not expected")
	case p.isSeparator(line):
		if p.part == inPatch {
			return errors.New("a second separator in one dispute")
		}
		p.part = inPatch
		return nil
	case p.is(line, '>', p.labels.Patch):
		if p.part != inPatch {
			return errors.New("a dispute ends before its separator")
		}
		hunk := p.hunk
		p.segments, p.part = append(p.segments, Segment{Hunk: &hunk}), inText
		return nil
	}
	p.addToHunk(line)
	return nil
}

func (p *markerParser) addToHunk(line []byte) {
	switch p.part {
	case inUpstream:
		p.hunk.Upstream = append(p.hunk.Upstream, line...)
	case inBase:
		p.hunk.Base = append(p.hunk.Base, line...)
	case inPatch:
		p.hunk.Patch = append(p.hunk.Patch, line...)
	}
}

func (p *markerParser) flush() {
	if len(p.text) > 0 {
		p.segments = append(p.segments, Segment{Text: p.text})
	}
	p.text = nil
}

// is tells whether line is the marker of c with that label.
func (p *markerParser) is(line []byte, c byte, label string) bool {
	rest, ok := p.cut(line, c)
	if !ok || label == "" {
		return false
	}
	rest, ok = bytes.CutPrefix(rest, []byte(" "+label))
	return ok && (len(rest) == 0 || rest[0] == ':')
}

// starts tells whether line could be a marker of c with any label.
func (p *markerParser) starts(line []byte, c byte) bool {
	rest, ok := p.cut(line, c)
	return ok && (len(rest) == 0 || rest[0] == ' ')
}

func (p *markerParser) isSeparator(line []byte) bool {
	rest, ok := p.cut(line, '=')
	return ok && len(rest) == 0
}

// cut returns what follows the run of c at the start of a line. The end of a
// marker line is CR LF where those around it end so.
func (p *markerParser) cut(line []byte, c byte) ([]byte, bool) {
	return bytes.CutPrefix(trimEOL(line), bytes.Repeat([]byte{c}, p.labels.Size))
}

// Render is the text of the hunk when settled that way.
func (h Hunk) Render(t Take) ([]byte, error) {
	switch t {
	case TakeBase:
		if !h.HasBase {
			return nil, ErrNoBase
		}
		return h.Base, nil
	case TakeUpstream:
		return h.Upstream, nil
	case TakePatch:
		return h.Patch, nil
	case TakeBoth:
		both := make([]byte, 0, len(h.Upstream)+len(h.Patch)+2)
		both = append(both, h.Upstream...)
		if len(h.Patch) > 0 {
			both = h.endLine(both, h.Upstream)
		}
		return append(both, h.Patch...), nil
	case TakeNone:
		return nil, nil
	}
	return nil, fmt.Errorf("unknown way %d to settle a dispute", t)
}

// Hunks lists the disputes in order.
func (m Marked) Hunks() []Hunk {
	var hunks []Hunk
	for _, s := range m {
		if s.Hunk != nil {
			hunks = append(hunks, *s.Hunk)
		}
	}
	return hunks
}

// HasBase tells whether the base's lines are known in every dispute.
func (m Marked) HasBase() bool {
	return !slices.ContainsFunc(m.Hunks(), func(h Hunk) bool { return !h.HasBase })
}

// Take is the text with every dispute settled the same way. Where the base is
// not known TakeBase gives nothing: ask HasBase first.
func (m Marked) Take(t Take) []byte {
	var out []byte
	for _, s := range m {
		if s.Hunk == nil {
			out = append(out, s.Text...)
		} else if text, err := s.Hunk.Render(t); err == nil {
			out = append(out, text...)
		}
	}
	return out
}

// Render is the text with its disputes settled one by one: choose is asked for
// each, counted from 0. The error wraps [ErrNoBase] where TakeBase cannot be had.
func (m Marked) Render(choose func(n int, h Hunk) Take) ([]byte, error) {
	var out []byte
	n := 0
	for _, s := range m {
		if s.Hunk == nil {
			out = append(out, s.Text...)
			continue
		}
		text, err := s.Hunk.Render(choose(n, *s.Hunk))
		if err != nil {
			return nil, fmt.Errorf("dispute %d: %w", n+1, err)
		}
		out = append(out, text...)
		n++
	}
	return out, nil
}

func trimEOL(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}
