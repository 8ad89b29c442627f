package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// results is everything that was measured for one table.
type results struct {
	Date    string   `json:"date"`
	Gits    []string `json:"gits"`
	Go      string   `json:"go"`
	System  string   `json:"system"`
	Cores   int      `json:"cores"`
	Title   string   `json:"title"`
	Patches int      `json:"patches"`
	Rounds  int      `json:"rounds"`
	Floor   int64    `json:"floor_rss_bytes"` // no PeakRSS can be less
	Ways    []figure `json:"contestants"`
	Absent  []string `json:"absent"`
}

// figure is what one contestant took.
type figure struct {
	Name  string       `json:"name"`
	Trees string       `json:"trees"`
	Same  bool         `json:"same_trees"` // as the first contestant
	Rival bool         `json:"rival"`
	Ours  bool         `json:"ours"`
	Slow  bool         `json:"fallback"` // it is not meant to be fast
	Aside bool         `json:"aside"`    // it answers another question
	Runs  []drive.Cost `json:"runs"`
	Once  bool         `json:"once"` // too slow for more than one run
	// Ratio is the median of how many times faster than the first contestant it
	// was in the same round, Lead than the fastest rival; 0 when the trees differ
	// or there is none.
	Ratio float64 `json:"ratio"`
	Lead  float64 `json:"lead"`
}

// runner is a contestant with its figures.
type runner struct {
	contestant
	figure
}

// measure runs the contestants in turn. Of the first one and of ours, an error
// ends it; another contestant that fails to warm up is left out and named.
func (b *bench) measure(ctx context.Context, all []contestant) (results, error) {
	res := results{
		Date: time.Now().UTC().Format(time.DateOnly), Go: runtime.Version(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Rounds: b.rounds,
	}
	for _, g := range b.gits {
		res.Gits = append(res.Gits, g.version)
	}
	var err error
	if res.Floor, err = b.floor(ctx); err != nil {
		return res, err
	}
	var field []*runner
	for i, c := range all {
		r := &runner{contestant: c, figure: figure{Name: c.name, Rival: c.rival, Ours: c.ours, Slow: c.fallback, Aside: c.aside}}
		err := r.warmUp(ctx, b.patience)
		switch {
		case err == nil:
			field = append(field, r)
		case i == 0 || c.ours || ctx.Err() != nil:
			return res, fmt.Errorf("%s: %w", c.name, err)
		default:
			res.Absent = append(res.Absent, c.name+": "+inShort(err))
		}
	}
	for round := range b.rounds {
		for _, r := range field {
			if err := r.again(ctx, round+1); err != nil {
				return res, fmt.Errorf("%s: %w", r.contestant.name, err)
			}
		}
	}
	for _, r := range field {
		res.Ways = append(res.Ways, r.figure)
	}
	compare(res.Ways)
	return res, nil
}

// floor is the peak of a program that needs nothing.
func (b *bench) floor(ctx context.Context) (int64, error) {
	drive.Shrink()
	out, err := b.sh.Run(ctx, drive.Cmd{Dir: "/", Args: []string{b.gits[0].path, "version"}})
	return out.Cost.PeakRSS, err
}

// warmUp runs a contestant once, and keeps the figures only when it is so slow
// that one run must do.
func (r *runner) warmUp(ctx context.Context, patience time.Duration) error {
	cost, trees, err := r.once(ctx)
	if err != nil {
		return err
	}
	talk("to warm up: %s: %v", r.contestant.name, cost.Wall.Round(time.Millisecond))
	r.Trees = trees
	if cost.Wall > patience {
		r.Runs, r.Once = []drive.Cost{cost}, true
	}
	return nil
}

func (r *runner) again(ctx context.Context, round int) error {
	if r.Once {
		return nil
	}
	cost, trees, err := r.once(ctx)
	if err != nil {
		return err
	}
	talk("round %d: %s: %v", round, r.contestant.name, cost.Wall.Round(time.Millisecond))
	if trees != r.Trees {
		return fmt.Errorf("another tree in round %d", round)
	}
	r.Runs = append(r.Runs, cost)
	return nil
}

func (r *runner) once(ctx context.Context) (drive.Cost, string, error) {
	if err := r.reset(ctx); err != nil {
		return drive.Cost{}, "", err
	}
	// What the one before left to be written is not this one's to wait for.
	syscall.Sync()
	drive.Shrink()
	cost, err := r.run(ctx)
	if err != nil {
		return cost, "", err
	}
	trees, err := r.trees(ctx)
	return cost, trees, err
}

// inShort is an error in one line, no longer than a line should be.
func inShort(err error) string {
	const enough = 160
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > enough {
		return strings.ToValidUTF8(text[:enough], "") + "…"
	}
	return text
}

// compare works the ratios out. The first figure is what the others are compared with.
func compare(all []figure) {
	var rivals []figure
	for i := range all {
		all[i].Same = !all[i].Aside && all[i].Trees == all[0].Trees
		if all[i].Rival && all[i].Same {
			rivals = append(rivals, all[i])
		}
	}
	for i := range all {
		if all[i].Same {
			all[i].Ratio = all[i].faster(all[:1])
			all[i].Lead = all[i].faster(rivals)
		}
	}
}

// faster is the median, over the rounds, of how many times faster it was than the
// fastest of the others.
func (f figure) faster(others []figure) float64 {
	if len(others) == 0 {
		return 0
	}
	var ratios []float64
	for round := range f.Runs {
		best := others[0].wall(round)
		for _, o := range others[1:] {
			best = min(best, o.wall(round))
		}
		ratios = append(ratios, float64(best)/float64(f.wall(round)))
	}
	return median(ratios)
}

// wall is the time in a round; that of the only run when there was one.
func (f figure) wall(round int) time.Duration { return f.Runs[min(round, len(f.Runs)-1)].Wall }

func median[T int64 | float64](list []T) T {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	if n%2 == 0 {
		return (list[n/2-1] + list[n/2]) / 2
	}
	return list[n/2]
}
