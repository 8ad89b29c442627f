package tui

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDiffTurnsOneIntoTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		item := rapid.SliceOf(rapid.IntRange(0, 3))
		a, b := item.Draw(t, "a"), item.Draw(t, "b")
		var got []int
		at, lastA, lastB := 0, -1, -1
		for _, e := range diff(a, b) {
			if e.a0 <= lastA && e.b0 <= lastB || e.a0 == e.a1 && e.b0 == e.b1 {
				t.Fatalf("edits touch or are empty: %v", e)
			}
			got = append(got, a[at:e.a0]...)
			got = append(got, b[e.b0:e.b1]...)
			at, lastA, lastB = e.a1, e.a1, e.b1
		}
		if got = append(got, a[at:]...); !slices.Equal(got, b) {
			t.Fatalf("applied %v, want %v", got, b)
		}
	})
}

func TestDiffIsShort(t *testing.T) {
	a, b := strings.Split("return|doThing|(|user|)", "|"), strings.Split("return|doThing|(|clean|(|user|)|)", "|")
	total := 0
	for _, e := range diff(a, b) {
		total += e.a1 - e.a0 + e.b1 - e.b0
	}
	if total != 3 {
		t.Errorf("%d words differ, want 3", total)
	}
}

func TestWordsAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		if got := strings.Join(words(text), ""); got != text {
			t.Fatalf("words of %q join to %q", text, got)
		}
	})
}

// someText draws texts that have much in common.
var someText = rapid.Custom(func(t *rapid.T) []byte {
	word := rapid.SampledFrom([]string{"a", "b", "user", " ", "(", ")", "\n", "\n", ";", "\r\n", "\xe9"})
	return []byte(strings.Join(rapid.SliceOfN(word, 0, 12).Draw(t, "words"), ""))
})

func TestCombineLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, u, p := someText.Draw(t, "base"), someText.Draw(t, "upstream"), someText.Draw(t, "patch")
		law := func(name string, base, x, y, want []byte) {
			if got, ok := Combine(base, x, y); !ok || !bytes.Equal(got, want) {
				t.Fatalf("%s: got %q %v, want %q", name, got, ok, want)
			}
		}
		law("only upstream changed", b, u, b, u)
		law("only the patch changed", b, b, p, p)
		law("both changed alike", b, p, p, p)
		one, ok1 := Combine(b, u, p)
		two, ok2 := Combine(b, p, u)
		if ok1 != ok2 || !bytes.Equal(one, two) {
			t.Fatalf("the sides do not change places: %q %v, %q %v", one, ok1, two, ok2)
		}
	})
}

func TestCombine(t *testing.T) {
	for _, c := range []struct{ base, upstream, patch, want string }{
		{"return doThing( $user );\n", "return doThing( $user, self::FLAG );\n", "return doThing( sanitize( $user ) );\n", "return doThing( sanitize( $user ), self::FLAG );\n"},
		{"f(x)\n", "f(a, x)\n", "f(g(x))\n", "f(a, g(x))\n"},
		{"f(x)\n", "f(x, a)\n", "f(x, b)\n", ""},
		{"f(a, b)\n", "f(a, c)\n", "g(a, b)\n", "g(a, c)\n"},
		{"if x {\r\n", "if x && y {\r\n", "if !x {\r\n", "if !x && y {\r\n"},
		{"x = 1; y = 2\n", "x = 3; y = 2\n", "x = 1; y = 4\n", "x = 3; y = 4\n"},
		{"x = 1\n", "x = 2\n", "x = 3\n", ""},
	} {
		got, ok := Combine([]byte(c.base), []byte(c.upstream), []byte(c.patch))
		if ok != (c.want != "") || string(got) != c.want {
			t.Errorf("Combine(%q, %q, %q) = %q %v, want %q", c.base, c.upstream, c.patch, got, ok, c.want)
		}
	}
}

func TestALineOfCodeIsOneRow(t *testing.T) {
	for _, raw := range []string{"a\nb\n", "a\n\n", "\n\n", "a\rb\n", "a\vb\fc\x1b[2Jd\n"} {
		got := code(raw, false, nil, ' ', nil, NewTheme(ThemeOptions{})).plain()
		if strings.ContainsAny(got, "\n\r\v\f\x1b") {
			t.Errorf("%q is drawn as %q", raw, got)
		}
	}
}
