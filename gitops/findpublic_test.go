package gitops

import (
	"slices"
	"testing"
)

func TestTellingLeavesOutWhatEverybodyChanges(t *testing.T) {
	commits := func(n int) [][]string {
		changed := make([][]string, n)
		for i := range changed {
			changed[i] = []string{"ChangeLog"}
		}
		changed[3] = []string{"ChangeLog", "malloc.c"}
		return changed
	}
	paths := []string{"ChangeLog", "malloc.c"}
	if got := telling(paths, commits(20)); !slices.Equal(got, []string{"malloc.c"}) {
		t.Errorf("got %v", got)
	}
	if got := telling(paths, commits(19)); !slices.Equal(got, paths) {
		t.Errorf("of few commits: got %v", got)
	}
	if got := telling(paths[:1], commits(20)); !slices.Equal(got, paths[:1]) {
		t.Errorf("where nothing is left: got %v", got)
	}
}
