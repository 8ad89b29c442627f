package cmd

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentOpenOptions struct {
	patches    []string
	reason     string
	versions   []string
	ready      string
	supersedes string
	authors    []string
	pen
}

func newUrgentOpenCmd(a *app) *cobra.Command {
	o := &urgentOpenOptions{}
	c := &cobra.Command{
		Use:   "open ID… --reason TEXT",
		Short: "Ask for the fast lane for a patch",
		Long: `Put a patch of this vault, or several that only go together, into the urgent lane. The item that
comes of it has an id that says nothing. Somebody other than the author accepts it, with the
versions that are live then; --version names them instead.

Whoever wrote or committed it is known by the addresses and names of the registry, and approves nothing. An author
whom the registry does not know may be any of the voters: that takes one approval more, until
--author says who it is.

A fix that proved incomplete is followed by a second with --supersedes ITEM: once the second is
accepted, the first has left the lane, and its record stays.`,
		Example: `  git carry urgent open T401234 --reason 'used in the wild'
  git carry urgent open T401234-2 --supersedes U-2026-3 --reason 'the first fix forgot POST'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.patches = args
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.reason, "reason", "", "why it cannot wait, in one line of `TEXT`")
	f.StringArrayVar(&o.versions, "version", nil, "a live `VERSION` (else what the policy says); may be given again")
	f.StringVar(&o.ready, "ready", "", "the `TIME` at which the fix was there, 2026-11-22T09:00:00Z (else now)")
	f.StringVar(&o.supersedes, "supersedes", "", "the `ITEM` whose fix proved incomplete")
	f.StringArrayVar(&o.authors, "author", nil, authorUsage)
	o.pen.flag(f)
	return c
}

const authorUsage = "the `ID` of a person who wrote it, where the commit does not show that; may be given again"

type urgentActDoc struct {
	Schema string `json:"schema"`
	Item   string `json:"item"`
	Did    string `json:"did"`
}

// said shows what a command of the lane did, and what is to be done next.
func (a *app) said(command, item, did string) {
	a.show(urgentActDoc{schema("urgent-" + command), item, did}, func() { a.say("%s %s.", item, did) })
	a.next("git carry urgent next %s", item)
}

func (o *urgentOpenOptions) run(ctx context.Context, a *app) error {
	if err := requireReason(o.reason); err != nil {
		return err
	}
	var item urgent.Item
	err := a.recordWord(ctx, "urgent open", &o.pen, func(ctx context.Context, s *step) (err error) {
		item, err = o.open(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	a.said("open", item.ID, "is open for "+joinWords(item.Patches)+"; somebody other than the author accepts it")
	return nil
}

func (o *urgentOpenOptions) open(ctx context.Context, a *app, s *step) (urgent.Item, error) {
	item := urgent.Item{Opened: o.wordOf(s, "", o.reason), Supersedes: o.supersedes, Live: o.versions, Authors: o.authors}
	if err := s.knownAuthors(o.authors); err != nil {
		return item, err
	}
	lane, err := laneOf(s.ledger)
	if err != nil {
		return item, err
	}
	if o.ready != "" {
		if item.Ready, err = a.parsePast("ready", o.ready); err != nil {
			return item, err
		}
	}
	for _, id := range o.patches {
		p, err := s.ledger.Patch(id)
		switch {
		case err != nil:
			return item, err
		case p.Dropped.Happened():
			return item, patchset.Faultf(patchset.CodeUsage, "%s was dropped on %s: %s", id, date(p.Dropped.At), p.Dropped.Reason)
		case !slices.Contains(item.Patches, id):
			item.Patches = append(item.Patches, id)
		}
		for _, open := range lane.Open() {
			if slices.Contains(lane.Items[open].Patches, id) && open != o.supersedes {
				return item, patchset.Faultf(patchset.CodeUsage, "%s is in the lane already, as %s", id, open).WithHint("git carry urgent next %s", open)
			}
		}
	}
	for _, v := range o.versions {
		if _, err := s.ledger.Version(v); err != nil {
			return item, err
		}
	}
	if o.supersedes != "" {
		first, known := lane.Items[o.supersedes]
		if !known {
			return item, patchset.Faultf(patchset.CodeUsage, "there is no item %s", o.supersedes).WithHint("git carry urgent status")
		}
		if err := inLane(lane, first); err != nil {
			return item, err
		}
	}
	item.ID = lane.FreeID(a.env.Now())
	s.did("opened %s for %s: %s", item.ID, joinWords(item.Patches), o.reason)
	return item, s.putWord(ctx, a, &o.pen, item.ID, "item", item, o.reason)
}

type urgentAcceptOptions struct {
	versions, authors []string
	pen
}

func newUrgentAcceptCmd(a *app) *cobra.Command {
	o := &urgentAcceptOptions{}
	c := &cobra.Command{
		Use:   "accept [ITEM]",
		Short: "Let an item into the lane",
		Long: `Decide that an item may go the fast way. Whoever wrote the patch cannot. The versions that are
live now are written down: the item has arrived when all of them have. Where the registry does not know the
author, --author says who it is; else it takes one approval more.`,
		Example: `  git carry urgent accept
  git carry urgent accept U-2026-3 --version 1.46.0-wmf.5 --version 1.46.0-wmf.6`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), a, firstWord(args)) },
	}
	c.Flags().StringArrayVar(&o.versions, "version", nil, "a live `VERSION` (else those of open, or what the policy says); may be given again")
	c.Flags().StringArrayVar(&o.authors, "author", nil, authorUsage)
	o.pen.flag(c.Flags())
	return c
}

func (o *urgentAcceptOptions) run(ctx context.Context, a *app, word string) error {
	var item urgent.Item
	err := a.recordWord(ctx, "urgent accept", &o.pen, func(ctx context.Context, s *step) (err error) {
		item, err = o.accept(ctx, a, s, word)
		return err
	})
	if err != nil {
		return err
	}
	a.said("accept", item.ID, "is accepted for "+joinWords(item.Accepted.Versions))
	return nil
}

func (o *urgentAcceptOptions) accept(ctx context.Context, a *app, s *step, word string) (urgent.Item, error) {
	lane, item, err := s.urgentItem(word)
	if err != nil {
		return item, err
	}
	if err := inLane(lane, item); err != nil || item.Accepted.Happened() {
		return item, err
	}
	if err := s.knownAuthors(o.authors); err != nil {
		return item, err
	}
	item.Accepted.By, item.Accepted.Authors = s.by(), o.authors
	by, err := s.authors(ctx, item)
	if err != nil {
		return item, err
	}
	if why, is := by.barred[s.actor.Person]; is {
		return item, patchset.Faultf(patchset.CodeNotAllowed, "%s %s: somebody else accepts it", s.actor.Person, why).
			WithHint("see who may: git carry urgent next %s", item.ID)
	}
	item.Accepted.Event = o.wordOf(s, "", "")
	item.Accepted.Versions, err = o.live(s.ledger, lane.Policy, item)
	if err != nil {
		return item, err
	}
	s.did("accepted %s for %s", item.ID, joinWords(item.Accepted.Versions))
	return item, s.putWord(ctx, a, &o.pen, item.ID, "accepted", item.Accepted, "")
}

// live are the versions that the item must reach: those that were named, else the newest
// with a base in one of its components, as many as the policy says.
func (o *urgentAcceptOptions) live(l patchset.Ledger, policy urgent.Policy, item urgent.Item) ([]string, error) {
	named := o.versions
	if len(named) == 0 {
		named = item.Live
	}
	var live []string
	for _, v := range l.VersionNames() {
		if len(named) > 0 && !slices.Contains(named, v) {
			continue
		}
		if slices.ContainsFunc(item.Patches, func(id string) bool { return l.Versions[v].Bases[l.Patches[id].Component].Commit != "" }) {
			live = append(live, v)
		}
	}
	for _, v := range named {
		if !slices.Contains(live, v) {
			return nil, patchset.Faultf(patchset.CodeUnknownVersion, "%s has no base in the component of %s", v, joinWords(item.Patches)).
				WithHint("git carry train %s", shellWord(v))
		}
	}
	if n := policy.Live; n > 0 && len(named) == 0 && len(live) > n {
		live = live[len(live)-n:]
	}
	if len(live) == 0 {
		return nil, patchset.Faultf(patchset.CodeUnknownVersion, "no version is live for %s", joinWords(item.Patches)).WithHint("git carry train VERSION")
	}
	return live, nil
}

func newUrgentRejectCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		if look.Item.Released.Happened() && !look.Item.RolledBack.Happened() {
			return "", patchset.Faultf(patchset.CodeUsage, "%s is out: there is nothing to send back", look.Item.ID).
				WithHint("if it does harm: git carry urgent rollback %s --reason TEXT", look.Item.ID)
		}
		s.did("rejected %s: %s", look.Item.ID, act.reason)
		return "is rejected: " + act.reason, s.putWord(ctx, a, &act.pen, look.Item.ID, "rejected", act.wordOf(s, "", act.reason), act.reason)
	}
	return urgentActCmd(a, &cobra.Command{
		Use:     "reject [ITEM] --reason TEXT",
		Short:   "Send an item back to the normal way",
		Long:    "Take an item that has not been released out of the lane, with a reason. Its patches stay where they are.",
		Example: `  git carry urgent reject U-2026-3 --reason 'only with a setting that nobody has'`,
	}, "why it can wait, in one line of `TEXT`", act)
}
