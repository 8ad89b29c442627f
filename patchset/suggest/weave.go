package suggest

import (
	"bytes"
	"slices"
)

// weaver lays the changes of both sides over each other line by line, and where
// both changed a line, word by word. Other than a merge it does not mind
// changes that touch, and it leaves out what the patch changes in lines that
// upstream does not have.
type weaver struct {
	words           *vocabulary
	base            []line
	upstream, patch []line
	toUpstream      []int // for each line of the base where it is in upstream, or -1
	toPatch         []int
	patchFirst      bool // where both added lines
	out             []woven
	found           findings
}

// woven is a line of the result.
type woven struct {
	text []byte
	// added is the line of the patch, from 0, if the patch alone has it; else -1.
	added int
	at    int // the line of the base that it is, or stands in front of
}

// findings say what came up in weaving.
type findings struct {
	combined  int // lines that both changed, in different words
	overruled int // of these such in which the patch's word was taken for upstream's
	torn      int // lines that both changed and that cannot be combined
	beside    int // places at which both added lines
	alike     int // pairs of such lines that look like versions of one
	present   int // lines of the patch that upstream has
	gone      int // lines that the patch changed and upstream does not have
	undone    int // lines that upstream changed and the patch does not have
	rewritten int // places where both wrote something else
	added     int // lines that the patch has and the base does not
	replaced  int // lines of the base that both have removed
	renamed   int // lines of these that got upstream's names
	stranded  int // places where the patch added lines between two that upstream removed
}

// weave returns false when the sides are too large.
func weave(base, upstream, patch []byte, patchFirst bool) (*weaver, bool) {
	v := newVocabulary()
	w := &weaver{words: v, base: v.lines(base), upstream: v.lines(upstream), patch: v.lines(patch), patchFirst: patchFirst}
	var ok, also bool
	w.toUpstream, ok = v.match(w.base, w.upstream)
	w.toPatch, also = v.match(w.base, w.patch)
	if !ok || !also {
		return nil, false
	}
	from := corner{}
	for i := range w.base {
		if to := (corner{i, w.toUpstream[i], w.toPatch[i]}); to.upstream >= 0 && to.patch >= 0 {
			w.between(from, to)
			w.line(to)
			from = corner{to.base + 1, to.upstream + 1, to.patch + 1}
		}
	}
	w.between(from, corner{len(w.base), len(w.upstream), len(w.patch)})
	w.found.stranded = w.stranded()
	return w, true
}

// corner is a place in all three sides.
type corner struct{ base, upstream, patch int }

// line does a line that all three sides have.
func (w *weaver) line(at corner) {
	b, u, p := w.base[at.base].text, w.upstream[at.upstream].text, w.patch[at.patch].text
	switch {
	case bytes.Equal(b, u):
		w.put(p, at.base)
	case bytes.Equal(b, p), bytes.Equal(u, p):
		w.put(u, at.base)
	default:
		both, overruled, ok := mergeTokens(b, u, p)
		if !ok {
			w.found.torn++
			return
		}
		w.found.combined++
		w.found.overruled += overruled
		w.put(both, at.base)
	}
}

func (w *weaver) put(text []byte, at int) { w.out = append(w.out, woven{text, -1, at}) }

// between does what lies between two lines that all sides have. No line of the base
// in there is in both others.
func (w *weaver) between(from, to corner) {
	u := added(w.toUpstream[from.base:to.base], from.upstream, to.upstream)
	p := added(w.toPatch[from.base:to.base], from.patch, to.patch)
	w.found.added += len(p)
	if len(u) > 0 && len(p) > 0 {
		u, p = w.compare(u, p, from, to)
	}
	for i := from.base; ; i++ {
		uTo, pTo := next(w.toUpstream[i:to.base], to.upstream), next(w.toPatch[i:to.base], to.patch)
		if w.patchFirst {
			p = w.addPatch(p, pTo, i)
			u = w.addUpstream(u, uTo, i)
		} else {
			u = w.addUpstream(u, uTo, i)
			p = w.addPatch(p, pTo, i)
		}
		if i == to.base {
			return
		}
		if w.toUpstream[i] < 0 && w.toPatch[i] < 0 {
			w.found.replaced++
		}
		if j := w.toUpstream[i]; j >= 0 && !bytes.Equal(w.upstream[j].text, w.base[i].text) {
			w.found.undone++
		}
		if j := w.toPatch[i]; j >= 0 && !bytes.Equal(w.patch[j].text, w.base[i].text) {
			w.found.gone++
		}
	}
}

