package radar

import (
	"sort"
	"strings"
)

// function is a function in a text: its lines from..to, counted from 0, to excluded.
type function struct {
	name     string
	from, to int
}

// functions finds the functions of a text, in order of their beginning.
func (t text) functions() []function {
	var found []function
	for i, line := range t.lines {
		if t.code[i] == "" {
			continue
		}
		if name, ok := t.lang.named(line); ok {
			if end, ok := t.end(i); ok {
				found = append(found, function{name, i, end})
			}
		}
	}
	return found
}

// end finds the line behind the function that begins at a line; false when it has no
// body.
func (t text) end(header int) (int, bool) {
	depth := indent(t.lines[header])
	switch t.lang.ends {
	case byIndent:
		return t.endByIndent(header, depth), true
	case byWord:
		return t.endBy(header, depth, "end")
	}
	return t.endBy(header, depth, "}")
}

// endByIndent is where the text goes back as far left as the header. A header may go
// over several lines, whose last one may be a parenthesis.
func (t text) endByIndent(header, depth int) int {
	last := header
	for i := header + 1; i < min(len(t.lines), header+maxFunction); i++ {
		code := t.code[i]
		if code == "" {
			continue
		}
		if indent(t.lines[i]) <= depth && !strings.HasPrefix(code, ")") && code != "{" {
			break
		}
		last = i
	}
	return last + 1
}

// endBy looks for a line that begins with closing, as far left as the header. A
// semicolon before the body begins makes it a declaration; another header that is
// as far left, or the end of the text, ends what has no closing line.
func (t text) endBy(header, depth int, closing string) (int, bool) {
	opened := closing != "}"
	for i := header; i < min(len(t.lines), header+maxFunction); i++ {
		code := t.code[i]
		if !opened {
			brace, stop := strings.IndexByte(code, '{'), strings.HasSuffix(code, ";")
			switch {
			case brace >= 0:
				opened = true
				if strings.Count(code, "{") == strings.Count(code, "}") && strings.HasSuffix(strings.TrimRight(code, ";,)"), "}") {
					return i + 1, true // all on one line
				}
				continue
			case stop || i > header+maxHeader:
				return 0, false
			}
			continue
		}
		if i == header || code == "" || indent(t.lines[i]) > depth {
			continue
		}
		if strings.HasPrefix(code, closing) {
			return i + 1, true
		}
		if _, another := t.lang.named(t.lines[i]); another && indent(t.lines[i]) <= depth {
			return i, true
		}
	}
	return min(len(t.lines), header+maxFunction), opened
}

// maxHeader is over how many lines the header of a function may go.
const maxHeader = 40

// maxFunction is how many lines of a function are looked at.
const maxFunction = 5000

// around is the innermost of the functions that has the lines from..to, to excluded.
func around(functions []function, from, to int) (function, bool) {
	last := sort.Search(len(functions), func(i int) bool { return functions[i].from > from })
	for i := last - 1; i >= 0; i-- {
		if f := functions[i]; f.to >= max(to, from+1) {
			return f, true
		}
	}
	return function{}, false
}

// FunctionAround is the function that has a line of a file, counted from 1: its name
// and its lines. false when the line is in none, or the language is not known.
func FunctionAround(path string, data []byte, line int) (name string, lines Span, ok bool) {
	t := read(LanguageOf(path), data)
	if t.lang == nil {
		return "", Span{}, false
	}
	f, ok := around(t.functions(), line-1, line)
	return f.name, Span{f.from + 1, f.to - f.from}, ok
}
