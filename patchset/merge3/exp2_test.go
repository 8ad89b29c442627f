package merge3

import (
	"math/rand/v2"
	"os"
	"testing"
)

func TestExpBig(t *testing.T) {
	g := os.Getenv("SOAKGIT3")
	if g == "" { t.Skip() }
	o := newOracle(t, g)
	r := rand.New(rand.NewPCG(31, 4))
	for _, size := range []struct{n, lines int}{{3000, 40}, {1000, 300}, {200, 2000}, {40, 10000}, {8,60000}} {
	var pairs []pairText
	for i := range size.n {
		e := editor{r: r, kinds: []int{2,3,4,10,30,100,300,3000}[r.IntN(8)], ends: "\n"}
		a := e.lines(size.lines/2+r.IntN(size.lines))
		var b []string
		switch i%3 {
		case 0: b = e.lines(size.lines/2+r.IntN(size.lines))
		case 1: b = e.edit(a, 1+r.IntN(size.lines/4))
		default:
			// mostly foreign: unmatched lines with some frequent
			f := editor{r: r, kinds: e.kinds*2, ends: "\n"}
			b = f.lines(len(a))
			for range 5 { lo := r.IntN(len(a)); hi := min(len(a), lo+r.IntN(1+len(a)/5)); at := r.IntN(len(b)); b = append(b[:at:at], append(append([]string(nil), a[lo:hi]...), b[at:]...)...) }
		}
		p := pairText{e.text(a), e.text(b)}
		if string(p.a) != string(p.b) { pairs = append(pairs, p) }
	}
	for _, alg := range []string{"histogram", "myers"} {
		want := o.diff(alg, pairs)
		wrong := 0
		for i, p := range pairs {
			opt := TextOptions{RediffShifted: o.rediff}
			if alg == "myers" { opt.Algorithm = Myers }
			got := ourMarks(p, opt)
			if got != want[i] { wrong++ }
		}
		t.Logf("%d lines %s: %d of %d", size.lines, alg, wrong, len(pairs))
	}
	}
}
