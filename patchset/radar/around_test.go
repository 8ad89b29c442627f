package radar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset/radar"
)

// search is a file with a fix, which is marked.
const search = `<?php
class Search {

	public function highlight( $text, $terms ) {
		$out = '';
		foreach ( $terms as $term ) {
			$out .= $this->one( $text, $term );
		}
		$level = 0;
		$names = [];
		$names[] = 'first';
		$names[] = 'second';
		$this->count( $names );
		$this->mark( 'begin' );
		$this->mark( 'middle' );
		$this->mark( 'end' );
		$title = $this->titleOf( $text );
		$this->register( 'title' );
		$this->register( 'text' );
		$this->register( 'terms' );
		if ( !$this->isSafe( $title ) ) { // fix
			return htmlspecialchars( $title ); // fix
		} // fix
		$this->finish( 'one' );
		$this->finish( 'two' );
		$this->finish( 'three' );
		$this->finish( 'four' );
		$this->finish( 'five' );
		return $out;
	}

	public function other() {
		return 1;
	}
}
`

// fixIn finds the marked lines, and takes the marks away.
func fixIn(text string) (string, radar.Fix) {
	var fix radar.Fix
	for i, line := range strings.Split(text, "\n") {
		if strings.HasSuffix(line, "// fix") {
			if fix.At.Lines == 0 {
				fix.At.Start = i + 1
			}
			fix.At.Lines++
		}
	}
	return strings.ReplaceAll(text, " // fix", ""), fix
}

func around(path, old, now string) []radar.Finding {
	old, fix := fixIn(old)
	now, _ = fixIn(now)
	return radar.Around(radar.File{Path: path, Old: []byte(old), New: []byte(now), Fixes: []radar.Fix{fix}})
}

func TestAround(t *testing.T) {
	for name, tt := range map[string]struct {
		old, now string // what upstream replaces, and by what
		kind     radar.Kind
		words    string
		line     int
	}{
		"early return far above":   {"		$out = '';\n", "		$out = '';\n		if ( !$terms ) {\n			return '';\n		}\n", radar.Function, "put a way out above the fix in highlight", 6},
		"throw above":              {"		$level = 0;\n", "		$level = 0;\n		throw new Oops();\n", radar.Function, "put a way out above", 10},
		"next line":                {"$this->register( 'terms' )", "$this->register( 'words' )", radar.Nearby, "changed lines next to the fix in highlight", 20},
		"a value of the fix":       {"$title = $this->titleOf( $text );", "$title = $this->rawTitleOf( $text );", radar.Function, "changed what $title is given above the fix", 17},
		"another function":         {"public function highlight( $text, $terms )", "public function old( $text, $terms )", radar.Function, "put the fix into old; it was in highlight", 21},
		"far and unrelated":        {"$names[] = 'first';", "$names[] = 'primary';", "", "", 0},
		"far below":                {"$this->finish( 'five' );", "$this->finish( 'last' );", "", "", 0},
		"a comment next to it":     {"		$this->register( 'terms' );\n", "		// every term\n		$this->register( 'terms' ); // all\n", "", "", 0},
		"white space next to it":   {"		$this->register( 'terms' );\n", "		$this->register('terms' );\n\n", "", "", 0},
		"wrapped":                  {"		$this->register( 'terms' );\n", "		$this->register(\n			'terms'\n		);\n", "", "", 0},
		"another function changed": {"return 1;", "return 2;", "", "", 0},
		"a function added above":   {"	public function highlight", "	public function zero() {\n		return 0;\n	}\n\n	public function highlight", "", "", 0},
		"a function added below":   {"	public function other", "	public function zero() {\n		return 0;\n	}\n\n	public function other", "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(search, tt.old) != 1 {
				t.Fatal("the test changes nothing, or too much")
			}
			found := around("Search.php", search, strings.Replace(search, tt.old, tt.now, 1))
			if tt.kind == "" {
				if len(found) > 0 {
					t.Errorf("a false alarm: %+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Kind != tt.kind || !strings.HasPrefix(found[0].Words, tt.words) || found[0].Line != tt.line || found[0].Path != "Search.php" {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// TestAroundLeavesAlone: what is no code is not looked at, and neither are imports.
func TestAroundLeavesAlone(t *testing.T) {
	old := "use A;\nuse Fix; // fix\nuse B;\nfunction f() {\n}\n"
	for path, now := range map[string]string{
		"a.php":         "use A1;\nuse Fix; // fix\nuse B1;\nfunction f() {\n}\n",
		"docs/a.php":    "x;\nuse Fix; // fix\ny;\nfunction f() {\n}\n",
		"RELEASE-NOTES": "x;\nuse Fix; // fix\ny;\nfunction f() {\n}\n",
		"tests/a.php":   "x;\nuse Fix; // fix\ny;\nfunction f() {\n}\n",
	} {
		if found := around(path, old, now); len(found) > 0 {
			t.Errorf("%s: %+v", path, found)
		}
	}
}

func TestAroundOutsideOfFunctions(t *testing.T) {
	old := "limits:\n  upload: 10\n  upload_size: 5 # // fix\n  edit: 3\n"
	if found := around("a.yaml", old, strings.Replace(old, "upload: 10", "upload: 99", 1)); len(found) != 0 {
		t.Errorf("nothing in common: %+v", found)
	}
	old = strings.Replace(old, "upload: 10", "upload_size_max: 10", 1)
	old = strings.Replace(old, "upload_size: 5", "upload_size: ${upload_size_max}", 1)
	if found := around("a.yaml", old, strings.Replace(old, "upload_size_max: 10", "upload_size_max: 99", 1)); len(found) != 1 || found[0].Kind != radar.Nearby {
		t.Errorf("a name in common: %+v", found)
	}
}

// TestAroundQuiet: comments, blank lines and other functions are nothing, wherever they
// come and however many.
func TestAroundQuiet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.SplitAfter(search, "\n")
		for range rapid.IntRange(1, 6).Draw(t, "edits") {
			at := rapid.IntRange(2, len(lines)-2).Draw(t, "at")
			noise := rapid.SampledFrom([]string{"\n", "\t\t// a remark: return early\n", "\t\t/* return $title; */\n", "\t/*\n\treturn;\n\t*/\n"}).Draw(t, "noise")
			if rapid.Bool().Draw(t, "on top") {
				at, noise = 2, fmt.Sprintf("\n\tpublic function extra%d() {\n\t\treturn $title;\n\t}\n", len(lines))
			}
			lines = slices.Insert(lines, at, noise)
		}
		if found := around("Search.php", search, strings.Join(lines, "")); len(found) > 0 {
			t.Fatalf("a false alarm: %+v in\n%s", found, strings.Join(lines, ""))
		}
	})
}

// TestAroundHearsWaysOut: a way out of the function, anywhere above the fix, is heard.
func TestAroundHearsWaysOut(t *testing.T) {
	first, fixed := strings.Index(search, "\t\t$out"), strings.Index(search, "\t\tif ( !$this->isSafe")
	body := strings.SplitAfter(search[first:fixed], "\n")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
		out := rapid.SampledFrom([]string{"return;", "throw $e;", "exit( 1 );", "die();"}).Draw(t, "out")
		lines := slices.Insert(slices.Clone(body), at, "\t\tif ( $done ) {\n\t\t\t"+out+"\n\t\t}\n")
		if found := around("Search.php", search, search[:first]+strings.Join(lines, "")+search[fixed:]); len(found) != 1 {
			t.Fatalf("not heard: %q at line %d", out, at)
		}
	})
}
