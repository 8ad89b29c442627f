package suggest

import "bytes"

// edit replaces the tokens lo to hi of the base.
type edit struct {
	lo, hi int
	by     [][]byte
}

// mergeTokens does both edits of a text.
func mergeTokens(base, upstream, patch []byte) (out []byte, overruled int, ok bool) {
	b := tokens(base)
	u, ok := edits(b, tokens(upstream))
	if !ok {
		return nil, 0, false
	}
	p, ok := edits(b, tokens(patch))
	if !ok {
		return nil, 0, false
	}
	at := 0
	for len(u) > 0 || len(p) > 0 {
		var e edit
		switch {
		case len(p) == 0:
			e, u = u[0], u[1:]
		case len(u) == 0:
			e, p = p[0], p[1:]
		case u[0].lo == p[0].lo && u[0].hi == p[0].hi && equalTokens(u[0].by, p[0].by):
			e, u, p = u[0], u[1:], p[1:]
		case u[0].hi <= p[0].lo && u[0].lo < p[0].hi:
			e, u = u[0], u[1:]
		case p[0].hi <= u[0].lo && p[0].lo < u[0].hi:
			e, p = p[0], p[1:]
		case p[0].lo <= u[0].lo && u[0].hi <= p[0].hi && p[0].lo < p[0].hi:
			u = u[1:]
			overruled++
			continue
		default:
			return nil, 0, false
		}
		for ; at < e.lo; at++ {
			out = append(out, b[at]...)
		}
		for _, t := range e.by {
			out = append(out, t...)
		}
		at = e.hi
	}
	for ; at < len(b); at++ {
		out = append(out, b[at]...)
	}
	return out, overruled, true
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
