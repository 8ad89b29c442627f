package tui

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// The targets, those that need somebody first.

var targetColumns = []column[LaneTarget]{
	{"TARGET", 18, 0, func(r LaneTarget) string { return r.Target }},
	{"FATE", 10, 0, func(r LaneTarget) string { return fateWord(r.Fate) }},
	{"RING", 9, 70, func(r LaneTarget) string {
		if r.Testing {
			return "testing"
		}
		return "stable"
	}},
	{"HAS", 7, 50, func(r LaneTarget) string { return fmt.Sprintf("%d/%d", r.There, len(r.Stacks)) }},
	{"TOOK", 8, 50, func(r LaneTarget) string {
		if r.Took == 0 {
			return "-"
		}
		return clockWords(r.Took)
	}},
	{"SEEN", 7, 80, func(r LaneTarget) string { return clockTime(r.At) }},
}

// fateWord is in capitals where somebody must do something.
func fateWord(f urgent.Fate) string {
	if f == urgent.FateWrong || f == urgent.FateDead {
		return strings.ToUpper(string(f))
	}
	return string(f)
}

// targets are grouped by their fate, the slowest first.
func (d laneFrame) targets() lanePart {
	rows := d.s.targets()
	out := lanePart{head: []line{append(heads(targetColumns, d.size.Width), span{title, "WHY"})}, in: plain}
	for i, r := range rows {
		sign, in := " ", plain
		if r.Fate == urgent.FateWrong || r.Fate == urgent.FateDead {
			sign, in = "!", alarm
		}
		row := append(line{d.here(laneTargets, i), {in, sign}}, cells(in, targetColumns, d.size.Width, r)...)
		out.rows = append(out.rows, append(row, text(plain, "%s", reachWhy(r.Reach))...))
	}
	counts := map[urgent.Fate]int{}
	for _, r := range d.item.Targets {
		counts[r.Fate]++
	}
	words := []string{}
	for _, f := range urgent.Fates {
		if n := counts[f]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, fateWord(f)))
		}
	}
	out.words = cmp.Or(strings.Join(words, ", "), "none")
	if counts[urgent.FateWrong]+counts[urgent.FateDead] > 0 {
		out.in = alarm
	}
	return d.orNone(out, len(rows), "target")
}

// reachWhy is the first reason why a target does not have all.
func reachWhy(r urgent.Reach) string {
	for _, k := range r.Stacks {
		if k.Fate == r.Fate && k.Fate != urgent.FateVerified {
			return reachedWhy(k)
		}
	}
	return ""
}

// reachedWhy says why a stack is not on a target, and by which address where that differs.
func reachedWhy(k urgent.Reached) string {
	words := k.Arrival.Detail
	if words == "" && k.Fate != urgent.FateVerified {
		words = k.Seen.Detail
	}
	for _, family := range []string{"ipv4", "ipv6"} {
		if v := k.Seen.Families[family]; v != "" && v != k.Seen.Verdict {
			words = strings.TrimSuffix(fmt.Sprintf("%s %s; %s", family, v, words), "; ")
		}
	}
	return words
}
