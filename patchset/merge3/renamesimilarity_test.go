package merge3

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scoreOf is the score of two texts, whatever their sizes.
func scoreOf(a, b string, rules renameRules) score {
	return similarity(cutPieces([]byte(a), rules.SkipTail), cutPieces([]byte(b), rules.SkipTail), 0)
}

// The percentages are those that git diff-tree -M1% gives.
var scoreCases = []struct {
	name          string
	a, b          string
	percent, tail int // tail: before git 2.44
}{
	{"the same", one, one, 100, 100},
	{"a quarter of the lines", one, prose("one", 0, 1, 2), 73, 73},
	{"lines in another order", "a\nb\nc\n", "c\na\nb\n", 100, 100},
	{"a line twice", "a\na\n", "a\nb\n", 50, 50},
	{"no last line break", "a\nb\nc\nx", "a\nb\nc\ny", 85, 85},
	{"the end alone is the same", "x\nabcdefgh", "y\nabcdefgh", 80, 0},
	{"CR before LF", "a\r\nb\r\n", "a\nb\n", 66, 66},
	{"CR in what is no text", "\x00\r\nb\r\n", "\x00\nb\n", 0, 0},
	{"a long line, cut into pieces", strings.Repeat("x", 64) + "1\n", strings.Repeat("x", 64) + "2\n", 96, 96},
}

func TestScores(t *testing.T) {
	for _, c := range scoreCases {
		if got := scoreOf(c.a, c.b, renameRules{}) * 100 / maxScore; got != score(c.percent) {
			t.Errorf("%s: %d %%, want %d", c.name, got, c.percent)
		}
		if got := scoreOf(c.a, c.b, renameRules{SkipTail: true}) * 100 / maxScore; got != score(c.tail) {
			t.Errorf("%s, before 2.44: %d %%, want %d", c.name, got, c.tail)
		}
	}
}

// Sizes that are too far apart decide without a comparison.
func TestScoreBySize(t *testing.T) {
	a, b := cutPieces([]byte(strings.Repeat("a\n", 50)), false), cutPieces([]byte(strings.Repeat("a\n", 100)), false)
	if got := similarity(a, b, minRename); got != minRename {
		t.Errorf("half the size: %d, want %d", got, minRename)
	}
	if got := similarity(a, b, minRename+1); got != 0 {
		t.Errorf("less than is asked for: %d, want 0", got)
	}
}

func TestScoreLaws(t *testing.T) {
	text := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"a", "bb", "\n", "\r\n", "\x00", strings.Repeat("long", 20)})), func(s []string) string { return strings.Join(s, "") })
	rapid.Check(t, func(t *rapid.T) {
		a, b, rules := text.Draw(t, "a"), text.Draw(t, "b"), renameRules{SkipTail: rapid.Bool().Draw(t, "skip tail")}
		s := scoreOf(a, b, rules)
		if s < 0 || s > maxScore {
			t.Fatalf("score %d", s)
		}
		if back := scoreOf(b, a, rules); back != s {
			t.Fatalf("%d one way, %d the other", s, back)
		}
		if self := scoreOf(a, a, renameRules{}); !strings.Contains(a, "\r\n") && a != "" && self != maxScore {
			t.Fatalf("%q to itself: %d", a, self)
		}
	})
}

// sameBucket finds two lines that git takes for one.
func sameBucket() (string, string) {
	seen := map[uint32]string{}
	for i := 0; ; i++ {
		line := fmt.Sprintf("line %d\n", i)
		bucket := cutPieces([]byte(line), false).counts[0].bucket
		if first, ok := seen[bucket]; ok && len(first) == len(line) {
			return first, line
		}
		seen[bucket] = line
	}
}

// A file of more pieces than a list holds comes to the same as its two halves.
func TestPiecesOfAnEndlessFile(t *testing.T) {
	line := func(i int) string { return strconv.Itoa(i%1000) + "\n" }
	var half strings.Builder
	for i := range maxPieceList * 3 / 4 {
		half.WriteString(line(i))
	}
	once := cutPieces([]byte(half.String()), false)
	twice := cutPieces([]byte(half.String()+half.String()), false)
	for i := range once.counts {
		once.counts[i].bytes *= 2
	}
	if diff := cmp.Diff(once.counts, twice.counts, cmp.AllowUnexported(pieceCount{})); diff != "" {
		t.Error(diff)
	}
}
