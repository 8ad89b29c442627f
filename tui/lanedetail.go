package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// All that there is about one row of the lane.

// detail is what is in front, in full.
func (d laneFrame) detail() []line {
	at := d.s.at[d.s.section]
	switch d.s.section {
	case laneNow:
		return d.nowDetail()
	case laneStages:
		return d.stageDetail(d.item.Spans[at])
	case laneVersions:
		return d.versionDetail(d.s.versions()[at])
	case lanePeople:
		return d.personDetail(d.s.people()[at])
	case laneTargets:
		return d.targetDetail(d.s.targets()[at])
	}
	return d.storyDetail(d.s.story()[at])
}

// heading is the line above a detail.
func (d laneFrame) heading(what, name string) []line {
	return []line{d.t.rule(d.size.Width, span{title, printable.Line(what + " " + name)})}
}

// factWidth is the width of the names of facts.
const factWidth = 12

// fact is a name, and words in as many lines as they take.
func (d laneFrame) fact(name, format string, args ...any) []line {
	return d.factIn(plain, name, fmt.Sprintf(format, args...))
}

func (d laneFrame) factIn(in ink, name, words string) []line {
	var out []line
	for _, row := range wrapped(in, d.size.Width-factWidth, words) {
		out = append(out, append(line{{title, " " + cell(name, factWidth-1)}}, row...))
		name = ""
	}
	return out
}

func (d laneFrame) nowDetail() []line {
	out := slices.Concat(d.heading("NOW", d.item.ID), d.fact("WHERE", "%s", d.item.Sentence), d.fact("NEEDED", "%s", cmp.Or(d.item.Needed, "nothing")))
	if len(d.item.From) > 0 {
		out = append(out, d.fact("FROM", "%s", strings.Join(d.item.From, ", "))...)
	}
	if d.item.Command != "" {
		out = append(out, d.factIn(title, "TYPE", d.item.Command)...)
	}
	for _, also := range d.item.Also {
		out = append(out, d.fact("ALSO", "%s", also)...)
	}
	return out
}

// stageMeans says what lies between the begin and the end of a stage.
var stageMeans = map[urgent.Stage]string{
	urgent.Intake: "proposed to accepted", urgent.Carry: "accepted to carried to every live version",
	urgent.Testing: "carried to seen on every testing target", urgent.Approval: "seen there to approved",
	urgent.Release: "approved to seen on every target", urgent.Total: "the fix was there, to seen on every target",
}

func (d laneFrame) stageDetail(s urgent.Span) []line {
	out := append(d.heading("STAGE", string(s.Stage)), d.fact("FROM, TO", "%s", stageMeans[s.Stage])...)
	if !s.Begun() {
		out = append(out, d.fact("START", "not begun")...)
	} else {
		end := "it goes on"
		if !s.End.IsZero() {
			end = s.End.UTC().Format("2 Jan 2006 15:04:05") + " UTC"
		}
		out = slices.Concat(out, d.fact("START", "%s UTC", s.Start.UTC().Format("2 Jan 2006 15:04:05")), d.fact("END", "%s", end), d.fact("TOOK", "%s", clockWords(s.Took)))
		if late := lateOf(s); late != "" {
			out = append(out, d.factIn(lateInk(s), "LATE", late)...)
		}
		out = append(out, d.fact("SPENT", "people %s, machine %s, remote %s", clockWords(s.People), clockWords(s.Machine), clockWords(s.Remote))...)
	}
	out = append(out, d.fact("TARGET", "%s, limit %s", clockWords(s.Target), clockWords(s.Limit))...)
	if s.Median > 0 {
		out = append(out, d.fact("USUAL", "%s, the median of the items before", clockWords(s.Median))...)
	}
	if at, left := d.item.Ends[s.Stage]; left && at.After(d.s.lane.At) {
		out = append(out, d.fact("FORECAST", "over at %s UTC", at.UTC().Format("15:04:05"))...)
	}
	return out
}