// stranded counts the runs of lines added by the patch that have no line of the
// base beside them which upstream has. The ends of the dispute count as had.
func (w *weaver) stranded() int {
	n := 0
	before := true
	for i, at := 0, 0; i <= len(w.base); i++ {
		to, had := len(w.patch), true
		if i < len(w.base) {
			if to = w.toPatch[i]; to < 0 {
				continue
			}
			had = w.toUpstream[i] >= 0
		}
		if to > at && !before && !had {
			n++
		}
		before, at = had, to+1
	}
	return n
}

// added lists the lines lo to hi of a side that are none of the base.
func added(to []int, lo, hi int) []int {
	var out []int
	for j := lo; j < hi; j++ {
		if !slices.Contains(to, j) {
			out = append(out, j)
		}
	}
	return out
}

// next is where the next line of the base stands on the other side.
func next(to []int, end int) int {
	for _, j := range to {
		if j >= 0 {
			return j
		}
	}
	return end
}

func (w *weaver) addUpstream(lines []int, to, at int) []int {
	for len(lines) > 0 && lines[0] < to {
		w.put(w.upstream[lines[0]].text, at)
		lines = lines[1:]
	}
	return lines
}

func (w *weaver) addPatch(lines []int, to, at int) []int {
	for len(lines) > 0 && lines[0] < to {
		w.out = append(w.out, woven{w.patch[lines[0]].text, lines[0], at})
		lines = lines[1:]
	}
	return lines
}

// compare looks at what both sides added in one place, and returns what is to be
// taken of each.
func (w *weaver) compare(u, p []int, from, to corner) (upstream, patch []int) {
	switch {
	case within(p, w.patch, u, w.upstream):
		w.found.present += len(p)
		return u, nil
	case within(u, w.upstream, p, w.patch):
		return nil, p
	}
	replaced := false
	for i := from.base; i < to.base; i++ {
		replaced = replaced || w.toUpstream[i] < 0 && w.toPatch[i] < 0
	}
	if replaced {
		w.found.rewritten++
	} else {
		w.found.beside++
	}
	w.found.alike += w.alike(u, p)
	return u, p
}

// alike counts the pairs of lines that look like versions of one; too many to
// compare count as one.
func (w *weaver) alike(u, p []int) int {
	if len(u)*len(p) > maxCells {
		return 1
	}
	n := 0
	for _, i := range u {
		for _, j := range p {
			if a, b := w.upstream[i], w.patch[j]; a.weight > weightOfSigns && w.words.likeness(a, b) >= alike {
				n++
			}
		}
	}
	return n
}

// weightOfSigns is more than lines weigh that all look alike: a brace, a break.
const weightOfSigns = 6

// within tells whether the lines a are among the lines b, in order.
func within(a []int, as []line, b []int, bs []line) bool {
	for _, i := range a {
		at := slices.IndexFunc(b, func(j int) bool { return bytes.Equal(as[i].text, bs[j].text) })
		if at < 0 {
			return false
		}
		b = b[at+1:]
	}
	return true
}

// text is the result. A line that was the last of its side, without a line break, gets
// one if others follow.
func (w *weaver) text() []byte {
	var out []byte
	for i, l := range w.out {
		if i > 0 {
			out = broken(out, w.out[i-1].text, l.text)
		}
		out = append(out, l.text...)
	}
	return out
}

// broken ends a text, the last line of which is last, with a line break like that of next
// if it has none.
func broken(text, last, next []byte) []byte {
	switch {
	case bytes.HasSuffix(last, []byte("\n")):
		return text
	case bytes.HasSuffix(next, []byte("\r\n")):
		return append(text, '\r', '\n')
	}
	return append(text, '\n')
}
