package suggest

import "bytes"

// renaming is what upstream calls something that the base calls otherwise.
type renaming struct {
	from, to [][]byte
	unsure   bool // upstream has several names for it
}

// rename writes in the lines that the patch added what upstream has renamed in the
// lines around them.
func (w *weaver) rename() {
	renamings := w.renamings()
	if len(renamings) == 0 {
		return
	}
	for k := range w.out {
		if l := &w.out[k]; l.added >= 0 {
			text := apply(renamings, l.text)
			if !bytes.Equal(text, l.text) {
				w.found.renamed++
				l.text = text
			}
		}
	}
}

// renamings are what upstream changed within the lines that it has of the base.
func (w *weaver) renamings() []renaming {
	var out []renaming
	at := map[string]int{}
	for i, j := range w.toUpstream {
		if j < 0 || bytes.Equal(w.base[i].text, w.upstream[j].text) {
			continue
		}
		from, to := tokens(w.base[i].text), tokens(w.upstream[j].text)
		changes, _ := edits(from, to)
		for _, e := range changes {
			r, ok := renamingOf(from, e)
			if !ok {
				continue
			}
			name := string(bytes.Join(r.from, nil))
			k, there := at[name]
			if !there {
				at[name] = len(out)
				out = append(out, r)
			} else if !equalTokens(out[k].to, r.to) {
				out[k].unsure = true
			}
		}
	}
	return out
}

// renamingOf is an edit as a renaming. What is inserted or deleted takes the tokens at its
// sides along. Only words of some length are names.
func renamingOf(line [][]byte, e edit) (renaming, bool) {
	r := renaming{from: line[e.lo:e.hi], to: e.by}
	if !named(r.from) || !named(r.to) {
		if e.lo == 0 || e.hi >= len(line) {
			return r, false
		}
		r.from = line[e.lo-1 : e.hi+1]
		r.to = append(append([][]byte{line[e.lo-1]}, e.by...), line[e.hi])
	}
	return r, named(r.from)
}

// named tells whether there is a name among tokens.
func named(tokens [][]byte) bool {
	for _, t := range tokens {
		if kindOf(t[0]) == word && len(t) > 1 && (t[0] < '0' || t[0] > '9') {
			return true
		}
	}
	return false
}

// apply writes the new names into a line.
func apply(renamings []renaming, text []byte) []byte {
	line := tokens(text)
	var out []byte
next:
	for i := 0; i < len(line); {
		for _, r := range renamings {
			if n := len(r.from); !r.unsure && i+n <= len(line) && sameTokens(line[i:i+n], r.from) {
				out = append(out, bytes.Join(r.to, nil)...)
				i += n
				continue next
			}
		}
		out = append(out, line[i]...)
		i++
	}
	return out
}

func sameTokens(a, b [][]byte) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
