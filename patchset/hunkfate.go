package patchset

import (
	"bytes"
	"slices"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// HunkFate is what became of one hunk of a fix in a later text of the file.
type HunkFate int

// The fates of a hunk.
const (
	HunkThere  HunkFate = iota // as it was, byte for byte
	HunkEdited                 // half of what it added is there or stands edited, nothing that it removed is back
	HunkGone                   // what it added is not there
	HunkBack                   // a line that it removed is there again
)

// Stands tells whether the fix can still be at work there.
func (f HunkFate) Stands() bool { return f == HunkThere || f == HunkEdited }

// FatesOf tells what became of the hunks of a change. fixed is the file after the
// change, now the same file at another time; nil: no such file.
func FatesOf(change mailbox.FileChange, fixed, now []byte) []HunkFate {
	changes, ok := merge3.Changes(fixed, now)
	t := fateTeller{
		fixed: fixed, now: now, lines: linesOf(fixed), changes: changes,
		fixedCount: countLines(fixed), nowCount: countLines(now),
	}
	fates := make([]HunkFate, len(change.Hunks))
	for i, h := range change.Hunks {
		switch {
		case ok:
			fates[i] = t.fate(h)
		case !bytes.Equal(fixed, now):
			fates[i] = HunkGone
		}
	}
	return fates
}

// fateTeller compares a file as it was fixed with one of another time.
type fateTeller struct {
	fixed, now           []byte
	lines                [][]byte // of fixed
	changes              []merge3.Change
	fixedCount, nowCount map[string]int // by line, without white space around
}

func (t fateTeller) fate(h mailbox.Hunk) HunkFate {
	from, to := h.NewStart-1, h.NewStart-1+h.NewLines
	if h.NewLines == 0 {
		from, to = h.NewStart, h.NewStart
	}
	instead, touched := t.instead(from, to)
	if !touched || t.elsewhere(from, to) {
		return HunkThere
	}
	removed, added := tellingLines(h, '-'), tellingLines(h, '+')
	if t.isBack(removed, added, instead) {
		return HunkBack
	}
	if len(added) == 0 || t.isKept(removed, added, instead) {
		return HunkEdited
	}
	return HunkGone
}

// instead are the lines that came where the hunk was; touched is false where nothing
// has changed. Where the hunk only removed, a new line in its place touches it.
func (t fateTeller) instead(from, to int) (lines []string, touched bool) {
	for _, c := range t.changes {
		start, end := c.OldStart-1, c.OldStart-1+c.OldLines
		inside := start < to && end > from
		if c.OldLines == 0 {
			inside = start > from && start < to
		}
		if from == to {
			inside = start <= from && end >= from
		}
		if !inside {
			continue
		}
		touched = true
		for line := range bytes.Lines(c.New) {
			lines = append(lines, string(bytes.TrimSpace(line)))
		}
	}
	return lines, touched
}

// maxAround is how many lines around a hunk are taken to tell it from others.
const maxAround = 4

// elsewhere tells whether the hunk, with as many lines around it as make it the only
// such place, is in another place of the later text.
func (t fateTeller) elsewhere(from, to int) bool {
	around := 0
	if from == to {
		around = 1
	}
	for ; around <= maxAround; around++ {
		block := bytes.Join(t.lines[max(0, from-around):min(len(t.lines), to+around)], nil)
		if len(bytes.TrimSpace(block)) >= minTelling && bytes.Count(t.fixed, block) == 1 {
			i := bytes.Index(t.now, block)
			return i == 0 || i > 0 && t.now[i-1] == '\n'
		}
	}
	return false
}

// isBack tells whether a line that was removed is there again, or came back in
// another form where the hunk was.
func (t fateTeller) isBack(removed, added, instead []string) bool {
	for _, line := range removed {
		if t.nowCount[line] > t.fixedCount[line] {
			return true
		}
	}
	for _, line := range instead {
		if like := likest(line, removed); like >= veryLike && like > likest(line, added) {
			return true
		}
	}
	return false
}

// isKept tells whether at least half of the lines that were added are still there, or
// stand edited where the hunk was.
func (t fateTeller) isKept(removed, added, instead []string) bool {
	kept := 0
	for _, line := range added {
		if t.nowCount[line] >= t.fixedCount[line] && t.fixedCount[line] > 0 {
			kept++
		} else if slices.ContainsFunc(instead, func(now string) bool {
			like := likest(now, []string{line})
			return like >= ratherLike && like > likest(now, removed)
		}) {
			kept++
		}
	}
	return 2*kept >= len(added)
}

// minTelling is how long a line must be for its return to mean something: a lone
// "return false;" comes and goes.
const minTelling = 16

// tellingLines are the lines that a hunk removes or adds, without white space around
// them: the long ones, or where there are none, those with a letter.
func tellingLines(h mailbox.Hunk, op byte) []string {
	var long, short []string
	for _, l := range h.Lines {
		text := string(bytes.TrimSpace(l.Text))
		switch {
		case l.Op != op || !word().MatchString(text):
		case len(text) >= minTelling:
			long = append(long, text)
		default:
			short = append(short, text)
		}
	}
	if len(long) > 0 {
		return long
	}
	return short
}

// How much of their words two lines must share.
const (
	ratherLike = 0.6
	veryLike   = 0.75
)

var word = pattern.Of(`[\pL\pN_]+`)

// likest is how much of its words a line shares with the one of others that is most
// like it: 0 nothing, 1 all.
func likest(line string, others []string) float64 {
	mine := wordsOf(line)
	best := 0.0
	for _, other := range others {
		theirs := wordsOf(other)
		common := 0
		for w := range theirs {
			if mine[w] {
				common++
			}
		}
		if all := len(mine) + len(theirs); all > 0 {
			best = max(best, 2*float64(common)/float64(all))
		}
	}
	return best
}

func wordsOf(line string) map[string]bool {
	words := map[string]bool{}
	for _, w := range word().FindAllString(line, -1) {
		words[w] = true
	}
	return words
}

func linesOf(text []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(text) {
		lines = append(lines, line)
	}
	return lines
}

func countLines(text []byte) map[string]int {
	counts := map[string]int{}
	for line := range bytes.Lines(text) {
		counts[string(bytes.TrimSpace(line))]++
	}
	return counts
}
