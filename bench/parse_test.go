package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/bench/internal/generate"
)

func TestParseCommitKeepsPercentSigns(t *testing.T) {
	c := parseCommit("id", "tree T\nparent P\nauthor A 1 +0000\ncommitter C 2 +0000\n\n100% of it\n")
	if c.tree != "T" || c.parent != "P" || c.rest != "author A 1 +0000\n%s\n\n100%% of it\n" {
		t.Errorf("got %+v", c)
	}
	if c := parseCommit("id", "tree T\nparent P\nparent Q\nauthor A\n\nmerge\n"); c.parent != "" {
		t.Errorf("a merge has parent %q", c.parent)
	}
}

func TestReadAnswer(t *testing.T) {
	r := bufio.NewReader(strings.NewReader("1\x00aaa\x00\x00" + "0\x00bbb\x00100644 c 1\tf\x00100644 d 2\tf\x00\x00" + "1\x00ccc\x00"))
	for _, want := range []string{"aaa", ""} {
		got, err := readAnswer(r)
		if err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if got, err := readAnswer(r); err == nil {
		t.Errorf("an answer cut short was taken: %q", got)
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		g    gitProgram
		want bool
	}{
		{gitProgram{major: 2, minor: 44}, false},
		{gitProgram{major: 2, minor: 45}, true},
		{gitProgram{major: 3, minor: 0}, true},
		{gitProgram{major: 1, minor: 99}, false},
	} {
		if got := c.g.atLeast(mergesTrees); got != c.want {
			t.Errorf("%d.%d: %v", c.g.major, c.g.minor, got)
		}
	}
}

func TestStGitVersion(t *testing.T) {
	for text, want := range map[string]string{
		"Stacked GIT 0.19\ngit version 2.39.5\nPython version 3.11.2 (main)": "0.19",
		"git version 2.39.5\nStacked GIT 0.19":                               "0.19",
		"stg 2.4.7":                                                          "2.4.7",
		"":                                                                   "version unknown",
	} {
		if got := stgitVersion(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestScenariosAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios {
		if seen[s.name] || s.title == "" || len(s.parts) == 0 || len(s.enter) == 0 {
			t.Errorf("%q: there twice, or something is missing", s.name)
		}
		seen[s.name] = true
	}
}

func TestSizedKeepsWhatIsNotSet(t *testing.T) {
	s := scenario{parts: []part{one(generate.History{Files: 10, Objects: 100, Seed: 1}, generate.Change{Drift: 10, Changed: 30, Stack: 4})}}
	got := s.sized(size{files: 20, drift: 5}).parts[0]
	want := one(generate.History{Files: 20, Objects: 100, Seed: 1}, generate.Change{Drift: 5, Changed: 15, Stack: 4})
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s.parts[0].Files != 10 {
		t.Error("the scenario itself has changed")
	}
}

func TestPatchesAreSpread(t *testing.T) {
	for _, c := range []struct{ repositories, patched, stack, least, most int }{{200, 15, 40, 2, 3}, {1, 1, 40, 40, 40}, {6, 3, 5, 1, 2}} {
		p := part{repositories: c.repositories, patched: c.patched, Change: generate.Change{Stack: c.stack}}
		with, sum := 0, 0
		for i := range c.repositories {
			n := p.stackOf(i)
			if n == 0 {
				continue
			}
			with, sum = with+1, sum+n
			if n < c.least || n > c.most {
				t.Errorf("%+v: repository %d has %d patches", c, i, n)
			}
		}
		if with != c.patched || sum != c.stack {
			t.Errorf("%+v: %d patches in %d repositories", c, sum, with)
		}
	}
}

func TestOptionsThatDoNotGoTogether(t *testing.T) {
	for name, o := range map[string]options{
		"unknown scenario":     {scenario: "none", rounds: 1},
		"a commit as a number": {scenario: "week", stack: "HEAD", rounds: 1},
		"no rounds":            {scenario: "week"},
		"repo without a stack": {repo: ".", base: "A", onto: "C", rounds: 1},
		"weeks with a commit":  {repo: ".", weeks: "A,B", stack: "HEAD", rounds: 1},
		"weeks and base":       {repo: ".", weeks: "A,B", base: "A", onto: "B", stack: "4", rounds: 1},
	} {
		if _, err := o.check(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
