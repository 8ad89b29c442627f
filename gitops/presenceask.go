package gitops

import (
	"context"
	"errors"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// prober gets the branches of one repository by one family of addresses. One that is
// well costs two fetches, however many branches are asked for: first without the content
// of files, then that of the files that matter.
type prober struct {
	v      *Vault
	url    string
	family Family
	asked  []patchset.AskedBranch
	list   func() (map[string]merge3.ID, error) // what it says that it has; asked once
	served []patchset.Served
}

// probe gets those branches that are there and have moved. The error is ours.
func (r *prober) probe(ctx context.Context) error {
	all, listed := make([]int, len(r.asked)), false
	for i, b := range r.asked {
		all[i] = i
		listed = listed || b.Known != ""
	}
	which := all
	if listed {
		which = r.moved(all)
	}
	err := r.get(ctx, which, true)
	if !over(ctx, err) && !listed { // what is not there may have spoilt it for the rest
		if which = r.moved(all); len(which) < len(all) {
			err = r.get(ctx, which, true)
		}
	}
	if !over(ctx, err) { // it may offer to leave contents out, and not do it
		err = r.get(ctx, which, false)
	}
	if !over(ctx, err) && len(which) > 1 {
		return r.oneByOne(ctx, which)
	}
	return r.whyNot(ctx, which, err)
}

// moved leaves, of some branches, those that are there and have moved.
func (r *prober) moved(which []int) (moved []int) {
	refs, silent := r.list()
	for _, i := range which {
		b := r.asked[i]
		switch tip, there := refs["refs/heads/"+b.Branch]; {
		case silent != nil:
			r.served[i] = failed("", patchset.ServedSilent, silent)
		case !there:
			r.served[i] = patchset.Served{Failure: patchset.ServedNoBranch, Why: "it has no branch " + b.Branch}
		case tip == b.Known:
			r.served[i] = patchset.Served{Tip: tip, Unread: true}
		default:
			r.served[i].Tip = tip
			moved = append(moved, i)
		}
	}
	return moved
}

// oneByOne finds out which branches cannot be had, when together they cannot. One that
// is refused at once is not asked for again with all that belongs to it: a lying server
// would cost twice as much. (Of one that offers to leave contents out, never does, and lies
// about some branch, all branches are called broken.)
func (r *prober) oneByOne(ctx context.Context, which []int) error {
	if silent := r.greet(ctx); silent != nil {
		return r.fail(ctx, which, patchset.ServedSilent, silent)
	}
	var broken []int
	for n, i := range which {
		err := r.get(ctx, []int{i}, true)
		var atOnce *notGiven
		if !over(ctx, err) && !errors.As(err, &atOnce) {
			err = r.get(ctx, []int{i}, false)
		}
		switch {
		case err == nil:
			continue
		case over(ctx, err):
			return r.fail(ctx, which[n:], patchset.ServedSilent, err)
		}
		broken = append(broken, i)
		r.served[i] = failed(r.served[i].Tip, patchset.ServedBroken, err)
	}
	if len(broken) == 0 {
		return nil
	}
	if silent := r.greet(ctx); silent != nil { // it fell silent on the way
		return r.fail(ctx, broken, patchset.ServedSilent, silent)
	}
	return nil
}

// over tells whether there is nothing more to try: it went well, the time is up, or the
// trouble is ours.
func over(ctx context.Context, err error) bool {
	var own *ownTrouble
	return err == nil || ctx.Err() != nil || errors.As(err, &own)
}

// whyNot notes why branches were not got, if err says so: it tells a server that cannot
// give what it names from one that does not answer.
func (r *prober) whyNot(ctx context.Context, which []int, err error) error {
	if !over(ctx, err) {
		if silent := r.greet(ctx); silent != nil {
			return r.fail(ctx, which, patchset.ServedSilent, silent)
		}
	}
	return r.fail(ctx, which, patchset.ServedBroken, err)
}

// fail notes a failure of branches, if err says so. Trouble of our own is given back.
func (r *prober) fail(ctx context.Context, which []int, failure patchset.ServedFailure, err error) error {
	var own *ownTrouble
	if err == nil || errors.As(err, &own) {
		return err
	}
	if ctx.Err() != nil {
		failure, err = patchset.ServedSilent, context.Cause(ctx)
	}
	for _, i := range which {
		r.served[i] = failed(r.served[i].Tip, failure, err)
	}
	return nil
}

// reach greets a server of which nothing was read. That it has not moved was told by
// whichever family git took; whether this one leads there too is another question.
func (r *prober) reach(ctx context.Context) error {
	if slices.ContainsFunc(r.served, func(s patchset.Served) bool { return len(s.Files) > 0 || s.Failure != "" }) {
		return nil
	}
	var all []int
	for i := range r.served {
		all = append(all, i)
	}
	return r.fail(ctx, all, patchset.ServedSilent, r.greet(ctx))
}

// ownTrouble is an error that is not the server's.
type ownTrouble struct{ err error }

func (e *ownTrouble) Error() string { return e.err.Error() }
func (e *ownTrouble) Unwrap() error { return e.err }