func (d laneFrame) versionDetail(v LaneVersion) []line {
	out := d.heading("VERSION", v.name())
	for _, id := range slices.Sorted(maps.Keys(v.States)) {
		out = append(out, d.fact("STATE", "%s is %s", id, orDash(string(v.States[id])))...)
	}
	out = append(out, d.fact("WAITS FOR", "%s", cmp.Or(v.Waits, "nothing"))...)
	if v.Whose != "" {
		out = append(out, d.fact("WHOSE", "%s", v.Whose)...)
	}
	if v.Command != "" {
		out = append(out, d.factIn(title, "TYPE", v.Command)...)
	}
	for _, p := range v.Problems {
		out = append(out, d.factIn(alarm, "PROBLEM", p)...)
	}
	out = append(out, d.fact("APPROVED", "by %d of %d: %s", len(v.Approvers), d.item.Threshold, cmp.Or(strings.Join(v.Approvers, ", "), "nobody"))...)
	if v.Commit != "" {
		out = append(out, d.fact("COMMIT", "%s", v.Commit)...)
	}
	for i, ring := range []string{"TESTING TARGETS", "STABLE TARGETS"} {
		arrivals := [][]urgent.Arrival{v.Testing, v.Stable}[i]
		out = append(out, d.t.rule(d.size.Width, span{title, ring}, span{plain, "  " + thereOf(arrivals)}))
		for _, a := range arrivals {
			out = append(out, arrivalLine(a))
		}
	}
	return out
}

func arrivalLine(a urgent.Arrival) line {
	sign, in, words := " ", plain, "not there"
	switch {
	case a.There:
		words = "there"
	case a.Excused:
		words = "excused"
	case a.Detail != "":
		sign, in = "!", alarm
	}
	return append(line{{in, " " + sign}, {in, cell(a.Target, 18)}, {in, cell(words, 10)}, {plain, cell(clockTime(a.At), 7)}}, text(plain, "%s", a.Detail)...)
}

func (d laneFrame) personDetail(p LanePerson) []line {
	out := append(d.heading("PERSON", p.Person), d.fact("SAYS", "%s", p.Says)...)
	if p.Label != "" {
		out = append(out, d.fact("WHO", "%s", p.Label)...)
	}
	if !p.At.IsZero() {
		out = append(out, d.fact("AT", "%s UTC", p.At.UTC().Format("2 Jan 2006 15:04:05"))...)
	}
	if len(p.In) > 0 {
		out = append(out, d.fact("IN", "%s", strings.Join(p.In, " "))...)
	}
	if p.Why != "" {
		out = append(out, d.fact("WHY", "%s", p.Why)...)
	}
	return out
}

func (d laneFrame) targetDetail(r LaneTarget) []line {
	ring := "stable"
	if r.Testing {
		ring = "testing"
	}
	out := slices.Concat(d.heading("TARGET", r.Target), d.fact("FATE", "%s: %s", fateWord(r.Fate), fateMeans[r.Fate]), d.fact("RING", "%s", ring),
		d.fact("URL", "%s", r.URL), d.fact("HAS", "%d of %s", r.There, count(len(r.Stacks), "stack", "stacks")))
	if r.Command != "" {
		out = append(out, d.factIn(title, "TYPE", r.Command)...)
	}
	if r.Took > 0 {
		out = append(out, d.fact("TOOK", "%s from the first push of its ring", clockWords(r.Took))...)
	}
	if !r.At.IsZero() {
		out = append(out, d.fact("SEEN", "%s UTC", r.At.UTC().Format("2 Jan 2006 15:04:05"))...)
	}
	for _, k := range r.Stacks {
		out = append(out, d.t.rule(d.size.Width, span{title, printable.Line(k.Version + " " + k.Component)}, span{plain, "  " + fateWord(k.Fate)}))
		if k.Seen.Verdict != "" {
			out = append(out, d.fact("PROBE", "%s at %s UTC", k.Seen.Verdict, k.Seen.At.UTC().Format("15:04:05"))...)
		} else if k.Fate == urgent.FateVerified {
			out = append(out, d.fact("READ BACK", "at %s UTC, after the push; no probe has looked for it yet", k.Arrival.At.UTC().Format("15:04:05"))...)
		}
		for _, family := range slices.Sorted(maps.Keys(k.Seen.Families)) {
			out = append(out, d.fact(strings.ToUpper(family), "%s", k.Seen.Families[family])...)
		}
		if k.Seen.Serves != "" {
			out = append(out, d.fact("SERVES", "%s", k.Seen.Serves)...)
		}
		if why := reachedWhy(k); why != "" {
			out = append(out, d.fact("WHY", "%s", why)...)
		}
	}
	return out
}

// fateMeans says what a fate comes to.
var fateMeans = map[urgent.Fate]string{
	urgent.FateWrong: "it serves something else, and waiting does not mend that", urgent.FateDead: "nobody reaches it",
	urgent.FateLagging: "it should have the fix by now", urgent.FateToCome: "nothing was sent there yet",
	urgent.FateVerified: "the fix was seen there", urgent.FateExcused: "nobody waits for it",
}

func (d laneFrame) storyDetail(m Moment) []line {
	return slices.Concat(d.heading("ENTRY", ""), d.fact("AT", "%s UTC", m.At.UTC().Format("2 Jan 2006 15:04:05")), d.fact("WHAT", "%s", m.What))
}
