package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/urgent"
)

// What is needed, the versions, the people and the story, as rows.

// now is what is needed, from whom, and what to type.
func (d laneFrame) now() lanePart {
	out := lanePart{in: title, words: strings.TrimSuffix(d.item.Sentence, ".")}
	if _, rest, found := strings.Cut(out.words, ") is "); found {
		out.words = rest
	}
	out.rows = d.needs()
	out.least = len(out.rows)
	for _, also := range d.item.Also {
		out.rows = append(out.rows, append(line{{dim, " also  "}}, text(plain, "%s", also)...))
	}
	if len(out.rows) == 0 {
		out.rows = []line{text(plain, " nothing is needed")}
	}
	return out
}

// needs are the lines of the next step: the command is there as a whole.
func (d laneFrame) needs() []line {
	var out []line
	add := func(label string, in ink, words string) {
		for _, row := range wrapped(in, d.size.Width-laneLabel, words) {
			out = append(out, append(line{{title, " " + cell(label, laneLabel-1)}}, row...))
			label = ""
		}
	}
	need := d.item.Needed
	if from := d.item.From; len(from) > 0 {
		rest := ""
		if len(from) > maxFrom {
			from, rest = from[:maxFrom], fmt.Sprintf(" and %d more", len(from)-maxFrom)
		}
		need += ", from " + strings.Join(from, ", ") + rest
	}
	if need != "" {
		add("need", plain, need)
	}
	if d.item.Command != "" {
		add("type", title, d.item.Command)
	}
	return out
}

const (
	laneLabel = 6 // cells of " type "
	maxFrom   = 5 // people who are named before the others are only counted
)

var versionColumns = []column[LaneVersion]{
	{"VERSION", 14, 0, func(v LaneVersion) string { return shortVersion(v.Version) }},
	{"COMPONENT", 18, 90, func(v LaneVersion) string { return v.Component }},
	{"STATE", 10, 0, func(v LaneVersion) string { return stackWord(v) }},
	{"TESTING", 8, 50, func(v LaneVersion) string { return thereOf(v.Testing) }},
	{"STABLE", 8, 50, func(v LaneVersion) string { return thereOf(v.Stable) }},
	{"APPROVED BY", 20, 120, func(v LaneVersion) string { return orDash(strings.Join(v.Approvers, ", ")) }},
}

// versions is the matrix of versions and rings, with what each waits for.
func (d laneFrame) versions() lanePart {
	rows := d.s.versions()
	out := lanePart{head: []line{append(heads(versionColumns, d.size.Width), span{title, "WAITS FOR"})}, in: plain}
	done, behind := 0, 0
	for _, v := range d.item.Versions {
		switch {
		case v.behind():
			behind++
		case v.Waits == "":
			done++
		}
	}
	for i, v := range rows {
		sign, in := " ", plain
		if v.behind() {
			sign, in = "!", alarm
		}
		row := append(line{d.here(laneVersions, i), {in, sign}}, cells(in, versionColumns, d.size.Width, v)...)
		waits := cmp.Or(v.Waits, "nothing")
		out.rows = append(out.rows, append(row, text(plain, "%s", waits)...))
	}
	out.words = fmt.Sprintf("%d of %d done", done, len(d.item.Versions))
	if behind > 0 {
		out.words, out.in = fmt.Sprintf("%d BEHIND, ", behind)+out.words, alarm
	}
	return d.orNone(out, len(rows), "version")
}

var personColumns = []column[LanePerson]{
	{"PERSON", 14, 0, func(p LanePerson) string { return p.Person }},
	{"SAYS", 10, 0, func(p LanePerson) string { return p.Says }},
	{"AT", 7, 60, func(p LanePerson) string { return clockTime(p.At) }},
	{"IN", 20, 90, func(p LanePerson) string {
		var names []string
		for _, v := range p.In {
			names = append(names, shortVersion(v))
		}
		return orDash(strings.Join(names, " "))
	}},
}

// people are who has voted, who may, and who may not and why.
func (d laneFrame) people() lanePart {
	rows := d.s.people()
	out := lanePart{head: []line{append(heads(personColumns, d.size.Width), span{title, "WHY"})}, in: plain}
	holds := 0
	for i, p := range rows {
		sign, in := " ", plain
		if p.holds() {
			sign, in = "!", alarm
			holds++
		}
		row := append(line{d.here(lanePeople, i), {in, sign}}, cells(in, personColumns, d.size.Width, p)...)
		out.rows = append(out.rows, append(row, text(plain, "%s", p.Why)...))
	}
	out.words = d.approvalWords()
	if holds > 0 {
		out.words, out.in = fmt.Sprintf("HELD by %d, ", holds)+out.words, alarm
	}
	return d.orNone(out, len(rows), "person")
}

func (p LanePerson) holds() bool { return strings.HasSuffix(p.Says, "HOLDS") }

// approvalWords says how many have approved, where fewest have, and how many could.
func (d laneFrame) approvalWords() string {
	fewest, may := -1, 0
	for _, v := range d.item.Versions {
		if n := len(v.Approvers); v.Content != "" && (fewest < 0 || n < fewest) {
			fewest = n
		}
	}
	for _, p := range d.item.People {
		if p.Says == "may vote" {
			may++
		}
	}
	if fewest < 0 {
		return fmt.Sprintf("nothing to approve yet, %d may vote", may)
	}
	return fmt.Sprintf("approved by %d of %d, %d more may vote", fewest, d.item.Threshold, may)
}

// orNone says that a section has no rows, where that is so.
func (d laneFrame) orNone(p lanePart, rows int, what string) lanePart {
	if rows == 0 {
		p.head, p.rows = nil, []line{text(dim, "  no %s here", what)}
	}
	return p
}

// story is what happened, newest first.
func (d laneFrame) story() lanePart {
	out := lanePart{in: dim}
	for i, m := range d.s.story() {
		out.rows = append(out.rows, append(line{d.here(laneStory, i)}, m.line()...))
	}
	if len(d.item.Story) > 0 {
		out.words = "newest first"
	}
	return d.orNone(out, len(out.rows), "entry")
}

func thereOf(arrivals []urgent.Arrival) string {
	return fmt.Sprintf("%d/%d", urgent.CountThere(arrivals), len(arrivals))
}

// stackWord is the state of the item's patches in a stack, where they differ the gravest; in
// capitals where a person is needed.
func stackWord(v LaneVersion) string {
	var words []string
	for _, state := range v.States {
		word := orDash(string(state))
		if state.Blocks() {
			word = strings.ToUpper(word)
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func orDash(s string) string { return cmp.Or(s, "-") }
