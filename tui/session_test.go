package tui

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// someConflict draws conflicts of text and of paths.
var someConflict = rapid.Custom(func(t *rapid.T) Conflict {
	c := fixture("one", rapid.SampledFrom([]string{"owner", "deputy", "other", "nobody", "override"}).Draw(t, "role"))
	c.Files = nil
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"one", "two", "modify-delete", "delete-modify", "rename-rename", "directory-rename", "binary", "hostile", "crlf", "no-newline"}), 1, 3, rapid.ID).Draw(t, "files")
	for _, n := range names {
		for _, f := range fixtureFiles[n]() {
			f.Path = n + "/" + f.Path
			c.Files = append(c.Files, f)
		}
	}
	return c
})

// someIntent draws what a person may want, in any state.
var someIntent = rapid.OneOf(
	rapid.Map(rapid.SampledFrom([]Side{Base, Upstream, Patch, Both, None}), func(s Side) Intent { return Take{s} }),
	rapid.Map(rapid.SampledFrom([]Side{Base, Upstream, Patch, Both, None}), func(s Side) Intent { return TakeAll{s} }),
	rapid.Map(rapid.IntRange(-1, 1), func(n int) Intent { return Move{Unit(n + 1), 1 - 2*(n&1)} }),
	rapid.SampledFrom([]Intent{
		CombineWords{},
		Delete{},
		AsIs{},
		Reset{},
		Undo{},
		Redo{},
		Sign{},
		Back{},
		Submit{},
		NextView{},
		Suggest{0},
		EditHunk{},
		EditFile{},
		Type{"T401234"},
		Erase{},
		Erase{All: true},
		Find{Text: "a"},
		Find{Back: true},
		Scroll{Lines: 3},
		Scroll{Pages: -1},
		Show{ScreenFiles},
		Show{ScreenHandOff},
		Show{ScreenReview},
		Reviewed{Review: fixtureReview},
		Signed{},
		HandedOff{},
		Ask{QuestionAll},
		Syntax{},
		Sideways{8},
		Choose{1},
		Suspend{},
	}),
)

// play applies intents; an editor puts a line in front of the text.
func play(t *rapid.T, s Session, n int) Session {
	for i := range rapid.IntRange(0, n).Draw(t, "steps") {
		next, effects := s.Apply(someIntent.Draw(t, fmt.Sprint("intent ", i)))
		for _, e := range effects {
			if edit, ok := e.(Edit); ok {
				next, _ = next.Apply(Edited{Edit: edit, Text: append([]byte("new\n"), edit.Text...)})
			}
		}
		s = next
	}
	return s
}

func TestUndoRestoresWhatWasBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := play(t, NewSession(someConflict.Draw(t, "conflict"), Abilities{}), 12)
		before, steps := s.Outcome(), depth(s.past)
		after := play(t, s, 8)
		for depth(after.past) > steps {
			after, _ = after.Apply(Undo{})
		}
		if depth(after.past) < steps {
			return // something older was undone
		}
		if got := after.Outcome(); !reflect.DeepEqual(got, before) && after.past == s.past {
			t.Fatalf("undo gives\n%+v\nwant\n%+v", got, before)
		}
		if got := s.Outcome(); !reflect.DeepEqual(got, before) {
			t.Fatal("the earlier session changed")
		}
	})
}

func depth(m *moment) int {
	n := 0
	for ; m != nil; m = m.earlier {
		n++
	}
	return n
}

func TestRedoIsUndoBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := play(t, NewSession(someConflict.Draw(t, "conflict"), Abilities{}), 12)
		want := s.Outcome()
		n := rapid.IntRange(0, depth(s.past)).Draw(t, "undone")
		for range n {
			s, _ = s.Apply(Undo{})
		}
		for range n {
			s, _ = s.Apply(Redo{})
		}
		if got := s.Outcome(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestUndoOfAllIsTheStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConflict.Draw(t, "conflict")
		s := play(t, NewSession(c, Abilities{}), 15)
		for s.past != nil {
			s, _ = s.Apply(Undo{})
		}
		if want := NewSession(c, Abilities{}).Outcome(); !reflect.DeepEqual(s.Outcome(), want) {
			t.Fatalf("got %+v, want %+v", s.Outcome(), want)
		}
	})
}

