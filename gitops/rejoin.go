package gitops

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// ReplayedEntry is an own entry as it goes on top of the others': who, when and what is
// said of it stay as they were.
type ReplayedEntry struct {
	ID      merge3.ID         // as it was
	Changes map[string][]byte // files of the ledger's tree, nil where one goes
}

// Replay writes entries on top of an entry and brings them into the vault, where
// nothing leads to them yet. It gives the last one, and the pack that RejoinLedger
// needs to release.
func (v *Vault) Replay(ctx context.Context, onto merge3.ID, entries []ReplayedEntry) (tip merge3.ID, pack string, err error) {
	s, err := v.Scratch()
	if err != nil {
		return "", "", err
	}
	defer s.Close()
	tip = onto
	for _, e := range entries {
		if tip, err = replay(ctx, s, tip, e); err != nil {
			return "", "", fmt.Errorf("replaying the ledger entry %s: %w", e.ID.Short(), err)
		}
	}
	crashPoint()
	if pack, err = s.Pack(ctx, v.dir, tip); err != nil {
		return "", "", fmt.Errorf("storing objects in the vault: %w", err)
	}
	return tip, pack, nil
}

func replay(ctx context.Context, s *Scratch, onto merge3.ID, e ReplayedEntry) (merge3.ID, error) {
	c, err := s.ReadCommit(ctx, e.ID)
	if err != nil {
		return "", err
	}
	below, err := s.ReadCommit(ctx, onto)
	if err != nil {
		return "", err
	}
	if c.Tree, err = editLedgerTree(ctx, s, below.Tree, e.Changes); err != nil {
		return "", err
	}
	kept := c.Parents[min(1, len(c.Parents)):] // what it referred to stays reachable, whatever became of it
	c.Parents = append([]merge3.ID{onto}, kept...)
	return s.WriteCommit(c)
}

// RejoinLedger swaps refs/carry/ledger from was to an entry that Replay gave, or that
// others made, and to the entry of a plan on top of that, unless the plan says nothing.
// keep are commits that entry keeps reachable beside what it names. When the ledger has
// moved meanwhile, nothing is changed and the error is a *StaleError.
func (v *Vault) RejoinLedger(ctx context.Context, s *Scratch, was merge3.ID, onto Snapshot, pack string, plan patchset.Plan, keep ...merge3.ID) (merge3.ID, error) {
	if plan.Entry.Sentence == "" {
		if err := checkStackRefs(onto.Ledger); err != nil {
			return "", err
		}
		return onto.Tip, v.accept(ctx, was, onto.Tip, onto.Ledger, pack)
	}
	plan.Keep = append(slices.Clone(plan.Keep), keep...)
	entry, own, err := v.prepare(ctx, s, onto.Tip, plan)
	if err != nil {
		return "", err
	}
	return entry, v.accept(ctx, was, entry, plan.After, pack, own)
}
