package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type rollbackOptions struct {
	version string
	entry   string
	reason  string
	dryRun  bool
}

func newRollbackCmd(a *app) *cobra.Command {
	o := &rollbackOptions{}
	c := &cobra.Command{
		Use:   "rollback VERSION [ENTRY] --reason TEXT",
		Short: "Give a version back the stacks that it had",
		Long: `Give a version exactly the stacks that it had after an entry of the ledger, commit for
commit, with the bases and the states of its patches. ENTRY is an id from git carry log; else it is
the last entry after which the stacks of the version were others than now. Nothing is erased: the
rollback is a new entry, and can be rolled back in turn.

Other versions stay as they are, and so does what was decided of patches as such: owners,
drops, disclosures, signatures. A patch that came into the version since is taken out of it and
named; verify of the next version demands that it is there, or dropped. publish then puts the
old stacks on the targets, after verify.`,
		Example: `  git carry rollback 1.46.0-wmf.6 --reason 'T401234 breaks search'
  git carry rollback 1.46.0-wmf.6 74725c159f --reason 'as it was on Tuesday'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.version = args[0]
			if len(args) == 2 {
				o.entry = args[1]
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.reason, "reason", "", "why, in one line of `TEXT`")
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would change")
	return c
}

type rollbackDoc struct {
	Schema  string          `json:"schema"`
	Version string          `json:"version"`
	DryRun  bool            `json:"dry_run"`
	Entry   entryDoc        `json:"entry"` // the version is as it was after this one
	Stacks  []rollbackStack `json:"stacks"`
	LeftOut []string        `json:"left_out"`
}

// rollbackStack is a stack that changes.
type rollbackStack struct {
	Component string      `json:"component"`
	Was       patchset.ID `json:"was"`
	Is        patchset.ID `json:"is"`
}

func (o *rollbackOptions) run(ctx context.Context, a *app) error {
	if err := requireReason(o.reason); err != nil {
		return err
	}
	var doc rollbackDoc
	edit := func(ctx context.Context, s *step) error {
		doc = rollbackDoc{Schema: schema("rollback"), Version: o.version, DryRun: o.dryRun, Stacks: []rollbackStack{}}
		return o.rollBack(ctx, s, &doc)
	}
	var err error
	if o.dryRun {
		err = a.rehearse(ctx, edit)
	} else {
		err = a.record(ctx, "rollback", edit)
	}
	if err != nil {
		return err
	}
	a.show(doc, func() { o.report(a, doc) })
	return nil
}

func (o *rollbackOptions) rollBack(ctx context.Context, s *step, doc *rollbackDoc) error {
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	if _, err := s.ledger.Version(o.version); err != nil {
		return err
	}
	entry, then, err := o.find(ctx, s)
	if err != nil {
		return err
	}
	doc.Entry = newEntryDoc(entry, s.registry)
	was, is := s.ledger.StackTips(o.version), then.StackTips(o.version)
	for _, component := range slices.Sorted(maps.Keys(is)) {
		if was[component] != is[component] {
			doc.Stacks = append(doc.Stacks, rollbackStack{component, was[component], is[component]})
		}
	}
	s.ledger, doc.LeftOut = s.ledger.RollBack(o.version, then)
	doc.LeftOut = nonNil(doc.LeftOut)
	s.did("rolled %s back to entry %s: %s", o.version, entry.ID.Short(), o.reason)
	for _, id := range doc.LeftOut {
		s.details = append(s.details, id+" is no longer in "+o.version)
	}
	return nil
}

// find finds the entry and reads the ledger as it was after it.
func (o *rollbackOptions) find(ctx context.Context, s *step) (entry gitops.LogEntry, then patchset.Ledger, err error) {
	now, found := s.ledger.StackTips(o.version), false
	var failed error
	err = s.vault.LogFrom(ctx, s.at.Tip, func(e gitops.LogEntry) bool {
		if o.entry != "" && !strings.HasPrefix(string(e.ID), o.entry) {
			return true
		}
		var at gitops.Snapshot
		if at, failed = s.vault.SnapshotAt(ctx, e.ID); failed != nil {
			return false
		}
		if _, has := at.Ledger.Versions[o.version]; !has && o.entry == "" {
			return false // it began here: there is nothing before
		}
		if o.entry == "" && maps.Equal(at.Ledger.StackTips(o.version), now) {
			return ctx.Err() == nil
		}
		entry, then, found = e, at.Ledger, true
		return false
	})
	if err == nil {
		err = failed
	}
	if err != nil || ctx.Err() != nil {
		return entry, then, err
	}
	if _, has := then.Versions[o.version]; found && has {
		return entry, then, nil
	}
	f := patchset.Faultf(patchset.CodeUsage, "%s never had other stacks than now", o.version)
	if found {
		f = patchset.Faultf(patchset.CodeUsage, "after entry %s there was no %s yet", entry.ID.Short(), o.version)
	} else if o.entry != "" {
		f = patchset.Faultf(patchset.CodeUsage, "the ledger has no entry %q", o.entry)
	}
	return entry, then, f.WithHint("git carry log")
}

func (o *rollbackOptions) report(a *app, doc rollbackDoc) {
	head := "Rolled back"
	if o.dryRun {
		head = "Would roll back"
	}
	a.say("%s %s: as it was after %q  (%s)", head, o.version, doc.Entry.Sentence, entryTime(doc.Entry))
	rows := [][]string{{"COMPONENT", "WAS", "IS"}}
	for _, s := range doc.Stacks {
		rows = append(rows, []string{s.Component, s.Was.Short(), s.Is.Short()})
	}
	if len(doc.Stacks) > 0 {
		a.say("")
		a.table(rows)
	}
	for _, id := range doc.LeftOut {
		a.say("%s came into %s since, and is not in it any more: add it again, or drop it", id, o.version)
	}
	if !o.dryRun {
		a.next("git carry verify %s", shellWord(o.version))
	}
}
