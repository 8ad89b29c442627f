package radar_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset/radar"
)

const hole = `<?php
class Profile {
	public function show( $user ) {
		$name = $user->getName();
		$this->out->addHTML( '<b>' . $name . '</b>' );
		$this->out->addFooter( $user );
		return true;
	}
}
`

// indexOf is the index of the holes of patches.
func indexOf(holes [][]radar.Hole) *radar.Index {
	patterns := make([][]radar.Pattern, len(holes))
	for i, of := range holes {
		for _, h := range of {
			patterns[i] = append(patterns[i], h.Patterns()...)
		}
	}
	return radar.NewIndex(patterns)
}

func cutIn(text, removed, added string) radar.Cut {
	at := strings.Index(text, removed)
	return radar.Cut{
		At:    radar.Span{Start: 1 + strings.Count(text[:at], "\n"), Lines: strings.Count(removed, "\n")},
		Added: strings.SplitAfter(added, "\n"),
	}
}

func find(t testing.TB, path string, cut radar.Cut, where, text string) []radar.Hit {
	t.Helper()
	x := indexOf([][]radar.Hole{nil, {{Path: path, Text: []byte(hole), Cuts: []radar.Cut{cut}}}})
	return x.Scanner().Scan(where, []byte(text))
}

func TestFindsVulnerableText(t *testing.T) {
	replaced := cutIn(hole, "\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n", "\t\t$this->out->addText( $name );\n")
	guarded := cutIn(hole, "\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n", "\t\tif ( $ok ) {\n\t\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n\t\t}\n")
	inserted := radar.Cut{At: radar.Span{Start: 5}, Added: []string{"\t\t$name = htmlspecialchars( $name );\n"}}
	copied := strings.Replace(hole, "class Profile", "class Card", 1)
	for name, tt := range map[string]struct {
		cut         radar.Cut
		where, text string
		line        int // 0: not found
	}{
		"copied class":                           {replaced, "Card.php", copied, 5},
		"copied class, indented otherwise":       {replaced, "Card.php", strings.ReplaceAll(copied, "\t", "    "), 5},
		"copied, a line put on top":              {replaced, "Card.php", "\n\n" + copied, 7},
		"copy of the code without the check":     {inserted, "Card.php", copied, 5},
		"copy of the code without the condition": {guarded, "Card.php", copied, 5},
		"the fix itself":                         {replaced, "Profile.php", strings.Replace(hole, "addHTML( '<b>' . $name . '</b>' )", "addText( $name )", 1), 0},
		"the fixed code, checked":                {inserted, "Profile.php", strings.Replace(hole, "\t\t$this->out->addHTML", "\t\t$name = htmlspecialchars( $name );\n\t\t$this->out->addHTML", 1), 0},
		"the fixed code, below the condition":    {guarded, "Profile.php", strings.Replace(hole, "\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n", "\t\tif ( $ok ) {\n\t\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n\t\t}\n", 1), 0},
		"one line of it":                         {replaced, "Card.php", "<?php\n$this->out->addHTML( '<b>' . $name . '</b>' );\n", 0},
		"another language":                       {replaced, "card.py", copied, 0},
		"binary":                                 {replaced, "Card.php", copied + "\x00", 0},
		"no line breaks":                         {replaced, "Card.php", strings.ReplaceAll(copied, "\n", " "), 0},
	} {
		t.Run(name, func(t *testing.T) {
			hits := find(t, "Profile.php", tt.cut, tt.where, tt.text)
			switch {
			case tt.line == 0 && len(hits) > 0:
				t.Errorf("found %+v", hits)
			case tt.line > 0 && (len(hits) != 1 || hits[0].Patch != 1 || hits[0].Line != tt.line):
				t.Errorf("found %+v, want line %d", hits, tt.line)
			}
		})
	}
}

func TestUntellingTextIsNotLookedFor(t *testing.T) {
	for name, cut := range map[string]radar.Cut{
		"a brace":   {At: radar.Span{Start: 8, Lines: 1}},
		"an answer": {At: radar.Span{Start: 7, Lines: 2}},
		"the top":   {At: radar.Span{Start: 1, Lines: 1}},
	} {
		if !indexOf([][]radar.Hole{{{Path: "a.php", Text: []byte("<?php\n\n\n\n\n\nreturn true;\n}\n"), Cuts: []radar.Cut{cut}}}}).Empty() {
			t.Errorf("%s is looked for", name)
		}
	}
}

func TestWants(t *testing.T) {
	x := indexOf([][]radar.Hole{{{Path: "a.php", Text: []byte(hole), Cuts: []radar.Cut{{At: radar.Span{Start: 5, Lines: 1}}}}}})
	for path, want := range map[string]bool{"b.php": true, "c.inc": true, "b.js": false, "tests/b.php": false, "docs/b.php": false} {
		if x.Wants(path, 100) != want {
			t.Errorf("wants %s: %v", path, !want)
		}
	}
	if x.Wants("b.php", 1<<30) {
		t.Error("wants a file that nobody wrote by hand")
	}
}

// TestFoundWherever: a copy is found at its line, whatever stands around it.
func TestFoundWherever(t *testing.T) {
	cut := cutIn(hole, "\t\t$this->out->addHTML( '<b>' . $name . '</b>' );\n", "\t\t$this->out->addText( $name );\n")
	rapid.Check(t, func(t *rapid.T) {
		above := rapid.SliceOfN(rapid.StringMatching(`[a-z $;(){}]{0,40}`), 0, 30).Draw(t, "above")
		below := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z $;(){}]{0,40}`), 0, 30).Draw(t, "below"), "\n")
		text := strings.Join(append(above, hole), "\n") + below
		x := indexOf([][]radar.Hole{{{Path: "a.php", Text: []byte(hole), Cuts: []radar.Cut{cut}}}})
		if hits := x.Scanner().Scan("b.php", []byte(text)); len(hits) != 1 || hits[0].Line != len(above)+5 {
			t.Fatalf("found %+v, want line %d", hits, len(above)+5)
		}
	})
}

// BenchmarkScan looks for the text of 40 patches in a file of 250 lines.
func BenchmarkScan(b *testing.B) {
	var holes [][]radar.Hole
	for i := range 40 {
		text := strings.ReplaceAll(hole, "name", fmt.Sprintf("name%d", i))
		holes = append(holes, []radar.Hole{{Path: "a.php", Text: []byte(text), Cuts: []radar.Cut{{At: radar.Span{Start: 5, Lines: 1}}}}})
	}
	s := indexOf(holes).Scanner()
	file := []byte(strings.Repeat(strings.ReplaceAll(hole, "name", "other"), 28))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		s.Scan("b.php", file)
	}
}
