package merge3

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// Putting the new runs in the place of the old ones turns one text into the other.
func TestChangesLeadFromOneTextToTheOther(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) []byte {
		return bytes.Join(rapid.SliceOfN(rapid.SampledFrom([][]byte{
			[]byte("a"), []byte("b"), []byte("}"), []byte(""), []byte("c\r"),
		}), 0, 12).Draw(t, "lines"), []byte("\n"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		changes, ok := Changes(a, b)
		if !ok {
			t.Fatal("a text was taken for something else")
		}
		old := bytes.SplitAfter(a, []byte("\n"))
		var got []byte
		at, before := 1, 0
		for i, c := range changes {
			if len(c.Old)+len(c.New) == 0 || (i > 0 && c.OldStart <= before) {
				t.Fatalf("change %d is empty or touches the one before: %+v", i, changes)
			}
			got = append(got, bytes.Join(old[at-1:c.OldStart-1], nil)...)
			got = append(got, c.New...)
			at = c.OldStart + c.OldLines
			before = at
			if n := bytes.Count(got, []byte("\n")); c.NewLines > 0 && bytes.HasSuffix(got, []byte("\n")) && n != c.NewStart+c.NewLines-1 {
				t.Fatalf("change %d says lines %d+%d, but it ends at line %d", i, c.NewStart, c.NewLines, n)
			}
		}
		got = append(got, bytes.Join(old[at-1:], nil)...)
		if !bytes.Equal(got, b) {
			t.Fatalf("from %q to %q by %+v is %q", a, b, changes, got)
		}
	})
	if _, ok := Changes([]byte("a\x00"), nil); ok {
		t.Error("binary content was compared by lines")
	}
}
