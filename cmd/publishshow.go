package cmd

import (
	"fmt"
	"slices"
	"strings"
)

func (doc publishDoc) report(a *app) {
	if len(doc.Targets) == 0 {
		a.say("Nothing to publish: %s has no patches for these targets.", doc.Version)
		return
	}
	rows := [][]string{{"TARGET", "COMPONENT", "BRANCH", "COMMIT", "PATCHES", "RESULT"}}
	for _, d := range doc.Targets {
		rows = append(rows, []string{d.Target, d.Component, d.Branch, d.Commit.Short(), fmt.Sprint(d.Patches), d.Result})
	}
	a.table(rows)
	for _, result := range []string{publishRefused, publishFailed, publishHeld} {
		for _, name := range doc.targetsWith(result) {
			doc.reportFailed(a, name, result)
		}
	}
}

// targetsWith names the targets of which something came out like this, in order.
func (doc publishDoc) targetsWith(result string) []string {
	var names []string
	for _, d := range doc.Targets {
		if d.Result == result && !slices.Contains(names, d.Target) {
			names = append(names, d.Target)
		}
	}
	return names
}

// reportFailed says what did not get to one target: each error once, with what it
// kept back, then each hint once.
func (doc publishDoc) reportFailed(a *app, target, result string) {
	var problems, hints []string
	kept := map[string][]string{}
	for _, d := range doc.Targets {
		if d.Target != target || d.Result != result {
			continue
		}
		if kept[d.Error] == nil {
			problems = append(problems, d.Error)
		}
		kept[d.Error] = append(kept[d.Error], d.Component)
		for _, hint := range d.Hint {
			if !slices.Contains(hints, hint) {
				hints = append(hints, hint)
			}
		}
	}
	a.say("")
	a.say("%s %s:", target, result)
	for _, problem := range problems {
		a.say("  %s:", joinWords(kept[problem]))
		a.say("    %s", strings.ReplaceAll(problem, "\n", "\n    "))
	}
	for _, hint := range hints {
		a.say("  hint:  %s", hint)
	}
}
