package merge3

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var styles = []Style{StyleMerge, StyleDiff3, StyleZdiff3}

// mergeCase is a merge by hand: texts are written as lines with "|" for a line
// break, results the same way. Both are also what git is asked.
type mergeCase struct {
	name                  string
	base, upstream, patch string
	// want is the result in the merge, diff3 and zdiff3 styles; what is left out is
	// as the one before it.
	want []string
}

var mergeCases = []mergeCase{
	{"both far apart", "a|b|c|", "A|b|c|", "a|b|C|", []string{"A|b|C|"}},
	{"touching changes are a dispute", "a|b|", "A|b|", "a|B|", []string{
		"<U|A|b|=|a|B|>P|", "<U|A|b||B|a|b|=|a|B|>P|",
	}},
	{"the same change twice", "a|b|c|", "a|X|c|", "a|X|c|", []string{"a|X|c|"}},
	{"the same change and another", "a|b|c|d|e|", "a|X|c|d|E|", "a|X|c|d|e|", []string{"a|X|c|d|E|"}},
	{"only what differs", "a|b|c|", "a|1|2|3|4|c|", "a|1|2|x|4|c|", []string{
		"a|1|2|<U|3|=|x|>P|4|c|", "a|<U|1|2|3|4||B|b|=|1|2|x|4|>P|c|", "a|1|2|<U|3||B|b|=|x|>P|4|c|",
	}},
	{"three agreed lines join disputes", "m|", "1|a|b|c|2|", "3|a|b|c|4|", []string{
		"<U|1|a|b|c|2|=|3|a|b|c|4|>P|", "<U|1|a|b|c|2||B|m|=|3|a|b|c|4|>P|",
	}},
	{"four agreed lines do not", "m|", "1|a|b|c|d|2|", "3|a|b|c|d|4|", []string{
		"<U|1|=|3|>P|a|b|c|d|<U|2|=|4|>P|", "<U|1|a|b|c|d|2||B|m|=|3|a|b|c|d|4|>P|",
	}},
	{"alike by overlapping changes", "a|b|c|d|", "X|d|", "X|c|d|", []string{
		"X|<U|=|c|>P|d|", "<U|X||B|a|b|c|=|X|c|>P|d|", "X|<U||B|a|b|c|=|c|>P|d|",
	}},
	{"a dispute in which both say the same", "b|b|b|", "b|a|b|b|", "b|a|b|a|", []string{
		"b|a|b|a|", "<U|b|a||B|b|=|b|a|>P|b|a|", "b|a|<U||B|b|=|>P|b|a|",
	}},
	{"one deletes what the other changes", "a|b|c|", "a|c|", "a|B|c|", []string{
		"a|<U|=|B|>P|c|", "a|<U||B|b|=|B|>P|c|",
	}},
	{"added to nothing", "", "u|", "p|", []string{"<U|u|=|p|>P|", "<U|u||B|=|p|>P|"}},
	{"added to nothing, begun alike", "", "x|u|", "x|p|", []string{
		"x|<U|u|=|p|>P|", "<U|x|u||B|=|x|p|>P|", "x|<U|u||B|=|p|>P|",
	}},
	{"emptied and changed", "a|", "", "b|", []string{"<U|=|b|>P|", "<U||B|a|=|b|>P|"}},
	{"the last line break is supplied", "a", "u", "p", []string{"<U|u|=|p|>P|", "<U|u||B|a|=|p|>P|"}},
	{"only the last line break", "a|b|c|d|", "a|b|c|d", "A|b|c|d|", []string{"A|b|c|d"}},
	{"CR LF", "x\r|a\r|", "x\r|u\r|", "x\r|p\r|", []string{
		"x\r|<U\r|u\r|=\r|p\r|>P\r|", "x\r|<U\r|u\r||B\r|a\r|=\r|p\r|>P\r|",
	}},
	{"CR LF on one side only", "x\r|a\r|", "x\r|u\r|", "x|p|", []string{
		"<U|x\r|u\r|=|x|p|>P|", "<U|x\r|u\r||B|x\r|a\r|=|x|p|>P|",
	}},
	{"CR LF is supplied too", "x\r|a", "x\r|u", "x\r|p", []string{
		"x\r|<U\r|u\r|=\r|p\r|>P\r|", "x\r|<U\r|u\r||B\r|a\r|=\r|p\r|>P\r|",
	}},
	{"CR LF is not known of an empty base", "", "u\r|", "p\r|", []string{"<U|u\r|=|p\r|>P|", "<U|u\r||B|=|p\r|>P|"}},
	{"an emptied side does not hinder CR LF", "a\r|b\r|", "", "a\r|c\r|", []string{
		"<U\r|=\r|a\r|c\r|>P\r|", "<U\r||B\r|a\r|b\r|=\r|a\r|c\r|>P\r|",
	}},
	{"binary", "a\x00|", "u|", "p|", []string{"u|"}},
	{"a NUL far down is text", strings.Repeat("x", 7999) + "|\x00|", "u|", "p|", []string{
		"<U|u|=|p|>P|", "<U|u||B|" + strings.Repeat("x", 7999) + "|\x00|=|p|>P|",
	}},
	{"a NUL at the border", strings.Repeat("x", 7999) + "\x00|", "u|", "p|", []string{"u|"}},
	{"binary but settled", "a\x00|", "a\x00|", "p\x00|", []string{"p\x00|"}},
}

