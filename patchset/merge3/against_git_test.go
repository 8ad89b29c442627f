package merge3

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestAgainstInstalledGit(t *testing.T) {
	againstGit(t, gitBinary(t, ""))
}

func TestAgainstNewerGit(t *testing.T) {
	againstGit(t, gitBinary(t, "GIT_CARRY_NEWER_GIT"))
}

func againstGit(t *testing.T, git string) {
	o := newOracle(t, git)
	sizes := []struct{ lines, merges int }{{12, 600}, {60, 300}, {400, 60}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%d lines", size.lines), func(t *testing.T) {
			o.t = t
			for style := StyleMerge; style <= StyleZdiff3; style++ {
				r := rand.New(rand.NewPCG(uint64(size.lines), uint64(style)))
				triples := make([]triple, size.merges)
				for i := range triples {
					triples[i] = randomTriple(r, size.lines)
				}
				conflicts := o.check(style, triples)
				t.Logf("style %d: %d merges, %d with conflicts", style, size.merges, conflicts)
			}
		})
	}
}
