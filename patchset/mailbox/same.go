package mailbox

import (
	"bytes"
	"iter"
)

// SameChange compares two changes as a reader would who looks at removed and
// added lines only. same tells that file by file they remove and add the same
// lines in the same order, whatever stands around them; modes, submodule
// pointers and binary content count too. moved tells that, although same, a
// path differs or a hunk starts elsewhere.
//
// Files are paired by path; those left over are paired in order, which is how
// a file that upstream renamed finds its partner. Give it the output of
// git diff-tree -p -U0 -M --full-index --binary, read with [ParseDiff].
func SameChange(a, b []FileChange) (same, moved bool) {
	if len(a) != len(b) {
		return false, false
	}
	for fa, fb := range Pairs(a, b) {
		if !sameFile(fa, fb) {
			return false, false
		}
		moved = moved || fa.OldPath != fb.OldPath || fa.NewPath != fb.NewPath || !sameStarts(fa.Hunks, fb.Hunks)
	}
	return true, moved
}

type fileKey struct {
	path string
	kind Kind
}

func keyOf(fc FileChange) fileKey { return fileKey{fc.Path(), fc.Kind} }

// Pairs goes through two changes with the same number of files: those with the same
// path together, the others in order.
func Pairs(a, b []FileChange) iter.Seq2[FileChange, FileChange] {
	inB := make(map[fileKey][]int, len(b))
	for i, f := range b {
		inB[keyOf(f)] = append(inB[keyOf(f)], i)
	}
	partner := make([]int, len(a))
	taken := make([]bool, len(b))
	for i, f := range a {
		partner[i] = -1
		if js := inB[keyOf(f)]; len(js) > 0 {
			partner[i], taken[js[0]] = js[0], true
			inB[keyOf(f)] = js[1:]
		}
	}
	return func(yield func(FileChange, FileChange) bool) {
		free := 0
		for i, f := range a {
			j := partner[i]
			if j < 0 {
				for taken[free] {
					free++
				}
				j = free
				free++
			}
			if !yield(f, b[j]) {
				return
			}
		}
	}
}

func sameFile(a, b FileChange) bool {
	return a.Kind == b.Kind && sameModes(a, b) && sameBinary(a, b) && sameLines(a.Hunks, b.Hunks)
}

// sameModes compares what happens to the mode, not the mode that stays.
func sameModes(a, b FileChange) bool {
	if a.OldMode == a.NewMode && b.OldMode == b.NewMode {
		return true
	}
	return a.OldMode == b.OldMode && a.NewMode == b.NewMode
}

func sameBinary(a, b FileChange) bool {
	if a.Binary == nil || b.Binary == nil {
		return a.Binary == b.Binary
	}
	if a.Kind == KindDelete {
		return a.OldBlob == b.OldBlob
	}
	if fullID(a.NewBlob) && fullID(b.NewBlob) {
		return a.NewBlob == b.NewBlob
	}
	return !a.Binary.Missing && !b.Binary.Missing && !a.Binary.Delta && !b.Binary.Delta &&
		bytes.Equal(a.Binary.Data, b.Binary.Data)
}

func sameLines(a, b []Hunk) bool {
	next, stop := iter.Pull(changedLines(b))
	defer stop()
	for la := range changedLines(a) {
		lb, ok := next()
		if !ok || la.Op != lb.Op || !bytes.Equal(la.Text, lb.Text) {
			return false
		}
	}
	_, more := next()
	return !more
}

func changedLines(hunks []Hunk) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		for _, h := range hunks {
			for _, l := range h.Lines {
				if l.Op != ' ' && !yield(l) {
					return
				}
			}
		}
	}
}

func sameStarts(a, b []Hunk) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].OldStart != b[i].OldStart || a[i].NewStart != b[i].NewStart {
			return false
		}
	}
	return true
}
