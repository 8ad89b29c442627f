package gitops

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// What a repository serves is found out as somebody would who has nothing: a store that
// is empty fetches from it. One that has the objects, or borrows them, would be given
// nothing and would call that a success, whatever the server lacks.

// Probe asks a repository what it serves at some of its branches.
type Probe struct {
	URL      string
	Branches []patchset.AskedBranch
	Timeout  time.Duration // for the question what there is, and for each family
	Rules    URLRules
}

// Probed is what it served to those who come by one family of addresses.
type Probed struct {
	Family Family
	Served []patchset.Served // in the order of the branches
}

// Probe asks by each family of addresses that the host has. noWay are the families that
// were not asked, because this machine has no way to them. What a server does is in
// the result; an error is ours.
func (v *Vault) Probe(ctx context.Context, p Probe) (probed []Probed, noWay []Family, err error) {
	url, err := p.Rules.Effective(ctx, p.URL, false)
	if err != nil {
		return nil, nil, err
	}
	asked, stop := context.WithTimeoutCause(ctx, p.Timeout, slow(p.Timeout))
	usable, noWay := families(asked, url)
	stop()
	list := sync.OnceValues(func() (map[string]merge3.ID, error) {
		ctx, stop := context.WithTimeoutCause(ctx, p.Timeout, slow(p.Timeout))
		defer stop()
		return ListRemote(ctx, v.git, transportURL(p.URL))
	})
	for _, f := range usable {
		served := Probed{Family: f, Served: make([]patchset.Served, len(p.Branches))}
		if err := v.probeBy(ctx, p, f, len(usable) > 1, list, served.Served); err != nil {
			return nil, nil, err
		}
		probed = append(probed, served)
		if err := ctx.Err(); err != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
	return probed, noWay, nil
}

func (v *Vault) probeBy(ctx context.Context, p Probe, f Family, apart bool, list func() (map[string]merge3.ID, error), served []patchset.Served) error {
	r := prober{v: v, url: p.URL, family: f, asked: p.Branches, list: list, served: served}
	if slices.ContainsFunc(p.Branches, func(b patchset.AskedBranch) bool { return b.Known != "" }) {
		_, _ = list() // in its own time
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.Timeout, slow(p.Timeout))
	defer cancel()
	if err := r.probe(ctx); err != nil || !apart {
		return err
	}
	return r.reach(ctx)
}

func slow(limit time.Duration) error {
	return patchset.Faultf(patchset.CodeFailed, "it took more than %s", limit)
}

// failed is a branch that was not got. Of what git says the first line is kept.
func failed(tip merge3.ID, f patchset.ServedFailure, err error) patchset.Served {
	why := err.Error()
	var git *GitError
	if errors.As(err, &git) && git.Stderr != "" {
		why = git.Stderr
	}
	why, _, _ = strings.Cut(why, "\n")
	return patchset.Served{Failure: f, Why: why, Tip: tip}
}
