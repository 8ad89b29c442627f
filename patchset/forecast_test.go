package patchset_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
)

func TestFirstOf(t *testing.T) {
	for history, want := range map[string]int{
		"": -1, "-": -1, "+": 0, "--": -1, "+-": -1, "-+": 1, "++": 0, "---+": 3, "-+++": 1, "--++++": 2,
		"+--+": 0, // it held from the start: what came between is not looked at
	} {
		got, err := patchset.FirstOf(len(history), func(i int) (bool, error) { return history[i] == '+', nil })
		if err != nil || got != want {
			t.Errorf("%q: %d (%v), want %d", history, got, err, want)
		}
	}
	broken := errors.New("broken")
	for at := range 3 { // of the three that are asked here: the last, the first, the middle
		asked := 0
		_, err := patchset.FirstOf(3, func(i int) (bool, error) {
			if asked++; asked == at+1 {
				return false, broken
			}
			return i == 2, nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("an error at question %d was lost: %v", at, err)
		}
	}
}

// Whatever the history: what is found has it, the point before has not, and the number
// of questions is that of a search by halving.
func TestFirstOfLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := rapid.SliceOfN(rapid.Bool(), 0, 600).Draw(t, "history")
		n, asked := len(history), 0
		got, err := patchset.FirstOf(n, func(i int) (bool, error) { asked++; return history[i], nil })
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case got < 0 && n > 0 && history[n-1]:
			t.Fatal("it holds at the end, and nothing was found")
		case got >= 0 && !history[got]:
			t.Fatalf("it does not hold at %d", got)
		case got > 0 && history[got-1]:
			t.Fatalf("it holds before %d already", got)
		case got < 0 && n > 0 && asked > 1, asked > 2+bits.Len(uint(n)):
			t.Fatalf("%d questions about %d points", asked, n)
		}
	})
}

// forecastBench has a line of public commits.
type forecastBench struct {
	*fakeBench
	line  []patchset.ID
	short bool // the line is not whole
}

func (f *forecastBench) FirstParents(context.Context, patchset.ID, patchset.ID) ([]patchset.ID, bool, error) {
	return f.line, !f.short, nil
}

func (f *forecastBench) Changed(_ context.Context, id patchset.ID) ([]string, error) {
	return slices.Sorted(maps.Keys(f.changes(id))), nil
}

func (f *forecastBench) Content(_ context.Context, id patchset.ID, paths []string) (string, error) {
	var words []string
	for _, path := range paths {
		words = append(words, f.trees.at(f.commits.at(id).Tree)[path])
	}
	return strings.Join(words, "\n"), nil
}

func (f *forecastBench) Touching(_ context.Context, since, tip patchset.ID, paths []string) ([]patchset.ID, error) {
	parents := f.commits.at(tip).Parents
	if len(parents) < 2 {
		return nil, nil
	}
	side := parents[1]
	for path := range f.changes(side) {
		if slices.Contains(paths, path) {
			return []patchset.ID{side}, nil
		}
	}
	return nil, nil
}

// public makes a line of commits, each with one edit; the first is the base.
func (f *forecastBench) public(files map[string]string, edits ...[2]string) {
	f.line = []patchset.ID{f.commit("", "base\n", files)}
	files = maps.Clone(files)
	for i, e := range edits {
		files[e[0]] = e[1]
		f.line = append(f.line, f.commit(f.line[i], fmt.Sprintf("public %d\n", i+1), files))
	}
}

func newForecastBench() *forecastBench {
	return &forecastBench{fakeBench: newFakeBench()}
}

// foresee carries edits from the base to the end of the line.
func (f *forecastBench) foresee(t interface{ Fatal(...any) }, edits ...[2]string) []patchset.Prospect {
	prospects, err := patchset.Foresee(context.Background(), f, f.line[len(f.line)-1], f.items(edits...), 1)
	if err != nil {
		t.Fatal(err)
	}
	return prospects
}

func (f *forecastBench) items(edits ...[2]string) []patchset.Item {
	items := f.stack(f.line[0], edits...)
	for i := range items {
		items[i].Since = f.line[0]
	}
	return items
}

