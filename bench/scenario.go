package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/generate"
)

// scenario is one thing to measure. Its table stands between its own marks in
// docs/BENCHMARKS.md.
type scenario struct {
	name  string
	title string
	parts []part // each gives a table
	enter []entry
}

// part is what the contestants of one table carry.
type part struct {
	repositories int
	patched      int // of the repositories, those over which the patches of the stack are spread
	live         int // versions that have the stack in the end, the one of the train included
	generate.History
	generate.Change
}

// one is a repository with its stack in one version, to be carried to the next.
func one(h generate.History, c generate.Change) part {
	return part{repositories: 1, patched: 1, live: 2, History: h, Change: c}
}

// What the scenarios have in common: a tree as large as that of u-boot, with its
// drift in a week and in half a year.
var (
	large    = generate.History{Files: 38_000, Objects: 1_000_000, Seed: 1}
	week     = generate.Change{Drift: 228, Changed: 390, Stack: 40, Merges: 0.15, Renames: 0.03}
	halfYear = generate.Change{Drift: 2752, Changed: 8135, Stack: 40, Merges: 0.65, Renames: 0.03}
)

var scenarios = []scenario{
	{"week", "40 patches over one week", []part{one(large, week)}, slices.Concat(everyone, []entry{fetchingTrain})},
	{"half-year", "40 patches over six months", []part{one(large, halfYear)}, everyone},
	{"many", "300 patches over six months", []part{one(large, patches(halfYear, 300))}, everyone},
	{"huge", "2,000 patches over six months", []part{one(large, patches(halfYear, 2000))}, []entry{rebase, oneProcess, oneConversation, replay, engine, trains}},
	{"cold-start", "the first patch from a cold start", []part{
		one(generate.History{Files: 8_000, Objects: 50_000, Seed: 1}, patches(week, 1)),
		one(generate.History{Files: 20_000, Objects: 200_000, Seed: 1}, patches(week, 1)),
		one(large, patches(week, 1)),
	}, []entry{oneProcess, replay, tries}},
	{"conflicts", "40 patches of which 16 conflict", []part{one(large, disputed(halfYear, 0.4))}, []entry{oneProcess, oneConversation, engine, trains}},
	{"forecast", "a forecast for 40 patches over 1,000 commits", []part{
		one(generate.History{Files: 20_000, Objects: 200_000, Seed: 1}, generate.Change{Drift: 1000, Changed: 2900, Stack: 40, Merges: 0.65, Renames: 0.03, Conflicts: 0.4}),
	}, []entry{forecasts}},
	{"fleet", "200 repositories, 40 patches in 15 of them, four live versions", []part{{
		repositories: 200, patched: 15, live: 4,
		History: generate.History{Files: 2_000, Commits: 1_000, Seed: 1},
		Change:  generate.Change{Drift: 20, Changed: 60, Stack: 40, Merges: 0.5},
	}}, []entry{rebase, am, oneProcess, oneConversation, replay, engine, trains, fetchAndRebase, fetchingTrain, looks}},
	{"smoke", "20 patches, then a fleet of 20 repositories, small: do all contestants agree?", []part{
		one(generate.History{Files: 5_000, Objects: 20_000, Seed: 1}, generate.Change{Drift: 200, Changed: 600, Stack: 20, Merges: 0.5, Renames: 0.05}),
		{
			repositories: 20, patched: 5, live: 4,
			History: generate.History{Files: 200, Commits: 50, Seed: 1}, Change: generate.Change{Drift: 20, Changed: 60, Stack: 12, Merges: 0.5},
		},
	}, []entry{rebase, oneProcess, engine, trains}},
}

// everyone is every way to carry a stack that has no conflicts.
var everyone = []entry{rebase, cherryPick, am, oneProcess, oneConversation, replay, stgit, quilt, engine, trains}

// realOne is a stack over a repository that is not generated.
var realOne = scenario{name: "real", title: "a public repository", enter: slices.Concat(everyone, []entry{fetchingTrain})}

// stackOf is how many patches the i-th repository has. Those that have some stand at
// equal distances, and none has more than one more than another.
func (p part) stackOf(i int) int {
	which := i * p.patched / p.repositories
	if i > 0 && which == (i-1)*p.patched/p.repositories {
		return 0
	}
	return (which+1)*p.Stack/p.patched - which*p.Stack/p.patched
}

func patches(c generate.Change, n int) generate.Change {
	c.Stack = n
	return c
}

func disputed(c generate.Change, share float64) generate.Change {
	c.Conflicts = share
	return c
}

func findScenario(name string) (scenario, error) {
	for _, s := range scenarios {
		if s.name == name {
			return s, nil
		}
	}
	text := ""
	for _, s := range scenarios {
		text += fmt.Sprintf("\n  %-12s%s", s.name, s.title)
	}
	return scenario{}, fmt.Errorf("there is no scenario %q; there are:%s", name, text)
}

func scenarioNames() string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// size is what a person may set instead of a scenario's own; 0 leaves it.
type size struct {
	repositories, files, objects, commits, stack, drift int
	seed                                                uint64
}

// sized gives the scenario with another size.
func (s scenario) sized(z size) scenario {
	parts := make([]part, len(s.parts))
	for i, p := range s.parts {
		if z.drift != 0 {
			p.Changed = max(z.drift, p.Changed*z.drift/p.Drift) // as many files a commit
		}
		if z.repositories != 0 {
			p.patched = max(1, p.patched*z.repositories/p.repositories)
			p.repositories = z.repositories
		}
		p.Files, p.Objects, p.Commits = cmp.Or(z.files, p.Files), cmp.Or(z.objects, p.Objects), cmp.Or(z.commits, p.Commits)
		p.Stack, p.Drift = cmp.Or(z.stack, p.Stack), cmp.Or(z.drift, p.Drift)
		p.Seed = cmp.Or(z.seed, p.Seed)
		parts[i] = p
	}
	s.parts = parts
	return s
}
