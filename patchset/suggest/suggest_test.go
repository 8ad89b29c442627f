package suggest

import (
	"bytes"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
)

// say is a text of lines.
func say(lines ...string) []byte {
	if len(lines) == 0 {
		return nil
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// file puts the three versions of a place between lines that nobody touches.
func file(base, upstream, patch []byte) File {
	in := func(text []byte) []byte {
		return slices.Concat(say("first();", "{"), text, say("}", "last();"))
	}
	return File{Path: "a.php", Base: in(base), Upstream: in(upstream), Patch: in(patch)}
}

func TestFor(t *testing.T) {
	for _, test := range []struct {
		name                  string
		base, upstream, patch []byte
		source                Source // "" for no suggestion
		want                  []byte
	}{
		{
			"different words of a line",
			say("limit( rows, 10 );"), say("limit( lines, 10 );"), say("limit( rows, 50 );"),
			Words, say("limit( lines, 50 );"),
		},
		{
			"the same word, and nothing else",
			say("limit( rows, 10 );"), say("limit( rows, 20 );"), say("limit( rows, 50 );"),
			Covers, say("limit( rows, 50 );"),
		},
		{
			"the same word and another",
			say("limit( rows, 10, more, of, them );"), say("limit( lines, 20, more, of, them );"), say("limit( rows, 50, more, of, them );"),
			"", nil,
		},
		{
			"a line added to one that upstream removed",
			say("one = 1;", "two = 2;"), say("one = 1;"), say("one = 1;", "two = 2;", "three = 3;"),
			Lines, say("three = 3;"),
		},
		{
			"lines added between two that upstream removed",
			say("alpha( a );", "beta( b );"), nil, say("alpha( a );", "gamma( g );", "beta( b );"),
			Absent, nil,
		},
		{
			"lines removed beside one that upstream changed",
			say("alpha( a );", "beta( b );", "gamma( g );"), say("alpha( a, x );", "beta( b );", "gamma( g );"), say("alpha( a );", "gamma( g );"),
			Removes, say("alpha( a, x );"),
		},
		{
			"upstream has nothing of it",
			say("alpha( a );", "beta( b );", "gamma( g );"), nil, say("alpha( a );", "beta( b, c );", "gamma( g );"),
			Absent, nil,
		},
		{
			"the patch removes what upstream changed",
			say("alpha( a );", "beta( b );"), say("alpha( a );", "beta( b, c );"), say("delta( d );"),
			Covers, say("delta( d );"),
		},
		{
			"upstream is indented otherwise",
			say("  if ( a ) {", "    alpha( a );", "  }"), say("\tif ( a ) {", "\t\talpha( a );", "\t}"),
			say("  if ( a ) {", "    alpha( a );", "    beta( b );", "  }"),
			Space, say("\tif ( a ) {", "\t\talpha( a );", "\t\tbeta( b );", "\t}"),
		},
		{
			"upstream has the new lines already, and more",
			say("alpha( a );"), say("alpha( a );", "beta( b );", "gamma( g );"), say("alpha( a );", "beta( b );"),
			Present, say("beta( b );", "gamma( g );"),
		},
		{
			"imports",
			say("import alpha;", "import epsilon;"), say("import alpha;", "import beta;", "import epsilon;"),
			say("import alpha;", "import delta;", "import epsilon;"),
			List, say("import beta;", "import delta;"),
		},
		{
			"both added something",
			nil, say("alpha( a );"), say("return 5;"),
			UpstreamFirst, say("alpha( a );", "return 5;"),
		},
		{
			"both added versions of one line",
			nil, say("alpha( a, b );"), say("alpha( a, c );"),
			"", nil,
		},
		{
			"a new line gets upstream's name",
			say("alpha( oldName );", "x = 1;"), say("alpha( newName );"),
			say("alpha( oldName );", "beta( oldName );", "x = 1;"),
			Lines, say("alpha( newName );", "beta( newName );"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := For(file(test.base, test.upstream, test.patch))
			if len(a.Disputes) != 1 {
				t.Fatalf("%d disputes", len(a.Disputes))
			}
			got := a.Disputes[0]
			if test.source == "" {
				if len(got) > 0 {
					t.Fatalf("got %s: %q", got[0].Source, got[0].Text)
				}
				return
			}
			if len(got) == 0 {
				t.Fatal("no suggestion")
			}
			if got[0].Source != test.source || !bytes.Equal(got[0].Text, test.want) {
				t.Errorf("got %s: %q, want %s: %q", got[0].Source, got[0].Text, test.source, test.want)
			}
			if got[0].Label == "" {
				t.Error("no label")
			}
		})
	}
}

// moving is a file out of which upstream has taken a function that the patch mends.
func moving() (f File, lines []byte) {
	lines = say("function limit( $rows, $count ) {", "  return slice( $rows, 0, $count );", "}")
	mended := bytes.Replace(lines, []byte("$count );"), []byte("max( 0, $count ) );"), 1)
	f = file(lines, say("// see lib"), mended)
	return f, lines
}

func TestMovedWithinTheFile(t *testing.T) {
	f, lines := moving()
	f.Upstream = slices.Concat(f.Upstream, say("class C {"), bytes.ReplaceAll(append([]byte("\n"), lines...), []byte("\n"), []byte("\n  "))[1:], say("", "}"))
	got := found(For(f), Moved)
	if got == nil || got.Also == nil {
		t.Fatalf("not found in\n%s", f.Upstream)
	}
	if got.Also.Path != "a.php" || got.Also.Line != 7 || !bytes.Contains(got.Also.New, []byte("\n    return slice( $rows, 0, max( 0, $count ) );\n")) {
		t.Errorf("got %s:%d %q", got.Also.Path, got.Also.Line, got.Also.New)
	}
	if !bytes.Equal(got.Text, say("// see lib")) {
		t.Errorf("the dispute becomes %q", got.Text)
	}
}

func TestMovedToAnotherFile(t *testing.T) {
	f, lines := moving()
	f.Elsewhere = files(map[string][]byte{"lib/x.php": slices.Concat(say("<?php", ""), lines)})
	got := found(For(f), Moved)
	if got == nil || got.Also.Path != "lib/x.php" || got.Also.Line != 3 || !strings.HasSuffix(got.Label, "lib/x.php:3") {
		t.Fatalf("got %+v", got)
	}
	f.Elsewhere = files(map[string][]byte{"lib/x.php": slices.Concat(lines, lines)})
	if got := found(For(f), Moved); got != nil {
		t.Errorf("lines that are there twice were found: %+v", got)
	}
}

func files(m map[string][]byte) iter.Seq2[string, []byte] { return maps.All(m) }

func found(a Answers, s Source) *Suggestion {
	for _, list := range a.Disputes {
		for _, one := range list {
			if one.Source == s {
				return &one
			}
		}
	}
	return nil
}

func TestKnownResolution(t *testing.T) {
	f := file(say("limit( rows, 10, more, of, them );"), say("limit( lines, 20, more, of, them );"), say("limit( rows, 50, more, of, them );"))
	key := KeyOf(For(f).Merged.Hunks()[0])
	f.Known = func(k Key) []Resolution {
		if k != key {
			return nil
		}
		return []Resolution{{Text: say("limit( rows, 40 );"), Where: "1.45", By: "priya"}}
	}
	crlf := f
	for _, side := range []*[]byte{&crlf.Base, &crlf.Upstream, &crlf.Patch} {
		*side = bytes.ReplaceAll(*side, []byte("\n"), []byte(" \r\n"))
	}
	for _, f := range []File{f, crlf} {
		got := For(f).Disputes[0]
		if len(got) != 1 || got[0].Source != Known || got[0].Label != "the same conflict was settled so in 1.45 (signed by priya)" {
			t.Errorf("got %+v", got)
		}
	}
	f.Patch = bytes.ReplaceAll(f.Patch, []byte("50"), []byte("51"))
	if got := For(f).Disputes[0]; len(got) != 0 {
		t.Errorf("another dispute was taken for it: %+v", got)
	}
}

func TestFirst(t *testing.T) {
	f := file(say("limit( rows, 10 );"), say("limit( lines, 10 );"), say("limit( rows, 50 );"))
	text, ok := For(f).First()
	if want := file(say("limit( lines, 50 );"), nil, nil).Base; !ok || !bytes.Equal(text, want) {
		t.Errorf("got %q, %v", text, ok)
	}
	f = file(say("limit( rows, 10, more, of, them );"), say("limit( lines, 20, more, of, them );"), say("limit( rows, 50, more, of, them );"))
	if text, ok := For(f).First(); ok {
		t.Errorf("a dispute without a suggestion gave %q", text)
	}
	if _, ok := For(File{Base: []byte("a\n"), Upstream: []byte("a\n"), Patch: []byte("b\n")}).First(); ok {
		t.Error("a file without a dispute is no answer")
	}
}

func TestBinaryAndHugeHaveNone(t *testing.T) {
	if a := For(File{Base: []byte("a\x00"), Upstream: []byte("b\x00"), Patch: []byte("c\x00")}); len(a.Disputes) != 0 {
		t.Errorf("binary: %+v", a)
	}
	big := func(with string) []byte { return bytes.Repeat([]byte(with+" and more words\n"), maxSides/16) }
	a := For(File{Base: big("a"), Upstream: big("b"), Patch: big("c")})
	for _, list := range a.Disputes {
		if len(list) > 0 {
			t.Errorf("%d suggestions", len(list))
		}
	}
}

func TestEverySourceIsMeasured(t *testing.T) {
	for _, s := range Sources {
		if p := measured[s]; p.Of == 0 || p.Right > p.Of {
			t.Errorf("%s: %+v", s, p)
		}
	}
	if len(measured) != len(Sources) {
		t.Errorf("%d sources are measured, there are %d", len(measured), len(Sources))
	}
}

func TestPercent(t *testing.T) {
	for p, want := range map[Precision]int{{}: 0, {Right: 2, Of: 3}: 66, {Right: 3, Of: 3}: 100} {
		if got := p.Percent(); got != want {
			t.Errorf("%+v: got %d", p, got)
		}
	}
}
