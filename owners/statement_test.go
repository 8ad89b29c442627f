package owners

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func id(digit string) string { return strings.Repeat(digit, 40) }

func someStatement() Statement {
	return Statement{
		Store: "s-1", Patch: "T401234", Version: "1.46.0-wmf.6", Component: "extensions/AbuseFilter",
		Base: id("a"), Conflict: "c-9", Source: id("b"), Result: id("c"), Tree: id("d"), Purpose: PurposeResolve,
	}
}

func mustText(t testing.TB, s Statement) []byte {
	t.Helper()
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readBack is the one statement of this purpose that a text says.
func readBack(text []byte, purpose Purpose) Statement {
	s := Statement{Purpose: purpose}
	lines := strings.SplitAfter(string(text), "\n")
	for i, f := range s.fields() {
		_, value, _ := strings.Cut(strings.TrimSuffix(lines[i], "\n"), " ")
		*f.value = value
	}
	return s
}

func TestStatementText(t *testing.T) {
	want := "store s-1\npatch T401234\nversion 1.46.0-wmf.6\ncomponent extensions/AbuseFilter\n" +
		"base " + id("a") + "\nconflict c-9\nsource " + id("b") + "\nresult " + id("c") + "\ntree " + id("d") + "\npurpose resolve\n"
	if got := string(mustText(t, someStatement())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStatementEmptyFields(t *testing.T) {
	s := someStatement()
	s.Purpose, s.Conflict, s.Source = PurposeDrift, "", ""
	text := mustText(t, s)
	if !bytes.Contains(text, []byte("\nconflict\nsource\nresult ")) {
		t.Errorf("got\n%s", text)
	}
	if again := readBack(text, s.Purpose); again != s {
		t.Errorf("read back as %+v", again)
	}
}

func TestStatementRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		field  string
		change func(*Statement)
	}{
		"newline":             {"patch", func(s *Statement) { s.Patch = "T1\npurpose drift" }},
		"carriage return":     {"store", func(s *Statement) { s.Store = "s\r" }},
		"escape":              {"version", func(s *Statement) { s.Version = "1\x1b[2J" }},
		"NUL":                 {"component", func(s *Statement) { s.Component = "a\x00b" }},
		"invalid UTF-8":       {"component", func(s *Statement) { s.Component = "a\xff" }},
		"line separator":      {"component", func(s *Statement) { s.Component = "a\u2028b" }},
		"space at the end":    {"version", func(s *Statement) { s.Version = "1 " }},
		"too long":            {"component", func(s *Statement) { s.Component = strings.Repeat("x", 501) }},
		"no store":            {"store", func(s *Statement) { s.Store = "" }},
		"no patch":            {"patch", func(s *Statement) { s.Patch = "" }},
		"no version":          {"version", func(s *Statement) { s.Version = "" }},
		"no component":        {"component", func(s *Statement) { s.Component = "" }},
		"no base":             {"base", func(s *Statement) { s.Base = "" }},
		"no conflict":         {"conflict", func(s *Statement) { s.Conflict = "" }},
		"no result":           {"result", func(s *Statement) { s.Result = "" }},
		"no tree":             {"tree", func(s *Statement) { s.Tree = "" }},
		"short id":            {"result", func(s *Statement) { s.Result = "cccccccccc" }},
		"id in capitals":      {"tree", func(s *Statement) { s.Tree = id("D") }},
		"ref instead of id":   {"source", func(s *Statement) { s.Source = "refs/heads/main" }},
		"no purpose":          {"purpose", func(s *Statement) { s.Purpose = "" }},
		"purpose of a commit": {"purpose", func(s *Statement) { s.Purpose = "git" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := someStatement()
			tt.change(&s)
			_, err := s.Text()
			var se *StatementError
			if !errors.As(err, &se) || se.Field != tt.field {
				t.Errorf("got %v, want a *StatementError about %s", err, tt.field)
			}
		})
	}
}

// genStatement makes valid statements.
func genStatement() *rapid.Generator[Statement] {
	return rapid.Custom(func(t *rapid.T) Statement {
		object := rapid.StringMatching(`[0-9a-f]{40}|[0-9a-f]{64}`)
		return Statement{
			Store:     genLine(1).Draw(t, "store"),
			Patch:     genLine(1).Draw(t, "patch"),
			Version:   genLine(1).Draw(t, "version"),
			Component: genLine(1).Draw(t, "component"),
			Base:      object.Draw(t, "base"),
			Conflict:  genLine(1).Draw(t, "conflict"),
			Source:    object.Draw(t, "source"),
			Result:    object.Draw(t, "result"),
			Tree:      object.Draw(t, "tree"),
			Purpose:   rapid.SampledFrom([]Purpose{PurposeResolve, PurposeDrift}).Draw(t, "purpose"),
		}
	})
}

func TestStatementRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genStatement().Draw(t, "statement")
		text, err := s.Text()
		if err != nil {
			t.Fatal(err)
		}
		if again := readBack(text, s.Purpose); again != s {
			t.Fatalf("read back as %+v\n%s", again, text)
		}
	})
}
