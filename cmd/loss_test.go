package cmd

import "testing"

func TestLostLines(t *testing.T) {
	for name, tt := range map[string]struct {
		base, upstream, patch, result string
		want                          int
	}{
		"upstream's line for the patch's":  {"a\nb\n", "a\nB\n", "a\nb safe\n", "a\nb safe\n", 1},
		"upstream taken":                   {"a\nb\n", "a\nB\n", "a\nb safe\n", "a\nB\n", 0},
		"both":                             {"a\nb\n", "a\nB\n", "a\nb safe\n", "a\nB\nb safe\n", 0},
		"put together":                     {"a\nb\n", "a\nB\n", "a\nb safe\n", "a\nB safe\n", 0},
		"put together, and a line lost":    {"a\nb\n", "a\nB\nc\n", "a\nb safe\n", "a\nB safe\n", 1},
		"the patch removes it":             {"a\nb\n", "A\nb\n", "a\n", "A\n", 0},
		"old lines lost with new ones":     {"a\nb\n", "a\nb\nc\n", "a\nb\nd\n", "d\n", 3},
		"indented anew is the same line":   {"a\nb\n", "a\n\tb\n", "a\nb\nc\n", "a\nb\nc\n", 0},
		"blank lines do not count":         {"a\n", "a\n\n\n", "b\n", "b\n", 0},
		"deleted here, changed upstream":   {"a\n", "a\nnew\n", "", "", 1},
		"deleted upstream":                 {"a\n", "", "a\nsafe\n", "a\nsafe\n", 0},
		"one of two equal lines":           {"x\nx\n", "x\nx\n", "x\nx\ny\n", "x\ny\n", 1},
		"no text":                          {"a\x00", "a\x00b\n", "a\x00c\n", "a\x00c\n", 0},
		"the end of the file has no break": {"a", "a\nb", "a\nc", "a\nb\nc", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lostLines([]byte(tt.base), []byte(tt.upstream), []byte(tt.patch), []byte(tt.result)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
