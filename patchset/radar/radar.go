// Package radar looks at patches that merge cleanly and finds reasons to doubt that
// they still do what they did: the code around the fix has changed, the vulnerable
// text stands somewhere else, the fix is no longer whole. It works on texts and knows
// nothing of git.
//
// It asks for a person's time, so it has to be right most of the time when it does:
// white space, comments, imports, documentation and far-away lines are not worth a word.
package radar

import (
	"path"
	"strings"
)

// Kind is the sort of a finding, in one word.
type Kind string

// The kinds of findings.
const (
	Function  Kind = "function"  // the function around the fix changed
	Nearby    Kind = "nearby"    // lines next to the fix changed
	Path      Kind = "path"      // the file has another path, and nothing calls it there
	Elsewhere Kind = "elsewhere" // the vulnerable text stands somewhere else
	Undone    Kind = "undone"    // what the fix added is gone
)

// Finding is a reason to doubt.
type Finding struct {
	Kind Kind
	Path string
	Line int // in Path, counted from 1; 0: the whole file
	// Words are the rest of a sentence of which upstream, or a public commit, is the
	// subject; of Undone a sentence.
	Words string
	// Lines are what upstream took out or put in, as code; a public commit that did can
	// be known by them.
	Lines []string
}

// Span is a run of lines: Lines of them, the first with the number Start, counted
// from 1. A run without lines stands before the line Start.
type Span struct{ Start, Lines int }

// plainNames are beginnings of the names of files that people write for people.
var plainNames = []string{"release-notes", "changelog", "changes", "news", "history", "readme", "copying", "license", "authors", "credits", "todo"}

// plainKinds are the extensions of files that are not code.
var plainKinds = map[string]bool{
	".md": true, ".txt": true, ".rst": true, ".adoc": true, ".po": true, ".pot": true, ".svg": true, ".lock": true,
	".map": true, ".sum": true, ".html5": true, ".tex": true, ".1": true, ".5": true, ".8": true, ".texi": true, ".pod": true,
}

// testWords are parts of the paths of tests.
var testWords = map[string]bool{
	"test": true, "tests": true, "testing": true, "testdata": true, "__tests__": true, "spec": true, "fixtures": true,
	"phpunit": true, "docs": true, "doc": true, "documentation": true, "i18n": true, "locale": true, "po": true,
}

// IsCode tells whether a file can have a hole: documentation, translations and tests
// cannot.
func IsCode(name string) bool {
	lower := strings.ToLower(name)
	base := path.Base(lower)
	for _, plain := range plainNames {
		if strings.HasPrefix(base, plain) && LanguageOf(name) == nil {
			return false
		}
	}
	if ext := path.Ext(base); plainKinds[ext] || strings.HasSuffix(base, ".min.js") || strings.HasSuffix(base, ".min.css") {
		return false
	}
	stem := strings.TrimSuffix(base, path.Ext(base))
	if strings.HasSuffix(path.Base(strings.TrimSuffix(name, path.Ext(name))), "Test") || strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, ".test") || strings.HasPrefix(stem, "test_") {
		return false
	}
	for _, part := range strings.Split(path.Dir(lower), "/") {
		if testWords[part] {
			return false
		}
	}
	return true
}

// Family is what the files share in which the same text means the same: their
// language, or the extension where none is known.
func Family(name string) string {
	if l := LanguageOf(name); l != nil {
		return l.name
	}
	return strings.ToLower(path.Ext(name))
}
