package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type listOptions struct {
	all       bool
	owner     string
	component string
	severity  string
	states    []string
}

func newListCmd(a *app) *cobra.Command {
	o := &listOptions{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the patches",
		Long: `List the patches that are not closed or dropped, by component. STATE is the state in
the newest version that knows the patch. --state takes those words and the stages of a
patch's life: embargoed, disclosed, landed, closed, dropped.`,
		Example: `  git carry list --owner priya
  git carry list --state conflict --state waiting
  git carry list --all --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "closed and dropped patches too")
	f.StringVar(&o.owner, "owner", "", "only those of the person with this `ID`")
	f.StringVar(&o.component, "component", "", "only those of this component `NAME`")
	f.StringVar(&o.severity, "severity", "", "only those of this `SEVERITY`: critical, high, medium, low")
	f.StringArrayVar(&o.states, "state", nil, "only those in this `STATE`; may be given again")
	return c
}

func (o *listOptions) run(ctx context.Context, a *app) error {
	b, err := a.board(ctx, "")
	if err != nil {
		return err
	}
	keep, err := o.filter(b)
	if err != nil {
		return err
	}
	patches, handed := []patchDoc{}, []string{}
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "AGE", "SEVERITY", "LIFE", "STATE", "TITLE"}}
	for _, id := range b.ledger.PatchIDs() {
		p := b.ledger.Patches[id]
		if !keep(p) {
			continue
		}
		d := b.doc(ctx, p)
		patches, handed = append(patches, d), append(handed, d.of(p.ID)...)
		_, latest := p.Latest()
		rows = append(rows, []string{
			p.ID, p.Component, b.ownerCell(p), fmt.Sprintf("%dd", d.AgeDays), string(p.Severity), string(d.Life), string(latest.State), p.Title,
		})
	}
	doc := struct {
		Schema  string     `json:"schema"`
		Patches []patchDoc `json:"patches"`
	}{schema("list"), patches}
	a.show(doc, func() {
		if len(patches) == 0 {
			a.say("No patches%s.", o.narrowed())
			return
		}
		a.fittedTable(rows, "LIFE", "SEVERITY")
		a.sayBelow(handed)
	})
	return nil
}

// narrowed is what to add to "No patches".
func (o *listOptions) narrowed() string {
	if o.owner+o.component+o.severity != "" || len(o.states) > 0 {
		return " like that"
	}
	return ""
}

var lives = []patchset.Life{
	patchset.LifeEmbargoed, patchset.LifeDisclosed, patchset.LifeLanded, patchset.LifeClosed, patchset.LifeDropped,
}

// stateWords are the words that --state knows.
func stateWords() []string {
	var words []string
	for _, s := range patchset.States {
		words = append(words, string(s))
	}
	for _, l := range lives {
		if word := string(l); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// filter turns the flags into a question. A word that can match nothing is an
// error, not an empty list.
func (o *listOptions) filter(b board) (func(patchset.Patch) bool, error) {
	if _, known := b.registry.Person(o.owner); o.owner != "" && !known && len(ownedBy(b.ledger, o.owner)) == 0 {
		return nil, unknownPerson(b.registry, o.owner)
	}
	if o.component != "" {
		if _, err := b.ledger.Component(o.component); err != nil {
			return nil, err
		}
	}
	severity := patchset.Severity("")
	if o.severity != "" {
		var err error
		if severity, err = patchset.ParseSeverity(o.severity); err != nil {
			return nil, err
		}
	}
	for _, s := range o.states {
		if !slices.Contains(patchset.States, patchset.State(s)) && !slices.Contains(lives, patchset.Life(s)) {
			return nil, usagef("%q is no state; use one of %s", s, joinWords(stateWords()))
		}
	}
	return func(p patchset.Patch) bool {
		life := p.Life(b.newest)
		_, latest := p.Latest()
		inState := slices.Contains(o.states, string(latest.State)) || slices.Contains(o.states, string(life))
		switch {
		case len(o.states) > 0 && !inState, len(o.states) == 0 && life.Over() && !o.all:
			return false
		case o.owner != "" && p.Owner != o.owner, o.component != "" && p.Component != o.component:
			return false
		}
		return severity == "" || p.Severity == severity
	}, nil
}
