package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/pattern"
	"github.com/spf13/cobra"
)

type undoOptions struct{ dryRun bool }

func newUndoCmd(a *app) *cobra.Command {
	o := &undoOptions{}
	c := &cobra.Command{
		Use:   "undo",
		Short: "Reverse the last entry of the ledger with a new one",
		Long: `Take the vault back to what it was before the last entry of the ledger. Nothing is
erased: the entry stays, and a new one says that it was undone. To undo an undo is to do
it again: a second undo does not go a second step back. What somebody signed or decided
(sign, own, edit, owner, drop, retire, disclose) only they can undo.

What left the vault cannot be undone: a publish is answered by publishing something else.`,
		Example: `  git carry undo --dry-run
  git carry undo`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "show what would be undone and change nothing")
	return c
}

type undoDoc struct {
	Schema  string   `json:"schema"`
	DryRun  bool     `json:"dry_run"`
	Undone  entryDoc `json:"undone"`
	Changes []string `json:"changes"` // ledger files, "-" before those that go
}

func (o *undoOptions) run(ctx context.Context, a *app) error {
	doc := undoDoc{Schema: schema("undo"), DryRun: o.dryRun}
	edit := func(ctx context.Context, s *step) error {
		last, err := lastEntry(ctx, s.vault)
		if err != nil {
			return err
		}
		if last.ID != s.at.Tip || (doc.Undone.ID != "" && doc.Undone.ID != last.ID) {
			return patchset.Faultf(patchset.CodeBusy, "somebody recorded another entry meanwhile; nothing was undone").
				WithHint("git carry log -n 2")
		}
		doc.Undone = newEntryDoc(last, s.registry)
		doc.Changes, err = s.undo(ctx, last)
		return err
	}
	var err error
	if o.dryRun {
		err = a.rehearse(ctx, edit)
	} else {
		err = a.record(ctx, "undo", edit)
	}
	if err != nil {
		return err
	}
	a.show(doc, func() { o.report(a, doc) })
	return nil
}

func (o *undoOptions) report(a *app, doc undoDoc) {
	verb, who, what := reversal(doc.Undone)
	head := map[string]string{undid: "Undid", redid: "The last entry was an undo. Did again"}[verb]
	if o.dryRun {
		head = map[string]string{undid: "Would undo", redid: "The last entry is an undo. Would do again"}[verb]
	}
	a.say("%s what %s had done: %s  (%s)", head, who, what, entryTime(doc.Undone))
	if o.dryRun || a.verbose {
		for _, line := range doc.Undone.Details {
			a.say("    %s", line)
		}
	}
	if a.verbose {
		for _, name := range doc.Changes {
			a.say("    %s", name)
		}
	}
	if !o.dryRun {
		a.next("git carry status")
	}
}

// undo sets the ledger back to before its last entry.
func (s *step) undo(ctx context.Context, last gitops.LogEntry) (changed []string, err error) {
	if err := s.mayUndo(last); err != nil {
		return nil, err
	}
	before, err := s.vault.Before(ctx, s.at)
	if err != nil {
		return nil, err
	}
	if published(s.at.Ledger, before.Ledger) {
		return nil, publishedFault(last)
	}
	plan, err := patchset.NewPlan(s.at.Ledger, before.Ledger, patchset.Entry{})
	if err != nil {
		return nil, err
	}
	s.ledger = before.Ledger
	verb, who, what := reversal(newEntryDoc(last, s.registry))
	s.did("%s", undoSentence(verb, who, what))
	return nonNil(plan.ChangedPaths()), nil
}

func (s *step) mayUndo(last gitops.LogEntry) error {
	switch {
	case last.Parent == "":
		return patchset.Faultf(patchset.CodeUsage, "the last entry is the one that made the vault; it cannot be undone")
	case last.Entry.Action == "publish":
		return publishedFault(last)
	case last.Entry.Action == shownAction:
		return patchset.Faultf(patchset.CodeFailed, "the last entry says what left the vault (%q): that cannot be taken back", last.Entry.Sentence)
	case last.Entry.Action == notifyAction:
		return patchset.Faultf(patchset.CodeFailed, "the last entry says who was told what (%q): that cannot be taken back", last.Entry.Sentence).
			WithHint("git carry log -v -n 1")
	case last.Entry.Action == "sync":
		return patchset.Faultf(patchset.CodeUsage, "the last entry took in the work of others, which is not ours to undo").
			WithHint("see what it was: git carry log -v -n 1")
	case slices.Contains(ownActs, last.Entry.Action) && !s.didIt(last.Entry):
		return patchset.Faultf(patchset.CodeNotAllowed, "%q was done by %s, and only they can undo it",
			last.Entry.Sentence, cmp.Or(last.Entry.Person, last.Entry.Claim)).WithHint("git carry log -v -n 1")
	}
	return nil
}

// ownActs are what somebody answers for with their name. To undo such an act, or
// its undoing, could bring back a right or a consent that was taken away.
var ownActs = []string{"sign", delegateAction, "own", "edit", "owner", "drop", "retire", "disclose", "owners policy", "check add", "check remove", "undo"}

// didIt tells whether the actor made an entry, as far as names can tell.
func (s *step) didIt(e patchset.Entry) bool {
	return e.Person != "" && e.Person == s.actor.Person || e.Claim == s.actor.Label()
}

func publishedFault(last gitops.LogEntry) error {
	return patchset.Faultf(patchset.CodeFailed, "the last entry is a publish (%q): what has left the vault cannot be undone", last.Entry.Sentence).
		WithHint("change the stack and publish again; git carry log shows what went out")
}

// published tells whether now knows of something on a target that before did not.
func published(now, before patchset.Ledger) bool {
	for name, target := range now.Targets {
		for stack, p := range target.Published {
			if was := before.Targets[name].Published[stack]; was.Commit != p.Commit || !was.At.Equal(p.At) {
				return true
			}
		}
	}
	return false
}

const (
	undid = "undid"
	redid = "did again"
)

// undoSentence is what the ledger says of an undo.
func undoSentence(verb, who, what string) string {
	return fmt.Sprintf("%s what %s had done (%s)", verb, who, what)
}

// undone reads the sentence of an undo.
var undone = pattern.Of(`^(undid|did again) what (\S+) had done \((.*)\)$`)

// reversal says what undoing an entry does, and whose work that was. To undo an
// undo is to do it again; it stays the work of the one who did it first.
func reversal(e entryDoc) (verb, who, what string) {
	m := undone().FindStringSubmatch(e.Sentence)
	switch {
	case e.Action != "undo" || m == nil:
		return undid, cmp.Or(e.Person, "somebody"), e.Sentence
	case m[1] == undid:
		return redid, m[2], m[3]
	}
	return undid, m[2], m[3]
}

func lastEntry(ctx context.Context, v *gitops.Vault) (gitops.LogEntry, error) {
	var last gitops.LogEntry
	err := v.Log(ctx, func(e gitops.LogEntry) bool {
		last = e
		return false
	})
	return last, err
}
