package patchset

import (
	"context"
	"slices"
	"sort"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// What does not merge: it is parked with its cause, and the rest of the stack goes
// on beside a supposed one in which it had merged. See CarryStack in carry.go.

// park records what did not merge and finds out whether it waits for another.
func (c *carrier) park(ctx context.Context, item Item, req merge3.Request, res merge3.Result, found Finding) (verdict, error) {
	conflict, err := c.record(ctx, item, req, res)
	if err != nil {
		return nil, err
	}
	in := Incarnation{State: StateConflict, Paths: conflictPaths(res)}
	if in.Cause, err = c.waitsFor(ctx, req, in.Paths); err != nil {
		return nil, err
	}
	conflict.Cause = in.Cause
	proposal, err := c.keepProposal(ctx, item, conflict)
	if err != nil {
		return nil, err
	}
	source := Commit{Tree: req.Patch.Tree, Parents: []ID{req.Base.Commit}}
	if req.Base.Commit == "" {
		source.Parents = nil
	}
	if err := c.suppose(ctx, source, req.Patch.Commit, &suppositions{req, res}); err != nil {
		return nil, err
	}
	c.parked = append(c.parked, parkedPatch{item.Patch, in.Paths})
	return func() (Outcome, error) {
		if in.Cause == "" && !c.statesOnly {
			if err := c.explain(ctx, item, req, &in); err != nil {
				return Outcome{}, err
			}
		}
		in := found.mark(item, in)
		switch {
		case in.Cause != "":
			in.State = StateWaiting
		case proposal != nil && proposal.Proposed():
			in.State = StateProposed
		}
		out := c.outcome(item, in)
		out.Conflict, out.Proposal = conflict, proposal
		return out, nil
	}, nil
}

// explain says what a conflict may come from: the public commit from which on the
// patch no longer merges.
func (c *carrier) explain(ctx context.Context, item Item, req merge3.Request, in *Incarnation) error {
	if was := item.Was; was.State == StateConflict && was.Culprit != "" {
		// What it conflicts with since an earlier version it still does.
		in.Culprit = was.Culprit
		return nil
	}
	culprits, err := c.w.Touching(ctx, req.Patch.Commit, c.base, in.Paths)
	if err != nil {
		return err
	}
	if in.Culprit, err = c.firstConflicting(ctx, req, culprits); err != nil {
		return err
	}
	if in.Culprit == "" {
		in.Why = "it merges with the public history, but not with the patches before it in the stack"
	}
	return nil
}

// firstConflicting finds, among commits newest first, the oldest on which the
// patch conflicts, by halving: what conflicts once is taken to conflict from there
// on. "" when it conflicts on none, so that the cause is in the stack itself.
func (c *carrier) firstConflicting(ctx context.Context, req merge3.Request, commits []ID) (ID, error) {
	var failed error
	conflicts := func(id ID) bool {
		commit, err := c.w.Commit(ctx, id)
		if err == nil {
			var res merge3.Result
			req.Upstream = merge3.Side{Commit: id, Tree: commit.Tree}
			res, err = c.w.Merge(ctx, req)
			if err == nil {
				return !res.Clean()
			}
		}
		failed = err
		return false
	}
	older := sort.Search(len(commits), func(i int) bool { return !conflicts(commits[i]) })
	if failed != nil || older == 0 {
		return "", failed
	}
	return commits[older-1], nil
}

// keepProposal is the proposal for a conflict that is parked again. When the
// stack below has changed meanwhile (an earlier conflict was settled), what was
// proposed is carried onto it, provided that it is still the same change.
func (c *carrier) keepProposal(ctx context.Context, item Item, k *Conflict) (*Resolution, error) {
	r := item.Proposal
	switch {
	case r == nil || r.Conflict == k.Record:
		return r, nil
	case !r.Proposed():
		return nil, nil
	}
	result, err := c.w.Commit(ctx, r.Result)
	if err != nil {
		return nil, err
	}
	req, err := c.request(ctx, result, r.Result, c.tip, c.tipCommit.Tree)
	if err != nil {
		return nil, err
	}
	res, err := c.w.Merge(ctx, req)
	if err != nil || !res.Clean() {
		return nil, err
	}
	id, err := c.w.WriteCommit(ctx, Carried(result, c.tip, c.tipCommit, res.Tree, item.CarryID))
	if err != nil {
		return nil, err
	}
	cmp, err := c.w.Compare(ctx, r.Result, id)
	if err != nil || !cmp.Same {
		return nil, err
	}
	kept := *r
	kept.Conflict, kept.Tree, kept.Result = k.Record, res.Tree, id
	return &kept, nil
}

func (c *carrier) record(ctx context.Context, item Item, req merge3.Request, res merge3.Result) (*Conflict, error) {
	record, err := c.w.WriteCommit(ctx, recordCommit(res.Tree, c.tip, c.tipCommit, req.Patch.Commit))
	if err != nil {
		return nil, err
	}
	k := &Conflict{
		Record: record, Upstream: c.tip, Base: req.Base.Commit, Source: req.Patch.Commit,
		Position: item.Position, Found: utc(c.now),
	}
	for _, p := range res.Conflicts {
		k.Paths = append(k.Paths, ConflictPath{
			Path: p.Path, Kind: p.Kind, Base: p.Base, Upstream: p.Upstream, Patch: p.Patch, Message: p.Message,
		})
	}
	return k, nil
}

// waitsFor names the parked patch because of which a merge failed, or "" when it
// would have failed anyway: it merges on the supposed stack, or it does not.
func (c *carrier) waitsFor(ctx context.Context, req merge3.Request, paths []string) (string, error) {
	if c.supposed == "" {
		return "", nil
	}
	tip, err := c.w.Commit(ctx, c.supposed)
	if err != nil {
		return "", err
	}
	req.Upstream = merge3.Side{Commit: c.supposed, Tree: tip.Tree}
	res, err := c.w.Merge(ctx, req)
	if err != nil || !res.Clean() {
		return "", err
	}
	for i := len(c.parked) - 1; i >= 0; i-- {
		for _, path := range c.parked[i].paths {
			if slices.Contains(paths, path) {
				return c.parked[i].patch, nil
			}
		}
	}
	return c.parked[len(c.parked)-1].patch, nil
}

type suppositions struct {
	req merge3.Request
	res merge3.Result
}

// suppose keeps the supposed stack going: after a parked patch as its author
// wrote it, after an accepted one as it merges there.
func (c *carrier) suppose(ctx context.Context, source Commit, sourceID ID, parked *suppositions) error {
	if c.supposed == "" && parked == nil {
		return nil
	}
	var req merge3.Request
	var res merge3.Result
	if c.supposed == "" {
		req, res = parked.req, parked.res
	} else {
		tip, err := c.w.Commit(ctx, c.supposed)
		if err != nil {
			return err
		}
		if req, err = c.request(ctx, source, sourceID, c.supposed, tip.Tree); err != nil {
			return err
		}
		if res, err = c.w.Merge(ctx, req); err != nil {
			return err
		}
	}
	tree := res.Tree
	if !res.Clean() {
		var err error
		if tree, err = c.w.FavourPatch(ctx, req, res); err != nil {
			return err
		}
	}
	line := committerName + " 0 +0000"
	id, err := c.w.WriteCommit(ctx, Commit{
		Tree: tree, Parents: []ID{req.Upstream.Commit}, Author: line, Committer: line, Message: []byte("supposed\n"),
	})
	c.supposed = id
	return err
}

func conflictPaths(res merge3.Result) []string {
	var paths []string
	for _, k := range res.Conflicts {
		if !slices.Contains(paths, k.Path) {
			paths = append(paths, k.Path)
		}
	}
	return paths
}
