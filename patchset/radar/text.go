package radar

import "strings"

// maxLine is the length in bytes beyond which a line was not written by hand.
const maxLine = 2000

// text is a file as a person reads it: its lines, and of each the code, without white
// space and comments.
type text struct {
	lang  *Language
	lines []string
	code  []string
}

func read(lang *Language, data []byte) text {
	t := split(lang, data)
	t.readCode(func(int) bool { return true })
	return t
}

// split is a text of which only the lines are known.
func split(lang *Language, data []byte) text {
	t := text{lang: lang, lines: strings.Split(string(data), "\n")}
	if n := len(t.lines); n > 0 && t.lines[n-1] == "" {
		t.lines = t.lines[:n-1]
	}
	t.code = make([]string, len(t.lines))
	return t
}

// readCode finds the code of the lines that are wanted, counted from 0.
func (t text) readCode(wanted func(i int) bool) {
	var c commenting
	for i, line := range t.lines {
		if wanted(i) {
			t.code[i] = c.code(t.lang, line)
		} else {
			c.pass(t.lang, line)
		}
	}
}

// commenting knows whether the last line ended inside a comment.
type commenting struct{ inside bool }

// pass goes over a line whose code nobody wants.
func (c *commenting) pass(l *Language, line string) {
	if c.inside || l != nil && l.block[0] != "" && strings.Contains(line, l.block[0]) {
		c.code(l, line)
	}
}

// code is what is left of a line without comments and white space that means nothing.
func (c *commenting) code(l *Language, line string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch {
		case c.inside:
			if strings.HasPrefix(rest, l.block[1]) {
				c.inside = false
				i += len(l.block[1]) - 1
			}
			continue
		case quote != 0:
			if line[i] == '\\' && i+1 < len(line) {
				b.WriteByte(line[i])
				i++
			} else if line[i] == quote {
				quote = 0
			}
		case l == nil:
		case l.block[0] != "" && strings.HasPrefix(rest, l.block[0]):
			c.inside = true
			i += len(l.block[0]) - 1
			continue
		case l.comments(rest, line[:i]):
			return squeeze(b.String())
		case strings.IndexByte(l.quotes, line[i]) >= 0:
			quote = line[i]
		}
		b.WriteByte(line[i])
	}
	return squeeze(b.String())
}

// squeeze takes white space out, all but one space between two words.
func squeeze(s string) string {
	var b strings.Builder
	gap, last := false, byte(0)
	for i := 0; i < len(s); i++ {
		if isSpace(s[i]) {
			gap = true
			continue
		}
		if gap && isWord(rune(last)) && isWord(rune(s[i])) {
			b.WriteByte(' ')
		}
		gap, last = false, s[i]
		b.WriteByte(last)
	}
	return b.String()
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// comments tells whether a comment to the end of the line begins here.
func (l *Language) comments(rest, before string) bool {
	for _, mark := range l.line {
		if !strings.HasPrefix(rest, mark) {
			continue
		}
		if mark != "//" && mark != "--" { // $#, ${x#y}, #[Attribute] and a;b are none
			return !strings.HasPrefix(rest, "#[") && (strings.TrimSpace(before) == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\t"))
		}
		return true
	}
	return false
}

// indent is how far a line is indented; tabs count as eight.
func indent(line string) int {
	n := 0
	for _, r := range line {
		switch r {
		case ' ':
			n++
		case '\t':
			n += 8
		default:
			return n
		}
	}
	return n
}

// isImport tells whether a line of code only names what another file has.
func isImport(line string) bool {
	line = strings.TrimSpace(line)
	for _, word := range []string{"use ", "import ", "#include", "from ", "package ", "namespace ", "using ", "require ", "require(", "export * ", "export {", "extern crate"} {
		if strings.HasPrefix(line, word) {
			return true
		}
	}
	return strings.Contains(line, "= require(")
}
