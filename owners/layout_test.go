package owners

import "testing"

// Every way to hide a line or a quote stands before the key that is looked for.
func TestLayoutFindsLines(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		line int
	}{
		"first":            {"x = 1", 1},
		"after a BOM":      {"\ufeffx = 1", 1},
		"after CRLF":       {"a = 1\r\n\r\nx = 1", 3},
		"after a comment":  {"# x = \"\nx = 1", 2},
		"in a string":      {"a = \"x = 1\"\nx = 1", 2},
		"escaped quote":    {"a = \"\\\"\" # \"\nx = 1", 2},
		"literal string":   {"a = '\\'\nx = 1", 2},
		"long string":      {"a = \"\"\"\nx = 2\n\"\"\"\nx = 1", 4},
		"quotes at end":    {"a = \"\"\"b\"\"\"\"\"\nx = 1", 2},
		"escaped long end": {"a = \"\"\"\\\"\"\"\nx = 2\"\"\"\nx = 1", 3},
		"long literal":     {"a = '''\n\\'''\nx = 1", 3},
		"list":             {"a = [\n# ]\n\"]\",\n]\nx = 1", 5},
		"quoted":           {"a = 1\n \"x\" = 1", 2},
		"none":             {"a = 1", 0},
		"unended string":   {"a = \"\"\"\nx = 1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			found, flaw := scanLayout([]byte(tt.file))
			if flaw != nil {
				t.Fatal(flaw.what)
			}
			if got := found.find(-1, "x"); got != tt.line {
				t.Errorf("line %d, want %d", got, tt.line)
			}
		})
	}
}
