package merge3

import "bytes"

// Text is the text with its disputes between markers, in a form that
// ParseMarked reads with the same labels: git's own, but without the paths that
// git puts behind the labels of a renamed file. A last line without line break
// gets one inside a dispute.
func (m Marked) Text(labels MarkerLabels) []byte {
	w := markedWriter{labels: labels.sized(), out: make([]byte, 0, m.size(labels))}
	for _, s := range m {
		if s.Hunk == nil {
			w.out = append(w.out, s.Text...)
		} else {
			w.hunk(s.Hunk)
		}
	}
	return w.out
}

// size is about how long the text with markers is.
func (m Marked) size(labels MarkerLabels) int {
	size := 0
	for _, s := range m {
		size += len(s.Text)
		if h := s.Hunk; h != nil {
			size += len(h.Base) + len(h.Upstream) + len(h.Patch)
			size += 4*(labels.Size+DefaultMarkerSize) + len(labels.Base) + len(labels.Upstream) + len(labels.Patch)
		}
	}
	return size
}

type markedWriter struct {
	labels MarkerLabels
	out    []byte
}

func (w *markedWriter) hunk(h *Hunk) {
	w.marker(h, '<', w.labels.Upstream)
	w.lines(h, h.Upstream)
	if h.HasBase {
		w.marker(h, '|', w.labels.Base)
		w.lines(h, h.Base)
	}
	w.marker(h, '=', "")
	w.lines(h, h.Patch)
	w.marker(h, '>', w.labels.Patch)
}

func (w *markedWriter) marker(h *Hunk, c byte, label string) {
	w.out = h.appendBreak(w.labels.appendMarker(w.out, c, label))
}

func (w *markedWriter) lines(h *Hunk, side []byte) {
	w.out = h.endLine(append(w.out, side...), side)
}

// endLine ends a text, the last part of which is a side of the hunk, with a
// line break if the side's last line has none.
func (h *Hunk) endLine(text, side []byte) []byte {
	if len(side) == 0 || side[len(side)-1] == '\n' {
		return text
	}
	return h.appendBreak(text)
}

func (h *Hunk) appendBreak(text []byte) []byte {
	if h.CRLF {
		text = append(text, '\r')
	}
	return append(text, '\n')
}

// sized is l with its size, if that is left to default, filled in.
func (l MarkerLabels) sized() MarkerLabels {
	if l.Size == 0 {
		l.Size = DefaultMarkerSize
	}
	return l
}

// appendMarker appends a marker to text, without line break.
func (l MarkerLabels) appendMarker(text []byte, c byte, label string) []byte {
	for range l.Size {
		text = append(text, c)
	}
	if label != "" {
		text = append(append(text, ' '), label...)
	}
	return text
}

// LeftMarker finds the first line of text, counted from 1, that is one of the
// markers that [Marked.Text] writes; 0 when there is none. A line that one of
// the sides has itself is none: "=======" underlines titles in some languages.
func LeftMarker(text []byte, labels MarkerLabels, sides ...[]byte) int {
	labels = labels.sized()
	markers := map[string]bool{}
	for c, label := range map[byte]string{'<': labels.Upstream, '|': labels.Base, '=': "", '>': labels.Patch} {
		markers[string(labels.appendMarker(nil, c, label))] = true
	}
	for _, side := range sides {
		for line := range bytes.Lines(side) {
			delete(markers, string(trimEOL(line)))
		}
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if markers[string(trimEOL(line))] {
			return n
		}
	}
	return 0
}
