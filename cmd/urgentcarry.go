package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// The lane carries as `add` does: what a version lacks comes to the end of its stack.

// carryItem puts the item's patches into every live version that lacks them, all at once.
func (a *app) carryItem(ctx context.Context, look urgentLook) error {
	started := a.env.Now()
	return a.record(ctx, "urgent carry", func(ctx context.Context, s *step) error {
		now, err := a.lookAt(ctx, s.reading, look.lane, look.Item)
		if err != nil {
			return err
		}
		reqs := map[string]*patchset.TrainRequest{}
		for _, k := range now.ToCarry() {
			if err := s.putInStack(now.Item, k); err != nil {
				return err
			}
			v := s.ledger.Versions[k.Version]
			if reqs[k.Version] == nil {
				reqs[k.Version] = &patchset.TrainRequest{Version: k.Version, From: v.From, Settle: true, Bases: map[string]patchset.Base{}}
			}
			reqs[k.Version].Bases[k.Component] = v.Bases[k.Component]
		}
		var list []patchset.TrainRequest
		for _, version := range slices.SortedFunc(maps.Keys(reqs), patchset.CompareVersions) {
			list = append(list, *reqs[version])
		}
		s.runsChecks = true
		if _, err := a.carryAll(ctx, s, list); err != nil {
			return err
		}
		for _, k := range now.ToCarry() {
			for _, id := range slices.Sorted(maps.Keys(k.States)) {
				s.details = append(s.details, fmt.Sprintf("%s %s: %s", k.Version, id, s.ledger.Patches[id].At[k.Version].State))
			}
		}
		s.did("carried %s to %s", now.Item.ID, count(len(list), "version", "versions"))
		ended := a.env.Now()
		run := urgent.Run{Started: started, Ended: ended, Machine: ended.Sub(started)}
		return s.putUrgent(urgent.File(now.Item.ID, "runs/"+string(urgent.Carry)), now.Item.Runs[urgent.Carry].Add(run))
	})
}

// tellOwners tells the owners of what conflicts, in a vault that has a way to. What could
// not be sent stops nothing: git carry status says so.
func (a *app) tellOwners(ctx context.Context) error {
	channels, err := a.opened.Channels()
	if err != nil || len(channels) == 0 {
		return err
	}
	silent := *a
	silent.env.Stdout, silent.quiet = io.Discard, true
	if err := (&notifyOptions{}).run(ctx, &silent); err != nil {
		a.talk("not every owner could be told: git carry notify")
	}
	return nil
}

// putInStack puts what a stack lacks of an item at its end, in the form in which the newest
// version carries it.
func (s *step) putInStack(item urgent.Item, k urgent.Stack) error {
	for _, id := range item.Patches {
		if state, ours := k.States[id]; !ours || state != "" {
			continue
		}
		var newest string
		for v, in := range s.ledger.Patches[id].At {
			if in.State.InStack() && (newest == "" || patchset.CompareVersions(v, newest) > 0) {
				newest = v
			}
		}
		if newest == "" {
			return patchset.Faultf(patchset.CodeConflicts, "%s is in no stack yet that it could be carried from", id).
				WithHint("git carry show %s", id)
		}
		s.ledger.Put(id, k.Version, patchset.Incarnation{
			Position: s.ledger.NextPosition(k.Component, k.Version), Source: s.ledger.Patches[id].At[newest].Commit,
		})
	}
	return nil
}
