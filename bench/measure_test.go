package main

import (
	"context"
	"errors"
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
	all := []figure{
		{Trees: "t", Runs: runs(100, 200, 900)},
		{Trees: "t", Runs: runs(50, 50, 300)}, // 2, 4, 3
	}
	compare(all)
	if all[1].Ratio != 3 || !all[1].Same {
		t.Errorf("ratio %v, same %v", all[1].Ratio, all[1].Same)
	}
	if all[1].Lead != 0 {
		t.Errorf("a lead of %v without a rival", all[1].Lead)
	}
}

func TestLeadIsOverTheFasterRivalOfEachRound(t *testing.T) {
	all := []figure{
		{Trees: "t", Runs: runs(100, 100, 100)},
		{Trees: "t", Rival: true, Runs: runs(20, 40, 60)},
		{Trees: "t", Rival: true, Runs: runs(30, 30, 30)},
		{Trees: "wrong", Rival: true, Runs: runs(1, 1, 1)}, // does not count
		{Trees: "t", Runs: runs(10, 10, 10)},               // 2, 3, 3
	}
	compare(all)
	if all[4].Lead != 3 {
		t.Errorf("lead %v", all[4].Lead)
	}
}

func TestOneRunIsComparedWithEveryRound(t *testing.T) {
	all := []figure{{Trees: "t", Once: true, Runs: runs(1000)}, {Trees: "t", Runs: runs(10, 20, 40)}}
	compare(all)
	if all[1].Ratio != 50 {
		t.Errorf("ratio %v", all[1].Ratio)
	}
	if row := all[0].row(1); !strings.Contains(row[0], "run once") {
		t.Errorf("row %v", row)
	}
}

func TestAnotherTreeHasNoRatio(t *testing.T) {
	all := []figure{{Trees: "t", Runs: runs(100)}, {Name: "x", Trees: "u", Runs: runs(1)}}
	compare(all)
	if f := all[1]; f.Ratio != 0 || !strings.Contains(strings.Join(f.row(1), " "), "another tree") {
		t.Errorf("ratio %v, row %v", f.Ratio, f.row(1))
	}
	if err := passes([]results{{Ways: all}}); err == nil {
		t.Error("another tree passes")
	}
}

func TestSlowerThanTheFirstDoesNotPass(t *testing.T) {
	all := []figure{{Trees: "t", Runs: runs(100)}, {Trees: "t", Ours: true, Runs: runs(200)}}
	compare(all)
	if err := passes([]results{{Ways: all}}); err == nil {
		t.Error("half as fast passes")
	}
	all[1].Runs = runs(90)
	compare(all)
	if err := passes([]results{{Ways: all}}); err != nil {
		t.Error(err)
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

// fake is a contestant that notes its runs.
func fake(name string, log *[]string, err error, ours bool) contestant {
	return contestant{
		name: name, ours: ours,
		reset: func(context.Context) error { return nil },
		run: func(context.Context) (drive.Cost, error) {
			*log = append(*log, name)
			return runs(10)[0], err
		},
		trees: func(context.Context) (string, error) { return "t", nil },
	}
}

func testBench(t *testing.T) *bench {
	t.Helper()
	sh, err := drive.NewShell(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g, err := askGit(t.Context(), sh, "git")
	if err != nil {
		t.Fatal(err)
	}
	return &bench{sh: sh, gits: []gitProgram{g}, rounds: 2, patience: time.Minute}
}

func TestContestantsRunInTurnAndAFailingPeerIsNamed(t *testing.T) {
	var log []string
	all := []contestant{fake("a", &log, nil, false), fake("b", &log, errors.New("stops\nhere"), false), fake("c", &log, nil, true)}
	res, err := testBench(t).measure(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, ""); got != "abc"+"acac" {
		t.Errorf("ran in the order %s", got)
	}
	if len(res.Absent) != 1 || res.Absent[0] != "b: stops here" {
		t.Errorf("absent: %q", res.Absent)
	}
}

func TestOursMustNotFail(t *testing.T) {
	var log []string
	all := []contestant{fake("a", &log, nil, false), fake("c", &log, errors.New("stops"), true)}
	if _, err := testBench(t).measure(t.Context(), all); err == nil {
		t.Error("no error")
	}
}

func TestTheSlowRunOnce(t *testing.T) {
	var log []string
	b := testBench(t)
	b.patience = time.Millisecond
	res, err := b.measure(t.Context(), []contestant{fake("a", &log, nil, false)})
	if err != nil {
		t.Fatal(err)
	}
	if len(log) != 1 || len(res.Ways[0].Runs) != 1 {
		t.Errorf("ran %d times, kept %d", len(log), len(res.Ways[0].Runs))
	}
}
