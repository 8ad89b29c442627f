package gitops

import (
	"context"
	"errors"
	"strings"
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
	// Rewritten: the person's configuration has rules for URLs; see [RewritesURLs].
	Rewritten bool
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
	url := p.URL
	if p.Rewritten {
		if url, err = EffectiveURL(ctx, v.git, p.URL, false); err != nil {
			return nil, nil, err
		}
	}
	asked, stop := context.WithTimeoutCause(ctx, p.Timeout, slow(p.Timeout))
	usable, noWay := families(asked, url)
	refs, silent := ListRemote(asked, v.git, transportURL(p.URL))
	stop()
	for _, f := range usable {
		served := Probed{Family: f, Served: make([]patchset.Served, len(p.Branches))}
		if silent != nil {
			for i := range served.Served {
				served.Served[i] = failed("", patchset.ServedSilent, silent)
			}
		} else if err := v.probeBy(ctx, p, f, len(usable) > 1, refs, served.Served); err != nil {
			return nil, nil, err
		}
		probed = append(probed, served)
		if err := ctx.Err(); err != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
	return probed, noWay, nil
}

func (v *Vault) probeBy(ctx context.Context, p Probe, f Family, apart bool, refs map[string]merge3.ID, served []patchset.Served) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.Timeout, slow(p.Timeout))
	defer cancel()
	r := prober{v: v, url: p.URL, family: f, asked: p.Branches, served: served}
	if err := r.probe(ctx, refs); err != nil || !apart {
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
