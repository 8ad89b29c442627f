package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/patchset"
)

// verdict compares what was told of one fix with the truth.
type verdict struct {
	weeks     int    // versions it was carried to before the branch had it, the one it was added to included
	conflicts int    // of those, the ones in conflict or waiting
	drift     int    // of those, the ones with drift
	truth     string // the first version that has the fix, as the commit or as a backport
	backport  bool
	told      string // the first version in which it was told as landed
	named     string // whether the right public commit was named
	judgement string
	back      int // versions that have the fix, after it was told as landed, in which it was carried again
}

// The judgements.
const (
	judgedRight   = "right"
	judgedLate    = "late"
	judgedEarly   = "early"
	judgedMissed  = "missed"
	judgedRefused = "refused"
	judgedCut     = "not reached" // the run ended before the truth
)

func (r *run) judge(c *carried) verdict {
	var v verdict
	comp := r.world.components[c.component]
	for _, version := range r.ran {
		s, ok := c.told[version]
		if !ok {
			continue
		}
		has, backport := comp.has(c.fix, version)
		if has && v.truth == "" {
			v.truth, v.backport = version, backport
		}
		if v.truth == "" {
			v.weeks++
			switch s.word {
			case patchset.StateConflict, patchset.StateWaiting:
				v.conflicts++
			case patchset.StateDrift:
				v.drift++
			}
		}
		switch {
		case s.word == patchset.StateLanded && v.told == "":
			v.told, v.named = version, r.naming(c, s)
		case s.word != patchset.StateLanded && v.told != "" && has:
			v.back++
		}
	}
	v.judgement = judgement(c, v)
	return v
}

// naming says how the commit named for a landed patch relates to the real one.
func (r *run) naming(c *carried, s state) string {
	switch s.public {
	case "":
		return "none"
	case c.commit:
		return "the commit"
	}
	return "another: " + s.public[:min(8, len(s.public))]
}

func judgement(c *carried, v verdict) string {
	switch {
	case c.refused != "":
		return judgedRefused
	case v.truth == "" && v.told == "":
		return judgedCut
	case v.told == "":
		return judgedMissed
	case v.truth == "" || patchset.CompareVersions(v.told, v.truth) < 0:
		return judgedEarly
	case v.told == v.truth:
		return judgedRight
	}
	return judgedLate
}

// report is the part of the document that the program writes.
func (r *run) report() string {
	var b strings.Builder
	rows := [][]string{{"patch", "component", "commit", "embargo, days:", "added to", "weeks carried:", "in conflict:", "drift:", "in the branch", "told as landed", "commit named", "verdict"}}
	counts := map[string]int{}
	var weeks, conflicts, drift, back, inConflict int
	for _, c := range r.world.carried {
		v := r.judge(c)
		counts[v.judgement]++
		weeks, conflicts, drift, back = weeks+v.weeks, conflicts+v.conflicts, drift+v.drift, back+v.back
		if v.conflicts > 0 {
			inConflict++
		}
		truth := v.truth
		if v.backport {
			truth += " (backport)"
		}
		rows = append(rows, []string{
			c.id, c.component, "`" + c.commit[:10] + "`", fmt.Sprint(int(c.public.Sub(c.authored).Hours() / 24)), c.start,
			fmt.Sprint(v.weeks), fmt.Sprint(v.conflicts), fmt.Sprint(v.drift), truth, v.told, v.named, v.judgement,
		})
	}
	fmt.Fprintf(&b, "%s, %s. %d public security commits, %d of them from before the first weekly branch of their repository; %d carried, over %d weekly versions from %s to %s.\n\n",
		time.Now().UTC().Format(time.DateOnly), r.version, len(r.world.fixes), r.world.tooOld, len(r.world.carried), len(r.ran), r.world.carried[0].start, last(r.ran))
	fmt.Fprintf(&b, "%s\n", page.Table([][]string{
		{"told as landed", "patches:"},
		{"in the right week", fmt.Sprint(counts[judgedRight])},
		{"too late", fmt.Sprint(counts[judgedLate])},
		{"too early", fmt.Sprint(counts[judgedEarly])},
		{"never, although it is there", fmt.Sprint(counts[judgedMissed])},
		{"could not be added", fmt.Sprint(counts[judgedRefused])},
		{"the run ended first", fmt.Sprint(counts[judgedCut])},
	}))
	fmt.Fprintf(&b, "Before they were in the branch: %d patch-weeks, %d of them in conflict or waiting (%d patches), %d with drift. After: %d patch-weeks in which a patch that had landed was carried again although the branch has it.\n\n",
		weeks, conflicts, inConflict, drift, back)
	fmt.Fprintf(&b, "The whole run took %s: %s; %s.\n\n", r.whole.Round(time.Second), times("train", r.trains), times("add", r.adds))
	b.WriteString(page.Table(rows))
	return b.String()
}

// fleetReport is that of many repositories that went as one vault.
func (r *run) fleetReport() string {
	var b strings.Builder
	counts := map[string]int{}
	fixes := map[string]int{}
	for _, c := range r.world.carried {
		counts[r.judge(c).judgement]++
		fixes[c.component]++
	}
	head := []string{"component", "fixes:"}
	sum := tally{}
	for _, w := range outcomeWords {
		head = append(head, w+":")
	}
	rows := [][]string{head}
	for _, name := range slices.Sorted(maps.Keys(r.world.components)) {
		t := tally{}
		if r.peer.by[name] != nil {
			t = *r.peer.by[name]
		}
		for i, n := range t {
			sum[i] += n
		}
		rows = append(rows, t.row(name, fixes[name]))
	}
	rows = append(rows, sum.row("all", len(r.world.carried)))
	var peak int64
	for _, c := range r.trains {
		peak = max(peak, c.PeakRSS)
	}
	fmt.Fprintf(&b, "%s, %s. %d components in one vault, %d weekly versions from %s to %s, %d public security commits carried. The whole run took %s, the comparison with git included: %s; %s. No process needed more than %d MB.\n\n",
		time.Now().UTC().Format(time.DateOnly), r.version, len(r.world.components), len(r.ran), r.ran[0], last(r.ran), len(r.world.carried),
		r.whole.Round(time.Second), times("train", r.trains), times("add", r.adds), peak>>20)
	fmt.Fprintf(&b, "Told as landed: %d in the right week, %d too late, %d too early, %d never although it is there; %d could not be added, of %d the run ended first.\n\n",
		counts[judgedRight], counts[judgedLate], counts[judgedEarly], counts[judgedMissed], counts[judgedRefused], counts[judgedCut])
	b.WriteString(page.Table(rows))
	for _, line := range r.peer.told {
		fmt.Fprintf(&b, "\nDiffers from git: %s.\n", line)
	}
	return b.String()
}

func (t tally) row(name string, fixes int) []string {
	row := []string{name, fmt.Sprint(fixes)}
	for _, n := range t {
		row = append(row, fmt.Sprint(n))
	}
	return row
}

func times(what string, runs []cost) string {
	if len(runs) == 0 {
		return "no " + what
	}
	var walls []time.Duration
	var total time.Duration
	for _, c := range runs {
		walls = append(walls, c.Wall)
		total += c.Wall
	}
	slices.Sort(walls)
	ms := func(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
	return fmt.Sprintf("%d × `%s` in %s, median %s, slowest %s", len(runs), what, total.Round(time.Second), ms(walls[len(walls)/2]), ms(last(walls)))
}

func last[T any](list []T) T {
	var none T
	if len(list) == 0 {
		return none
	}
	return list[len(list)-1]
}
