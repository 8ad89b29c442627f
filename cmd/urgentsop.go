package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentSOPCmd(a *app) *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:   "sop",
		Short: "The procedure of this vault, to print and to pin up",
		Long: `Print how an urgent fix gets out here: the steps with who may do them, the people with their
contacts, the targets, what to do when something goes wrong, and how long each stage may take. It is
made from the policy, the registry and the targets as they are, and names no patch.`,
		Example: `  git carry urgent sop
  git carry urgent sop --markdown > URGENT.md`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			doc, err := a.sop(c.Context())
			if err != nil {
				return err
			}
			a.show(doc, func() { a.say("%s", strings.TrimRight(doc.text(markdown), "\n")) })
			return nil
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "as Markdown")
	return c
}

// sopDoc is the procedure: sections of lines.
type sopDoc struct {
	Schema   string       `json:"schema"`
	Sections []sopSection `json:"sections"`
}

type sopSection struct {
	Title string    `json:"title"`
	Lines []sopLine `json:"lines"`
}

type sopLine struct {
	Text    string `json:"text"`
	Command string `json:"command,omitempty"`
}

func (a *app) sop(ctx context.Context) (sopDoc, error) {
	r, err := a.read(ctx)
	if err != nil {
		return sopDoc{}, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return sopDoc{}, err
	}
	doc := sopDoc{Schema: schema("urgent-sop")}
	doc.Sections = []sopSection{
		{"The way", r.sopSteps(lane.Policy)},
		{"When something goes wrong", r.sopTrouble(lane.Policy)},
		{"The policy", sopPolicy(lane.Policy)},
		{"How long it may take", sopTimes(lane.Policy)},
		{"Who", r.sopPeople()},
		{"Where to", r.sopTargets()},
		{"Where an item can stand", sopStates()},
	}
	last, due := lane.DrillDue(r.ledger.Targets, a.env.Now())
	line := "Never tried out."
	if last.Happened() {
		line = fmt.Sprintf("Last tried out on %s, on %s.", date(last.At), last.Where)
	}
	if due {
		line += " That is due."
	}
	doc.Sections = append(doc.Sections, sopSection{"Drill", []sopLine{{line, "git carry urgent drill"}}})
	return doc, nil
}

func (r reading) sopSteps(p urgent.Policy) []sopLine {
	key, needed := r.keyFlag(), p.Approvals
	release := sopLine{"Release it.", "git carry urgent release"}
	if p.Auto {
		needed, release = p.AutoApprovals, sopLine{"The release follows by itself, with the next run.", "git carry urgent run"}
	}
	return []sopLine{
		{"At any time, anybody: what is next, by whom, with which command.", "git carry urgent next"},
		{"The patch is added as always, with an owner; then somebody asks for the lane.", "git carry urgent open ID --reason TEXT" + key},
		{"Somebody who did not write it lets it in.", "git carry urgent accept" + key},
		{"It is carried to every live version and put on the testing targets.", "git carry urgent run"},
		{fmt.Sprintf("%s try it and approve: neither its author nor who resolved a conflict of it.", count(needed, "person", "people")), "git carry urgent vote yes --reason TEXT" + key},
		release,
		{"Look at who does not have it yet; run it again for them.", "git carry urgent probe"},
		{"Make what was put off.", "git carry urgent extras --dir DIR"},
		{"When it is public, say so.", "git carry disclose ID --where URL"},
		{fmt.Sprintf("After %s, and with the fix in every version by the normal way, it leaves the lane.", count(p.KeepDays, "day", "days")), "git carry urgent run"},
	}
}

