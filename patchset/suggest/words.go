package suggest

import "bytes"

// edit replaces the tokens lo to hi of the base.
type edit struct {
	lo, hi int
	by     [][]byte
}

// mergeTokens does both edits of a text, token by token. Where they overlap and the patch's is
// the larger it wins; overruled counts that. It returns false where upstream's is the larger,
// where both insert something else at one place, and for texts that are too long.
func mergeTokens(base, upstream, patch []byte) (text []byte, overruled int, ok bool) {
	b := tokens(base)
	u, ok := edits(b, tokens(upstream))
	if !ok {
		return nil, 0, false
	}
	p, ok := edits(b, tokens(patch))
	if !ok {
		return nil, 0, false
	}
	both, overruled, ok := lay(u, p)
	return replace(b, both), overruled, ok
}

// lay puts the edits of both sides in order.
func lay(u, p []edit) (both []edit, overruled int, ok bool) {
	for len(u) > 0 && len(p) > 0 {
		switch {
		case u[0].same(p[0]):
			u = u[1:]
		case u[0].before(p[0]):
			both, u = append(both, u[0]), u[1:]
		case p[0].before(u[0]):
			both, p = append(both, p[0]), p[1:]
		case p[0].covers(u[0]):
			u = u[1:]
			overruled++
		default:
			return nil, 0, false
		}
	}
	return append(append(both, u...), p...), overruled, true
}

func (e edit) same(o edit) bool { return e.lo == o.lo && e.hi == o.hi && equalTokens(e.by, o.by) }

// before tells whether e ends where o begins, or earlier. Two insertions at one place
// are in no order.
func (e edit) before(o edit) bool { return e.hi <= o.lo && e.lo < o.hi }

func (e edit) covers(o edit) bool { return e.lo <= o.lo && o.hi <= e.hi && e.lo < e.hi }

// replace does edits that are in order.
func replace(tokens [][]byte, edits []edit) []byte {
	var out [][]byte
	at := 0
	for _, e := range edits {
		out = append(append(out, tokens[at:e.lo]...), e.by...)
		at = e.hi
	}
	return bytes.Join(append(out, tokens[at:]...), nil)
}

func equalTokens(a, b [][]byte) bool {
	return bytes.Equal(bytes.Join(a, nil), bytes.Join(b, nil))
}

// edits are what makes b of a.
func edits(a, b [][]byte) ([]edit, bool) {
	to, ok := align(len(a), len(b), func(i, j int) int {
		if bytes.Equal(a[i], b[j]) {
			return weight(a[i])
		}
		return 0
	})
	if !ok {
		return nil, false
	}
	var out []edit
	lo, at := 0, 0
	for i := 0; i <= len(a); i++ {
		j := len(b)
		if i < len(a) {
			if j = to[i]; j < 0 {
				continue
			}
		}
		if lo < i || at < j {
			out = append(out, edit{lo, i, b[at:j]})
		}
		lo, at = i+1, j+1
	}
	return out, true
}
