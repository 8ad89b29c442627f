package merge3

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func TestExp(t *testing.T) {
	g := os.Getenv("SOAKGIT2")
	if g == "" {
		t.Skip()
	}
	o := newOracle(t, g)
	r := rand.New(rand.NewPCG(3, 4))
	var pairs []pairText
	for range 20000 {
		n := 4 + r.IntN(10)
		mk := func() []byte {
			var b strings.Builder
			for range n {
				b.WriteString(string(rune('0'+r.IntN(2))) + "\n")
			}
			return []byte(b.String())
		}
		p := pairText{mk(), mk()}
		if string(p.a) != string(p.b) {
			pairs = append(pairs, p)
		}
	}
	for _, alg := range []string{"histogram", "myers"} {
		want := o.diff(alg, pairs)
		wrong := 0
		shown := 0
		for i, p := range pairs {
			opt := TextOptions{RediffShifted: o.rediff}
			if alg == "myers" {
				opt.Algorithm = Myers
			}
			got := ourMarks(p, opt)
			if got != want[i] {
				wrong++
				if shown < 8 && len(p.a) <= 20 {
					shown++
					s := func(b []byte) string { return strings.ReplaceAll(string(b), "\n", "") }
					t.Logf("%s: %s -> %s: ours [%s] git [%s] unre [%s]", alg, s(p.a), s(p.b), got, want[i], ourMarks(p, TextOptions{}))
				}
			}
		}
		t.Logf("%s: %d of %d", alg, wrong, len(pairs))
	}
}
