package suggest

import (
	"bytes"
	"strings"
)

// indentOf is the white space in front of a line.
func indentOf(l []byte) string { return string(l[:len(l)-len(bytes.TrimLeft(l, " \t"))]) }

// shift is how the indentation of a line differs between two sides.
type shift struct{ from, to string }

// apply gives a line, as far as it can be told, the indentation of the other side.
func (s shift) apply(l []byte) []byte {
	have := indentOf(l)
	to, ok := s.indent(have, 0)
	if !ok {
		return l
	}
	return append([]byte(to), l[len(have):]...)
}

// indent is what indentation becomes: the same change in front, the rest beyond
// it as it is; where spaces become tabs, tab says how many make one.
func (s shift) indent(have string, tab int) (string, bool) {
	if rest, ok := strings.CutPrefix(have, s.from); ok {
		return s.to + tabbed(rest, tab), true
	}
	rest, ok := strings.CutPrefix(s.from, have)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s.to, tabbed(rest, tab))
}

func tabbed(spaces string, tab int) string {
	if tab == 0 || len(spaces)%tab != 0 || strings.Trim(spaces, " ") != "" {
		return spaces
	}
	return strings.Repeat("\t", len(spaces)/tab)
}

// indent gives the lines that the patch added the indentation that upstream has
// given the lines of the base near them.
func (w *weaver) indent() {
	shifts, tab := w.shifts()
	if shifts == nil {
		return
	}
	for k := range w.out {
		l := &w.out[k]
		if l.added < 0 || isBlank(l.text) {
			continue
		}
		have := indentOf(l.text)
		if to, ok := nearest(shifts, l.at, have, tab); ok {
			l.text = append([]byte(to), l.text[len(have):]...)
		}
	}
}

// shifts are by line of the base those of the lines that upstream has too; nil if
// none differs. tab is how many spaces are a tab in upstream, if it has changed to tabs.
func (w *weaver) shifts() (shifts map[int]shift, tab int) {
	differ := false
	shifts = map[int]shift{}
	for i, j := range w.toUpstream {
		if j < 0 || w.base[i].weight == 0 {
			continue
		}
		s := shift{indentOf(w.base[i].text), indentOf(w.upstream[j].text)}
		differ = differ || s.from != s.to
		if s.from != "" && s.to != "" && strings.Trim(s.from, " ") == "" && strings.Trim(s.to, "\t") == "" {
			tab = len(s.from) / len(s.to)
		}
		shifts[i] = s
	}
	if !differ {
		return nil, 0
	}
	return shifts, tab
}

// nearest is what the indentation of a line in front of line at of the base becomes: as
// that of the nearest line that is indented the same, else of the nearest at all.
func nearest(shifts map[int]shift, at int, have string, tab int) (string, bool) {
	const other = 1 << 30 // farther than any line
	best, found, far := "", false, 0
	for i, s := range shifts {
		to, ok := s.indent(have, tab)
		away := 2 * max(i-at, at-i)
		if i > at {
			away-- // no two are equally far
		}
		if s.from != have {
			away += other
		}
		if ok && (!found || away < far) {
			best, found, far = to, true, away
		}
	}
	return best, found
}
