package suggest

import "bytes"

// tokens takes a text apart into words, runs of blanks, line breaks and single
// other characters. Together they are the text again.
func tokens(text []byte) [][]byte {
	var out [][]byte
	for len(text) > 0 {
		n := 1
		if k := kindOf(text[0]); k == word || k == blank {
			for n < len(text) && kindOf(text[n]) == k {
				n++
			}
		} else if bytes.HasPrefix(text, []byte("\r\n")) {
			n = 2
		}
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

// kind is what a token is made of.
type kind byte

const (
	sign kind = iota // one character that is none of the others
	blank
	word
	lineBreak
)

// kindOf takes everything outside ASCII for letters.
func kindOf(c byte) kind {
	switch {
	case c == ' ' || c == '\t' || c == '\f' || c == '\v':
		return blank
	case c == '\n' || c == '\r':
		return lineBreak
	case c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		return word
	}
	return sign
}

// weight is how much it says that two texts share a token.
func weight(token []byte) int {
	switch kindOf(token[0]) {
	case word:
		return 6
	case sign:
		return 2
	}
	return 1
}
