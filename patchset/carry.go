package patchset

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sort"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
	"golang.org/x/sync/errgroup"
)

// Workbench is what carrying needs of git: reading and writing commits, merging
// them, and comparing what two commits change. Nothing that is written on it
// counts before a plan is carried out. It is asked from several goroutines at once.
type Workbench interface {
	merge3.Merger
	Radar
	Commit(ctx context.Context, id ID) (Commit, error)
	// ReadAhead begins to read what carrying items will need, and the files of base that
	// Again will search unless base is "", and returns at once. It is a hint: without it
	// the same is read later, one after the other.
	ReadAhead(ctx context.Context, base ID, items []Item)
	WriteCommit(ctx context.Context, c Commit) (ID, error)
	// Compare tells whether two commits make the same change (the same lines
	// removed and added, file by file, renames followed) and, if so, whether at
	// other lines or in renamed files.
	Compare(ctx context.Context, source, carried ID) (Comparison, error)
	// FavourPatch is the tree of a merge with every dispute settled as the patch
	// has it. It is used to find out whether a later patch fails only because of
	// an earlier one, never as a result.
	FavourPatch(ctx context.Context, r merge3.Request, res merge3.Result) (ID, error)
	// Evidence gathers what the public history says of a patch: the commits that the
	// base has and the source's parent has not.
	Evidence(ctx context.Context, q Query) (Evidence, error)
	// Undone tells whether what the commit fix did to the files of places (to all of its own,
	// if none of them is) stood in since and was taken back by base, and by which public
	// commit. Closely: lines that are gone count, else only lines that are back.
	Undone(ctx context.Context, fix, since, base ID, places Places, closely bool) (Undoing, error)
	// Changed lists the paths that a commit changes.
	Changed(ctx context.Context, commit ID) ([]string, error)
	// Follow tells where base has the files that source changes, given where since has
	// them, and whether they are the same in both.
	Follow(ctx context.Context, source, since, base ID, places Places) (now Places, same bool, err error)
	// Touching lists the commits without merges in since..base that touch paths,
	// newest first.
	Touching(ctx context.Context, since, base ID, paths []string) ([]ID, error)
	// Contains tells whether commit is in the history of tip.
	Contains(ctx context.Context, tip, commit ID) (bool, error)
}

// Comparison is how the change of a carried commit relates to its source.
type Comparison struct {
	Same  bool // the same lines are removed and added
	Moved bool // Same, but elsewhere
}

// watchClosely is for how many versions a fix that has landed is looked at line by
// line. Reverts come within days; after that, its lines are edited like any others,
// and only the return of what it removed still means anything.
const watchClosely = 8

// Item is one patch that is to be carried.
type Item struct {
	Patch    string
	CarryID  string
	Task     string
	Position int
	Source   ID
	// From is the version that Source was carried from; "" when it was added here.
	From string
	// Was is the incarnation in From, for landed and retired patches under watch.
	Was Incarnation
	// Final: it was retired in this very version.
	Final bool
	// LandedFor counts the versions in which it has been landed so far.
	LandedFor int
	// Since is the base of From; "" when unknown. It bounds the search for public
	// commits.
	Since ID
	// Replaces is the commit that Source took the place of, and its owner has not agreed.
	Replaces ID
	// Origin is the commit by which the patch was first added, Seen the form that its
	// owner last saw. Either may be empty: then it is Source.
	Origin ID
	Seen   Seen
	// Signed is the commit of a signed resolution in this version: it is carried
	// instead of Source.
	Signed ID
	// Proposal is an unsigned resolution or draft in this version, if any.
	Proposal *Resolution
}

// Outcome is what became of an Item.
type Outcome struct {
	Patch       string
	Incarnation Incarnation
	Conflict    *Conflict // set for conflict, waiting and proposed
	// Proposal is the proposal as it fits Conflict; nil when there is none that does.
	Proposal *Resolution
	PublicAt time.Time // of Incarnation.Public, when a landed patch has one
}

// CarryStack carries items onto a base, in order. A patch that does not merge is
// parked and the rest goes on; a patch that fails only because an earlier one is
// parked is waiting. now dates new conflicts.
func CarryStack(ctx context.Context, w Workbench, base ID, items []Item, now time.Time) ([]Outcome, error) {
	return (&carrier{w: w, base: base, now: now}).stack(ctx, items)
}

