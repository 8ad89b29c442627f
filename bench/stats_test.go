package main

import (
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

func runs(ms ...int) []drive.Cost {
	var out []drive.Cost
	for _, m := range ms {
		out = append(out, drive.Cost{Wall: time.Duration(m) * time.Millisecond})
	}
	return out
}

func TestRatioIsTheMedianOfTheRounds(t *testing.T) {
	first := figure{Tree: "t", Runs: runs(100, 200, 900)}
	f := figure{Tree: "t", Runs: runs(50, 50, 300)} // 2, 4, 3
	f.compare(first)
	if f.Ratio != 3 || !f.Same {
		t.Errorf("ratio %v, same %v", f.Ratio, f.Same)
	}
}

func TestAnotherTreeHasNoRatio(t *testing.T) {
	first := figure{Tree: "t", Runs: runs(100)}
	f := figure{Name: "x", Tree: "u", Runs: runs(1)}
	f.compare(first)
	if f.Ratio != 0 || !strings.Contains(strings.Join(f.row(), " "), "another tree") {
		t.Errorf("ratio %v, row %v", f.Ratio, f.row())
	}
}

func TestMedian(t *testing.T) {
	if got := median([]int64{9, 1, 5}); got != 5 {
		t.Errorf("odd: %d", got)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("even: %v", got)
	}
}

func TestParseCommitKeepsPercentSigns(t *testing.T) {
	c := parseCommit("id", "tree T\nparent P\nauthor A 1 +0000\ncommitter C 2 +0000\n\n100% of it\n")
	if c.tree != "T" || c.parent != "P" || c.rest != "author A 1 +0000\n%s\n\n100%% of it\n" {
		t.Errorf("got %+v", c)
	}
	if c := parseCommit("id", "tree T\nparent P\nparent Q\nauthor A\n\nmerge\n"); c.parent != "" {
		t.Errorf("a merge has parent %q", c.parent)
	}
}
