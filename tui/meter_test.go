package tui

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestMeasure(t *testing.T) {
	const (
		base     = "{\n return doThing( $user );\n}\n"
		upstream = "{\n return doThing( $user, self::FLAG );\n}\n"
		patch    = "{\n return doThing( sanitize( $user ) );\n}\n"
		combined = "{\n return doThing( sanitize( $user ), self::FLAG );\n}\n"
	)
	for _, c := range []struct{ name, base, upstream, patch, result, want string }{
		{"patch taken", base, upstream, patch, patch, "fix 1/1 upstream 0/1"},
		{"upstream taken", base, upstream, patch, upstream, "fix 0/1 upstream 1/1"},
		{"base taken", base, upstream, patch, base, "fix 0/1 upstream 0/1"},
		{"combined in one line", base, upstream, patch, combined, "fix 1/1 upstream 1/1"},
		{"reindented", base, upstream, patch, "{\n\t\treturn doThing( sanitize( $user ) );\n}\n", "fix 1/1 upstream 0/1"},
		{"nothing", base, upstream, patch, "", "fix 0/1 upstream 0/1"},
		{"a removed call comes back", "a\nunsafe()\nb\n", "a\nunsafe(1)\nb\n", "a\nb\n", "a\nunsafe()\nb\n", "fix 0/1 upstream 0/1"},
		{"a removed call stays gone", "a\nunsafe()\nb\n", "a\nunsafe(1)\nb\n", "a\nb\n", "a\nb\n", "fix 1/1 upstream 0/1"},
		{"one brace of two", "}\n", "}\n}\n", "}\nfix\n", "}\nfix\n", "fix 1/1 upstream 0/1"},
		{"only white space changed", "a\n", "  a\n", "b\n", "b\n", "fix 1/1 upstream 0/1"},
		{"only white space changed, result as base", "x\na\n", "x\n  a\n", "y\na\n", "x\na\n", "fix 0/1 upstream 0/1"},
		{"operators", "if (a <= b)\n", "if (a <= b && c)\n", "if (a < b)\n", "if (a < b && c)\n", "fix 1/1 upstream 1/1"},
		{"operator lost", "if (a <= b)\n", "if (a <= b && c)\n", "if (a < b)\n", "if (a <= b && c)\n", "fix 0/1 upstream 1/1"},
		{"line breaks do not count", "a\n", "a\nu\n", "a\np\n", "a\r\nu\r\np\r\n", "fix 1/1 upstream 1/1"},
		{"blank lines do not count", "a\n", "a\n\n\n", "a\np\n", "a\np\n", "fix 1/1 upstream 0/0"},
	} {
		m := Measure(splitLines([]byte(c.base)), splitLines([]byte(c.upstream)), splitLines([]byte(c.patch)), splitLines([]byte(c.result)))
		got := fmt.Sprintf("fix %d/%d upstream %d/%d", m.Fix.Kept, m.Fix.Total, m.Upstream.Kept, m.Upstream.Total)
		if got != c.want {
			t.Errorf("%s: %s, want %s; lost %v", c.name, got, c.want, m)
		}
	}
}

func TestMeasureBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []string { return splitLines(someText.Draw(t, name)) }
		b, u, p, r := draw("base"), draw("upstream"), draw("patch"), draw("result")
		m := Measure(b, u, p, r)
		for side, c := range map[string]Count{"fix": m.Fix, "upstream": m.Upstream} {
			if side == "fix" && c.Total != changed(b, p) {
				t.Fatalf("%d lines are measured, %d changed", c.Total, changed(b, p))
			}
			if c.Kept < 0 || c.Kept > c.Total || c.Open != 0 || (len(c.Lost) == 0) != (c.Kept == c.Total) {
				t.Fatalf("%s: %+v", side, c)
			}
		}
		if m := Measure(b, u, p, p); m.Fix.Kept != m.Fix.Total {
			t.Fatalf("the patch does not keep itself: %+v", m.Fix)
		}
		if m := Measure(b, u, p, u); m.Upstream.Kept != m.Upstream.Total {
			t.Fatalf("upstream does not keep itself: %+v", m.Upstream)
		}
		swapped := Measure(b, p, u, r)
		if swapped.Fix.Kept != m.Upstream.Kept || swapped.Upstream.Kept != m.Fix.Kept {
			t.Fatalf("the sides do not change places: %+v, %+v", m, swapped)
		}
	})
}
