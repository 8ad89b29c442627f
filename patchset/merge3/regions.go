package merge3

import "bytes"

// regions is the merge as text and disputes.
func (m *merge) regions() Marked {
	out := make(Marked, 0, 2*len(m.pieces)+1)
	at := 0 // lines of upstream up to there are done
	for _, p := range m.pieces {
		out = resolved(out, m.upstream.bytes(span{at, p.upstream.lo}), FromBoth)
		switch p.kind {
		case fromUpstream:
			out = resolved(out, m.upstream.bytes(p.upstream), FromUpstream)
		case fromPatch:
			out = resolved(out, m.patch.bytes(p.patch), FromPatch)
		case alike:
			out = resolved(out, m.upstream.bytes(p.upstream), FromBoth)
		default:
			out = append(out, Segment{Hunk: m.hunk(p)})
		}
		at = p.upstream.hi
	}
	return resolved(out, m.upstream.bytes(span{at, m.upstream.count()}), FromBoth)
}

// resolved appends a resolved text, unless it is empty.
func resolved(out Marked, text []byte, from Origin) Marked {
	if len(text) == 0 {
		return out
	}
	return append(out, Segment{Text: text, From: from})
}

// hunk is the dispute of a piece.
func (m *merge) hunk(p piece) *Hunk {
	h := &Hunk{Upstream: m.upstream.bytes(p.upstream), Patch: m.patch.bytes(p.patch), CRLF: m.crlf(p)}
	if m.style != StyleMerge {
		h.Base, h.HasBase = m.base.bytes(p.base), true
	}
	return h
}

// crlf tells whether the markers of a dispute are to end with CR LF: only if
// the lines in front of it do in both sides, and the first of the base. A side
// that does not say does not hinder.
func (m *merge) crlf(p piece) bool {
	if m.upstream.ending(p.upstream.lo-1) == endsLF || m.patch.ending(p.patch.lo-1) == endsLF {
		return false
	}
	return m.base.ending(0) == endsCRLF
}

// ending is how a line ends.
type ending byte

const (
	endsUnknown ending = iota
	endsLF
	endsCRLF
)

// ending tells how line i ends, or the first one if i is negative. For a last
// line without line break it is the line in front of that.
func (l lines) ending(i int) ending {
	if l.count() == 0 {
		return endsUnknown
	}
	i = max(i, 0)
	line := l.bytes(span{i, i + 1})
	if !bytes.HasSuffix(line, []byte("\n")) {
		if i == 0 {
			return endsUnknown
		}
		line = l.bytes(span{i - 1, i})
	}
	if bytes.HasSuffix(line, []byte("\r\n")) {
		return endsCRLF
	}
	return endsLF
}
