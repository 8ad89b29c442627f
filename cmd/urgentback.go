package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentRollbackCmd(a *app) *cobra.Command {
	act := &urgentAct{}
	act.do = func(ctx context.Context, a *app, s *step, look urgentLook) (string, error) {
		if !look.Item.Accepted.Happened() {
			return "", patchset.Faultf(patchset.CodeUsage, "%s is carried nowhere by the lane: there is nothing to take back", look.Item.ID).
				WithHint("git carry urgent reject %s --reason TEXT", look.Item.ID)
		}
		if look.Item.RolledBack.Happened() {
			return "was taken back on " + date(look.Item.RolledBack.At), nil
		}
		back := look.Item.Back
		if !back[s.actor.Person].Happened() {
			if err := s.putWord(ctx, a, &act.pen, look.Item.ID, "back/"+s.actor.Person, act.wordOf(s, "", act.reason), act.reason); err != nil {
				return "", err
			}
		} else if len(back) < 2 {
			return "needs a second person who takes it back", nil
		}
		if len(back) == 0 {
			s.did("wants %s taken back: %s", look.Item.ID, act.reason)
			return "needs a second person who takes it back", nil
		}
		if err := s.putWord(ctx, a, &act.pen, look.Item.ID, "rolledback", act.wordOf(s, "", act.reason), act.reason); err != nil {
			return "", err
		}
		s.did("took %s back: %s", look.Item.ID, act.reason)
		return "is taken out of every live version", a.takeOut(ctx, s, look, act.reason)
	}
	return urgentActCmd(a, &cobra.Command{
		Use:   "rollback [ITEM] --reason TEXT",
		Short: "Take a fix back that does harm",
		Long: `Take the patches of an item out of every live version, when two people want that. They are dropped, as
by git carry drop; the targets get the stacks without them from git carry urgent run. The record
stays, and a better fix follows with urgent open --supersedes.`,
		Example: `  git carry urgent rollback --reason 'nobody can log in'
  git carry urgent run`,
	}, "what harm it does, in one line of `TEXT`", act)
}

// takeOut drops the patches of an item from every live version, all at once.
func (a *app) takeOut(ctx context.Context, s *step, look urgentLook, reason string) error {
	event := a.event(s, look.Item.ID, reason)
	reqs := map[string]*patchset.TrainRequest{}
	for _, id := range look.Item.Patches {
		p := s.ledger.Patches[id]
		p.Dropped = event
		s.ledger.Patches[id] = p
	}
	for _, k := range look.Stacks {
		v := s.ledger.Versions[k.Version]
		if reqs[k.Version] == nil {
			reqs[k.Version] = &patchset.TrainRequest{Version: k.Version, From: v.From, Settle: true, Bases: map[string]patchset.Base{}}
		}
		reqs[k.Version].Bases[k.Component] = v.Bases[k.Component]
		for id := range k.States {
			at, in := patchset.Spot{Version: k.Version, Patch: id}, s.ledger.Patches[id].At[k.Version]
			delete(s.ledger.Conflicts, at)
			delete(s.ledger.Resolutions, at)
			s.ledger.Put(id, k.Version, patchset.Incarnation{
				State: patchset.StateDropped, Position: in.Position, Source: in.Source, From: in.From, Why: reason, Event: &event,
			})
		}
	}
	var list []patchset.TrainRequest
	for _, version := range look.Item.Accepted.Versions {
		if req := reqs[version]; req != nil {
			list = append(list, *req)
			s.details = append(s.details, version+" goes on without it")
		}
	}
	_, err := a.carryAll(ctx, s, list)
	return err
}

// unclean are the targets that serve something else than the stacks as they are now, after
// an item was taken back.
func (look *urgentLook) unclean() (versions, targets []string) {
	for _, k := range look.Stacks {
		for _, arrival := range slices.Concat(k.Testing, k.Stable) {
			read, published := look.ledger.Targets[arrival.Target].Published[k.Version+"/"+k.Component]
			if !published || read.Commit == k.Commit || arrival.Excused {
				continue
			}
			if !slices.Contains(versions, k.Version) {
				versions = append(versions, k.Version)
			}
			if !slices.Contains(targets, arrival.Target) {
				targets = append(targets, arrival.Target)
			}
		}
	}
	return versions, targets
}

// clean gives the targets the stacks without what was taken back.
func (o *urgentRun) clean(ctx context.Context, a *app, look urgentLook) (moved bool, err error) {
	versions, targets := look.unclean()
	if len(versions) == 0 || len(o.results) > 0 {
		return false, nil
	}
	d := delivery{versions: versions, parallel: o.parallel}
	d.timeout, d.to = o.timeout, targets
	_, err = o.serve(ctx, a, look, d)
	return true, err
}

func newUrgentRetireCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "retire [ITEM]",
		Short: "Take an item out of the lane that has done its work",
		Long: `End an item: its fix has been public for a week (or as the policy says), every live version has
it by the normal way, nothing is owed and nobody holds it. Before that it refuses and says what is
missing. git carry urgent run does the same by itself.`,
		Example: `  git carry urgent retire`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var item string
			err := a.record(c.Context(), "urgent retire", func(ctx context.Context, s *step) error {
				look, err := a.urgentLook(ctx, s.reading, firstWord(args))
				if err != nil {
					return err
				}
				if err := inLane(look.lane, look.Item); err != nil {
					return err
				}
				item = look.Item.ID
				return a.retireItem(s, look)
			})
			if err == nil {
				a.show(urgentActDoc{schema("urgent-retire"), item, "left the lane"}, func() { a.say("%s left the lane. Its record stays: git carry urgent time", item) })
			}
			return err
		},
	}
}

// retireItem takes an item out of the lane, or refuses with all that is missing.
func (a *app) retireItem(s *step, look urgentLook) error {
	if missing := look.Unfinished(); len(missing) > 0 {
		f := patchset.Faultf(patchset.CodePending, "%s stays in the lane: %s", look.Item.ID, missing[0])
		for _, line := range missing[1:] {
			f.WithHint("also: %s", line)
		}
		return f
	}
	s.did("%s left the lane: public since %s, and in every version", look.Item.ID, date(look.PublicAt))
	for _, d := range look.spans {
		if d.Begun() {
			s.details = append(s.details, fmt.Sprintf("%s took %s", d.Stage, took(d.Took)))
		}
	}
	return s.putUrgent(urgent.File(look.Item.ID, "retired"), a.event(s, "", ""))
}
