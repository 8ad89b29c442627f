package merge3

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// newerGit is the environment variable that names a second git to ask.
const newerGit = "GIT_CARRY_NEWER_GIT"

func TestAgainstInstalledGit(t *testing.T) {
	againstGit(t, gitBinary(t, ""))
}

func TestAgainstNewerGit(t *testing.T) {
	againstGit(t, gitBinary(t, newerGit))
}

func againstGit(t *testing.T, git string) {
	o := newOracle(t, git)
	sizes := []struct{ lines, merges int }{{8, 800}, {15, 800}, {60, 400}, {400, 80}, {3000, 8}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%d lines", size.lines), func(t *testing.T) {
			o.t = t
			for _, style := range styles {
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

// Whatever the three texts are, a merge is what git makes of them.
func FuzzText(f *testing.F) {
	for i, c := range mergeCases {
		f.Add([]byte(unbar(c.base)), []byte(unbar(c.upstream)), []byte(unbar(c.patch)), byte(i))
	}
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 20 {
		in := randomTriple(r, 30)
		f.Add(in.base, in.upstream, in.patch, byte(i))
	}
	o := newOracle(f, gitBinary(f, ""))
	f.Fuzz(func(t *testing.T, base, upstream, patch []byte, style byte) {
		o.t = t
		o.check(styles[int(style)%len(styles)], []triple{{base, upstream, patch}})
		swapped := Text(base, patch, upstream, TextOptions{Style: StyleDiff3}).Regions
		if !bytes.Equal(swapped.Take(TakePatch), Text(base, upstream, patch, TextOptions{Style: StyleDiff3}).Regions.Take(TakeUpstream)) {
			t.Error("the sides do not change places")
		}
	})
}
