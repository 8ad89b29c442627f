package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"golang.org/x/sync/errgroup"
)

// parallelPushes bounds how many repositories are pushed to at once.
const parallelPushes = 8

// fanOut is a publish under way.
type fanOut struct {
	a *app
	o *delivery
	// r is the state that passed the gate.
	r     reading
	rules gitops.URLRules
	// tried tells of every stack so far whether it is well where it was to go.
	tried map[patchset.Place]bool
}

// serve delivers to the targets of one ring, records what came of it and gives it,
// in order.
func (f *fanOut) serve(ctx context.Context, deliveries []patchset.Delivery) ([]publishDelivery, error) {
	if len(deliveries) == 0 {
		return nil, nil
	}
	if err := f.stillOpen(ctx); err != nil {
		return nil, err
	}
	results := make([]publishDelivery, len(deliveries))
	var g errgroup.Group
	g.SetLimit(cmp.Or(f.o.parallel, parallelPushes))
	for _, group := range f.byRepository(deliveries, results) {
		g.Go(func() error {
			f.repository(ctx, group)
			return nil
		})
	}
	_ = g.Wait() // every delivery has its own result
	f.a.endProgress()
	if err := ctx.Err(); err != nil {
		return nil, err // the next run reads back what got there
	}
	for i, d := range deliveries {
		f.tried[d.Place()] = results[i].well()
	}
	if f.o.dryRun {
		return results, nil
	}
	return results, f.record(ctx, deliveries, results)
}

// stillOpen asks the gate again when the ledger has moved: consent may have been
// withdrawn while the ring before was served.
func (f *fanOut) stillOpen(ctx context.Context) error {
	now, err := f.a.read(ctx)
	if err != nil || now.at.Tip == f.r.at.Tip {
		return err
	}
	f.r = now
	return f.o.gate(ctx, f.a, now)
}

// parcel is a delivery and where its result goes.
type parcel struct {
	patchset.Delivery
	result *publishDelivery
	there  patchset.ID // what the branch holds, "" for nothing
}

func (p *parcel) ref() string { return "refs/heads/" + p.Branch }

// byRepository groups what goes to one repository of one target, and leaves out what
// is held back.
func (f *fanOut) byRepository(deliveries []patchset.Delivery, results []publishDelivery) [][]*parcel {
	groups := map[string][]*parcel{}
	for i, d := range deliveries {
		results[i] = publishDelivery{Target: d.Target, Ring: d.Ring, Component: d.Component, Version: d.Version, Branch: d.Branch, Commit: d.Tip, Patches: d.Length}
		if waits := f.r.ledger.Untested(d, f.tried); len(waits) > 0 && len(f.o.to) == 0 {
			results[i].Result = publishHeld
			results[i].Error = fmt.Sprintf("%s in the ring testing %s not have it yet", joinWords(waits), does(len(waits)))
			results[i].Hint = []string{fmt.Sprintf("git carry publish %s --ring testing", shellWord(d.Version))}
			continue
		}
		at := d.Target + " " + d.URL
		groups[at] = append(groups[at], &parcel{d, &results[i], ""})
	}
	var out [][]*parcel
	for _, at := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, groups[at])
	}
	return out
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

// repository serves one repository within the time that it has.
func (f *fanOut) repository(ctx context.Context, parcels []*parcel) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.o.timeout,
		patchset.Faultf(patchset.CodeFailed, "it took more than %s", f.o.timeout).WithHint("or give it more time: --timeout"))
	defer cancel()
	absent, err := f.look(ctx, parcels)
	if err == nil && len(absent) > 0 && !f.o.dryRun {
		err = f.push(ctx, absent)
	}
	var there []*parcel
	var want []gitops.Expected
	for _, p := range parcels {
		switch {
		case err != nil && p.result.Result == "":
			f.fail(p, err)
		case p.result.Result == "":
			p.result.Result = publishWould
		default:
			there = append(there, p)
			want = append(want, gitops.Expected{Ref: p.ref(), Commit: p.Tip, Depth: p.Length + 1})
		}
	}
	if len(there) == 0 {
		return
	}
	for i, err := range f.r.vault.ReadBackAll(ctx, there[0].URL, want) {
		f.fail(there[i], err)
	}
}

// look finds out what a repository has and gives what it lacks. One that answers
// everybody, or whose branch somebody else moved, gets nothing.
func (f *fanOut) look(ctx context.Context, parcels []*parcel) (absent []*parcel, err error) {
	git, url := f.r.vault.Git(), parcels[0].URL
	if err := gitops.RefuseAnonymous(ctx, git, f.rules, url); err != nil {
		return nil, err
	}
	refs, err := gitops.ListRemote(ctx, git, url)
	if err != nil {
		return nil, err
	}
	for _, p := range parcels {
		p.there = refs[p.ref()]
		if p.there == p.Tip {
			p.result.Result = publishThere
			continue
		}
		if err := f.ours(ctx, p); err != nil {
			return nil, err
		}
		absent = append(absent, p)
	}
	return absent, nil
}

