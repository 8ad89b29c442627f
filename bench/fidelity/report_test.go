package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

func took(a answer, d time.Duration) answer {
	a.took = d
	return a
}

func TestReport(t *testing.T) {
	one, other := newTally("o/one"), newTally("o/other")
	for _, c := range []comparison{
		{ours: took(clean(id("1")), time.Millisecond), git: took(clean(id("1")), 8*time.Millisecond)},
		{ours: took(clean(id("1")), 3*time.Millisecond), git: took(disputed(id("2"), merge3.KindContent, ""), 9*time.Millisecond)},
		{ours: took(clean(id("1")), 2*time.Millisecond), git: took(clean(id("1")), 7*time.Millisecond), asked: "a submodule"},
		{ours: clean(id("1")), git: answer{err: errors.New("unable to read " + string(id("e")))}},
	} {
		one.add(c)
	}
	for range 7 {
		other.add(comparison{ours: clean(id("1")), git: clean(id("1"))})
	}
	got := report{
		git: gitops.Version{Major: 2, Minor: 40}, workers: 3, begin: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), took: 61 * time.Second,
		tallies: []*tally{one, other},
	}.text()
	want := `2026-01-02, git version 2.40.0, style merge: 11 real picks, 10 merges compared in 1m1s, 3 at a time.

| repository | merges | skipped | git clean | identical tree | verdict differs | tree differs | conflict list differs | ours failed | git asked | ours, ms | p99 | git's process, ms | p99 |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| o/one | 3 | 1 | 66.67 % | 66.67 % | 1 | 0 | 0 | 0 | 33.33 % | 2.0 | 3.0 | 8.0 | 9.0 |
| o/other | 7 | 0 | 100 % | 100 % | 0 | 0 | 0 | 0 | 0.00 % | 0.0 | 0.0 | 0.0 | 0.0 |
| all | 10 | 1 | 90.00 % | 90.00 % | 1 | 0 | 0 | 0 | 10.00 % | 0.0 | 3.0 | 0.0 | 9.0 |

| why git was asked | merges |
| --- | ---: |
| a submodule | 1 |

| why git could not merge, and the row was skipped | rows |
| --- | ---: |
| unable to read ID | 1 |
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReasonsComeByCount(t *testing.T) {
	got := reasonTable("why", "merges:", map[string]int{"b": 1, "a": 1, "c": 2})
	if a, b, c := strings.Index(got, "| a"), strings.Index(got, "| b"), strings.Index(got, "| c"); c > a || a > b {
		t.Errorf("got\n%s", got)
	}
}

func TestShareIsNotRoundedToAll(t *testing.T) {
	for _, test := range []struct {
		n, all int
		want   string
	}{{0, 0, "-"}, {0, 5, "0.00 %"}, {1, 3, "33.33 %"}, {99999, 100000, "99.99 %"}, {100000, 100000, "100 %"}} {
		if got := share(test.n, test.all); got != test.want {
			t.Errorf("%d of %d: got %s", test.n, test.all, got)
		}
	}
}

func TestQuantile(t *testing.T) {
	values := []time.Duration{5, 1, 4, 2, 3}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("%v: got %v, want %v", q, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("a value of none")
	}
}
