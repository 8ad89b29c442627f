package tui

// diffLine is a line of a change against base.
type diffLine struct {
	op   byte // ' ', '-' or '+'
	text string
	// marks are the words that differ from the line's partner, as offsets in bytes.
	marks []mark
}

type mark struct{ from, to int }

// changes is what a side changes in a hunk, against base, or with whole its text as
// it is. It is computed once.
func (k *facts) changes(file, hunk int, side Side, whole bool) []diffLine {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := sideKey{file, hunk, side, whole}
	if known, ok := k.sides[key]; ok {
		return known
	}
	h := k.files[file].hunks[hunk]
	text := map[Side][]byte{Base: h.Base, Upstream: h.Upstream, Patch: h.Patch}[side]
	from := h.Base
	if whole {
		from = text
	}
	k.sides[key] = diffLines(splitLines(from), splitLines(text))
	return k.sides[key]
}

// maxMarked bounds the texts whose words are compared, in lines.
const maxMarked = 4000

// diffLines is the change from one text to another, with word marks unless the
// texts are long.
func diffLines(from, to []string) []diffLine {
	out := make([]diffLine, 0, len(from)+len(to))
	at := 0
	same := func(to int) {
		for ; at < to; at++ {
			out = append(out, diffLine{op: ' ', text: from[at]})
		}
	}
	for _, e := range diff(from, to) {
		same(e.a0)
		added := make([]diffLine, 0, e.b1-e.b0)
		for i := range max(e.a1-e.a0, e.b1-e.b0) {
			minus, plus := diffLine{op: '-'}, diffLine{op: '+'}
			if e.a0+i < e.a1 {
				minus.text = from[e.a0+i]
			}
			if e.b0+i < e.b1 {
				plus.text = to[e.b0+i]
			}
			if e.a0+i < e.a1 && e.b0+i < e.b1 && len(from)+len(to) <= maxMarked {
				minus.marks, plus.marks = wordMarks(minus.text, plus.text)
			}
			if e.a0+i < e.a1 {
				out = append(out, minus)
			}
			if e.b0+i < e.b1 {
				added = append(added, plus)
			}
		}
		out = append(out, added...)
		at = e.a1
	}
	same(len(from))
	return out
}

// wordMarks finds the words in which two lines differ; nothing where they have too
// little in common for that to help, or are too long.
func wordMarks(a, b string) (inA, inB []mark) {
	a, b = chomp(a), chomp(b)
	if max(len(a), len(b)) > maxLine {
		return nil, nil
	}
	wa, wb := words(a), words(b)
	edits := diff(wa, wb)
	common := len(wa)
	for _, e := range edits {
		common -= e.a1 - e.a0
	}
	if 3*common < max(len(wa), len(wb)) {
		return nil, nil
	}
	offset := func(words []string) []int {
		at := make([]int, 1, len(words)+1)
		for _, w := range words {
			at = append(at, at[len(at)-1]+len(w))
		}
		return at
	}
	oa, ob := offset(wa), offset(wb)
	for _, e := range edits {
		if e.a0 < e.a1 {
			inA = append(inA, mark{oa[e.a0], oa[e.a1]})
		}
		if e.b0 < e.b1 {
			inB = append(inB, mark{ob[e.b0], ob[e.b1]})
		}
	}
	return inA, inB
}