// stack carries items onto the base and looks at what came of it as a whole.
func (c *carrier) stack(ctx context.Context, items []Item) ([]Outcome, error) {
	items = slices.Clone(items)
	sort.SliceStable(items, func(i, j int) bool { return items[i].Position < items[j].Position })
	outcomes, err := c.each(ctx, c.base, items)
	if err != nil {
		return nil, err
	}
	return outcomes, c.again(ctx, items, outcomes)
}

// each carries items onto the base, in the order in which they are given. searched is the
// base when what comes of it is looked at as a whole afterwards, else "".
func (c *carrier) each(ctx context.Context, searched ID, items []Item) ([]Outcome, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c.w.ReadAhead(ctx, searched, items)
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(items))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(1 + runtime.GOMAXPROCS(0))
	g.Go(func() error {
		for i, item := range items {
			tell, err := c.next(ctx, item)
			if err != nil {
				return err
			}
			g.Go(func() (err error) {
				outcomes[i], err = tell()
				return err
			})
		}
		return nil
	})
	return outcomes, g.Wait()
}

// verdict tells what became of an item. Nothing that is carried after it rests on that, so
// it may be asked for at any time and beside the carrier.
type verdict func() (Outcome, error)

func decided(out Outcome) verdict { return func() (Outcome, error) { return out, nil } }

// begin puts the carrier on its base.
func (c *carrier) begin(ctx context.Context) error {
	base, err := c.w.Commit(ctx, c.base)
	if err != nil {
		return fmt.Errorf("reading the base %s: %w", c.base.Short(), err)
	}
	c.baseTree, c.tip, c.tipCommit = base.Tree, c.base, base
	return nil
}

// next carries the next patch of the stack.
func (c *carrier) next(ctx context.Context, item Item) (verdict, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tell, err := c.carry(ctx, item)
	if err != nil {
		return nil, fmt.Errorf("carrying %s: %w", item.Patch, err)
	}
	return func() (Outcome, error) {
		out, err := tell()
		if err != nil {
			return Outcome{}, fmt.Errorf("carrying %s: %w", item.Patch, err)
		}
		return out, nil
	}, nil
}

// Carries is the commit that is carried: what was signed, or what the patch was.
func (i Item) Carries() ID { return cmp.Or(i.Signed, i.Source) }

// agreed is the form that a clean merge is measured by: the one that the owner last saw,
// or else a drift that nobody signed would be the measure of the next version. What was
// signed is measured by itself, and what took a patch's place is drift in any case.
func (i Item) agreed(source ID) ID {
	if i.Signed != "" || i.Replaces != "" {
		return source
	}
	return cmp.Or(i.Seen.Commit, source)
}

// carrier holds the stack so far, and beside it the stack as it would be if
// every parked patch had been settled as its author wrote it.
type carrier struct {
	w              Workbench
	base, baseTree ID
	now            time.Time
	statesOnly     bool // nobody asks for evidence: it says why a patch is in a state, not in which
	tip            ID
	tipCommit      Commit
	parked         []parkedPatch
	supposed       ID // tip of the supposed stack; "" while nothing is parked
}

type parkedPatch struct {
	patch string
	paths []string
}

func (c *carrier) carry(ctx context.Context, item Item) (verdict, error) {
	watch, public, err := c.watch(ctx, item)
	if err != nil {
		return nil, err
	}
	if public {
		return decided(c.outcome(item, watch.still(item))), nil
	}
	sourceID := item.Carries()
	source, err := c.w.Commit(ctx, sourceID)
	if err != nil {
		return nil, err
	}
	req, err := c.request(ctx, source, sourceID, c.tip, c.tipCommit.Tree)
	if err != nil {
		return nil, err
	}
	res, err := c.w.Merge(ctx, req)
	if err != nil {
		return nil, err
	}
	nothing := res.Clean() && res.Tree == c.tipCommit.Tree && source.Tree != req.Base.Tree
	if !nothing {
		stands, err := c.stillStands(ctx, item, &watch)
		if err != nil {
			return nil, err
		}
		if stands {
			return decided(c.outcome(item, watch.still(item))), nil
		}
	}
	switch {
	case !res.Clean() && item.Signed != "":
		// What was signed does not carry to here: the patch itself is in dispute again.
		item.Signed = ""
		return c.carry(ctx, item)
	case nothing:
		return c.nothingLeft(ctx, item, source, sourceID, req, watch)
	case res.Clean():
		return c.accept(ctx, item, source, sourceID, res.Tree, req, func() (Finding, error) {
			return c.look(ctx, item, source, sourceID, false, watch)
		})
	}
	found, err := c.look(ctx, item, source, sourceID, true, watch)
	if err != nil {
		return nil, err
	}
	if found.Landed {
		return c.landed(ctx, item, found, watch)
	}
	return c.park(ctx, item, req, res, found)
}

