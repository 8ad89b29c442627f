package suggest

import (
	"bytes"
	"fmt"
)

// woven offers what comes of weaving the sides together.
func (d *dispute) woven() {
	h := d.hunk
	w, ok := weave(h.Base, h.Upstream, h.Patch, true)
	if !ok {
		return
	}
	w.tidy(d.around)
	f, text := w.found, w.text()
	switch {
	case f.torn > 0 || f.rewritten > 0:
		// Both say something else about the same words: nobody can tell from the texts.
	case bytes.Equal(text, h.Patch):
		d.offer(Suggestion{Source: Covers, Text: text, Label: "the patch replaces all that upstream changed here"})
	case bytes.Equal(text, h.Upstream) && f.present > 0:
		d.offer(Suggestion{Source: Present, Text: text, Label: w.presentLabel()})
	case bytes.Equal(text, h.Upstream), f.stranded > 0:
		d.offer(Suggestion{Source: Absent, Text: h.Upstream, Label: "upstream does not have the lines that the patch is about"})
	case f.overruled > 0, f.replaced > 0, f.gone > 0 && f.added > 0:
		// The patch's lines depend on some that are not there.
	case onlySpace(h.Base, h.Upstream):
		d.offer(Suggestion{Source: Space, Text: text, Label: "upstream changed white space only"})
	case onlySpace(h.Base, h.Patch):
		d.offer(Suggestion{Source: Space, Text: text, Label: "the patch changes white space only"})
	case f.beside > 0:
		d.beside(text, f)
	case f.gone+f.undone > 0:
		d.offer(Suggestion{Source: Partly, Text: text, Label: w.partlyLabel()})
	case f.combined > 0:
		d.offer(Suggestion{Source: Words, Text: text, Label: "both edits touch different words"})
	case f.present > 0:
		d.offer(Suggestion{Source: Present, Text: text, Label: w.presentLabel()})
	case f.added > 0:
		d.offer(Suggestion{Source: Lines, Text: text, Label: w.linesLabel()})
	default:
		d.offer(Suggestion{Source: Removes, Text: text, Label: "the patch only takes lines away"})
	}
}

func (w *weaver) linesLabel() string {
	if w.found.renamed > 0 {
		return "both edits touch different lines; upstream's names are used in the patch's"
	}
	return "both edits touch different lines"
}

func (w *weaver) presentLabel() string {
	return fmt.Sprintf("upstream already has %d of %s", w.found.present, counted(w.found.added, "line"))
}

func (w *weaver) partlyLabel() string {
	return fmt.Sprintf("without %s that the other side no longer has", counted(w.found.gone+w.found.undone, "changed line"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// beside offers what both sides added at one place: as a list, and in either order
// where neither has anything of the other's.
func (d *dispute) beside(patchFirst []byte, f findings) {
	h := d.hunk
	if text, ok := unite(h, d.around); ok {
		d.offer(Suggestion{Source: List, Text: text, Label: "both add to a sorted list"})
	}
	if len(h.Base) > 0 || f.alike > 0 {
		return
	}
	if w, ok := weave(h.Base, h.Upstream, h.Patch, false); ok {
		w.tidy(d.around)
		d.offer(Suggestion{Source: UpstreamFirst, Text: w.text(), Label: "both added lines here: upstream's first"})
	}
	d.offer(Suggestion{Source: PatchFirst, Text: patchFirst, Label: "both added lines here: the patch's first"})
}

// onlySpace tells whether two texts are the same but for white space.
func onlySpace(a, b []byte) bool {
	return bytes.Equal(bytes.Join(bytes.Fields(a), nil), bytes.Join(bytes.Fields(b), nil))
}
