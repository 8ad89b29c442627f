package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// All that a drill makes is in one room, and the vault in there knows which branches it put
// on which targets. So whoever has the room can take all of it away: the drill at its end, or
// the next one, when it was killed.

// drillBranches is where the branches of drills are on real targets. Nobody else writes there.
const drillBranches = "carry-drill/"

func drillVault(room string) string { return filepath.Join(room, "vault") }

// sweep takes away what drills have left that did not come to their end.
func (o *urgentDrillOptions) sweep(ctx context.Context, a *app, r reading) error {
	rooms, err := r.vault.DeadDrills()
	if err != nil {
		return err
	}
	for _, room := range rooms {
		a.progressLine("drill: taking away what an earlier one has left")
		c := drillClearing{r.vault.Git(), o.timeout, func(t patchset.Target) bool { return r.ledger.Targets[t.Name].URL != t.URL }}
		if err := c.clear(ctx, room); err != nil {
			a.talk("of an earlier drill: %s", explain(err).Message)
		}
	}
	a.endProgress()
	return ctx.Err()
}

// drillClearing is how what a drill has made is taken away.
type drillClearing struct {
	git     *gitops.Git
	timeout time.Duration
	// forgives tells of a target that does not answer whether that does not matter.
	forgives func(patchset.Target) bool
}

// clear takes the branches of a drill away from its targets, and then its room. Where a
// target does not let it, the room stays: the next drill tries again.
func (c drillClearing) clear(ctx context.Context, room *gitops.DrillRoom) error {
	var failed error
	if gitops.IsVault(drillVault(room.Dir)) {
		failed = c.targets(ctx, drillVault(room.Dir))
	}
	if failed != nil {
		return errors.Join(failed, room.Leave())
	}
	return room.Remove()
}

func (c drillClearing) targets(ctx context.Context, vault string) error {
	v, err := gitops.OpenVault(c.git, vault)
	if err != nil {
		return err
	}
	defer v.Close()
	s, err := v.Snapshot(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, name := range slices.Sorted(maps.Keys(s.Ledger.Targets)) {
		t := s.Ledger.Targets[name]
		if !strings.HasPrefix(t.Branch, drillBranches) {
			continue // it is in the room
		}
		for url, branches := range drilled(s.Ledger, t) {
			if err := c.repository(ctx, v, t, url, branches); err != nil {
				failed = errors.Join(failed, fmt.Errorf("branches %s may be left on %s, the next drill tries again: %s",
					strings.TrimSuffix(t.Branch, "/{version}"), t.Name, explain(err).Message))
			}
		}
	}
	return failed
}

// drilled are the branches that a drill may have made on a target, by repository.
func drilled(l patchset.Ledger, t patchset.Target) map[string][]string {
	urls := map[string][]string{}
	for _, version := range l.VersionNames() {
		url := t.URLFor(t.Component, version)
		urls[url] = append(urls[url], "refs/heads/"+strings.ReplaceAll(t.Branch, "{version}", version))
	}
	return urls
}

func (c drillClearing) repository(ctx context.Context, v *gitops.Vault, t patchset.Target, url string, branches []string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	refs, err := gitops.ListRemote(ctx, c.git, url)
	switch {
	case err != nil && c.forgives(t):
		return nil
	case err != nil:
		return err
	}
	var there []gitops.PushUpdate
	for _, ref := range branches {
		if refs[ref] != "" {
			there = append(there, gitops.PushUpdate{Ref: ref, Old: refs[ref]})
		}
	}
	if len(there) == 0 {
		return nil
	}
	return v.RemoveBranches(ctx, url, there)
}
