package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"golang.org/x/sync/errgroup"
)

// verifiedTarget is a stack that was published, and what the target serves now.
type verifiedTarget struct {
	Target    string      `json:"target"`
	Component string      `json:"component"`
	Branch    string      `json:"branch"`
	Published patchset.ID `json:"published"` // what publish read back
	Serves    patchset.ID `json:"serves"`    // now; "" when there is no such branch, or no answer
	Result    string      `json:"result"`
	Error     string      `json:"error,omitempty"`
}

// The results of reading back.
const (
	servesSame    = "same"    // the stack as it is in the vault
	servesEarlier = "earlier" // what was published, but the stack has changed since
	servesOther   = "other"   // not what was published
	servesNothing = "silent"  // nobody knows: it cannot be read
)

// readBack asks the targets that a version was published to what they serve now.
func (a *app) readBack(ctx context.Context, r reading, version string) []verifiedTarget {
	var list []verifiedTarget
	for _, name := range slices.Sorted(maps.Keys(r.ledger.Targets)) {
		published := r.ledger.Targets[name].Published
		for _, key := range slices.Sorted(maps.Keys(published)) {
			if p := published[key]; p.Version == version {
				list = append(list, verifiedTarget{Target: name, Component: p.Component, Branch: p.Branch, Published: p.Commit})
			}
		}
	}
	var g errgroup.Group
	g.SetLimit(parallelPushes)
	for i := range list {
		g.Go(func() error {
			t := &list[i]
			t.ask(ctx, r.vault, r.ledger, version)
			return nil
		})
	}
	_ = g.Wait() // every target has its own result
	return list
}

// ask reads one branch back, with all that its commits hold.
func (t *verifiedTarget) ask(ctx context.Context, v *gitops.Vault, l patchset.Ledger, version string) {
	url, ref := l.Targets[t.Target].URLFor(t.Component, version), "refs/heads/"+t.Branch
	refs, err := gitops.ListRemote(ctx, v.Git(), url)
	if err == nil {
		if t.Serves = refs[ref]; t.Serves != t.Published {
			t.Result = servesOther
			return
		}
		err = v.ReadBack(ctx, url, ref, t.Published, len(l.Stack(t.Component, version).Patches)+1)
	}
	switch {
	case err != nil:
		t.Result, t.Error = servesNothing, explain(err).Message
	default:
		t.Result = servesEarlier
		if tip, made := l.Published(t.Component, version); made && tip == t.Published {
			t.Result = servesSame
		}
	}
}

// problem is what the gate makes of it; ok is false when that is nothing.
func (t verifiedTarget) problem() (p patchset.Problem, ok bool) {
	p.Component = t.Component
	switch t.Result {
	case servesOther:
		p.Problem, p.Detail = patchset.ProblemPublished, fmt.Sprintf("%s has no branch %s any more", t.Target, t.Branch)
		if t.Serves != "" {
			p.Detail = fmt.Sprintf("%s serves %s at %s, but %s was published", t.Target, t.Serves.Short(), t.Branch, t.Published.Short())
		}
	case servesNothing:
		what, _, _ := strings.Cut(t.Error, "\n")
		p.Problem, p.Detail = patchset.ProblemUnread, fmt.Sprintf("what %s serves at %s is not known: %s", t.Target, t.Branch, what)
	}
	return p, p.Problem != ""
}

// targetWords says what was read back, when all is well with it.
func targetWords(version string, targets []verifiedTarget) []string {
	var lines []string
	for _, t := range targets {
		switch t.Result {
		case servesSame:
			lines = append(lines, fmt.Sprintf("%s serves exactly this %s at %s", t.Target, t.Component, t.Branch))
		case servesEarlier:
			lines = append(lines, fmt.Sprintf("%s serves an earlier %s at %s, as it was published: git carry publish %s", t.Target, t.Component, t.Branch, shellWord(version)))
		}
	}
	return lines
}