// ours refuses to move a branch that holds what this vault has never seen. What is
// public or was in a stack may go: nothing would be lost.
func (f *fanOut) ours(ctx context.Context, p *parcel) error {
	if p.there == "" || p.there == p.Last {
		return nil
	}
	if known, err := f.r.vault.Exists(ctx, p.there); err != nil || known {
		return err
	}
	return patchset.Faultf(patchset.CodeFailed, "%s holds %s, which this vault does not know: somebody else moved it", p.Branch, p.there.Short()).
		WithHint("see what it is, put it aside, and set the branch back: git ls-remote %s %s", shellWord(gitops.MaskURL(p.URL)), shellWord(p.ref()))
}

// push moves the branches of one repository, all or none.
func (f *fanOut) push(ctx context.Context, absent []*parcel) error {
	if err := f.stillAllowed(ctx, absent); err != nil {
		return err
	}
	var updates []gitops.PushUpdate
	for _, p := range absent {
		updates = append(updates, gitops.PushUpdate{Ref: p.ref(), Old: p.there, New: p.Tip})
	}
	if err := f.r.vault.Push(ctx, absent[0].URL, updates, f.a.progress()); err != nil {
		return err
	}
	for _, p := range absent {
		p.result.Result = publishDone
	}
	return nil
}

// stillAllowed asks the gate again when the ledger has moved since: consent may
// have been withdrawn while other targets were served.
func (f *fanOut) stillAllowed(ctx context.Context, parcels []*parcel) error {
	if tip, err := f.r.vault.Tip(); err != nil || tip == f.r.at.Tip {
		return err
	}
	now, err := f.a.read(ctx)
	if err != nil || now.at.Tip == f.r.at.Tip {
		return err
	}
	for _, p := range parcels {
		if tip, ok := now.ledger.Published(p.Component, p.Version); !ok || tip != p.Tip {
			return patchset.Faultf(patchset.CodeFailed, "the stack changed meanwhile")
		}
	}
	return f.o.gate(ctx, f.a, now)
}

// fail notes why a delivery did not come about, if err says so.
func (f *fanOut) fail(p *parcel, err error) {
	if err == nil {
		return
	}
	e := explain(err)
	p.result.Result, p.result.Error = publishFailed, e.Message
	if e.Exit == exitPolicy || e.Exit == exitConsent {
		p.result.Result = publishRefused
	}
	again := fmt.Sprintf("when that is mended: git carry publish %s --to %s", shellWord(p.Version), shellWord(p.Target))
	p.result.Hint = append(e.Hint, again)
}

// record writes down what was read back and what was not, and why.
func (f *fanOut) record(ctx context.Context, deliveries []patchset.Delivery, results []publishDelivery) error {
	return f.a.record(ctx, "publish", func(_ context.Context, s *step) error {
		well, bad, now := 0, 0, f.a.env.Now().UTC()
		for i, d := range deliveries {
			if s.ledger.Targets[d.Target].Name == "" {
				continue
			}
			switch result := results[i]; {
			case result.Result == publishHeld:
			case result.well() && s.delivered(d, now):
				well++
				s.details = append(s.details, fmt.Sprintf("%s: %s at %s", d.Target, d.Component, d.Branch))
			case !result.well() && s.undelivered(d, result, now):
				bad++
				s.details = append(s.details, fmt.Sprintf("%s: not %s: %s", d.Target, d.Component, failureLine(result.Error)))
			}
		}
		s.did("%s", publishedSentence(joinWords(f.o.versions), well, bad))
		return nil
	})
}

func publishedSentence(version string, well, bad int) string {
	switch {
	case bad == 0:
		return fmt.Sprintf("published %s of %s, read back", count(well, "stack", "stacks"), version)
	case well == 0:
		return fmt.Sprintf("could not publish %s of %s", count(bad, "stack", "stacks"), version)
	}
	return fmt.Sprintf("published %s of %s, read back; %d failed", count(well, "stack", "stacks"), version, bad)
}

// delivered records that a stack was read back; false when that is known.
func (s *step) delivered(d patchset.Delivery, now time.Time) bool {
	at := d.Place()
	_, failed := s.ledger.Undelivered[at]
	delete(s.ledger.Undelivered, at)
	t := s.ledger.Targets[d.Target]
	if was, ok := t.Published[at.Stack]; ok && was.Commit == d.Tip && was.Branch == d.Branch {
		return failed
	}
	t.Published[at.Stack] = patchset.Published{
		Component: d.Component, Version: d.Version, Branch: d.Branch, Commit: d.Tip,
		At: now, By: s.by(),
	}
	s.ledger.Targets[d.Target] = t
	return true
}

// undelivered records why a stack is not there; false when that is known.
func (s *step) undelivered(d patchset.Delivery, result publishDelivery, now time.Time) bool {
	why := failureLine(result.Error)
	if was, ok := s.ledger.Undelivered[d.Place()]; ok && was.Commit == d.Tip && was.Error == why {
		return false
	}
	s.ledger.Undelivered[d.Place()] = patchset.Failure{Commit: d.Tip, Error: why, At: now, By: s.by()}
	return true
}

// failureLine is the first line of an error, of bounded length.
func failureLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return cmp.Or(printable.Cut(printable.Line(line), 300), "failed")
}
