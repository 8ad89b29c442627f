package merge3

import "bytes"

const (
	// sniffed is how many bytes of a text are searched for a NUL.
	sniffed = 8000
	// maxText is the length in bytes beyond which nothing is merged as text.
	maxText = 1023 << 20
)

// isBinary tells whether data is not to be merged line by line: git's rule, by
// which a NUL near the beginning makes a file binary.
func isBinary(data []byte) bool {
	return len(data) > maxText || bytes.IndexByte(data[:min(len(data), sniffed)], 0) >= 0
}
