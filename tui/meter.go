package tui

import (
	"fmt"
	"strings"
)

// Meter says how much of either side's change a result has kept. It is a reading
// aid, no proof: a line may be there and do nothing.
type Meter struct {
	Fix      Count // what the patch changes
	Upstream Count // what upstream changes
}

// Count is how many changed lines of one side are kept. Open counts those in
// disputes that nobody has decided; they are neither kept nor lost.
type Count struct {
	Kept, Open, Total int
	// Lost are the changed lines that are neither kept nor open.
	Lost []LostLine
}

// LostLine is a line that a side added and the result lacks, or, if Removed, one
// that the side took out and the result still has.
type LostLine struct {
	Text    string
	Removed bool
}

// fate says in a word or two what became of the line.
func (l LostLine) fate() string {
	if l.Removed {
		return "came back"
	}
	return "lost"
}

// add counts the lines of another place.
func (c *Count) add(o Count) {
	c.Kept, c.Open, c.Total = c.Kept+o.Kept, c.Open+o.Open, c.Total+o.Total
	c.Lost = append(c.Lost, o.Lost...)
}

// words is a count for people: "23/23", "0/1 !", "1/2, 1 open".
func (c Count) words() string {
	text := fmt.Sprintf("%d/%d", c.Kept, c.Total)
	if c.Open > 0 {
		text += fmt.Sprintf(", %d open", c.Open)
	}
	if len(c.Lost) > 0 {
		text += " !"
	}
	return text
}

func (m *Meter) add(o Meter) {
	m.Fix.add(o.Fix)
	m.Upstream.add(o.Upstream)
}

// Measure compares the lines of a result with the three sides.
//
// What a side changes are the edits of a line diff from base to it. In an edit
// the first removed line belongs to the first added one, and so on; each such
// pair counts as one changed line, as does a line that is only added or only
// removed. Blank lines count for nothing unless they replace others. Line breaks
// are left out of every comparison.
//
// An added line is kept if the result
//
//   - has it, and more often than the lines that nobody changed account for; or
//   - has a line with the same words, if more than white space was changed; or
//   - has a line in which the words that the side put in stand in the same order
//     among the words they stand among, and from which the words that it took out
//     are gone: so a line that combines both edits keeps both.
//
// A line of the result answers for one line in the second and third way. A
// removed line is kept out if the result has it no more often than the side has,
// with what the other side adds of it. A pair is kept if both are true of it.
//
// So a line that only moved is kept wherever it stands; a result that equals a
// side keeps all of that side.
func Measure(base, upstream, patch, result []string) Meter {
	b, u, p, r := chompAll(base), chompAll(upstream), chompAll(patch), chompAll(result)
	return Meter{Fix: measureSide(b, p, u, r), Upstream: measureSide(b, u, p, r)}
}

func chompAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = chomp(l)
	}
	return out
}

// tally counts how often each line occurs.
func tally(lines []string) map[string]int {
	n := make(map[string]int, len(lines))
	for _, l := range lines {
		n[l]++
	}
	return n
}

// measurement is the comparison of one side under way.
type measurement struct {
	base, side, other, result map[string]int
	// added, removed are what the side's edits add and remove of each line.
	added, removed map[string]int
	// spare are the lines of the result that no side's text accounts for.
	spare []string
	count Count
}

func measureSide(base, side, other, result []string) Count {
	m := measurement{
		base: tally(base), side: tally(side), other: tally(other), result: tally(result),
		added: map[string]int{}, removed: map[string]int{},
	}
	edits := diff(base, side)
	for _, e := range edits {
		for _, l := range base[e.a0:e.a1] {
			m.removed[l]++
		}
		for _, l := range side[e.b0:e.b1] {
			m.added[l]++
		}
	}
	kept := map[string]int{} // how many of the added lines the result has as they are
	for line, n := range m.added {
		unchanged := max(0, m.side[line]-n-max(0, m.base[line]-m.other[line]))
		kept[line] = min(n, max(0, m.result[line]-unchanged))
	}
	stay := map[string]int{} // how many of the removed lines the result still has
	for line, n := range m.removed {
		allowed := m.side[line] + max(0, m.other[line]-m.base[line])
		stay[line] = min(n, max(0, m.result[line]-allowed))
	}
	for _, l := range result {
		if m.base[l] == 0 && m.side[l] == 0 {
			m.spare = append(m.spare, l)
		}
	}
	for _, e := range edits {
		m.edit(base[e.a0:e.a1], side[e.b0:e.b1], kept, stay)
	}
	return m.count
}

// changed counts the lines that a side changes, as [Measure] counts them.
func changed(base, side []string) int {
	base, side = chompAll(base), chompAll(side)
	n := 0
	for _, e := range diff(base, side) {
		removed, added := base[e.a0:e.a1], side[e.b0:e.b1]
		for i := range max(len(removed), len(added)) {
			if i < len(added) && !blank(added[i]) || i < len(removed) && !blank(removed[i]) {
				n++
			}
		}
	}
	return n
}

// edit weighs one edit.
func (m *measurement) edit(removed, added []string, kept, stay map[string]int) {
	for i := range max(len(removed), len(added)) {
		var lost []LostLine
		counts := false
		if i < len(added) && (!blank(added[i]) || i < len(removed) && !blank(removed[i])) {
			counts = true
			was := ""
			if i < len(removed) {
				was = removed[i]
			}
			if !m.keeps(was, added[i], kept) {
				lost = append(lost, LostLine{Text: added[i]})
			}
		}
		if i < len(removed) && !blank(removed[i]) {
			counts = true
			if stay[removed[i]] > 0 {
				stay[removed[i]]--
				lost = append(lost, LostLine{removed[i], true})
			}
		}
		switch {
		case !counts:
			continue
		case lost == nil:
			m.count.Kept++
		}
		m.count.Total++
		m.count.Lost = append(m.count.Lost, lost...)
	}
}

// keeps tells whether the result has an added line, as it is or in another.
func (m *measurement) keeps(was, line string, kept map[string]int) bool {
	if kept[line] > 0 {
		kept[line]--
		return true
	}
	for i, l := range m.spare {
		if sameWords(l, line) && !sameWords(was, line) || holdsEdit(was, line, l) {
			m.spare = append(m.spare[:i:i], m.spare[i+1:]...)
			return true
		}
	}
	return false
}

func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// maxLine bounds the lines that are compared word by word, in bytes.
const maxLine = 8000

// holdsEdit tells whether a line of a result holds the edit from was to line.
func holdsEdit(was, line, result string) bool {
	if was == "" || max(len(was), len(line), len(result)) > maxLine {
		return false
	}
	before, after, got := words(was), words(line), words(result)
	edits := diff(before, after)
	inResult, fromBase := matched(after, got), matched(before, got)
	meant, common := false, 0
	for _, ok := range inResult {
		if ok {
			common++
		}
	}
	for _, e := range edits {
		for i := e.b0; i < e.b1; i++ {
			if !blank(after[i]) {
				meant = true
				if !inResult[i] {
					return false
				}
			}
		}
		for i := e.a0; i < e.a1; i++ {
			if !blank(before[i]) {
				meant = true
				if fromBase[i] {
					return false
				}
			}
		}
	}
	return meant && 2*common >= len(after)
}

// matched tells of each word of a whether a diff pairs it with one of b.
func matched(a, b []string) []bool {
	out := make([]bool, len(a))
	for i := range out {
		out[i] = true
	}
	for _, e := range diff(a, b) {
		for i := e.a0; i < e.a1; i++ {
			out[i] = false
		}
	}
	return out
}
