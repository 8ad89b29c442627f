package radar

import (
	"strings"
	"testing"
)

// Whatever two texts are, looking around a fix ends, and what it finds is in the new text.
func FuzzAround(f *testing.F) {
	f.Add("a.go", "func a() {\n\treturn value\n}\n", "func a() {\n\tif x {\n\t\treturn\n\t}\n\treturn value\n}\n", uint8(2), uint8(1))
	f.Add("conf.yaml", "name: alpha_beta\nsize: alpha_beta\n", "", uint8(2), uint8(1))
	f.Add("conf.yaml", "name: alpha_beta\nsize: alpha_beta\nmore: alpha_beta\n", "# nothing\n", uint8(2), uint8(0))
	f.Add("a.php", "<?php\nfunction a( $b ) {\n\treturn $b;\n}\n", "<?php\n/* $b\n", uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, path, old, now string, start, lines uint8) {
		file := File{Path: path, Old: []byte(old), New: []byte(now), Fixes: []Fix{{At: Span{int(start), int(lines)}, Removed: []string{"size: alpha_beta"}}}}
		for _, finding := range Around(file) {
			if finding.Line < 0 || finding.Line > strings.Count(now, "\n")+1 {
				t.Errorf("line %d of %q", finding.Line, now)
			}
		}
		Pieces(file)
		hole := Hole{Path: path, Text: []byte(old), Cuts: []Cut{{At: Span{int(start), int(lines)}, Added: []string{now}}}}
		x := NewIndex([][]Pattern{hole.Patterns()})
		x.Scanner().Scan(path, []byte(now))
	})
}