// told says a forecast in a line; commits by their place in the line.
func (f *forecastBench) told(prospects []patchset.Prospect) string {
	var words []string
	for _, p := range prospects {
		word := fmt.Sprintf("%s:%s", p.Patch, p.Incarnation.State)
		switch {
		case p.Onset.Already:
			word += "@start"
		case p.Onset.Commit != "":
			word += fmt.Sprintf("@%d", slices.Index(f.line, p.Onset.Commit))
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestForeseeNamesTheCommit(t *testing.T) {
	files := map[string]string{"a": "a1", "b": "b1", "c": "c1"}
	for name, tt := range map[string]struct {
		public, stack [][2]string
		want          string
	}{
		"nothing new":             {nil, [][2]string{{"a", "A"}}, "T1:clean"},
		"another file":            {[][2]string{{"b", "b2"}}, [][2]string{{"a", "A"}}, "T1:clean"},
		"a conflict":              {[][2]string{{"b", "b2"}, {"a", "a2"}, {"b", "b3"}}, [][2]string{{"a", "A"}}, "T1:conflict@2"},
		"it lands":                {[][2]string{{"b", "b2"}, {"b", "b3"}, {"a", "A"}}, [][2]string{{"a", "A"}}, "T1:landed@3"},
		"a conflict, then landed": {[][2]string{{"a", "a2"}, {"b", "b2"}, {"a", "A"}, {"c", "c2"}}, [][2]string{{"a", "A"}}, "T1:landed@3"},
		"taken back":              {[][2]string{{"a", "a2"}, {"a", "a1"}}, [][2]string{{"a", "A"}}, "T1:clean"},
		"one waits for another":   {[][2]string{{"b", "b2"}, {"a", "a2"}}, [][2]string{{"a", "A"}, {"a", "AA"}}, "T1:conflict@2 T2:waiting@2"},
		// T2 rests on T1: without it below, T2 would conflict from the start.
		"no blame for the stack":     {[][2]string{{"b", "b2"}, {"a", "A"}, {"a", "a3"}}, [][2]string{{"a", "A"}, {"a", "AA"}, {"b", "B"}}, "T1:conflict@3 T2:waiting@3 T3:conflict@1"},
		"each by its own commit":     {[][2]string{{"c", "c2"}, {"b", "b2"}, {"a", "a2"}}, [][2]string{{"a", "A"}, {"b", "B"}, {"c", "C"}}, "T1:conflict@3 T2:conflict@2 T3:conflict@1"},
		"one of several onsets":      {[][2]string{{"a", "a2"}, {"a", "a1"}, {"b", "b2"}, {"a", "a3"}}, [][2]string{{"a", "A"}}, "T1:conflict@4"},
		"the lower one is let go":    {[][2]string{{"b", "b2"}, {"a", "A"}}, [][2]string{{"a", "A"}, {"a", "AA"}}, "T1:landed@2 T2:clean"},
		"the stack has it by itself": {[][2]string{{"b", "b2"}}, [][2]string{{"a", "A"}, {"c", "C"}, {"b", "b2"}}, "T1:clean T2:clean T3:landed@1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForecastBench()
			f.public(files, tt.public...)
			if diff := cmp.Diff(tt.want, f.told(f.foresee(t, tt.stack...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where it is so from the start, no public commit is blamed; where the line was too long
// to look at, it is said how far was looked.
func TestForeseeBlamesNobodyForThePast(t *testing.T) {
	f := newForecastBench()
	f.public(map[string]string{"a": "a1"}, [2]string{"a", "a2"}, [2]string{"b", "b2"})
	items := f.items([2]string{"a", "A"})
	f.line = f.line[1:]
	for _, short := range []bool{false, true} {
		f.short = short
		got, err := patchset.Foresee(context.Background(), f, f.line[1], items, 1)
		if err != nil {
			t.Fatal(err)
		}
		want := patchset.Onset{Already: true}
		if short {
			want.Until = f.line[0]
		}
		if diff := cmp.Diff(want, got[0].Onset); diff != "" || got[0].Incarnation.State != patchset.StateConflict {
			t.Errorf("%s %s", got[0].Incarnation.State, diff)
		}
	}
}

// Of a merge, the commit that it brings is named.
func TestForeseeLooksIntoMerges(t *testing.T) {
	f := newForecastBench()
	f.public(map[string]string{"a": "a1", "b": "b1"}, [2]string{"b", "b2"})
	files := map[string]string{"a": "a2", "b": "b2"}
	side := f.commit(f.line[1], "side\n", files)
	merge := f.commits.at(side)
	merge.Parents, merge.Message = []patchset.ID{f.line[1], side}, []byte("Merge side\n")
	id, _ := f.WriteCommit(context.Background(), merge)
	f.line = append(f.line, id)
	got := f.foresee(t, [2]string{"a", "A"})[0].Onset
	if want := (patchset.Onset{Commit: id, Change: side}); got != want || got.Named() != side {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Whatever stack and history: with the commit that is named, the whole stack comes to
// what was foreseen, and with its parent it does not.
func TestForeseeLaws(t *testing.T) {
	file := rapid.SampledFrom([]string{"a", "b", "c"})
	text := rapid.SampledFrom([]string{"1", "2", "3"})
	edits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]string {
		return [2]string{file.Draw(t, "file"), text.Draw(t, "text")}
	}), 1, 8)
	rapid.Check(t, func(t *rapid.T) {
		f := newForecastBench()
		f.public(map[string]string{"a": "1", "b": "1", "c": "1"}, edits.Draw(t, "public")...)
		stack := edits.Draw(t, "stack")
		prospects := f.foresee(t, stack...)
		whole := func(at int) map[string]patchset.State {
			out, err := patchset.CarryStack(context.Background(), f, f.line[at], f.items(stack...), now)
			if err != nil {
				t.Fatal(err)
			}
			states := map[string]patchset.State{}
			for _, o := range out {
				states[o.Patch] = o.Incarnation.State
			}
			return states
		}
		end := whole(len(f.line) - 1)
		for _, p := range prospects {
			state, at := p.Incarnation.State, slices.Index(f.line, p.Onset.Commit)
			switch {
			case state != end[p.Patch]:
				t.Fatalf("%s: foreseen %s, the train says %s", p.Patch, state, end[p.Patch])
			case !state.Foretold():
				if p.Onset != (patchset.Onset{}) {
					t.Fatalf("%s is %s, and %+v is blamed", p.Patch, state, p.Onset)
				}
			case p.Onset.Already:
				if whole(0)[p.Patch] != state {
					t.Fatalf("%s is not %s from the start", p.Patch, state)
				}
			case at < 1 || whole(at)[p.Patch] != state || whole(at - 1)[p.Patch] == state:
				t.Fatalf("%s does not become %s at %d", p.Patch, state, at)
			}
		}
	})
}

func prospect(id string, was, state patchset.State, commit string) patchset.Prospect {
	return patchset.Prospect{
		Outcome: patchset.Outcome{Patch: id, Incarnation: patchset.Incarnation{State: state}},
		Was:     was, Onset: patchset.Onset{Commit: patchset.ID(commit)},
	}
}

func TestNews(t *testing.T) {
	type said = patchset.Foreseen
	for name, tt := range map[string]struct {
		last *said
		now  patchset.Prospect
		want bool
	}{
		"first seen, calm":                      {nil, prospect("T1", "clean", "moved", ""), false},
		"first seen, conflict":                  {nil, prospect("T1", "clean", "conflict", "x"), true},
		"first seen, so in the version already": {nil, prospect("T1", "conflict", "conflict", ""), false},
		"first seen, landed before":             {nil, prospect("T1", "landed", "landed", ""), false},
		"the same":                              {&said{State: "conflict", Commit: "x"}, prospect("T1", "clean", "conflict", "x"), false},
		"another commit":                        {&said{State: "conflict", Commit: "x"}, prospect("T1", "clean", "conflict", "y"), true},
		"the commit is in the version now":      {&said{State: "conflict", Commit: "x"}, prospect("T1", "conflict", "conflict", ""), false},
		"worse":                                 {&said{State: "drift", Commit: "x"}, prospect("T1", "clean", "conflict", "x"), true},
		"over":                                  {&said{State: "conflict", Commit: "x"}, prospect("T1", "clean", "clean", ""), true},
		"calm in another way":                   {&said{State: "clean"}, prospect("T1", "clean", "moved", ""), false},
	} {
		last := map[string]said{}
		if tt.last != nil {
			last["T1"] = *tt.last
		}
		if got := len(patchset.News(last, []patchset.Prospect{tt.now})) == 1; got != tt.want {
			t.Errorf("%s: news %v, want %v", name, got, tt.want)
		}
	}
}

// A forecast is no news to itself, and keeps its order.
func TestNewsLaws(t *testing.T) {
	state := rapid.SampledFrom(patchset.States)
	rapid.Check(t, func(t *rapid.T) {
		var now []patchset.Prospect
		said := map[string]patchset.Foreseen{}
		for i := range rapid.IntRange(0, 5).Draw(t, "patches") {
			p := prospect(fmt.Sprint("T", i), state.Draw(t, "was"), state.Draw(t, "state"), rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "commit"))
			now = append(now, p)
			said[p.Patch] = p.Foreseen()
		}
		if news := patchset.News(said, now); len(news) > 0 {
			t.Fatalf("%+v is news to itself", news)
		}
		fresh := patchset.News(nil, now)
		if !slices.IsSortedFunc(fresh, func(a, b patchset.Prospect) int { return strings.Compare(a.Patch, b.Patch) }) {
			t.Fatal("out of order")
		}
	})
}
