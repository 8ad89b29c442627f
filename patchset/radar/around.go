package radar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// File is a file that a patch fixes, with the fix in it: as its owner last saw it and
// as it is carried now.
type File struct {
	Path     string // now
	Old, New []byte
	Fixes    []Fix // in order
}

// Fix is one place that a patch changes.
type Fix struct {
	At      Span     // the lines of File.Old that it put there
	Removed []string // the lines that it took out
}

// maxFile is the length in bytes beyond which a file was not written by hand.
const maxFile = 2 << 20

// Around finds what upstream changed around the fixes of a file, one finding at most
// for each function.
func Around(f File) []Finding {
	v, ok := newView(f)
	if !ok {
		return nil
	}
	var found []Finding
	for _, w := range v.wards(f.Fixes) {
		if finding, ok := v.look(w); ok {
			finding.Path = f.Path
			found = append(found, finding)
		}
	}
	return found
}

// newView compares a file; false when there is nothing to look at.
func newView(f File) (view, bool) {
	if !IsCode(f.Path) || len(f.Old) > maxFile || len(f.New) > maxFile {
		return view{}, false
	}
	changes, ok := merge3.Changes(f.Old, f.New)
	if !ok || len(changes) == 0 {
		return view{}, false
	}
	lang := LanguageOf(f.Path)
	v := view{old: read(lang, f.Old), now: read(lang, f.New), changes: changes}
	if lang != nil {
		v.oldFunctions, v.nowFunctions = v.old.functions(), v.now.functions()
	}
	return v, true
}

// view is a file before and after.
type view struct {
	old, now                   text
	oldFunctions, nowFunctions []function
	changes                    []merge3.Change
}

// ward is a stretch of the old text that must stay as it was: a function, or the lines
// beside a fix that is in none, and what the fixes in it are about.
type ward struct {
	was    function
	inside bool // was is a function
	fixes  []Fix
}

// outside is how many lines are looked at on either side of a fix that is in no function.
const outside = 3

// wards lists what is to be looked at; fixes that change no code are left out.
func (v view) wards(fixes []Fix) []ward {
	var wards []ward
	for _, fix := range fixes {
		from := fix.At.Start - 1
		to := from + fix.At.Lines
		if from < 0 || to > len(v.old.lines) || !v.telling(fix) {
			continue
		}
		w := ward{fixes: []Fix{fix}}
		if w.was, w.inside = around(v.oldFunctions, from, to); !w.inside {
			if fix.At.Lines > 0 && v.hasFunction(from, to) {
				continue // a new function: what stands beside it is another one
			}
			w.was = function{from: max(0, from-outside), to: min(len(v.old.lines), to+outside)}
		}
		if i := slices.IndexFunc(wards, func(o ward) bool { return o.inside && w.inside && o.was == w.was }); i >= 0 {
			wards[i].fixes = append(wards[i].fixes, fix)
			continue
		}
		wards = append(wards, w)
	}
	return wards
}

func (v view) hasFunction(from, to int) bool {
	return slices.ContainsFunc(v.oldFunctions, func(f function) bool { return f.from >= from && f.from < to })
}

// telling tells whether a fix changes code.
func (v view) telling(fix Fix) bool {
	for i := fix.At.Start - 1; i < fix.At.Start-1+fix.At.Lines; i++ {
		if v.old.code[i] != "" && !isImport(v.old.lines[i]) {
			return true
		}
	}
	var c commenting
	for _, line := range fix.Removed {
		if c.code(v.old.lang, line) != "" && !isImport(line) {
			return true
		}
	}
	return false
}

// ward is what a ward has become, now that its first fix stands at a line of the new
// text; false when where it begins and ends cannot be told.
func (v view) ward(w ward, at int) (function, bool) {
	lines := w.fixes[0].At.Lines
	if !w.inside {
		return function{from: max(0, at-outside), to: min(len(v.now.lines), at+lines+outside)}, true
	}
	return around(v.nowFunctions, at, at+max(1, lines))
}

// look compares a ward with what has become of it.
func (v view) look(w ward) (Finding, bool) {
	at := v.place(w.fixes[0].At.Start - 1)
	now, ok := v.ward(w, at)
	switch {
	case !ok:
		return Finding{}, false
	case !w.inside:
		return v.beside(w, now)
	case now.name != w.was.name:
		return Finding{Kind: Function, Line: at + 1, Words: fmt.Sprintf("put the fix into %s; it was in %s", now.name, w.was.name)}, true
	}
	return v.compare(w, now)
}

// place is the line of the new text that a line of the old one has become; of a line
// that is gone, where it stood. Both are counted from 0.
func (v view) place(line int) int {
	shift := 0
	for _, c := range v.changes {
		switch {
		case line+1 < c.OldStart:
			return line + shift
		case line+1 < c.OldStart+c.OldLines:
			return c.NewStart - 1
		}
		shift = c.NewStart + c.NewLines - c.OldStart - c.OldLines
	}
	return line + shift
}

// beside looks at the lines next to a fix that is in no function. Only what has to do
// with the fix counts: elsewhere people add to lists all the time.
func (v view) beside(w ward, now function) (Finding, bool) {
	c := v.comparison(w, now)
	for _, change := range c.changes() {
		if shared := c.shared(change); shared != "" && c.distance(change) <= outside {
			return c.finding(Nearby, change, fmt.Sprintf("changed lines next to the fix that have to do with %s", shared)), true
		}
	}
	return Finding{}, false
}

// compare weighs what changed in a function, and tells the weightiest.
func (v view) compare(w ward, now function) (Finding, bool) {
	c := v.comparison(w, now)
	var best Finding
	weight := 0
	for _, change := range c.changes() {
		kind, words, heavy := c.weigh(change)
		if heavy > weight {
			weight, best = heavy, c.finding(kind, change, words)
		}
	}
	if name := w.was.name; weight > 0 && name != "" {
		best.Words += " in " + strings.TrimSpace(name)
	}
	return best, weight > 0
}
