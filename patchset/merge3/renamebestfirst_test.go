package merge3

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is not compared would have changed nothing.
func TestBestFirstPairsAsAllDo(t *testing.T) {
	line := rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "longer\n"})
	text := rapid.Map(rapid.SliceOfN(line, 1, 6), func(l []string) string { return strings.Join(l, "") })
	name := rapid.SampledFrom([]string{"x/f", "x/g", "y/f", "y/g", "z/f"})
	rapid.Check(t, func(t *rapid.T) {
		store := newRenameStore()
		files := func(label string, most int) (list []file) {
			for range rapid.IntRange(1, most).Draw(t, label) {
				id, err := store.WriteBlob([]byte(text.Draw(t, label+" content")))
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, file{name.Draw(t, label+" path"), Entry{ModeFile, id}})
			}
			return list
		}
		change := &sideChange{gone: files("gone", keptMatches), come: files("come", 7)}
		var outcome [2][]int
		for i, pair := range []func(*comparison) error{(*comparison).pairAll, (*comparison).pairBestFirst} {
			changed := map[string]bool{}
			for _, f := range change.gone {
				changed[f.path] = true
			}
			d := newDetection(t.Context(), newRenameFinder(store), change, relevance{changed: changed})
			c, err := d.compareOpen()
			if err != nil {
				t.Fatal(err)
			}
			if err := pair(c); err != nil {
				t.Fatal(err)
			}
			outcome[i] = d.goneTo
		}
		if !slices.Equal(outcome[0], outcome[1]) {
			t.Errorf("all: %v, best first: %v", outcome[0], outcome[1])
		}
	})
}
