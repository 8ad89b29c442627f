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
		files := func(label string, most int) (list []file, all []int) {
			for i := range rapid.IntRange(1, most).Draw(t, label) {
				id, err := store.WriteBlob([]byte(text.Draw(t, label+" content")))
				if err != nil {
					t.Fatal(err)
				}
				list, all = append(list, file{name.Draw(t, label+" path"), Entry{ModeFile, id}}), append(all, i)
			}
			return list, all
		}
		gone, sources := files("gone", keptMatches)
		come, destinations := files("come", 7)
		var outcome [2][]int
		for i, pair := range []func(*detection, []int, []int) error{(*detection).pairAll, (*detection).pairBestFirst} {
			d := newDetection(t.Context(), newRenameFinder(store), &sideChange{gone: gone, come: come}, relevance{})
			if err := pair(d, sources, destinations); err != nil {
				t.Fatal(err)
			}
			outcome[i] = d.goneTo
		}
		if !slices.Equal(outcome[0], outcome[1]) {
			t.Errorf("all: %v, best first: %v", outcome[0], outcome[1])
		}
	})
}