// TestTakingEverySideLeavesNone: after a side was taken for every dispute nothing
// is left, and of a text the result is what the merge engine makes of that choice.
func TestTakingEverySideLeavesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConflict.Draw(t, "conflict")
		side := rapid.SampledFrom([]Side{Base, Upstream, Patch}).Draw(t, "side")
		s := NewSession(c, Abilities{})
		for i := range c.Files {
			s, _ = s.Apply(Go{i})
			s.sure = true
			if c.Files[i].nowhere() {
				s, _ = s.Apply(AsIs{})
			}
			s, _ = s.Apply(TakeAll{side})
		}
		if s.Left() != 0 {
			t.Fatalf("%d left: %+v", s.Left(), s.Outcome())
		}
		for i, o := range s.Outcome() {
			if !o.Settled || len(o.Open) > 0 || len(o.How) == 0 {
				t.Fatalf("not settled: %+v", o)
			}
			if f := c.Files[i]; len(f.Text) > 0 && string(o.Text) != string(f.Text.Take(takes[side])) {
				t.Fatalf("text %q, want %q", o.Text, f.Text.Take(takes[side]))
			}
		}
		if m := s.Meter(); side == Patch && m.Fix.Kept != m.Fix.Total || side == Upstream && m.Upstream.Kept != m.Upstream.Total {
			t.Fatalf("taking %s loses of it: %+v", side, m)
		}
	})
}

func TestMeterBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConflict.Draw(t, "conflict")
		s := NewSession(c, Abilities{})
		start := s.Meter()
		s = play(t, s, 12)
		for i, got := range []Count{s.Meter().Fix, s.Meter().Upstream} {
			if got.Kept < 0 || got.Open < 0 || got.Kept+got.Open > got.Total {
				t.Fatalf("count %d: %+v", i, got)
			}
			if s.Left() == 0 && got.Open != 0 {
				t.Fatalf("all is decided and %d open", got.Open)
			}
			if lost := got.Total - got.Kept - got.Open; (lost > 0) != (len(got.Lost) > 0) {
				t.Fatalf("count %d: %d are lost, %d shown", i, lost, len(got.Lost))
			}
		}
		if start.Fix.Kept+start.Fix.Open != start.Fix.Total {
			t.Fatalf("something is lost before anything was decided: %+v", start.Fix)
		}
	})
}

// TestDraftIsContinued: what a session hands to the host is enough to go on.
func TestDraftIsContinued(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConflict.Draw(t, "conflict")
		s := play(t, NewSession(c, Abilities{}), 12)
		c.Drafted = s.Outcome()
		again := NewSession(c, Abilities{})
		if again.Left() != s.Left() {
			t.Fatalf("%d left, want %d", again.Left(), s.Left())
		}
		for i, o := range again.Outcome() {
			want := c.Drafted[i]
			if o.Settled != want.Settled || string(o.Text) != string(want.Text) || o.Take != want.Take || o.Delete != want.Delete {
				t.Fatalf("got %+v\nwant %+v", o, want)
			}
		}
	})
}

// TestEveryFrameFits: whatever was done, at whatever size, a frame fills the
// screen and holds nothing that a terminal would obey.
func TestEveryFrameFits(t *testing.T) {
	theme := NewTheme(ThemeOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := play(t, NewSession(someConflict.Draw(t, "conflict"), Abilities{}), 10)
		size := Size{rapid.IntRange(1, 170).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")}
		mustFill(t, Render(s, size, theme), size)
	})
}

// mustFill demands that a frame fills a screen of a size, and holds nothing that a terminal
// would obey.
func mustFill(t *rapid.T, frame string, size Size) {
	rows := strings.Split(frame, "\n")
	if len(rows) != size.Height {
		t.Fatalf("%d rows, want %d", len(rows), size.Height)
	}
	for i, r := range rows {
		if w := (line{{plain, r}}).width(); w != size.Width || strings.ContainsAny(r, "\x1b\r\t\a\u202e") {
			t.Fatalf("row %d of %v, %d cells: %q", i, size, w, r)
		}
	}
}

// A real fingerprint is long; what one may do stands behind it.
func TestRightsAreInSightBesideAKey(t *testing.T) {
	c := fixture("two", "verified")
	c.Actor.Key = "SHA256:" + strings.Repeat("k", 43)
	if frame := Render(NewSession(c, Abilities{}), Size{80, 24}, NewTheme(ThemeOptions{})); !strings.Contains(frame, "sign.") {
		t.Error(frame)
	}
}

func TestOnlySignersSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConflict.Draw(t, "conflict")
		c.As = ""
		s := NewSession(c, Abilities{})
		for i := range rapid.IntRange(0, 20).Draw(t, "steps") {
			next, effects := s.Apply(someIntent.Draw(t, fmt.Sprint("intent ", i)))
			for _, e := range effects {
				if _, signs := e.(AskSign); signs {
					t.Fatal("signed without the right to")
				}
			}
			s = next
		}
	})
}

func TestKeysOfAScreenAreDistinct(t *testing.T) {
	s := NewSession(fixture("two", "owner"), Abilities{})
	for screen := ScreenResolve; screen <= ScreenHandOff; screen++ {
		s.screen = screen
		seen := map[string]string{}
		for _, b := range s.active() {
			for _, k := range b.keys {
				if seen[k] != "" {
					t.Errorf("screen %d: %q means both %q and %q", screen, k, seen[k], b.long)
				}
				seen[k] = b.long
			}
		}
		if seen["ctrl+c"] == "" {
			t.Errorf("screen %d cannot be left at once", screen)
		}
	}
}

