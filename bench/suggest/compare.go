package main

import (
	"bytes"
	"fmt"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
)

// compare holds the suggestions for a file against the landed text. A file that did not
// land makes all of them wrong. has tells whether a change elsewhere landed.
func compare(a suggest.Answers, text []byte, there bool, has func(suggest.Edit) bool) fileVerdict {
	var v fileVerdict
	for n, h := range a.Merged.Hunks() {
		d := disputeVerdict{key: suggest.KeyOf(h)}
		for _, s := range a.Disputes[n] {
			right := there && fits(a.Merged, n, s.Text, text) && (s.Also == nil || has(*s.Also))
			d.offered = append(d.offered, offer{s.Source, right})
		}
		if there {
			d.landed, d.known = region(a.Merged, n, text)
		}
		v.disputes = append(v.disputes, d)
	}
	first, ok := a.First()
	v.whole = ok && there && bytes.Equal(first, text)
	return v
}

// has tells whether the lines of an edit are in the landed version of its file.
func (l landed) has(e suggest.Edit) bool {
	text, there, err := l.read(e.Path)
	return err == nil && there && bytes.Contains(text, e.New)
}

// fits tells whether text, put in place of dispute n, is what landed there: then the
// result and the landed file differ neither in it nor right beside it.
func fits(m merge3.Marked, n int, text, landed []byte) bool {
	file, from, to := fill(m, n, text)
	changes, ok := merge3.Changes(file, landed)
	for _, c := range changes {
		end := c.OldStart + c.OldLines
		if c.OldStart <= to && end >= from {
			return false
		}
	}
	return ok
}

// region is what stands in the landed file between the lines around dispute n; false
// if these were changed too.
func region(m merge3.Marked, n int, landed []byte) ([]byte, bool) {
	here := []byte(placeholder + "here\n")
	file, from, _ := fill(m, n, here)
	changes, _ := merge3.Changes(file, landed)
	for _, c := range changes {
		if c.OldStart == from && c.OldLines == 1 {
			return c.New, true
		}
	}
	return nil, false
}

// placeholder begins the lines that stand for the other disputes; no text has it.
const placeholder = "\x01dispute "

// fill puts a text in place of dispute n and placeholders in place of the others. The
// text has the lines from up to, but not including, to, counted from 1.
func fill(m merge3.Marked, n int, text []byte) (file []byte, from, to int) {
	line, dispute := 1, 0
	put := func(part []byte) {
		if len(file) > 0 && file[len(file)-1] != '\n' {
			file = append(file, '\n')
		}
		file = append(file, part...)
		line += bytes.Count(part, []byte("\n"))
		if len(part) > 0 && part[len(part)-1] != '\n' {
			line++
		}
	}
	for _, s := range m {
		switch {
		case s.Hunk == nil:
			put(s.Text)
			continue
		case dispute == n:
			from = line
			put(text)
			to = line
		default:
			put(fmt.Appendf(nil, "%s%d\n", placeholder, dispute))
		}
		dispute++
	}
	return file, from, to
}
