package mailbox

import "bytes"

// text is a cursor over the lines of a patch.
type text struct {
	data []byte
	// pos is where the next line begins, line its number counted from 1.
	pos, line int
}

func newText(data []byte) *text { return &text{data: data, line: 1} }

// peek returns the next line with its newline, nil at the end.
func (t *text) peek() []byte {
	rest := t.data[t.pos:]
	if len(rest) == 0 {
		return nil
	}
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		return rest[:i+1]
	}
	return rest
}

func (t *text) next() []byte {
	l := t.peek()
	t.pos += len(l)
	if l != nil {
		t.line++
	}
	return l
}

// syntax blames the line that was read last.
func (t *text) syntax(reason string) error {
	return &SyntaxError{Line: max(t.line-1, 1), Reason: reason}
}

// bare is a line without its line ending. Only for lines of structure: in
// content a CR counts.
func bare(line []byte) string {
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")))
}
