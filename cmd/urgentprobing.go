package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"golang.org/x/sync/errgroup"
)

// parallelProbes is how many repositories are asked at once. Those of one host are asked
// one after the other.
const parallelProbes = 32

// round is one look at targets.
type round struct {
	r       reading
	items   []urgent.Item
	targets []string
	timeout time.Duration
	gone    bool // the fixes are expected to be gone
	// seen is what earlier rounds of this process found; a branch that has not moved since
	// is not read again. nil: everything is read.
	seen map[seenAt]seenBranch

	fixes     map[patchset.Spot][]itemFix // by version and component
	rewritten bool                        // the person's configuration has rules for URLs
	notes     []string
	mu        sync.Mutex
	looks     []urgent.Look
}

// itemFix is what one item asks of a stack.
type itemFix struct {
	item  urgent.Item
	tip   patchset.ID // of the stack
	gone  bool
	fixes []urgent.Fix
}

// seenAt is a branch by one family of addresses.
type seenAt struct {
	url, branch string
	family      gitops.Family
}

// seenBranch is what was found there, by item.
type seenBranch struct {
	tip    patchset.ID
	stack  patchset.ID // what was expected then
	judged map[string]urgent.Judgement
}

// errand is what is asked of one repository of one target.
type errand struct {
	target   string
	url      string
	branches []patchset.AskedBranch
	stacks   []patchset.Spot // of each branch
}

// look asks all targets, for all items, and gives what came of it in the order of items,
// targets and stacks.
func (p *round) look(ctx context.Context) ([]urgent.Look, error) {
	if err := p.findFixes(ctx); err != nil {
		return nil, err
	}
	errands, err := p.errands()
	if err != nil {
		return nil, err
	}
	if p.rewritten, err = gitops.RewritesURLs(ctx, p.r.vault.Git()); err != nil {
		return nil, err
	}
	hosts := map[string]*sync.Mutex{}
	for _, e := range errands {
		if host := gitops.HostOf(e.url); host != "" && hosts[host] == nil {
			hosts[host] = &sync.Mutex{}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelProbes)
	for _, e := range errands {
		g.Go(func() error {
			if host := hosts[gitops.HostOf(e.url)]; host != nil {
				host.Lock()
				defer host.Unlock()
			}
			return p.run(ctx, e)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(p.looks, compareLooks)
	slices.Sort(p.notes)
	p.notes = slices.Compact(p.notes)
	return p.looks, nil
}

func compareLooks(x, y urgent.Look) int {
	for _, c := range []int{
		patchset.CompareVersions(x.Item, y.Item), patchset.CompareVersions(x.Place.Target, y.Place.Target),
		patchset.CompareVersions(x.Version, y.Version), patchset.CompareVersions(x.Component, y.Component),
	} {
		if c != 0 {
			return c
		}
	}
	return 0
}

// errands lists what has to be asked where.
func (p *round) errands() ([]errand, error) {
	byURL := map[[2]string]*errand{}
	for _, name := range p.targets {
		t := p.r.ledger.Targets[name]
		for _, spot := range slices.SortedFunc(maps.Keys(p.fixes), compareSpots) {
			d, takes, err := p.delivery(t, spot)
			if err != nil {
				return nil, err
			}
			if !takes {
				continue
			}
			url := t.ServedURL(d.Component, d.Version)
			e := byURL[[2]string{name, url}]
			if e == nil {
				e = &errand{target: name, url: url}
				byURL[[2]string{name, url}] = e
			}
			e.branches = append(e.branches, p.asked(url, d.Branch, spot))
			e.stacks = append(e.stacks, spot)
		}
	}
	var list []errand
	for _, key := range slices.SortedFunc(maps.Keys(byURL), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		list = append(list, *byURL[key])
	}
	return list, nil
}

func compareSpots(a, b patchset.Spot) int {
	if c := patchset.CompareVersions(a.Version, b.Version); c != 0 {
		return c
	}
	return patchset.CompareVersions(a.Patch, b.Patch)
}

// delivery is where a stack belongs on a target, if the target takes it.
func (p *round) delivery(t patchset.Target, spot patchset.Spot) (patchset.Delivery, bool, error) {
	list, err := p.r.ledger.Deliveries(t, spot.Version)
	for _, d := range list {
		if d.Component == spot.Patch {
			return d, true, err
		}
	}
	return patchset.Delivery{}, false, err
}

// asked is a branch and the files in it that all items want to see.
func (p *round) asked(url, branch string, spot patchset.Spot) patchset.AskedBranch {
	b := patchset.AskedBranch{Branch: branch}
	tips := map[patchset.ID]bool{}
	for key, was := range p.seen {
		if key.url == url && key.branch == branch && was.stack == p.fixes[spot][0].tip && len(was.judged) == len(p.fixes[spot]) {
			tips[was.tip] = true
		}
	}
	if len(tips) == 1 { // the families serve the same
		b.Known = slices.Collect(maps.Keys(tips))[0]
	}
	for _, f := range p.fixes[spot] {
		for _, fix := range f.fixes {
			b.Files = append(b.Files, fix.Asks()...)
		}
	}
	return b
}

// run asks one repository and judges what it serves.
func (p *round) run(ctx context.Context, e errand) error {
	probed, noWay, err := p.r.vault.Probe(ctx, gitops.Probe{URL: e.url, Branches: e.branches, Timeout: p.timeout, Rewritten: p.rewritten})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, family := range noWay {
		p.notes = append(p.notes, fmt.Sprintf("%s was not asked by %s: this machine has no way to such addresses", e.target, family))
	}
	for i, spot := range e.stacks {
		for _, f := range p.fixes[spot] {
			l := urgent.Look{
				Item: f.item.ID, Place: patchset.Place{Target: e.target, Stack: spot.Version + "/" + spot.Patch}, Component: spot.Patch, Version: spot.Version,
				Branch: e.branches[i].Branch, Commit: f.tip, Gone: f.gone, Families: map[string]urgent.Judgement{},
			}
			for _, by := range probed {
				served := by.Served[i]
				if served.Tip != "" {
					l.Serves = served.Tip
				}
				l.Families[string(by.Family)] = p.judge(ctx, seenAt{e.url, e.branches[i].Branch, by.Family}, f, served)
			}
			p.looks = append(p.looks, l)
		}
	}
	return nil
}

// judge tells whether a served tree has all fixes of an item, and remembers it.
func (p *round) judge(ctx context.Context, at seenAt, f itemFix, served patchset.Served) urgent.Judgement {
	if served.Unread {
		return p.seen[at].judged[f.item.ID]
	}
	known := func(id patchset.ID) bool {
		has, err := p.r.vault.Exists(ctx, id)
		return err == nil && has
	}
	var worst urgent.Judgement
	for i, fix := range f.fixes {
		j := fix.Judge(served, known)
		if i == 0 || j.Verdict != worst.Verdict && urgent.Worst(j.Verdict, worst.Verdict) == j.Verdict {
			worst = j
		}
	}
	if p.seen == nil {
		return worst
	}
	was := p.seen[at]
	switch {
	case served.Failure != "":
		delete(p.seen, at)
		return worst
	case was.tip != served.Tip || was.stack != f.tip:
		was = seenBranch{served.Tip, f.tip, map[string]urgent.Judgement{}}
	}
	was.judged[f.item.ID] = worst
	p.seen[at] = was
	return worst
}
