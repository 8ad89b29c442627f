package patchset_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
)

// side makes steps out of lines such as "train patches/T1/at/2.toml=a x.toml=".
func side(lines ...string) []patchset.Step {
	var steps []patchset.Step
	for i, line := range lines {
		words := strings.Fields(line)
		s := patchset.Step{ID: patchset.ID(line), Entry: patchset.Entry{Action: words[0], Sentence: fmt.Sprint(i)}, Changes: patchset.Facts{}}
		for _, w := range words[1:] {
			path, value, _ := strings.Cut(w, "=")
			s.Changes[path] = nil
			if value != "" {
				s.Changes[path] = []byte(value)
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// finally is what the facts are in the end.
func finally(f patchset.Fork, r patchset.Rejoined) string {
	facts := patchset.Facts(maps.Clone(f.Before))
	apply := func(changes patchset.Facts) {
		for path, data := range changes {
			if facts[path] = data; data == nil {
				delete(facts, path)
			}
		}
	}
	for _, s := range f.Others {
		apply(s.Changes)
	}
	for _, s := range r.Steps {
		apply(s.Changes)
	}
	apply(r.Mend)
	var out []string
	for _, path := range slices.Sorted(maps.Keys(facts)) {
		out = append(out, path+"="+string(facts[path]))
	}
	return strings.Join(out, " ")
}

func TestRejoin(t *testing.T) {
	const owner, severity = "patches/T1/owner.toml", "patches/T1/severity.toml"
	const state, conflict, resolution = "patches/T1/at/2.toml", "conflicts/2/T1.toml", "resolutions/2/T1.toml"
	for name, c := range map[string]struct {
		before, own, others []string
		answers             patchset.Answers
		want                string // the facts in the end
		clashes             string // or the names of what must be asked
	}{
		"other facts": {before: []string{"x " + owner + "=a"}, own: []string{"x " + owner + "=b"}, others: []string{"x " + severity + "=c"}, want: owner + "=b " + severity + "=c"},
		"the same":    {own: []string{"x " + owner + "=b"}, others: []string{"x " + owner + "=b"}, want: owner + "=b"},
		"the same found at another time": {
			own: []string{"train " + conflict + `=found="1"`}, others: []string{"train " + conflict + `=found="2"`}, want: conflict + `=found="2"`,
		},
		"other values":           {own: []string{"x " + owner + "=b"}, others: []string{"x " + owner + "=c"}, clashes: "T1"},
		"gone on one side":       {before: []string{"x " + owner + "=a"}, own: []string{"x " + owner + "="}, others: []string{"x " + owner + "=c"}, clashes: "T1"},
		"gone on both":           {before: []string{"x " + owner + "=a"}, own: []string{"x " + owner + "="}, others: []string{"x " + owner + "="}, want: ""},
		"they went on from ours": {own: []string{"x " + owner + "=b"}, others: []string{"x " + owner + "=b", "x " + owner + "=c"}, want: owner + "=c"},
		"we went on from theirs": {own: []string{"x " + owner + "=b", "x " + owner + "=c"}, others: []string{"x " + owner + "=b"}, want: owner + "=c"},
		"they went there and back": {
			before: []string{"x " + owner + "=a"}, own: []string{"x " + owner + "=b"}, others: []string{"x " + owner + "=c", "undo " + owner + "=a"}, want: owner + "=b",
		},
		"we went there and back": {
			before: []string{"x " + owner + "=a"}, own: []string{"x " + owner + "=b", "undo " + owner + "=a"}, others: []string{"x " + owner + "=c"}, want: owner + "=c",
		},
		"theirs takes all of one patch in one version": {
			own:    []string{"resolve " + resolution + "=mine " + state + "=proposed", "x " + severity + "=high"},
			others: []string{"resolve " + resolution + "=yours", "sign signatures/2/T1/lee.toml=s " + state + "=resolved"}, answers: patchset.Answers{Theirs: []string{"T1"}},
			want: state + "=resolved " + severity + "=high " + resolution + "=yours signatures/2/T1/lee.toml=s",
		},
		"ours takes all of one patch in one version": {
			own:    []string{"resolve " + resolution + "=mine " + state + "=proposed"},
			others: []string{"resolve " + resolution + "=yours", "sign signatures/2/T1/lee.toml=s " + state + "=resolved"}, answers: patchset.Answers{Ours: []string{"T1@2"}},
			want: state + "=proposed " + resolution + "=mine",
		},
		"one id taken twice is one question": {
			own:    []string{"add patches/T1/patch.toml=mine " + owner + "=a " + state + "=clean"},
			others: []string{"add patches/T1/patch.toml=yours " + owner + "=b " + state + "=clean"}, clashes: "T1",
		},
		"other bases": {
			own:    []string{"train versions/2/core.toml=b1 " + state + "=clean"},
			others: []string{"train versions/2/core.toml=b2 " + state + "=clean"}, clashes: "2",
		},
		"people are facts of their own": {
			own: []string{"owner owners.toml/person/a=x"}, others: []string{"owner owners.toml/person/b=y"}, want: "owners.toml/person/a=x owners.toml/person/b=y",
		},
		"results of checks are no question": {
			own: []string{"verify patches/T1/results/2/unit.toml=a"}, others: []string{"verify patches/T1/results/2/unit.toml=b"}, want: "patches/T1/results/2/unit.toml=b",
		},
		"one of two is answered": {
			own: []string{"x " + owner + "=b patches/T2/owner.toml=b"}, others: []string{"x " + owner + "=c patches/T2/owner.toml=c"},
			answers: patchset.Answers{Ours: []string{"T1"}}, clashes: "T2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := patchset.Fork{Before: patchset.Facts{}, Own: side(c.own...), Others: side(c.others...)}
			for _, s := range side(c.before...) {
				maps.Copy(f.Before, s.Changes)
			}
			r, err := f.Rejoin(c.answers)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, clash := range r.Clashes {
				names = append(names, clash.Names[0])
			}
			if got := strings.Join(names, " "); got != c.clashes {
				t.Fatalf("asked about %q, want %q", got, c.clashes)
			}
			if got := finally(f, r); c.clashes == "" && got != c.want {
				t.Errorf("in the end %s\nwant       %s", got, c.want)
			}
		})
	}
}

func TestRejoinRefusesAnswersToNothing(t *testing.T) {
	f := patchset.Fork{Own: side("x patches/T1/owner.toml=b"), Others: side("x patches/T1/owner.toml=c")}
	for _, answers := range []patchset.Answers{
		{Ours: []string{"T2"}},
		{Ours: []string{"T1"}, Theirs: []string{"T1"}},
		{Ours: []string{"T1"}, Theirs: []string{"T9"}},
	} {
		if _, err := f.Rejoin(answers); err == nil {
			t.Errorf("%v was taken for an answer", answers)
		}
	}
}

// Whatever two sides did: a fact that one side alone changed is as that side has it, one
// that both changed is as one of them has it, and every own step is there or accounted for.
func TestRejoinLoses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		paths := []string{"patches/T1/owner.toml", "patches/T1/at/2.toml", "conflicts/2/T1.toml", "patches/T2/patch.toml", "versions/2/core.toml"}
		steps := func(label string) (lines []string) {
			for range rapid.IntRange(0, 3).Draw(rt, label) {
				line := "x"
				for _, path := range rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 3, rapid.ID[string]).Draw(rt, "paths") {
					line += " " + path + "=" + rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(rt, "value")
				}
				lines = append(lines, line)
			}
			return lines
		}
		f := patchset.Fork{Before: patchset.Facts{paths[0]: []byte("a")}, Own: side(steps("own")...), Others: side(steps("others")...)}
		r, err := f.Rejoin(patchset.Answers{})
		if err != nil {
			rt.Fatal(err)
		}
		var theirs patchset.Answers
		for _, c := range r.Clashes {
			theirs.Theirs = append(theirs.Theirs, c.Names[0])
		}
		if len(theirs.Theirs) > 0 {
			if r, err = f.Rejoin(theirs); err != nil || len(r.Clashes) > 0 {
				rt.Fatalf("answered, but %v %v", r.Clashes, err)
			}
		}
		ours := finally(patchset.Fork{Before: f.Before, Others: f.Own}, patchset.Rejoined{})
		others := finally(patchset.Fork{Before: f.Before, Others: f.Others}, patchset.Rejoined{})
		for fact := range strings.FieldsSeq(finally(f, r)) {
			if !strings.Contains(ours+" ", fact+" ") && !strings.Contains(others+" ", fact+" ") {
				rt.Fatalf("%s is as nobody has it\nours   %s\nothers %s", fact, ours, others)
			}
		}
		if len(r.Steps) != len(f.Own) {
			rt.Fatalf("%d of %d steps", len(r.Steps), len(f.Own))
		}
		for i, s := range r.Steps {
			if len(s.Changes) < len(f.Own[i].Changes) && !s.GivenUp && !s.Already {
				rt.Fatalf("step %d lost something without a word", i)
			}
		}
	})
}
