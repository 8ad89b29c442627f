package cmd

import (
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

func (d importDoc) say(a *app, o *importOptions, refused bool) {
	title := "IMPORT " + o.dir
	if d.DryRun {
		title += "  (dry run: nothing was changed)"
	}
	a.say("%s", title)
	if len(d.Patches) > 0 {
		a.say("\nUNDERSTOOD")
		a.table(d.rows(refused))
	}
	if len(d.Aged) > 0 {
		a.say("\nAGES")
		a.table(d.ages())
	}
	sayFindings(a, "GUESSED", d.Guessed)
	d.sayRefused(a)
	a.say("")
	switch {
	case len(d.Obstacles) > 0:
		words := "Nothing was imported: the vault must know these first."
		if refused {
			words += " Then mend what was refused, or leave it out: --skip-refused"
		}
		a.say("%s", words)
		d.sayFixes(a, o)
	case refused:
		a.say("Nothing was imported: a patch would be left out. Mend what was refused, or import the rest:")
		a.next("git carry import %s --skip-refused", o.again())
	case len(d.Patches)+len(d.Dropped) == 0:
		a.say("Nothing was imported: no patch was found in %s.", o.dir)
	default:
		a.say("%s", d.words())
		d.advise(a)
	}
}

// sayRefused tells what stops the import from what is merely no patch.
func (d importDoc) sayRefused(a *app) {
	var stops, rest []importFinding
	for _, f := range d.Refused {
		if f.Stops {
			stops = append(stops, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(d.Obstacles)+len(stops) > 0 {
		a.say("\nSTOPS THE IMPORT")
	}
	for _, x := range d.Obstacles {
		a.say("  %s: %s", x.Problem, count(len(x.Files), "file", "files"))
		for i, file := range x.Files {
			if i == maxShownFiles {
				a.say("    … and %d more (--json)", len(x.Files)-i)
				break
			}
			a.say("    %s", file)
		}
	}
	sayFindings(a, "", stops)
	sayFindings(a, "LEFT OUT", rest)
}

// maxShownFiles bounds the files that are named for one obstacle.
const maxShownFiles = 20

// sayFixes lists what to type before the import is run again.
func (d importDoc) sayFixes(a *app, o *importOptions) {
	authors := false
	for _, x := range d.Obstacles {
		a.next("%s", x.Fix)
		authors = authors || strings.HasPrefix(x.Fix, "git carry owner add")
	}
	if authors {
		a.talk("       or name one person for all of them, to be confirmed later: --owner ID")
		a.talk("       or say who owns what: --owners FILE with lines PATCH OWNER")
	}
	a.next("git carry import %s", o.again())
}

func (d importDoc) rows(refused bool) [][]string {
	rows := [][]string{{"PATCH", "COMPONENT", "VERSION", "STATE", "OWNER", "FILE"}}
	for _, p := range d.Patches {
		state, owner := stateWord(p.State), p.Owner
		switch {
		case p.AlreadyThere:
			state += " (already there)"
		case refused && p.State == "":
			state = "understood"
		}
		switch {
		case p.Owner == "":
			owner = "nobody"
		case !p.OwnerConfirmed:
			owner += " (unconfirmed)"
		}
		rows = append(rows, []string{p.ID, p.Component, p.Version, state, owner, p.Path})
	}
	return rows
}

func sayFindings(a *app, title string, findings []importFinding) {
	if len(findings) == 0 {
		return
	}
	if title != "" {
		a.say("\n%s", title)
	}
	for _, f := range findings {
		if f.Path == "" {
			a.say("  %s", f.Reason)
			continue
		}
		a.say("  %s: %s", f.Path, f.Reason)
	}
}

func (d importDoc) advise(a *app) {
	if d.DryRun {
		return
	}
	for _, p := range d.Patches {
		if p.State == patchset.StateConflict {
			a.next("git carry resolve %s --version %s      (owner %s)", p.ID, p.Version, p.Owner)
			return
		}
	}
	a.next("git carry status")
}
