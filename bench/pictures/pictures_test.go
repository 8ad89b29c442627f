package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	usual := style{fore: none, back: none}
	with := func(change func(*style)) style { s := usual; change(&s); return s }
	got := parse("plain \x1b[1;31mbold red\x1b[0m\n\x1b[7mturned\nstill\x1b[27;38;5;208m orange\x1b[39;48:5:17m on blue\x1b[m.\n\n")
	want := [][]run{
		{{usual, "plain "}, {with(func(s *style) { s.bold, s.fore = true, 1 }), "bold red"}},
		{{with(func(s *style) { s.inverse = true }), "turned"}},
		{
			{with(func(s *style) { s.inverse = true }), "still"},
			{with(func(s *style) { s.fore = 208 }), " orange"},
			{with(func(s *style) { s.back = 17 }), " on blue"},
			{usual, "."},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{}, style{})); diff != "" {
		t.Error(diff)
	}
}

// TestDrawIsXML: whatever is on a screen, the picture is XML and holds the text.
func TestDrawIsXML(t *testing.T) {
	const text = `<b title="x">&amp; it's 日本 ]]>`
	picture := string(draw("a < b", parse("\x1b[7m  "+text+"\x1b[0m \x1b[38;5;999mx"), 40))
	d := xml.NewDecoder(strings.NewReader(picture))
	var texts []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, picture)
		}
		if data, ok := token.(xml.CharData); ok && strings.TrimSpace(string(data)) != "" {
			texts = append(texts, string(data))
		}
	}
	if diff := cmp.Diff([]string{"a < b", text, "x"}, texts); diff != "" {
		t.Error(diff)
	}
}

func TestColour(t *testing.T) {
	for n, want := range map[int]string{1: "#ff7b72", 16: "#000000", 21: "#0000ff", 208: "#ff8700", 231: "#ffffff", 232: "#080808", 255: "#eeeeee"} {
		if got := colour(n); got != want {
			t.Errorf("colour(%d) = %s, want %s", n, got, want)
		}
	}
}
