package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/page"
)

// markdown is a scenario's tables, with what one must know to read them.
func markdown(all []results, note string) string {
	var b strings.Builder
	first := all[0]
	fmt.Fprintf(&b, "%s; git %s, %s, %s, %d cores. %s after one to warm up.",
		first.Date, strings.Join(first.Gits, " and "), first.Go, first.System, first.Cores, count(first.Rounds, "round", "rounds"))
	if note != "" {
		b.WriteString(" " + note)
	}
	b.WriteByte('\n')
	for _, r := range all {
		fmt.Fprintf(&b, "\n%s. No peak can be seen below %d MB.\n\n", r.Title, r.Floor>>20)
		b.WriteString(r.table())
		for _, a := range r.Absent {
			fmt.Fprintf(&b, "\nNot measured: %s.\n", strings.TrimSuffix(a, "."))
		}
	}
	return b.String()
}

func (r results) table() string {
	against := r.Ways[0].Name
	rows := [][]string{{
		"", "median, ms:", "least to most:", "a patch, ms:", "times faster than " + against + ":",
		"than the faster of replay and --stdin:", "processor, ms:", "peak, MB:",
	}}
	for _, f := range r.Ways {
		rows = append(rows, f.row(r.Patches))
	}
	return page.Table(rows)
}

func (f figure) row(patches int) []string {
	var wall, cpu []int64
	var peak int64
	for _, run := range f.Runs {
		wall, cpu, peak = append(wall, int64(run.Wall)), append(cpu, int64(run.CPU)), max(peak, run.PeakRSS)
	}
	name := f.Name
	if f.Once {
		name += ", run once"
	}
	ratio, lead := "another tree", ""
	switch {
	case f.Same:
		ratio, lead = times(f.Ratio), times(f.Lead)
	case f.Aside:
		ratio = ""
	}
	return []string{
		name, ms(median(wall)), ms(slices.Min(wall)) + " to " + ms(slices.Max(wall)),
		ms(median(wall) / int64(max(1, patches))), ratio, lead, ms(median(cpu)), fmt.Sprint(peak >> 20),
	}
}

// ms is a time in milliseconds, with a tenth where that matters.
func ms(d int64) string {
	if time.Duration(d) < 20*time.Millisecond {
		return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.0f", float64(d)/float64(time.Millisecond))
}

func times(ratio float64) string {
	switch {
	case ratio == 0:
		return ""
	case ratio < 10:
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.0f", ratio)
}

// appendJSON adds one line to the file at path.
func appendJSON(path, scenario, note string, all []results) error {
	line, err := json.Marshal(struct {
		Scenario string    `json:"scenario"`
		Note     string    `json:"note,omitempty"`
		Tables   []results `json:"tables"`
	}{scenario, note, all})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// passes tells whether all contestants agree and ours are no slower than the first.
func passes(all []results) error {
	for _, r := range all {
		for _, f := range r.Ways {
			switch {
			case f.Aside:
			case !f.Same:
				return fmt.Errorf("%s made another tree than %s", f.Name, r.Ways[0].Name)
			case f.Ours && !f.Slow && f.Ratio < 1:
				return fmt.Errorf("%s is slower than %s: %.2f times as fast", f.Name, r.Ways[0].Name, f.Ratio)
			}
		}
	}
	return nil
}
