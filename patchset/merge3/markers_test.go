package merge3

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var testLabels = MarkerLabels{Upstream: "UP", Patch: "PATCH", Base: "BASE"}

func TestParseMarked(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     map[Take]string
	}{
		{"no dispute", "a\n=======\n<<<<<<< HEAD\nb", map[Take]string{TakePatch: "a\n=======\n<<<<<<< HEAD\nb"}},
		{"merge style", "a\n<<<<<<< UP\nu\n=======\np\n>>>>>>> PATCH\nz\n", map[Take]string{
			TakeUpstream: "a\nu\nz\n", TakePatch: "a\np\nz\n", TakeBoth: "a\nu\np\nz\n", TakeNone: "a\nz\n",
		}},
		{"diff3 style", "<<<<<<< UP\nu\n||||||| BASE\nb\n=======\np\n>>>>>>> PATCH\n", map[Take]string{
			TakeBase: "b\n", TakeUpstream: "u\n", TakePatch: "p\n",
		}},
		{"empty sides", "<<<<<<< UP\n||||||| BASE\n=======\n>>>>>>> PATCH\n", map[Take]string{TakeBase: "", TakeBoth: ""}},
		{"renamed", "<<<<<<< UP:new name\nu\n=======\np\n>>>>>>> PATCH:old\n", map[Take]string{TakePatch: "p\n"}},
		{"CR LF", "a\r\n<<<<<<< UP\r\nu\r\n=======\r\np\r\n>>>>>>> PATCH\r\n", map[Take]string{TakePatch: "a\r\np\r\n"}},
		{"other labels are text", "<<<<<<< UP\n>>>>>>> UPPER\n=======\n<<<<<<< x\n>>>>>>> PATCH\n", map[Take]string{
			TakeUpstream: ">>>>>>> UPPER\n", TakePatch: "<<<<<<< x\n",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ParseMarked([]byte(tt.in), testLabels)
			if err != nil {
				t.Fatal(err)
			}
			for take, want := range tt.want {
				if got := string(m.Take(take)); got != want {
					t.Errorf("Take(%d) = %q, want %q", take, got, want)
				}
			}
		})
	}
}

func TestParseMarkedRefuses(t *testing.T) {
	for _, tt := range []struct {
		in   string
		line int
	}{
		{"<<<<<<< UP\nu\n", 2},
		{"<<<<<<< UP\n<<<<<<< UP\n", 2},
		{"<<<<<<< UP\n>>>>>>> PATCH\n", 2},
		{"<<<<<<< UP\n=======\n=======\n>>>>>>> PATCH\n", 3}, // which of the two separates?
		{"<<<<<<< UP\n||||||| BASE\n||||||| BASE\n=======\n>>>>>>> PATCH\n", 3},
		{"<<<<<<< UP\n||||||| other\n=======\n>>>>>>> PATCH\n", 2},
	} {
		_, err := ParseMarked([]byte(tt.in), testLabels)
		var e *MarkerError
		if !errors.As(err, &e) || e.Line != tt.line {
			t.Errorf("ParseMarked(%q): %v, want an error in line %d", tt.in, err, tt.line)
		}
	}
}

func TestRenderWithoutBase(t *testing.T) {
	m, err := ParseMarked([]byte("<<<<<<< UP\n=======\n>>>>>>> PATCH\n"), testLabels)
	if err != nil {
		t.Fatal(err)
	}
	if m.HasBase() {
		t.Error("HasBase is true for a text of the merge style")
	}
	if _, err := m.Render(func(int, Hunk) Take { return TakeBase }); !errors.Is(err, ErrNoBase) {
		t.Errorf("Render: %v, want ErrNoBase", err)
	}
}

// Any disputes written out with markers are read back as they were.
func TestParseMarkedRoundTrip(t *testing.T) {
	lines := rapid.Custom(func(t *rapid.T) []byte {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "", "<<<<<<< HEAD", "======", "x\r"}), 0, 3).Draw(t, "lines")
		if len(words) == 0 {
			return nil
		}
		return []byte(strings.Join(words, "\n") + "\n")
	})
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		var want []Hunk
		for range rapid.IntRange(0, 3).Draw(t, "hunks") {
			h := Hunk{Base: lines.Draw(t, "base"), Upstream: lines.Draw(t, "up"), Patch: lines.Draw(t, "patch"), HasBase: true}
			want = append(want, h)
			text = append(text, lines.Draw(t, "text")...)
			text = append(text, "<<<<<<< UP\n"...)
			text = append(text, h.Upstream...)
			text = append(text, "||||||| BASE\n"...)
			text = append(text, h.Base...)
			text = append(text, "=======\n"...)
			text = append(text, h.Patch...)
			text = append(text, ">>>>>>> PATCH\n"...)
		}
		m, err := ParseMarked(text, testLabels)
		if err != nil {
			t.Fatal(err)
		}
		if again := m.Text(testLabels); !bytes.Equal(again, text) {
			t.Fatalf("Text gives %q, want %q", again, text)
		}
		got := m.Hunks()
		if len(got) != len(want) {
			t.Fatalf("%d hunks, want %d", len(got), len(want))
		}
		for i, h := range got {
			if !bytes.Equal(h.Base, want[i].Base) || !bytes.Equal(h.Upstream, want[i].Upstream) || !bytes.Equal(h.Patch, want[i].Patch) {
				t.Errorf("hunk %d: %+v, want %+v", i, h, want[i])
			}
		}
	})
}

func TestLeftMarker(t *testing.T) {
	for _, tt := range []struct {
		name, text, side string
		want             int
	}{
		{"none", "a\nb\n", "", 0},
		{"begin", "a\n<<<<<<< UP\n", "", 2},
		{"base", "||||||| BASE\n", "", 1},
		{"separator", "a\r\n=======\r\n", "", 2},
		{"end without line break", ">>>>>>> PATCH", "", 1},
		{"of somebody else", "<<<<<<< HEAD\n======\n>>>>>>> UPPER\n", "", 0},
		{"a title of the file", "Title\n=======\n", "Old\n=======\n", 0},
	} {
		if got := LeftMarker([]byte(tt.text), testLabels, []byte(tt.side)); got != tt.want {
			t.Errorf("%s: line %d, want %d", tt.name, got, tt.want)
		}
	}
}

func FuzzParseMarked(f *testing.F) {
	f.Add([]byte("a\n<<<<<<< UP\nu\n||||||| BASE\nb\n=======\np\n>>>>>>> PATCH\nz"))
	f.Add([]byte("<<<<<<< UP\r\n=======\r\n>>>>>>> PATCH:x\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMarked(text, testLabels)
		if err == nil && len(m.Take(TakeBoth)) > len(text) {
			t.Errorf("more came out than went in: %q", m.Take(TakeBoth))
		}
	})
}
