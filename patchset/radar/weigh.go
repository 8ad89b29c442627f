package radar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// comparison is a stretch of code before and after, without what means nothing.
type comparison struct {
	old, now []codeLine
	// fixed are the places of the fixes in old: runs of its lines, or, for lines that
	// were only taken out, the gap.
	fixed []Span // Start counted from 0
	words map[string]bool
}

type codeLine struct {
	code string
	n    int // in the file, counted from 1
}

func (v view) comparison(w ward, now function) comparison {
	c := comparison{old: v.old.part(w.was), now: v.now.part(now), words: map[string]bool{}}
	for _, fix := range w.fixes {
		from, _ := slices.BinarySearchFunc(c.old, fix.At.Start, func(l codeLine, n int) int { return l.n - n })
		to, _ := slices.BinarySearchFunc(c.old, fix.At.Start+fix.At.Lines, func(l codeLine, n int) int { return l.n - n })
		c.fixed = append(c.fixed, Span{from, to - from})
		for _, l := range c.old[from:to] {
			c.learn(l.code)
		}
		var comments commenting
		for _, line := range fix.Removed {
			c.learn(comments.code(v.old.lang, line))
		}
	}
	c.forgetCommon()
	return c
}

func (t text) part(f function) []codeLine {
	var out []codeLine
	for i := f.from; i < f.to; i++ {
		if t.code[i] != "" && !isImport(t.lines[i]) {
			out = append(out, codeLine{t.code[i], i + 1})
		}
	}
	return out
}

// identifier is a name that means something.
var identifier = pattern.Of(`[$]?[A-Za-z_][A-Za-z0-9_]{2,}`)

// plainWords stand in every function.
var plainWords = map[string]bool{
	"$this": true, "this": true, "self": true, "return": true, "static": true, "const": true, "true": true, "false": true,
	"null": true, "none": true, "nil": true, "NULL": true, "None": true, "True": true, "False": true, "function": true, "for": true,
	"foreach": true, "while": true, "else": true, "elseif": true, "elif": true, "int": true, "char": true, "void": true, "unsigned": true,
	"string": true, "bool": true, "long": true, "struct": true, "size_t": true, "isset": true, "empty": true, "array": true, "new": true,
	"break": true, "continue": true, "case": true, "switch": true, "default": true, "var": true, "let": true, "err": true, "error": true,
	"not": true, "and": true, "the": true, "goto": true, "sizeof": true, "public": true, "private": true, "protected": true, "func": true,
	"def": true, "len": true, "range": true, "try": true, "catch": true, "throw": true, "uint32_t": true, "uint64_t": true, "uint8_t": true,
	"extern": true, "inline": true, "ARG": true, "ENV": true, "RUN": true, "type": true, "value": true, "key": true,
}

func (c comparison) learn(code string) {
	for _, word := range identifier().FindAllString(code, -1) {
		if !plainWords[word] {
			c.words[word] = true
		}
	}
}

// forgetCommon drops the names that so many lines have that sharing one means nothing.
func (c comparison) forgetCommon() {
	times := map[string]int{}
	for _, l := range c.old {
		for _, word := range slices.Compact(slices.Sorted(slices.Values(identifier().FindAllString(l.code, -1)))) {
			times[word]++
		}
	}
	for word := range c.words {
		if times[word] > max(4, len(c.old)/6) {
			delete(c.words, word)
		}
	}
}

// changes lists what differs; lines that were only wrapped otherwise do not.
func (c comparison) changes() []merge3.Change {
	changes, _ := merge3.Changes(joined(c.old), joined(c.now))
	return slices.DeleteFunc(changes, func(ch merge3.Change) bool {
		return strings.Join(c.removed(ch), "") == strings.Join(c.added(ch), "")
	})
}

func joined(lines []codeLine) []byte {
	var b []byte
	for _, l := range lines {
		b = append(append(b, l.code...), '\n')
	}
	return b
}

func codes(lines []codeLine) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.code
	}
	return out
}

func (c comparison) removed(ch merge3.Change) []string {
	return codes(c.old[ch.OldStart-1 : ch.OldStart-1+ch.OldLines])
}