func (c mergeCase) triple() triple {
	return triple{unbar(c.base), unbar(c.upstream), unbar(c.patch)}
}

func unbar(s string) []byte { return []byte(strings.ReplaceAll(s, "|", "\n")) }

// shown writes a result in the words of mergeCase.
func shown(merged []byte, l MarkerLabels) string {
	s := "\n" + string(merged)
	for marker, short := range map[string]string{
		"<<<<<<< " + l.Upstream: "<U", "||||||| " + l.Base: "|B", "=======": "=", ">>>>>>> " + l.Patch: ">P",
	} {
		s = strings.ReplaceAll(s, "\n"+marker, "\n"+short)
	}
	return strings.ReplaceAll(s[1:], "\n", "|")
}

func TestText(t *testing.T) {
	for _, c := range mergeCases {
		in := c.triple()
		for i, style := range styles {
			r := Text(in.base, in.upstream, in.patch, TextOptions{Style: style, Labels: testLabels})
			if got, want := shown(r.Bytes(), testLabels), c.want[min(i, len(c.want)-1)]; got != want {
				t.Errorf("%s: style %d: %q, want %q", c.name, style, got, want)
			}
		}
	}
}

func TestTextCasesAgainstGit(t *testing.T) {
	o := newOracle(t, gitBinary(t, ""))
	var triples []triple
	for _, c := range mergeCases {
		triples = append(triples, c.triple())
	}
	for _, style := range styles {
		o.check(style, triples)
	}
}

func TestTextMarkerSize(t *testing.T) {
	r := Text([]byte("a\n"), []byte("u\n"), []byte("p\n"), TextOptions{Labels: MarkerLabels{Size: 3, Upstream: "x"}})
	if got, want := string(r.Bytes()), "<<< x\nu\n===\np\n>>>\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTextRegions(t *testing.T) {
	lines := func(s string) []byte { return []byte(strings.Join(strings.Split(s, ""), "\n") + "\n") }
	r := Text(lines("abcdefghi"), lines("Xbcdefghi"), lines("abcDefghi"), TextOptions{})
	var got []string
	for _, s := range r.Regions {
		if s.Hunk != nil {
			t.Fatalf("a dispute: %+v", s.Hunk)
		}
		got = append(got, string(rune('0'+int(s.From)))+strings.ReplaceAll(string(s.Text), "\n", ""))
	}
	if want := []string{"2X", "1bc", "3D", "1efghi"}; !slices.Equal(got, want) {
		t.Errorf("regions %q, want %q", got, want)
	}
}

// The sides of a dispute are as they stand in the inputs, so a settled one ends
// as the side does; only taking both supplies the line break in between.
func TestTextLastLine(t *testing.T) {
	r := Text([]byte("a"), []byte("u"), []byte("p"), TextOptions{Style: StyleDiff3})
	for take, want := range map[Take]string{TakeBase: "a", TakeUpstream: "u", TakePatch: "p", TakeBoth: "u\np", TakeNone: ""} {
		if got := string(r.Regions.Take(take)); got != want {
			t.Errorf("Take(%d) = %q, want %q", take, got, want)
		}
	}
}

func TestTextBinary(t *testing.T) {
	r := Text([]byte("a"), []byte("u\x00"), []byte("p"), TextOptions{})
	if !r.Binary || r.Clean() || string(r.Regions.Take(TakePatch)) != "p" {
		t.Errorf("%+v", r)
	}
}

// In this text a sliding group comes to face another that has a line in common
// with it; found by asking a git that knows.
func TestTextRediffShifted(t *testing.T) {
	text := func(s string) []byte { return []byte(strings.Join(strings.Split(s, ""), "\n") + "\n") }
	base, upstream, patch := text("01101110"), text("01010"), text("01110010")
	for rediff, want := range map[bool]int{false: 1, true: 2} {
		r := Text(base, upstream, patch, TextOptions{Style: StyleDiff3, RediffShifted: rediff})
		if got := len(r.Regions.Hunks()); got != want {
			t.Errorf("RediffShifted %t: %d disputes, want %d", rediff, got, want)
		}
	}
}

