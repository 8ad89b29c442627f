package merge3

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTreesAgainstInstalledGit(t *testing.T) { treesAgainstGit(t, gitBinary(t, "")) }

func TestTreesAgainstNewerGit(t *testing.T) { treesAgainstGit(t, gitBinary(t, newerGit)) }

// Worlds in which much was renamed merge to git's tree, and leave unmerged what
// git leaves unmerged.
func treesAgainstGit(t *testing.T, git string) {
	o := newOracle(t, git)
	worlds := 200
	if testing.Short() {
		worlds = 20
	}
	var all []*renameWorld
	for _, c := range treeCases {
		all = append(all, &renameWorld{base: c.base, upstream: c.base.with(c.upstream), patch: c.base.with(c.patch)})
	}
	for i := range worlds {
		all = append(all, newRenameWorld(rand.New(rand.NewPCG(11, uint64(i)))))
	}
	for n := range 20 {
		all = append(all, restartWorld(n))
	}
	o.load(all)
	rules := rulesOf(o)
	asked := 0
	for i, w := range all {
		s := newRenameStore()
		m := TreeMerger{Objects: s, RediffShifted: o.rediff, SkipTail: rules.SkipTail, OverBase: rules.OverBase}
		upstream, patch := fmt.Sprint("upstream", i), fmt.Sprint("patch", i)
		got, err := m.Merge(t.Context(), Request{
			Base:     Side{Tree: s.write(t, w.base)},
			Upstream: Side{Tree: s.write(t, w.upstream), Label: upstream},
			Patch:    Side{Tree: s.write(t, w.patch), Label: patch},
		})
		if beyond := (*BeyondError)(nil); errors.As(err, &beyond) {
			asked++
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		want := unmergedByGit(o.run(nil, "-c", "core.abbrev=no", "merge-tree", "--write-tree", "-z", upstream, patch))
		if unmerged := unmergedHere(got); !slices.Equal(unmerged, want) {
			t.Errorf("world %d:\nhere %q\ngit  %q", i, unmerged, want)
		}
	}
	t.Logf("%d merges, of which git had to be asked for %d", len(all), asked)
	if asked > len(all)/4 {
		t.Errorf("git had to be asked for %d of %d merges", asked, len(all))
	}
}

// unmergedByGit is the tree that merge-tree -z names, and its unmerged entries.
func unmergedByGit(output []byte) []string {
	head, _, _ := strings.Cut(string(output), "\x00\x00")
	return strings.Split(strings.TrimSuffix(head, "\x00"), "\x00")
}

func unmergedHere(r Result) []string {
	lines := []string{string(r.Tree)}
	for _, c := range r.Conflicts {
		for stage, e := range []Entry{c.Base, c.Upstream, c.Patch} {
			if e.ID != "" {
				lines = append(lines, fmt.Sprintf("%s %s %d\t%s", e.Mode, e.ID, stage+1, c.Path))
			}
		}
	}
	return lines
}
