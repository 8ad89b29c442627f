package merge3

// Change is a run of lines of one text that stands as another run in a second
// text. Lines are counted from 1; a run without lines has the number of the line
// that it would be before.
type Change struct {
	OldStart, OldLines int
	NewStart, NewLines int
	Old, New           []byte // the lines, parts of the texts
}

// Changes lists how b differs from a, in order, by the histogram comparison of
// [Text]. ok is false, and there is no list, when one of them is no text by
// git's rule.
func Changes(a, b []byte) (changes []Change, ok bool) {
	if isBinary(a) || isBinary(b) {
		return nil, false
	}
	names := newInterner(CountLines(a) + CountLines(b))
	old, now := names.split(a), names.split(b)
	for _, c := range newDiffer(len(names.known), TextOptions{}).diff(old.ids, now.ids) {
		changes = append(changes, Change{
			OldStart: c.a.lo + 1, OldLines: c.a.len(), NewStart: c.b.lo + 1, NewLines: c.b.len(),
			Old: old.bytes(c.a), New: now.bytes(c.b),
		})
	}
	return changes, true
}
