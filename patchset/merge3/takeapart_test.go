package merge3

import (
	"fmt"
	"testing"
)

func TestTakeApart(t *testing.T) {
	m := Marked{{Text: []byte("a\n")}, {Hunk: &Hunk{}}, {Text: []byte("b\n")}, {Hunk: &Hunk{}}}
	for text, want := range map[string]string{
		"a\nx\nb\ny\n": `["x\n" "y\n"]`,
		"a\nb\n":       `["" ""]`,
		"a\nxb\ny\n":   "no",
		"A\nx\nb\n":    "no",
		"a\nx\n":       "no",
	} {
		parts, ok := m.TakeApart([]byte(text))
		got := "no"
		if ok {
			got = fmt.Sprintf("%q", parts)
		}
		if got != want {
			t.Errorf("TakeApart(%q) = %s, want %s", text, got, want)
		}
	}
}
