package gitops

import (
	"bytes"
	"io"
	"strings"
	"unicode"
)

// Progress receives lines about long work, such as "receiving objects: 40%". Nil
// means that nobody looks.
type Progress func(line string)

func (p Progress) flag() string {
	if p == nil {
		return "--quiet"
	}
	return "--progress"
}

// writer turns what git says on stderr into lines. A server can put any bytes
// there, so only printable text goes on.
func (p Progress) writer(what string) io.Writer {
	if p == nil {
		return nil
	}
	return &progressWriter{report: p, what: what}
}

type progressWriter struct {
	report Progress
	what   string
	line   []byte
}

func (w *progressWriter) Write(b []byte) (int, error) {
	for _, c := range b {
		if c != '\n' && c != '\r' {
			if len(w.line) < 200 {
				w.line = append(w.line, c)
			}
			continue
		}
		if line := bytes.TrimSpace(w.line); len(line) > 0 {
			w.report(w.what + ": " + printable(string(line)))
		}
		w.line = w.line[:0]
	}
	return len(b), nil
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
