package tui

import (
	"cmp"
	"slices"
	"strings"
)

// maxCombine bounds the texts that Combine looks at, in bytes.
const maxCombine = 64 << 10

// Combine lays the word edits of two texts over their base. ok tells whether they
// are independent: no word was changed by both, and at least one word of base
// lies between an edit of one side and one of the other, wherever an inserted
// text may be said to stand. One case is told apart further, because it is
// what security fixes do: where one side wraps words in brackets, f(x) to
// f(clean(x)), and the other inserts a text beside them, the brackets close first:
// f(clean(x), flag).
//
// Combine(b, u, b) is u, Combine(b, b, p) is p, Combine(b, x, x) is x, and
// upstream and patch may change places.
func Combine(base, upstream, patch []byte) (combined []byte, ok bool) {
	if len(base)+len(upstream)+len(patch) > maxCombine {
		return nil, false
	}
	words := words(string(base))
	ups, pas := wordEdits(words, upstream), wordEdits(words, patch)
	var both, own []wordEdit // what both sides do alike, what upstream alone does
	for _, u := range ups {
		if at := slices.IndexFunc(pas, u.same); at >= 0 {
			both, pas = append(both, u), slices.Delete(pas, at, at+1)
		} else {
			own = append(own, u)
		}
	}
	for i := range own {
		for j := range pas {
			u, p := &own[i], &pas[j]
			if u.lo <= p.hi && p.lo <= u.hi && !u.giveWay(p) && !p.giveWay(u) {
				return nil, false
			}
		}
	}
	all := slices.Concat(both, own, pas)
	slices.SortStableFunc(all, func(x, y wordEdit) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.rank, y.rank))
	})
	return applyWords(words, all)
}

// wordEdit replaces the words [at,at+drop) of the base.
type wordEdit struct {
	at, drop int
	insert   []string
	// lo and hi bound the places that the edit touches. An insertion that repeats
	// what stands beside it touches each place at which it would read the same.
	lo, hi int
	// wrap tells that the insertion opens brackets that a later one of its side
	// closes (1), or closes such brackets (-1).
	wrap int
	rank int // orders insertions at one place
}

// wordEdits lists the edits from base to a side.
func wordEdits(base []string, side []byte) []wordEdit {
	after := words(string(side))
	var out []wordEdit
	edits := diff(base, after)
	open := 0
	for i, e := range edits {
		w := wordEdit{at: e.a0, drop: e.a1 - e.a0, insert: after[e.b0:e.b1], lo: e.a0, hi: e.a1}
		if net, _ := brackets(w.insert); w.drop == 0 {
			before, behind := 0, len(base)
			if i > 0 {
				before = edits[i-1].a1
			}
			if i < len(edits)-1 {
				behind = edits[i+1].a0
			}
			w.lo, w.hi = reach(base, w, before, behind)
			if net > 0 || net < 0 && open+net >= 0 {
				w.wrap = cmp.Compare(net, 0)
			}
			open += net
		}
		out = append(out, w)
	}
	return out
}

// reach is how far an insertion can be moved between two places without a change
// of the text that it makes.
func reach(base []string, w wordEdit, from, to int) (lo, hi int) {
	n := len(w.insert)
	lo, hi = w.at, w.at
	for lo > from && base[lo-1] == w.insert[((lo-1-w.at)%n+n)%n] {
		lo--
	}
	for hi < to && base[hi] == w.insert[(hi-w.at)%n] {
		hi++
	}
	return lo, hi
}

// moved is the insertion at another place within its reach.
func (w wordEdit) moved(to int) wordEdit {
	n := len(w.insert)
	shift := ((to-w.at)%n + n) % n
	w.insert = slices.Concat(w.insert[shift:], w.insert[:shift])
	w.at = to
	return w
}

func (w wordEdit) same(o wordEdit) bool {
	return w.at == o.at && w.drop == o.drop && slices.Equal(w.insert, o.insert)
}

// giveWay puts a wrapping insertion close to what it wraps, so that the other
// side's insertion stands outside; false where that is not the case.
func (w *wordEdit) giveWay(other *wordEdit) bool {
	net, low := brackets(other.insert)
	if w.wrap == 0 || other.drop > 0 || net != 0 || low < 0 || other.lo != other.hi {
		return false
	}
	if w.wrap < 0 {
		*w = w.moved(w.lo)
	} else {
		*w = w.moved(w.hi)
	}
	w.rank = w.wrap
	return w.wrap < 0 && w.at <= other.at || w.wrap > 0 && w.at >= other.at
}

// brackets is how many more brackets words open than close, and the least that
// this is on the way.
func brackets(words []string) (net, low int) {
	for _, w := range words {
		switch {
		case strings.Contains("([{", w):
			net++
		case strings.Contains(")]}", w):
			net--
		}
		low = min(low, net)
	}
	return net, low
}

// applyWords applies edits in order; false where one begins before another ends.
func applyWords(base []string, edits []wordEdit) (text []byte, ok bool) {
	at := 0
	copyTo := func(to int) {
		for ; at < to; at++ {
			text = append(text, base[at]...)
		}
	}
	for _, e := range edits {
		if e.at < at {
			return nil, false
		}
		copyTo(e.at)
		at += e.drop
		for _, w := range e.insert {
			text = append(text, w...)
		}
	}
	copyTo(len(base))
	return text, true
}