// drawTexts draws a text of few kinds of lines, and two edits of it.
func drawTexts(t *rapid.T) triple {
	line := rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\r\n", "\n"})
	draw := func(label string) []string { return rapid.SliceOfN(line, 0, 12).Draw(t, label) }
	base := draw("base")
	edit := func(label string) []byte {
		out := slices.Clone(base)
		for range rapid.IntRange(0, 3).Draw(t, label+" edits") {
			lo := rapid.IntRange(0, len(out)).Draw(t, "from")
			hi := rapid.IntRange(lo, min(len(out), lo+3)).Draw(t, "to")
			out = slices.Replace(out, lo, hi, draw(label)[:]...)
		}
		text := []byte(strings.Join(out, ""))
		if rapid.IntRange(0, 4).Draw(t, "no last break") == 0 {
			text = bytes.TrimSuffix(text, []byte("\n"))
		}
		return text
	}
	return triple{[]byte(strings.Join(base, "")), edit("upstream"), edit("patch")}
}

func drawOptions(t *rapid.T) TextOptions {
	return TextOptions{
		Style: rapid.SampledFrom(styles).Draw(t, "style"), Labels: testLabels,
		RediffShifted: rapid.Bool().Draw(t, "rediff"),
		Algorithm:     rapid.SampledFrom([]Algorithm{Histogram, Myers}).Draw(t, "algorithm"),
	}
}

func TestTextLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, o := drawTexts(t), drawOptions(t)
		same := func(law string, r TextResult, want []byte) {
			if !r.Clean() || !bytes.Equal(r.Bytes(), want) {
				t.Errorf("%s: %q, want %q", law, r.Bytes(), want)
			}
		}
		same("only the patch changes", Text(in.base, in.base, in.patch, o), in.patch)
		same("only upstream changes", Text(in.base, in.upstream, in.base, o), in.upstream)
		same("both change alike", Text(in.base, in.patch, in.patch, o), in.patch)
		merged := Text(in.base, in.upstream, in.patch, o)
		if merged.Clean() != (len(merged.Regions.Hunks()) == 0) {
			t.Error("clean with disputes")
		}
		swappedSides(t, in, o, merged)
		nothingInvented(t, in, merged)
	})
}

// Sides that change places change places in the disputes. The merge style is
// left out: it compares the sides with each other, and a comparison may choose
// otherwise in the other direction.
func swappedSides(t *rapid.T, in triple, o TextOptions, merged TextResult) {
	if o.Style == StyleMerge {
		return
	}
	swapped := Text(in.base, in.patch, in.upstream, o)
	if !bytes.Equal(swapped.Regions.Take(TakeUpstream), merged.Regions.Take(TakePatch)) ||
		!bytes.Equal(swapped.Regions.Take(TakePatch), merged.Regions.Take(TakeUpstream)) ||
		!bytes.Equal(swapped.Regions.Take(TakeBase), merged.Regions.Take(TakeBase)) {
		t.Errorf("%q swapped is %q", merged.Bytes(), swapped.Bytes())
	}
}

// Every line of a result, and of either side of a dispute, is a line of the
// text that it is said to come from.
func nothingInvented(t *rapid.T, in triple, merged TextResult) {
	from := func(what string, part, whole []byte) {
		if len(part) > 0 && !bytes.Contains(append([]byte("\n"), whole...), append([]byte("\n"), part...)) {
			t.Errorf("%s: %q is not in %q", what, part, whole)
		}
	}
	for _, s := range merged.Regions {
		switch {
		case s.Hunk != nil:
			from("upstream's side", s.Hunk.Upstream, in.upstream)
			from("the patch's side", s.Hunk.Patch, in.patch)
			from("the base's side", s.Hunk.Base, in.base)
		case s.From == FromUpstream:
			from("upstream's text", s.Text, in.upstream)
		case s.From == FromPatch:
			from("the patch's text", s.Text, in.patch)
		case s.From == FromBoth:
			for line := range bytes.Lines(s.Text) {
				from("text of both", line, in.upstream)
				from("text of both", line, in.patch)
			}
		default:
			t.Errorf("text from nowhere: %q", s.Text)
		}
	}
}

// What Bytes writes, ParseMarked reads: with labels that no line looks like,
// and except that every line of a dispute then ends with a line break.
func TestTextIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, o := drawTexts(t), drawOptions(t)
		merged := Text(in.base, in.upstream, in.patch, o)
		m, err := ParseMarked(merged.Bytes(), o.Labels)
		if err != nil {
			t.Fatal(err)
		}
		if again := m.Text(o.Labels); !bytes.Equal(again, merged.Bytes()) {
			t.Errorf("%q is written again as %q", merged.Bytes(), again)
		}
		if len(m.Hunks()) != len(merged.Regions.Hunks()) {
			t.Errorf("%d disputes are read as %d", len(merged.Regions.Hunks()), len(m.Hunks()))
		}
	})
}
