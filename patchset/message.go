package patchset

import (
	"bytes"
	"strings"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// CarryTrailer is the one trailer that a carried commit bears.
const CarryTrailer = "Carry-Id"

var trailerLine = pattern.Of(`^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)$`)

// WithCarryID returns a commit message with exactly one Carry-Id trailer. Every
// other byte of the message is kept; an older Carry-Id is replaced.
func WithCarryID(message []byte, id string) []byte {
	body := WithoutCarryID(message)
	body = bytes.TrimRight(body, "\n")
	out := bytes.Clone(body)
	switch {
	case len(body) == 0:
	case endsInTrailers(body):
		out = append(out, '\n')
	default:
		out = append(out, '\n', '\n')
	}
	return append(out, (CarryTrailer + ": " + id + "\n")...)
}

// WithoutCarryID cuts the Carry-Id lines of the last paragraph.
func WithoutCarryID(message []byte) []byte {
	head, last := splitLastParagraph(message)
	if !isTrailerBlock(last) {
		return bytes.Clone(message)
	}
	var kept [][]byte
	for _, line := range bytes.SplitAfter(last, []byte("\n")) {
		if key, _, ok := parseTrailer(line); !ok || !strings.EqualFold(key, CarryTrailer) {
			kept = append(kept, line)
		}
	}
	return append(bytes.Clone(head), bytes.Join(kept, nil)...)
}

// Trailers gives the values of a trailer in the last paragraph of a message, in
// order. The key is compared without regard to case, as git does.
func Trailers(message []byte, key string) []string {
	_, last := splitLastParagraph(message)
	var values []string
	for _, line := range bytes.Split(last, []byte("\n")) {
		if k, v, ok := parseTrailer(line); ok && strings.EqualFold(k, key) {
			values = append(values, v)
		}
	}
	return values
}

// CarryIDOf gives the Carry-Id of a commit message, or "" when it has none, more
// than one, or one of a shape that we never write.
func CarryIDOf(message []byte) string {
	ids := Trailers(message, CarryTrailer)
	if len(ids) != 1 || !carryIDPattern().MatchString(ids[0]) {
		return ""
	}
	return ids[0]
}

// Subject is the first line of a commit message.
func Subject(message []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(message, "\n"), []byte("\n"))
	return strings.ToValidUTF8(string(line), "\uFFFD")
}

func parseTrailer(line []byte) (key, value string, ok bool) {
	m := trailerLine().FindSubmatch(bytes.TrimRight(line, "\r\n"))
	if m == nil {
		return "", "", false
	}
	return string(m[1]), string(m[2]), true
}

func splitLastParagraph(message []byte) (head, last []byte) {
	trimmed := bytes.TrimRight(message, "\n")
	if i := bytes.LastIndex(trimmed, []byte("\n\n")); i >= 0 {
		return message[:i+2], message[i+2:]
	}
	return nil, message // a subject alone: "SECURITY: …" looks like a trailer and is none
}

func endsInTrailers(body []byte) bool {
	head, last := splitLastParagraph(body)
	return len(head) > 0 && isTrailerBlock(last)
}

// isTrailerBlock follows git's rule in its strict form: every line is a trailer
// or the continuation of one.
func isTrailerBlock(paragraph []byte) bool {
	seen := false
	for _, line := range bytes.Split(bytes.TrimRight(paragraph, "\n"), []byte("\n")) {
		if _, _, ok := parseTrailer(line); ok {
			seen = true
			continue
		}
		continuation := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		cherry := bytes.HasPrefix(line, []byte("(cherry picked from commit "))
		if (!continuation || !seen) && !cherry {
			return false
		}
		seen = true
	}
	return seen
}

// CutTrailers parts the trailers, a message's last paragraph, from the rest.
func CutTrailers(message []byte) (head, trailers []byte) {
	head, last := splitLastParagraph(message)
	if len(head) == 0 || !isTrailerBlock(last) {
		return message, nil
	}
	return bytes.TrimRight(head, "\n"), bytes.TrimRight(last, "\n")
}
