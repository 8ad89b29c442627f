package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type logOptions struct {
	patch string
	limit int
}

func newLogCmd(a *app) *cobra.Command {
	o := &logOptions{}
	c := &cobra.Command{
		Use:   "log [ID]",
		Short: "The ledger as sentences: who did what, when",
		Long: `Read the ledger, newest entry first. With ID, only the entries that name this patch, with
what they say of it. -v shows the details of every entry and how each person was known.`,
		Example: `  git carry log
  git carry log T401234
  git carry log -n 0 --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.patch = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().IntVarP(&o.limit, "number", "n", 30, "show at most `N` entries; 0 for all")
	return c
}

type logDoc struct {
	Schema  string     `json:"schema"`
	Entries []entryDoc `json:"entries"`
	More    bool       `json:"more"` // older ones are not shown
}

type entryDoc struct {
	ID        patchset.ID `json:"id"`
	At        string      `json:"at"`
	Action    string      `json:"action"`
	Person    string      `json:"person"`
	Assurance string      `json:"assurance"`
	Sentence  string      `json:"sentence"`
	Details   []string    `json:"details"`

	// stranger: the address is none of the person's.
	stranger bool
}

func newEntryDoc(e gitops.LogEntry, r owners.Registry) entryDoc {
	return entryDoc{
		ID: e.ID, At: stamp(e.Entry.At), Action: e.Entry.Action, Person: e.Entry.Person, Assurance: e.Entry.Claim,
		Sentence: e.Entry.Sentence, Details: nonNil(e.Entry.Details),
		stranger: isStranger(e.Entry, r),
	}
}

// isStranger tells whether the person of an entry was named by somebody whose
// address is none of theirs.
func isStranger(e patchset.Entry, r owners.Registry) bool {
	_, claim, unverified := strings.Cut(e.Claim, "(claims ")
	p, _ := r.ByEmail(strings.TrimSuffix(claim, ")"))
	return unverified && p.ID != e.Person
}

func (o *logOptions) run(ctx context.Context, a *app) error {
	if o.limit < 0 {
		return usagef("-n takes a number from 0")
	}
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	doc := logDoc{Schema: schema("log"), Entries: []entryDoc{}}
	err = r.vault.Log(ctx, func(e gitops.LogEntry) bool {
		if o.patch != "" && !names(e.Entry, o.patch) {
			return ctx.Err() == nil
		}
		if doc.More = o.limit > 0 && len(doc.Entries) == o.limit; doc.More {
			return false
		}
		doc.Entries = append(doc.Entries, newEntryDoc(e, r.registry))
		return ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && o.patch != "" && len(doc.Entries) == 0 {
		_, err = r.ledger.Patch(o.patch) // mistyped, or a patch that no entry names
	}
	if err != nil {
		return err
	}
	a.show(doc, func() { o.report(a, doc) })
	return nil
}

func (o *logOptions) report(a *app, doc logDoc) {
	for _, e := range doc.Entries {
		who := shortWho(e)
		if a.verbose {
			who = fullWho(e)
		}
		a.say("%s  %s  %s", entryTime(e), who, e.Sentence)
		for _, line := range e.Details {
			if a.verbose || mentions(line, o.patch) {
				a.say("    %s", line)
			}
		}
	}
	if doc.More {
		a.talk("Older entries are not shown (-n 0 for all).")
	}
}

// entryTime is the time of an entry for people: "2026-11-22 09:00Z", in UTC.
func entryTime(e entryDoc) string {
	return strings.Replace(e.At[:min(len(e.At), len("2006-01-02T15:04"))], "T", " ", 1) + "Z"
}

// shortWho is "priya (unverified)" or "priya (key verified)", with the whole claim where it is another
// person's, and the claim alone of somebody whom the registry did not know.
func shortWho(e entryDoc) string {
	switch {
	case e.Person == "":
		return e.Assurance
	case e.stranger:
		return e.Person + " (" + strings.NewReplacer(" (", ", ", ")", "").Replace(e.Assurance) + ")"
	}
	word, _, _ := strings.Cut(e.Assurance, " (")
	return e.Person + " (" + word + ")"
}

// fullWho is "priya, unverified (claims priya@example.org)".
func fullWho(e entryDoc) string {
	if e.Person == "" {
		return e.Assurance
	}
	return e.Person + ", " + e.Assurance
}

// names tells whether an entry is about a patch.
func names(e patchset.Entry, id string) bool {
	return mentions(e.Sentence, id) || slices.ContainsFunc(e.Details, func(d string) bool { return mentions(d, id) })
}

// namedIn lists which of the known ids an entry is about.
func namedIn(e patchset.Entry, known map[string]patchset.Patch) []string {
	var ids []string
	for _, line := range append([]string{e.Sentence}, e.Details...) {
		for word := range strings.FieldsSeq(line) {
			id := strings.Trim(word, aroundWords)
			if _, is := known[id]; is && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// aroundWords is what may stand next to a word in a sentence.
const aroundWords = ".,:;()"

// mentions tells whether a line has the id as a word of its own.
func mentions(line, id string) bool {
	return slices.ContainsFunc(strings.Fields(line), func(word string) bool {
		return strings.Trim(word, aroundWords) == id
	})
}
