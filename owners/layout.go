package owners

import (
	"bytes"
	"fmt"
	"strings"
)

// layout tells on which line of a TOML file a key stands. The parser that reads
// the values does not say, and errors without a line are no help.
type layout struct {
	lines    map[place]int  // of a key or header in the nth array table
	anywhere map[string]int // of a key or header in whatever table comes first
}

// place is a key in a table.
type place struct {
	table int    // how many [[table]] headers stand before it, minus one
	path  string // "person", "person.name"
}

// add notes the line of a place unless it has one.
func (l layout) add(p place, line int) {
	if _, ok := l.lines[p]; !ok {
		l.lines[p] = line
	}
	if _, ok := l.anywhere[p.path]; !ok {
		l.anywhere[p.path] = line
	}
}

// find returns the line of a path in the nth array table, or of the nearest
// thing around it; 0 if there is none. A negative n means any table.
func (l layout) find(n int, path string) int {
	for {
		line, ok := l.lines[place{n, path}]
		if !ok {
			line, ok = l.lines[place{-1, path}]
		}
		if !ok && n < 0 {
			line, ok = l.anywhere[path]
		}
		i := strings.LastIndexByte(path, '.')
		if ok || i < 0 {
			return line
		}
		path = path[:i]
	}
}

// Bounds on the shape of a file. The parser recurses for every bracket and
// needs quadratic time for dotted keys, so a hostile file must not reach it.
const (
	maxNesting     = 16
	maxDotsPerLine = 64
)

// scanLayout finds the keys of a TOML file. It follows strings, comments and
// brackets exactly and leaves all other checks to the parser.
func scanLayout(data []byte) (layout, *tomlFlaw) {
	s := scanner{
		data:  bytes.TrimPrefix(data, []byte("\ufeff")),
		line:  1,
		table: -1,
		found: layout{map[place]int{}, map[string]int{}},
	}
	for s.pos < len(s.data) && s.err == nil {
		s.statement()
	}
	return s.found, s.err
}

type scanner struct {
	data   []byte
	pos    int
	line   int
	dots   int    // outside strings, on this line
	header string // of the table we are in
	table  int
	found  layout
	err    *tomlFlaw
}

// statement reads a header, a key with its value, a comment or an empty line.
func (s *scanner) statement() {
	line := s.line
	switch c := s.data[s.pos]; c {
	case ' ', '\t', '\r', '\n', '#':
		s.skip()
	case '[':
		start := s.pos
		s.until("\n#", false)
		text := strings.TrimSpace(string(s.data[start:s.pos]))
		if strings.HasPrefix(text, "[[") && !strings.Contains(text, ".") {
			s.table++
		}
		s.header = plainPath(strings.Trim(text, "[]"))
		s.found.add(place{s.table, s.header}, line)
	default:
		start := s.pos
		s.until("=\n", false)
		path := plainPath(string(s.data[start:s.pos]))
		if s.header != "" {
			path = s.header + "." + path
		}
		s.found.add(place{s.table, path}, line)
		s.until("\n", true)
	}
}

// until goes on to one of the stop characters outside strings and, for a value,
// outside brackets.
func (s *scanner) until(stops string, value bool) {
	depth := 0
	for s.pos < len(s.data) && s.err == nil {
		c := s.data[s.pos]
		if depth <= 0 && strings.IndexByte(stops, c) >= 0 {
			return
		}
		if value && (c == '[' || c == '{') {
			depth++
		}
		if value && (c == ']' || c == '}') {
			depth--
		}
		if depth > maxNesting {
			s.err = &tomlFlaw{line: s.line, what: fmt.Sprintf("more than %d brackets inside each other", maxNesting)}
		}
		s.skip()
	}
}

// skip goes past one character, string or comment.
func (s *scanner) skip() {
	switch c := s.data[s.pos]; c {
	case '"', '\'':
		s.skipString(c)
	case '#':
		for s.pos < len(s.data) && s.data[s.pos] != '\n' {
			s.pos++
		}
	case '\n':
		s.line++
		s.dots = 0
		s.pos++
	case '.':
		if s.dots++; s.dots > maxDotsPerLine {
			s.err = &tomlFlaw{line: s.line, what: fmt.Sprintf("more than %d dots outside strings", maxDotsPerLine)}
		}
		s.pos++
	default:
		s.pos++
	}
}

// skipString goes past a string of any of TOML's four kinds.
func (s *scanner) skipString(quote byte) {
	if long := bytes.Repeat([]byte{quote}, 3); bytes.HasPrefix(s.data[s.pos:], long) {
		s.skipLongString(quote, long)
		return
	}
	s.pos++
	for s.pos < len(s.data) && s.data[s.pos] != '\n' {
		c := s.data[s.pos]
		s.pos++
		if c == quote {
			return
		}
		s.skipEscaped(c, quote)
	}
}

// skipLongString goes past a string that begins and ends with three quotes.
func (s *scanner) skipLongString(quote byte, long []byte) {
	s.pos += len(long)
	for s.pos < len(s.data) && !bytes.HasPrefix(s.data[s.pos:], long) {
		c := s.data[s.pos]
		if c == '\n' {
			s.line++
		}
		s.pos++
		s.skipEscaped(c, quote)
	}
	s.pos = min(s.pos+len(long), len(s.data))
	// Up to two more quotes belong to the text.
	for range 2 {
		if s.pos < len(s.data) && s.data[s.pos] == quote {
			s.pos++
		}
	}
}

// skipEscaped goes past the character after a backslash, c, in a string that
// knows escapes.
func (s *scanner) skipEscaped(c, quote byte) {
	if c == '\\' && quote == '"' && s.pos < len(s.data) && s.data[s.pos] != '\n' {
		s.pos++
	}
}

// plainPath writes a dotted key without spaces and quotes around its parts.
func plainPath(key string) string {
	parts := strings.Split(key, ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return strings.Join(parts, ".")
}