func (r reading) sopTrouble(p urgent.Policy) []sopLine {
	key := r.keyFlag()
	conflict := "A version conflicts: its owner settles it; the others go on."
	if p.Whole {
		conflict = "A version conflicts: its owner settles it; all wait."
	}
	return []sopLine{
		{conflict, "git carry urgent next"},
		{"Something is odd: stop it, whoever you are.", "git carry urgent hold --reason TEXT" + key},
		{"It may go on: the one who holds, or two others.", "git carry urgent lift --reason TEXT" + key},
		{"There are not enough people: two answer for it, one approval stays.", "git carry urgent break-glass --reason TEXT" + key},
		{"It does harm: two people take it back, and the targets are served without it.", "git carry urgent rollback --reason TEXT" + key + " && git carry urgent run"},
		{"It proves incomplete: a second fix follows.", "git carry urgent open ID --supersedes ITEM --reason TEXT" + key},
		{"A target is dead: nobody waits for it any more.", "git carry urgent excuse --target NAME --reason TEXT" + key},
		{"It is not that urgent: back to the normal way.", "git carry urgent reject --reason TEXT" + key},
		{"Your machine went down in the middle: type the same command again.", ""},
	}
}

func sopPolicy(p urgent.Policy) []sopLine {
	var lines []sopLine
	for _, line := range newUrgentPolicyDoc(p).lines() {
		lines = append(lines, sopLine{line[0] + ": " + line[1], ""})
	}
	return lines
}

func sopTimes(p urgent.Policy) []sopLine {
	var lines []sopLine
	for _, s := range newUrgentPolicyDoc(p).Stages {
		lines = append(lines, sopLine{fmt.Sprintf("%s: %s; after %d somebody must look", s.Stage, count(s.Target, "minute", "minutes"), s.Limit), ""})
	}
	return append(lines, sopLine{fmt.Sprintf("after %d minutes that a fix is ready and not out, report why", int(urgent.ReportAfter.Minutes())), ""})
}

func (r reading) sopPeople() []sopLine {
	var lines []sopLine
	for _, p := range r.registry.People {
		if !p.Active() {
			continue
		}
		key := "no key"
		if len(p.Keys) > 0 {
			key = count(len(p.Keys), "key", "keys")
		}
		lines = append(lines, sopLine{fmt.Sprintf("%s: %s; %s", p, cmp.Or(joinWords(p.Contact), joinWords(p.Emails), "no address"), key), ""})
	}
	return lines
}

func (r reading) sopTargets() []sopLine {
	var lines []sopLine
	for _, ring := range []string{patchset.RingTesting, patchset.RingStable} {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(r.ledger.Targets)) {
			if (r.ledger.Targets[name].Ring == patchset.RingTesting) == (ring == patchset.RingTesting) {
				names = append(names, name)
			}
		}
		line := sopLine{fmt.Sprintf("%s: %s", ring, cmp.Or(cutList(names, 40), "none")), ""}
		if len(names) == 0 {
			line.Command = "git carry target add NAME URL --ring " + ring
		}
		lines = append(lines, line)
	}
	return lines
}

func sopStates() []sopLine {
	var lines []sopLine
	for _, s := range urgent.States() {
		lines = append(lines, sopLine{fmt.Sprintf("%s: by %s; kept: %s", s.State, s.Who, s.Evidence), ""})
	}
	return lines
}

// text is the procedure, plain or as Markdown.
func (doc sopDoc) text(markdown bool) string {
	var b strings.Builder
	if markdown {
		b.WriteString("# An urgent fix, from here to everywhere\n")
	}
	for _, section := range doc.Sections {
		if markdown {
			fmt.Fprintf(&b, "\n## %s\n\n", section.Title)
		} else {
			fmt.Fprintf(&b, "%s\n\n", strings.ToUpper(section.Title))
		}
		for i, line := range section.Lines {
			mark := "- "
			if section.Title == doc.Sections[0].Title {
				mark = fmt.Sprintf("%d. ", i+1)
			}
			fmt.Fprintf(&b, "%s%s\n", mark, line.Text)
			switch {
			case line.Command != "" && markdown:
				fmt.Fprintf(&b, "%s`%s`\n", strings.Repeat(" ", len(mark)), line.Command)
			case line.Command != "":
				fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", len(mark)+2), line.Command)
			}
		}
		if !markdown {
			b.WriteString("\n")
		}
	}
	return b.String()
}
