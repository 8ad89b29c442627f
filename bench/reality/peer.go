package main

import (
	"context"
	"fmt"
	"os"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// outcome is how what a train made of a patch relates to what git makes of it: the change
// of the commit that it was carried from, merged by the installed git onto the stack so far. That is
// what git cherry-pick does.
type outcome int

const (
	sameTree     outcome = iota // both merge, to the same tree
	bothConflict                // neither merges
	bothEmpty                   // git's merge changes nothing, and the patch is told as landed
	byEvidence                  // told as landed, or asked about, by what the public history says
	afterOther                  // it waits for another patch: there is no stack to merge onto
	differs                     // anything else
	outcomes
)

var outcomeWords = [outcomes]string{"same tree", "both conflict", "both empty", "by evidence", "waits", "differs"}

// tally counts the outcomes of one component.
type tally [outcomes]int

// peer compares trains with git.
type peer struct {
	vault *gitops.Vault
	by    map[string]*tally // by component
	told  []string          // what differs
}

func newPeer(vault string) (*peer, error) {
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		return nil, err
	}
	v, err := gitops.OpenVault(git, vault)
	return &peer{vault: v, by: map[string]*tally{}}, err
}

// compare does again what the train to version did, with git.
func (p *peer) compare(ctx context.Context, version string) error {
	snapshot, err := p.vault.Snapshot(ctx)
	if err != nil {
		return err
	}
	scratch, err := p.vault.Scratch()
	if err != nil {
		return err
	}
	defer scratch.Close()
	git := gitops.NewGitMerger(scratch)
	l := snapshot.Ledger
	tips := map[string]merge3.ID{}
	for _, patch := range l.In(version) {
		in := patch.At[version]
		if in.From == "" || !patch.At[in.From].State.Carried() {
			continue // not carried here, but watched
		}
		tip, ok := tips[patch.Component]
		if !ok {
			tip = l.Versions[version].Bases[patch.Component].Commit
		}
		what, err := compareOne(ctx, scratch, git, in, tip)
		if err != nil {
			return fmt.Errorf("%s in %s: %w", patch.ID, version, err)
		}
		if p.by[patch.Component] == nil {
			p.by[patch.Component] = &tally{}
		}
		p.by[patch.Component][what]++
		if what == differs {
			p.told = append(p.told, fmt.Sprintf("%s in %s %s: %s", patch.ID, patch.Component, version, in.State))
			talk("differs from git: %s", last(p.told))
		}
		if in.State.InStack() {
			tip = in.Commit
		}
		tips[patch.Component] = tip
	}
	return nil
}

// compareOne compares one patch; tip is the stack below it.
func compareOne(ctx context.Context, s *gitops.Scratch, git *gitops.GitMerger, in patchset.Incarnation, tip merge3.ID) (outcome, error) {
	if in.State == patchset.StateWaiting {
		return afterOther, nil
	}
	source, err := s.ReadCommit(ctx, in.Source)
	if err != nil {
		return differs, err
	}
	onto, err := s.ReadCommit(ctx, tip)
	if err != nil {
		return differs, err
	}
	merged, err := git.Merge(ctx, merge3.Request{
		Base: merge3.Side{Commit: source.Parents[0]}, Upstream: merge3.Side{Commit: tip}, Patch: merge3.Side{Commit: in.Source},
	})
	if err != nil {
		return differs, err
	}
	if in.State.InStack() {
		ours, err := s.ReadCommit(ctx, in.Commit)
		if err == nil && merged.Clean() && merged.Tree == ours.Tree && ours.Parents[0] == tip {
			return sameTree, nil
		}
		return differs, err
	}
	switch {
	case in.State == patchset.StateLanded && merged.Clean() && merged.Tree == onto.Tree:
		return bothEmpty, nil
	case len(in.Grounds) > 0 && (in.State == patchset.StateLanded || merged.Clean()):
		return byEvidence, nil
	case in.State == patchset.StateConflict && !merged.Clean():
		return bothConflict, nil
	}
	return differs, nil
}