func TestEditedKeepsChoicesAroundTheEdit(t *testing.T) {
	c := fixture("two", "owner")
	s := NewSession(c, Abilities{})
	s, _ = s.Apply(Take{Patch})
	text, _ := s.files[0].content(&c.Files[0])
	edited := strings.Replace(string(text), "<<<<<<< UPSTREAM", "mine\n<<<<<<< UPSTREAM", 1)
	s, _ = s.Apply(Edited{Edit: Edit{Path: c.Files[0].Path, Text: text}, Text: []byte(edited)})
	if o := s.Outcome()[0]; len(o.Hunks) != 2 || o.Hunks[0].Take != Patch || o.Settled {
		t.Errorf("%+v", o)
	}
	if !strings.Contains(s.message, "marker") {
		t.Errorf("nothing is said of markers: %q", s.message)
	}
}

func TestNothingInDispute(t *testing.T) {
	s := NewSession(Conflict{}, Abilities{})
	if got := Render(s, Size{60, 15}, NewTheme(ThemeOptions{})); !strings.Contains(got, "nothing is in dispute") {
		t.Error(got)
	}
	if _, effects := s.Press("1"); len(effects) != 1 || effects[0] != (Quit{}) {
		t.Errorf("%v", effects)
	}
}

// TestTextAloneIsContinued: a draft that another program kept has no more than the
// text with its markers.
func TestTextAloneIsContinued(t *testing.T) {
	c := fixture("two", "owner")
	s, _ := NewSession(c, Abilities{}).Apply(Take{Patch})
	o := s.Outcome()[0]
	c.Drafted = []FileOutcome{{Path: o.Path, Text: o.Text, HasText: true}}
	again := NewSession(c, Abilities{})
	if again.Left() != 2 || string(again.Outcome()[0].Text) != string(o.Text) {
		t.Errorf("%d left, %+v", again.Left(), again.Outcome()[0])
	}
}

// FuzzSession: no bytes of a file make a session panic or spill.
func FuzzSession(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("a\nB\n"), []byte("a\nc"), uint8(100), uint8(30))
	f.Add([]byte(foo), []byte("<<<<<<< UPSTREAM\n=======\n"), []byte("\x1b[2J\xff\u202e\t\r\n"), uint8(80), uint8(24))
	f.Add([]byte{}, []byte("\n\n"), []byte("漢\t字"), uint8(40), uint8(12))
	theme := NewTheme(ThemeOptions{})
	f.Fuzz(func(t *testing.T, base, upstream, patch []byte, width, height uint8) {
		c := fixture("one", "owner")
		c.Files = []File{merged("f.php", string(base), string(upstream), string(patch))}
		s := NewSession(c, Abilities{})
		size := Size{int(width), max(1, int(height))}
		for _, key := range []string{"3", "2", "1", "b", "0", "c", "x", "e", "E", "+", "j", "+", "G", "/", "a", "enter", "n", "F", "esc", "d", "u", "s", "i"} {
			next, effects := s.Press(key)
			for _, e := range effects {
				if edit, ok := e.(Edit); ok {
					next, _ = next.Apply(Edited{Edit: edit, Text: append([]byte("x\n"), edit.Text...)})
				}
			}
			s = next
			for i, row := range strings.Split(Render(s, size, theme), "\n") {
				if i >= size.Height || (line{{plain, row}}).width() != size.Width {
					t.Fatalf("row %d after %q: %q", i, key, row)
				}
			}
		}
	})
}

// TestGivingUpTheFixIsAsked: nothing that leaves no line of the fix in a file is
// done by one key.
func TestGivingUpTheFixIsAsked(t *testing.T) {
	for _, c := range []struct {
		conflict string
		in       Intent
	}{
		{"modify-delete", Take{Upstream}},
		{"modify-delete", Take{Base}},
		{"modify-delete", Delete{}},
		{"binary", Take{Upstream}},
		{"two", TakeAll{Upstream}},
		{"two", TakeAll{None}},
		{"two", Delete{}},
	} {
		s := NewSession(fixture(c.conflict, "owner"), Abilities{})
		asked, effects := s.Apply(c.in)
		if asked.asking == nil || len(effects) > 0 || asked.past != nil {
			t.Errorf("%s: %#v is done unasked", c.conflict, c.in)
			continue
		}
		wrong, _ := asked.Apply(Type{"T40123"})
		if done, _ := wrong.Apply(Submit{}); done.past != nil {
			t.Errorf("%s: %#v is done for a wrong id", c.conflict, c.in)
		}
		again, _ := wrong.Press("ctrl+u") // a line typed wrong goes with one key
		right, _ := again.Apply(Type{"T401234"})
		if right, effects = right.Apply(Submit{}); right.past == nil || len(effects) != 1 || right.sure {
			t.Errorf("%s: %#v is not done for the right id", c.conflict, c.in)
		}
	}
}
