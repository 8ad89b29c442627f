package mailbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/patchset/pattern"
)

var (
	numberInName = pattern.Of(`^([0-9]{1,6})[-_. ]+(.+)$`)
	// taskInName knows T401234 and t401234, and ids of several parts: SEC-12,
	// CVE-2024-1234.
	taskInName     = pattern.Of(`^(?:[A-Z]+[0-9]+|t[0-9]+|[A-Z]+(?:-[0-9]+)+)`)
	revisionInName = pattern.Of(`^[-_.]?rev([0-9]{1,4})`)
	// revisionAnywhere finds the same in a whole name.
	revisionAnywhere = pattern.Of(`[-_.]?rev[0-9]{1,4}`)
	ordinalInName    = pattern.Of(`^[-_]([0-9]{1,4})(?:[-_.]|$)`)
	notInID          = pattern.Of(`[^A-Za-z0-9]+`)
)

// FileName is the name of a patch file: "01-T401234.patch". Numbers count from 1.
func FileName(number int, id string) string {
	return fmt.Sprintf("%02d-%s.patch", number, id)
}

// parseFileName reads a name such as 01-T401234-rev2.patch.updated. guesses are
// sentences about what the name leaves open.
func parseFileName(name string) (f TreeFile, guesses []string, ok bool) {
	f = TreeFile{Number: -1, Ordinal: 1}
	rest, suffix := cutSuffix(name)
	f.stem, f.Suffix = rest, suffix
	if suffix == "failed" || suffix == "updated" {
		guesses = append(guesses, "The name ends with ."+suffix+"; the patch is carried as it is.")
	}
	stem, isPatch := strings.CutSuffix(rest, ".patch")
	if !isPatch {
		stem, isPatch = strings.CutSuffix(rest, ".diff")
	}
	// Some marked a file by replacing the ending: 01-T1.failed.
	if stem == "" || !isPatch && suffix == "" {
		return TreeFile{}, nil, false
	}
	if m := numberInName().FindStringSubmatch(stem); m != nil {
		f.Number, _ = strconv.Atoi(m[1])
		stem = m[2]
	} else {
		guesses = append(guesses, "The name has no number; the patch comes after those that have one.")
	}
	f.Task = taskInName().FindString(stem)
	if f.Task == "" {
		f.Task = strings.Trim(notInID().ReplaceAllString(stem, "-"), "-")
		return f, append(guesses, "The name has no task; the id "+f.Task+" is made from it."), f.Task != ""
	}
	f.takeRest(stem[len(f.Task):])
	if f.Revision > 0 {
		f.stem = strings.Replace(f.stem, revisionAnywhere().FindString(f.stem), "", 1)
	}
	return f, guesses, true
}

// takeRest reads what follows the task: -2, -rev3, in any order, then words.
func (f *TreeFile) takeRest(rest string) {
	for {
		if m := revisionInName().FindStringSubmatch(rest); m != nil && f.Revision == 0 {
			f.Revision, _ = strconv.Atoi(m[1])
			rest = rest[len(m[0]):]
		} else if m := ordinalInName().FindStringSubmatch(rest); m != nil && f.explicit == 0 {
			f.explicit, _ = strconv.Atoi(m[1])
			rest = rest[1+len(m[1]):]
		} else {
			return
		}
	}
}

func cutSuffix(name string) (rest, suffix string) {
	for _, s := range []string{"updated", "dropped", "failed"} {
		if rest, ok := strings.CutSuffix(name, "."+s); ok {
			return rest, s
		}
	}
	return name, ""
}

func compareFiles(a, b TreeFile) int {
	if (a.Number < 0) != (b.Number < 0) {
		return cmp.Compare(b.Number, a.Number)
	}
	return cmp.Or(cmp.Compare(a.Number, b.Number), CompareNatural(a.Path, b.Path))
}

// number tells the files of one task in one component apart. A file keeps the
// ordinal that its name spells out, if it is the first to claim it; the others
// get the lowest that is free, in order. A file that is there twice, once with
// a suffix or as a later revision, is one patch.
func (r *treeReader) number(files []TreeFile) {
	type claim struct {
		component, task string
		ordinal         int
	}
	type base struct{ component, stem string }
	taken := map[claim]bool{}
	known := map[base]int{}
	take := func(f *TreeFile, n int) bool {
		c := claim{f.Component, f.Task, n}
		if n == 0 || taken[c] {
			return false
		}
		taken[c] = true
		f.Ordinal = n
		known[base{f.Component, f.stem}] = n
		return true
	}
	var later []*TreeFile
	for i := range files {
		if !take(&files[i], files[i].explicit) {
			later = append(later, &files[i])
		}
	}
	for _, f := range later {
		if n, twin := known[base{f.Component, f.stem}]; twin {
			f.Ordinal = n
			r.guess(f.Path, "The same patch is there twice, under another suffix or revision.")
			continue
		}
		n := 1
		for !take(f, n) {
			n++
		}
		if n > 1 {
			r.guess(f.Path, fmt.Sprintf("One of several patches for %s; counted as number %d.", f.Task, n))
		}
	}
}

// CompareNatural orders names as people read them: runs of digits as numbers, "wmf.9" before
// "wmf.10". It returns -1, 0 or 1.
func CompareNatural(a, b string) int {
	restA, restB := a, b
	for restA != "" && restB != "" {
		var headA, headB string
		headA, restA = cutRun(restA)
		headB, restB = cutRun(restB)
		if c := compareRuns(headA, headB); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(restA), len(restB)), strings.Compare(a, b)) // 01 and 1: equal as numbers, not as names
}

// compareRuns compares two runs that each are all digits or without any.
func compareRuns(a, b string) int {
	if !isDigit(a[0]) || !isDigit(b[0]) {
		return strings.Compare(a, b)
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func cutRun(s string) (run, rest string) {
	end := 1
	for end < len(s) && isDigit(s[end]) == isDigit(s[0]) {
		end++
	}
	return s[:end], s[end:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
