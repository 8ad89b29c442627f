package merge3

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

func TestSoak(t *testing.T) {
	rounds, _ := strconv.Atoi(os.Getenv("SOAK"))
	if rounds == 0 {
		t.Skip()
	}
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	o := newOracle(t, gitBinary(t, os.Getenv("SOAKGIT")))
	t.Log(o.git, o.rediff)
	total, conf := 0, 0
	for k := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), uint64(k)))
		lines := []int{4, 8, 12, 30, 100, 300, 1000, 3000, 20000}[k%9]
		n := max(4, min(2000, 100000/lines))
		triples := make([]triple, n)
		for i := range triples {
			triples[i] = randomTriple(r, lines)
		}
		for s := StyleMerge; s <= StyleZdiff3; s++ {
			conf += o.check(s, triples)
			total += n
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("%d merges, %d conflicts", total, conf)
}
