package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
)

// results is everything that was measured.
type results struct {
	Date    string   `json:"date"`
	Git     string   `json:"git"`
	Go      string   `json:"go"`
	System  string   `json:"system"`
	Cores   int      `json:"cores"`
	Title   string   `json:"title"`
	Patches int      `json:"patches"`
	Rounds  int      `json:"rounds"`
	Ways    []figure `json:"contestants"`
}

// figure is what one contestant took.
type figure struct {
	Name string       `json:"name"`
	Tree string       `json:"tree"`
	Same bool         `json:"same_tree"` // as the first contestant
	Runs []drive.Cost `json:"runs"`
	// Ratio is the median of how many times faster than the first contestant it
	// was in the same round; 0 when the trees differ.
	Ratio float64 `json:"ratio"`
}

func measure(ctx context.Context, s *scene, all []contestant, rounds int) (results, error) {
	res := results{
		Date: time.Now().UTC().Format(time.DateOnly), Git: s.version, Go: runtime.Version(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(),
		Title: s.title, Patches: len(s.commits), Rounds: rounds,
	}
	for _, c := range all {
		res.Ways = append(res.Ways, figure{Name: c.name})
	}
	for round := range rounds + 1 { // the first one warms up
		for i, c := range all {
			cost, tree, err := once(ctx, c)
			if err != nil {
				return res, fmt.Errorf("%s: %w", c.name, err)
			}
			talk("round %d: %s: %v", round, c.name, cost.Wall.Round(time.Millisecond))
			f := &res.Ways[i]
			if round == 0 {
				f.Tree = tree
				continue
			}
			if tree != f.Tree {
				return res, fmt.Errorf("%s: another tree in round %d", c.name, round)
			}
			f.Runs = append(f.Runs, cost)
		}
	}
	for i := range res.Ways {
		res.Ways[i].compare(res.Ways[0])
	}
	return res, nil
}

func once(ctx context.Context, c contestant) (drive.Cost, string, error) {
	if err := c.reset(ctx); err != nil {
		return drive.Cost{}, "", err
	}
	cost, err := c.run(ctx)
	if err != nil {
		return cost, "", err
	}
	tree, err := c.tree(ctx)
	return cost, tree, err
}

func (f *figure) compare(first figure) {
	if f.Same = f.Tree == first.Tree; !f.Same {
		return
	}
	var ratios []float64
	for i, run := range f.Runs {
		ratios = append(ratios, float64(first.Runs[i].Wall)/float64(run.Wall))
	}
	f.Ratio = median(ratios)
}

func median[T int64 | float64](list []T) T {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	if n%2 == 0 {
		return (list[n/2-1] + list[n/2]) / 2
	}
	return list[n/2]
}

// markdown is the table, with what one must know to read it.
func (r results) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s, %s, %s, %d cores. %s. %d rounds after one to warm up.\n\n", r.Date, r.Git, r.Go, r.System, r.Cores, r.Title, r.Rounds)
	rows := [][]string{{"", "median, ms:", "least to most:", "times faster than git rebase:", "processor, ms:", "peak, MB:"}}
	for _, f := range r.Ways {
		rows = append(rows, f.row())
	}
	b.WriteString(page.Table(rows))
	return b.String()
}

func (f figure) row() []string {
	var wall, cpu []int64
	var peak int64
	for _, run := range f.Runs {
		wall, cpu, peak = append(wall, run.Wall.Milliseconds()), append(cpu, run.CPU.Milliseconds()), max(peak, run.PeakRSS)
	}
	ratio := "another tree"
	if f.Same {
		ratio = fmt.Sprintf("%.1f", f.Ratio)
	}
	return []string{
		f.Name, fmt.Sprint(median(wall)), fmt.Sprintf("%d to %d", slices.Min(wall), slices.Max(wall)),
		ratio, fmt.Sprint(median(cpu)), fmt.Sprint(peak >> 20),
	}
}
