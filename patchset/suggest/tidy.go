package suggest

import (
	"bytes"
	"strings"
)

// around are the lines in front of a dispute and behind it; nil at an end of the file.
type around struct{ before, after []byte }

// tidy gives the lines that the patch added upstream's indentation, and as
// much empty space around them as they have in the patch.
func (w *weaver) tidy(ctx around) {
	w.indent()
	w.space(ctx)
}

func isBlank(l []byte) bool { return len(bytes.TrimSpace(l)) == 0 }

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
		out = w.chunk(out, w.out[i:j], w.out[j:], ctx)
		i = j
	}
	w.out = out
}

func (w *weaver) chunk(out, chunk, rest []woven, ctx around) []woven {
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
	before, after := ctx.before, ctx.after
	if len(out) > 0 {
		before = out[len(out)-1].text
	}
	if len(rest) > 0 {
		after = rest[0].text
	}
	pb, pa := ctx.before, ctx.after
	if k := chunk[lo].added; k > 0 {
		pb = w.patch[k-1].text
	}
	if k := chunk[hi-1].added; k+1 < len(w.patch) {
		pa = w.patch[k+1].text
	}
	if before != nil && pb != nil && isBlank(pb) && !isBlank(before) {
		out = append(out, woven{pb, -1, 0})
	}
	out = append(out, chunk[lo:hi]...)
	if after != nil && pa != nil && isBlank(pa) && !isBlank(after) {
		out = append(out, woven{pa, -1, 0})
	}
	return out
}

func indentOf(l []byte) string { return string(l[:len(l)-len(bytes.TrimLeft(l, " \t"))]) }

// indent
func (w *weaver) indent() {
	type pair struct {
		at       int
		from, to string
	}
	var pairs []pair
	differ := false
	for i, j := range w.toUpstream {
		if j >= 0 && w.base[i].weight > 0 {
			p := pair{i, indentOf(w.base[i].text), indentOf(w.upstream[j].text)}
			differ = differ || p.from != p.to
			pairs = append(pairs, p)
		}
	}
	if !differ {
		return
	}
	unit := 0
	for _, p := range pairs {
		if p.from != "" && strings.Trim(p.from, " ") == "" && p.to != "" && strings.Trim(p.to, "\t") == "" {
			unit = len(p.from) / len(p.to)
		}
	}
	for k := range w.out {
		l := &w.out[k]
		if l.added < 0 || isBlank(l.text) {
			continue
		}
		have := indentOf(l.text)
		best, rank := "", 0
		ok := false
		for _, p := range pairs {
			var to string
			score := 1 << 20
			switch rest, isLonger := strings.CutPrefix(have, p.from); {
			case have == p.from:
				to = p.to
				score *= 2
			case isLonger:
				if unit > 0 && len(rest)%unit == 0 {
					rest = strings.Repeat("\t", len(rest)/unit)
				}
				to = p.to + rest
			default:
				rest, isShorter := strings.CutPrefix(p.from, have)
				if unit > 0 && len(rest)%unit == 0 {
					rest = strings.Repeat("\t", len(rest)/unit)
				}
				if !isShorter || !strings.HasSuffix(p.to, rest) {
					continue
				}
				to = strings.TrimSuffix(p.to, rest)
			}
			d := p.at - l.at
			if d < 0 {
				d = -d
			}
			score -= d
			if !ok || score > rank {
				best, rank, ok = to, score, true
			}
		}
		if ok {
			l.text = append([]byte(best), l.text[len(have):]...)
		}
	}
}
