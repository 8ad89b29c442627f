package owners

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable tells whether s can be shown as it is on one line: valid UTF-8
// without control, format (such as bidirectional marks) or odd space characters.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// clean makes s printable by putting U+FFFD for what is not, and cuts it to a
// length that fits a sentence.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, cut(s))
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// quote is s for an error message: escaped, cut, in double quotes.
func quote(s string) string { return strconv.Quote(cut(s)) }

// cut shortens s to about 100 characters.
func cut(s string) string {
	const limit = 100
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// fold is s with its ASCII letters in lower case. Wider folding would take the
// Kelvin sign for a k, and so one address for another.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
