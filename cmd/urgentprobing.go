package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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

	fixes map[patchset.Spot][]itemFix // by version and component
	rules gitops.URLRules
	notes []string
	mu    sync.Mutex
	looks []urgent.Look
}

// itemFix is what one item asks of a stack.
type itemFix struct {
	item  urgent.Item
	tip   patchset.ID // of the stack
	gone  bool
	fixes []urgent.Fix
}

// seenAt is a branch of a repository.
type seenAt struct{ url, branch string }

// seenBranch is what was found there by every family of addresses.
type seenBranch struct {
	tip    patchset.ID
	wanted string // what was looked for
	judged map[judgedAt]urgent.Judgement
}

// judgedAt is one item by one family.
type judgedAt struct {
	item   string
	family gitops.Family
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
	if p.rules, err = gitops.ReadURLRules(ctx, p.r.vault.Git()); err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelProbes)
	for _, line := range byHost(errands) {
		g.Go(func() error {
			for _, e := range line {
				if err := p.run(ctx, e); err != nil {
					return err
				}
			}
			return nil
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

// byHost puts what is asked of one host into one line. Of this machine everything may be
// asked at once.
func byHost(errands []errand) [][]errand {
	var lines [][]errand
	at := map[string]int{}
	for _, e := range errands {
		host := gitops.HostOf(e.url)
		if i, known := at[host]; known && host != "" {
			lines[i] = append(lines[i], e)
			continue
		}
		at[host] = len(lines)
		lines = append(lines, []errand{e})
	}
	return lines
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
	if was := p.seen[seenAt{url, branch}]; was.wanted == wanted(p.fixes[spot]) {
		b.Known = was.tip
	}
	for _, f := range p.fixes[spot] {
		for _, fix := range f.fixes {
			b.Files = append(b.Files, fix.Asks()...)
		}
	}
	return b
}

// wanted names all that is looked for in a stack: another stack, item or witness makes it another.
func wanted(fixes []itemFix) string {
	var words []string
	for _, f := range fixes {
		words = append(words, string(f.tip), f.item.ID)
		for _, name := range slices.Sorted(maps.Keys(f.item.Witnesses)) {
			words = append(words, name, stamp(f.item.Witnesses[name].At))
		}
	}
	return strings.Join(words, " ")
}

// run asks one repository and judges what it serves.
func (p *round) run(ctx context.Context, e errand) error {
	probed, noWay, err := p.r.vault.Probe(ctx, gitops.Probe{URL: e.url, Branches: e.branches, Timeout: p.timeout, Rules: p.rules})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, family := range noWay {
		p.notes = append(p.notes, fmt.Sprintf("%s was not asked by %s: this machine has no way to such addresses", e.target, family))
	}
	for i, spot := range e.stacks {
		at := seenAt{e.url, e.branches[i].Branch}
		now := seenBranch{wanted: wanted(p.fixes[spot]), judged: map[judgedAt]urgent.Judgement{}}
		same := true // all families got the same, and something
		for _, f := range p.fixes[spot] {
			l := urgent.Look{
				Item: f.item.ID, Place: patchset.Place{Target: e.target, Stack: spot.Version + "/" + spot.Patch}, Component: spot.Patch, Version: spot.Version,
				Branch: at.branch, Commit: f.tip, Gone: f.gone, Families: map[string]urgent.Judgement{},
			}
			for n, by := range probed {
				served := by.Served[i]
				key := judgedAt{f.item.ID, by.Family}
				before := p.seen[at].judged[key]
				j := p.judge(ctx, f, served, before)
				l.Families[string(by.Family)], now.judged[key] = j, j
				if served.Tip != "" {
					l.Serves = served.Tip
				}
				same = same && served.Failure == "" && (!served.Unread || before.Verdict != "") && (n == 0 || served.Tip == now.tip)
				now.tip = served.Tip
			}
			p.looks = append(p.looks, l)
		}
		if delete(p.seen, at); p.seen != nil && same {
			p.seen[at] = now
		}
	}
	return nil
}

// judge tells whether a served tree has all fixes of an item; before is what was found
// there when it was last read.
func (p *round) judge(ctx context.Context, f itemFix, served patchset.Served, before urgent.Judgement) urgent.Judgement {
	switch {
	case served.Unread && before.Verdict == "":
		return urgent.Judgement{Verdict: urgent.Unknown, Words: "it was not read by these addresses yet"}
	case served.Unread:
		return before
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
	return worst
}
