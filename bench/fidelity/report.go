package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// tally counts the merges of one line of the table.
type tally struct {
	name     string
	rows     int
	clean    int // by git
	sameTree int
	differ   map[difference]int // same among them: these are the merges
	asked    map[string]int     // by reason
	skipped  map[string]int     // by reason
	ours     []time.Duration
	git      []time.Duration
}

func newTally(name string) *tally {
	return &tally{name: name, differ: map[difference]int{}, asked: map[string]int{}, skipped: map[string]int{}}
}

func (t *tally) add(c comparison) {
	t.rows++
	if why := c.skipped(); why != "" {
		t.skipped[why]++
		return
	}
	t.differ[c.difference()]++
	if c.git.result.Clean() {
		t.clean++
	}
	if c.ours.err == nil && c.ours.result.Tree == c.git.result.Tree {
		t.sameTree++
	}
	if c.asked != "" {
		t.asked[c.asked]++
	}
	t.ours = append(t.ours, c.ours.took)
	t.git = append(t.git, c.git.took)
}

// sum adds up lines into one.
func sum(name string, tallies []*tally) *tally {
	all := newTally(name)
	for _, t := range tallies {
		all.rows += t.rows
		all.clean += t.clean
		all.sameTree += t.sameTree
		addCounts(all.differ, t.differ)
		addCounts(all.asked, t.asked)
		addCounts(all.skipped, t.skipped)
		all.ours = append(all.ours, t.ours...)
		all.git = append(all.git, t.git...)
	}
	return all
}

func addCounts[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

func total[K comparable](counts map[K]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

// merges is how many rows could be compared.
func (t *tally) merges() int { return total(t.differ) }

// report is what goes into the document.
type report struct {
	git     gitops.Version
	style   merge3.Style
	workers int
	random  bool
	begin   time.Time
	took    time.Duration
	tallies []*tally
}

func (r report) text() string {
	var b strings.Builder
	all := sum("all", r.tallies)
	of := "real picks"
	if r.random {
		of = "random commits, merged onto what was months before them"
	}
	fmt.Fprintf(&b, "%s, git version %s, style %s: %d %s, %d merges compared in %s, %d at a time.\n\n",
		r.begin.UTC().Format(time.DateOnly), r.git, r.style, all.rows, of, all.merges(), r.took.Round(time.Second), r.workers)
	b.WriteString(mergeTable(append(slices.Clone(r.tallies), all)))
	b.WriteString(reasonTable("why git was asked", "merges:", all.asked))
	b.WriteString(reasonTable("why git could not merge, and the row was skipped", "rows:", all.skipped))
	return b.String()
}

func mergeTable(tallies []*tally) string {
	rows := [][]string{{
		"repository", "merges:", "skipped:", "git clean:", "identical tree:", "verdict differs:", "tree differs:",
		"conflict list differs:", "ours failed:", "git asked:", "ours, ms:", "p99:", "git's process, ms:", "p99:",
	}}
	for _, t := range tallies {
		n := t.merges()
		rows = append(rows, []string{
			t.name, fmt.Sprint(n), fmt.Sprint(total(t.skipped)), share(t.clean, n), share(t.sameTree, n),
			fmt.Sprint(t.differ[verdictDiffer]), fmt.Sprint(t.differ[treeDiffer]), fmt.Sprint(t.differ[listDiffer]),
			fmt.Sprint(t.differ[oursFailed]), share(total(t.asked), n),
			millis(quantile(t.ours, 0.5)), millis(quantile(t.ours, 0.99)),
			millis(quantile(t.git, 0.5)), millis(quantile(t.git, 0.99)),
		})
	}
	return page.Table(rows)
}

// reasonTable lists counts, the largest first; it is empty when there are none.
func reasonTable(what, unit string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	rows := [][]string{{what, unit}}
	reasons := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	for _, why := range reasons {
		rows = append(rows, []string{why, fmt.Sprint(counts[why])})
	}
	return "\n" + page.Table(rows)
}

// share is n of all in per cent. What is not quite all is never written as 100 %.
func share(n, all int) string {
	switch {
	case all == 0:
		return "-"
	case n == all:
		return "100 %"
	}
	return fmt.Sprintf("%.2f %%", min(99.99, 100*float64(n)/float64(all)))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// quantile is the value that a share q of the values does not exceed; 0 for none.
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
