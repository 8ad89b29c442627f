package patchset

import (
	"fmt"
	"slices"
)

// maxLacksNamed bounds how many places are named of one patch.
const maxLacksNamed = 10

// Problems is what the findings say against a branch.
func (f Findings) Problems(s Stack) []Problem {
	var problems []Problem
	add := func(id, problem, path string, line int, format string, args ...any) {
		problems = append(problems, Problem{
			Patch: id, Component: s.Component, Problem: problem, Path: path, Line: line, Detail: fmt.Sprintf(format, args...),
		})
	}
	for _, p := range slices.Concat(f.Found, f.Gone) {
		named := min(len(p.Lacks), maxLacksNamed)
		if len(p.Lacks) == p.Parts {
			named = min(named, 1)
		}
		for _, l := range p.Lacks[:named] {
			add(p.Patch.ID, ProblemMissing, l.Path, l.Line, "%s", p.lackWords(l))
		}
		if rest := len(p.Lacks) - named; rest > 0 && named > 1 {
			add(p.Patch.ID, ProblemMissing, "", 0, "%d more places lack it", rest)
		}
	}
	for i, x := range f.Extras {
		if i == MaxExtras {
			add("", ProblemUnexpected, "", 0, "and %d more files", len(f.Extras)-MaxExtras)
			break
		}
		by := ""
		for _, id := range x.Commits[:min(len(x.Commits), 3)] {
			by += " " + id.Short()
		}
		if by != "" {
			by = ", changed by" + by
		}
		add("", ProblemUnexpected, x.Path, x.Line, "not what base and stack give%s", by)
	}
	return problems
}

// lackWords says what the branch lacks of a patch, and what is odd about it.
func (p Presence) lackWords(l Lack) string {
	words := l.Words
	if len(p.Lacks) == p.Parts {
		words = "nothing of it is in the tree"
		if p.Parts > 1 {
			words = fmt.Sprintf("nothing of it is in the tree (%d places)", p.Parts)
		}
	}
	switch {
	case p.Ground.Kind == "" && p.Ground.Commit != "":
		words += fmt.Sprintf("; it is public since %s, which the base of the version has", p.Ground.Commit.Short())
	case p.Ground.Kind == "":
		words += "; the base of the version has it"
	case p.Ground.Commit != "":
		words += fmt.Sprintf(", although %s brought it", p.Ground.Commit.Short())
	}
	return words
}
