package suggest

import "bytes"

// tidy gives the lines that the patch added upstream's names and indentation, and as
// much empty space around them as they have in the patch.
func (w *weaver) tidy(ctx around) {
	w.rename()
	w.indent()
	w.space(ctx)
}

// space sets the empty lines in front of what the patch added, and behind it.
func (w *weaver) space(ctx around) {
	out := make([]woven, 0, len(w.out))
	for i := 0; i < len(w.out); {
		if w.out[i].added < 0 {
			out = append(out, w.out[i])
			i++
			continue
		}
		j := i
		for j < len(w.out) && w.out[j].added >= 0 {
			j++
		}
		out = w.paragraph(out, w.out[i:j], w.out[j:], ctx)
		i = j
	}
	w.out = out
}

// paragraph appends lines that the patch added in a row. Empty lines at its ends are
// there if they are in the patch, unless there is one already or a block begins
// or ends.
func (w *weaver) paragraph(out, chunk, rest []woven, ctx around) []woven {
	lo, hi := 0, len(chunk)
	for lo < hi && isBlank(chunk[lo].text) {
		lo++
	}
	for lo < hi && isBlank(chunk[hi-1].text) {
		hi--
	}
	if lo == hi {
		return append(out, chunk...)
	}
	inPatch, here := ctx, ctx
	if len(out) > 0 {
		here.before = out[len(out)-1].text
	}
	if len(rest) > 0 {
		here.after = rest[0].text
	}
	if k := chunk[lo].added; k > 0 {
		inPatch.before = w.patch[k-1].text
	}
	if k := chunk[hi-1].added; k+1 < len(w.patch) {
		inPatch.after = w.patch[k+1].text
	}
	if setApart(chunk[lo].text, inPatch.before, here.before) {
		out = append(out, woven{text: inPatch.before, added: -1})
	}
	out = append(out, chunk[lo:hi]...)
	if setApart(chunk[hi-1].text, inPatch.after, here.after) {
		out = append(out, woven{text: inPatch.after, added: -1})
	}
	return out
}

// setApart tells whether a line needs the empty line that it has beside it in the patch.
func setApart(l, inPatch, here []byte) bool {
	if inPatch == nil || here == nil || !isBlank(inPatch) || isBlank(here) {
		return false
	}
	return len(indentOf(here)) >= len(indentOf(l))
}

func isBlank(l []byte) bool { return len(bytes.TrimSpace(l)) == 0 }