func (c *carrier) request(ctx context.Context, source Commit, sourceID, tip, tipTree ID) (merge3.Request, error) {
	req := merge3.Request{
		Upstream: merge3.Side{Commit: tip, Tree: tipTree, Label: "UPSTREAM"},
		Patch:    merge3.Side{Commit: sourceID, Tree: source.Tree, Label: "PATCH"},
	}
	if parent := source.Parent(); parent != "" {
		p, err := c.w.Commit(ctx, parent)
		if err != nil {
			return req, err
		}
		req.Base = merge3.Side{Commit: parent, Tree: p.Tree, Label: "BASE"}
	}
	return req, nil
}

// accept puts a clean merge on the stack. look says what else is known of the patch.
func (c *carrier) accept(ctx context.Context, item Item, source Commit, sourceID, tree ID, req merge3.Request, look func() (Finding, error)) (verdict, error) {
	before := c.tipCommit.Tree
	next := Carried(source, c.tip, c.tipCommit, tree, item.CarryID)
	id, err := c.w.WriteCommit(ctx, next)
	if err != nil {
		return nil, err
	}
	if err := c.suppose(ctx, source, sourceID, nil); err != nil {
		return nil, err
	}
	c.tip, c.tipCommit = id, next
	return func() (Outcome, error) {
		found, err := look()
		if err != nil {
			return Outcome{}, err
		}
		in, err := c.judge(ctx, item, source, sourceID, id, tree == before, req)
		if err != nil {
			return Outcome{}, err
		}
		if item.Replaces != "" && item.Signed == "" && in.State != StateDrift {
			in.drift("it took the place of " + item.Replaces.Short() + ", and its owner has not agreed yet")
		}
		in.Commit = id
		return c.outcome(item, found.mark(item, in)), nil
	}, nil
}

// judge tells what a clean merge is: does it make the same change, in the same place, or
// nothing any more? empty tells that it changes nothing here.
func (c *carrier) judge(ctx context.Context, item Item, source Commit, sourceID, carried ID, empty bool, req merge3.Request) (Incarnation, error) {
	cmp := Comparison{Same: true}
	var around []Ground
	if req.Base.Tree != req.Upstream.Tree || item.Seen.Commit != sourceID && item.Seen.Commit != "" {
		var err error
		if cmp, err = c.w.Compare(ctx, item.agreed(sourceID), carried); err != nil {
			return Incarnation{}, err
		}
		if cmp.Same && item.Signed == "" {
			if around, err = c.around(ctx, item, sourceID, carried); err != nil {
				return Incarnation{}, err
			}
		}
	}
	in := Incarnation{State: StateClean}
	switch {
	case empty && (source.Tree != req.Base.Tree || !cmp.Same):
		in.drift("an earlier patch of the stack makes this change already: nothing of this one is left")
	case !cmp.Same:
		in.drift("the merge was clean, but the change is no longer the one that was last seen")
	case item.Signed != "" && carried == item.Signed:
		in.State = StateResolved
	case item.Signed != "":
		in.State, in.Why = StateMoved, "the change that was signed, carried on to where the stack stands now"
	case cmp.Moved:
		in.State, in.Why = StateMoved, movedWords
	}
	in.doubt(around, item.Signed != "")
	return in, nil
}

// nothingLeft deals with a patch whose merge changes nothing: the public base has
// it, or only the patches before it in the stack do, and then it is no more public
// than they are.
func (c *carrier) nothingLeft(ctx context.Context, item Item, source Commit, sourceID ID, req merge3.Request, watch watch) (verdict, error) {
	if c.tip != c.base {
		onBase := req
		onBase.Upstream = merge3.Side{Commit: c.base, Tree: c.baseTree}
		res, err := c.w.Merge(ctx, onBase)
		if err != nil {
			return nil, err
		}
		if !res.Clean() || res.Tree != c.baseTree {
			return c.accept(ctx, item, source, sourceID, c.tipCommit.Tree, req, func() (Finding, error) { return Finding{}, nil })
		}
	}
	found, err := c.lookEmpty(ctx, item, source, sourceID)
	if err != nil {
		return nil, err
	}
	return c.landed(ctx, item, found, watch)
}

func (c *carrier) outcome(item Item, in Incarnation) Outcome {
	in.Position, in.Source, in.From, in.Replaces = item.Position, item.Source, item.From, item.Replaces
	return Outcome{Patch: item.Patch, Incarnation: in}
}