func (c comparison) added(ch merge3.Change) []string {
	return codes(c.now[ch.NewStart-1 : ch.NewStart-1+ch.NewLines])
}

func (c comparison) finding(kind Kind, ch merge3.Change, words string) Finding {
	return Finding{Kind: kind, Line: c.line(ch), Words: words, Lines: slices.Concat(c.added(ch), c.removed(ch))}
}

// line is where a change is in the new file; 0 when nothing is left there.
func (c comparison) line(ch merge3.Change) int {
	switch {
	case len(c.now) == 0:
		return 0
	case ch.NewStart-1 < len(c.now):
		return c.now[ch.NewStart-1].n
	}
	return c.now[len(c.now)-1].n
}

// distance is how many lines of code, itself included, a change is away from a fix.
func (c comparison) distance(ch merge3.Change) int {
	from, to := ch.OldStart-1, ch.OldStart-1+ch.OldLines
	best := len(c.old) + 1
	for _, fix := range c.fixed {
		switch {
		case to <= fix.Start:
			best = min(best, fix.Start-to+1)
		case from >= fix.Start+fix.Lines:
			best = min(best, from-fix.Start-fix.Lines+1)
		default:
			best = 0
		}
	}
	return best
}

// above tells whether a change comes before the end of a fix.
func (c comparison) above(ch merge3.Change) bool {
	return slices.ContainsFunc(c.fixed, func(fix Span) bool { return ch.OldStart-1 <= fix.Start+fix.Lines })
}

// shared is a name that a change and the fix have in common; "" when there is none. What
// is only called does not count: two places that write to the log have nothing to do
// with each other.
func (c comparison) shared(ch merge3.Change) string {
	for _, line := range slices.Concat(c.removed(ch), c.added(ch)) {
		for _, at := range identifier().FindAllStringIndex(line, -1) {
			word, called := line[at[0]:at[1]], at[1] < len(line) && line[at[1]] == '('
			if c.words[word] && !called {
				return word
			}
		}
	}
	return ""
}

var (
	exits   = pattern.Of(`\b(?:return|goto|break|continue|throw|raise|exit|die|panic|abort)\b`)
	assigns = pattern.Of(`([$]?[A-Za-z_][A-Za-z0-9_]{2,})(?:\[[^\]]*\]|->\w+|\.\w+)*(?:[-+*/.|&^%]|<<|>>|\?\?|:)?=[^=>~]`)
)

// exiting lists the lines that leave a block, without what they leave it with.
func exiting(lines []string) int {
	n := 0
	for _, line := range lines {
		n += len(exits().FindAllString(line, -1))
	}
	return n
}

// How far away, in lines of code, a change can be and still matter.
const (
	nextTo  = 3
	within  = 20 // what shares a name with the fix
	smaller = 12 // lines of code of a function that is read as a whole
)

// weigh tells what a change in the function means for the fix; 0: nothing.
func (c comparison) weigh(ch merge3.Change) (kind Kind, words string, heavy int) {
	away := c.distance(ch)
	switch {
	case away <= nextTo:
		return Nearby, "changed lines next to the fix", 5 - min(away, 2)
	case c.above(ch) && exiting(c.added(ch)) > exiting(c.removed(ch)):
		return Function, "put a way out above the fix", 4
	case c.above(ch) && exiting(c.added(ch)) < exiting(c.removed(ch)):
		return Function, "took a way out above the fix away", 2
	case c.above(ch) && c.assigned(ch) != "":
		return Function, fmt.Sprintf("changed what %s is given above the fix", c.assigned(ch)), 2
	case away <= within && c.shared(ch) != "":
		return Function, fmt.Sprintf("changed lines that have to do with %s", c.shared(ch)), 2
	case len(c.old) <= smaller:
		return Function, "changed the small function around the fix", 1
	}
	return "", "", 0
}

// assigned is a name of the fix to which a change gives another value; "" for none.
func (c comparison) assigned(ch merge3.Change) string {
	for _, line := range slices.Concat(c.removed(ch), c.added(ch)) {
		for _, m := range assigns().FindAllStringSubmatch(line+" ", -1) {
			if c.words[m[1]] {
				return m[1]
			}
		}
	}
	return ""
}
