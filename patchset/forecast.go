package patchset

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// A forecast is a train to a public commit that no version starts from yet, and a
// search: from which public commit on does a patch come to what the train foresees?

// ForecastBench is what a forecast needs of git beyond a train.
type ForecastBench interface {
	Workbench
	// FirstParents lists the commits that tip has and since has not, along first
	// parents, oldest first, and before them the one where that line meets the history
	// of since. whole is false when the line is too long and only its end is given.
	FirstParents(ctx context.Context, tip, since ID) (line []ID, whole bool, err error)
	// Content names what a commit has at paths. Where two commits have the same
	// content, patches that change nothing but these paths come to the same on both.
	Content(ctx context.Context, commit ID, paths []string) (string, error)
}

// Foretold tells whether a forecast of this state is worth a word: the owner has to
// act, or need not carry the patch any longer.
func (s State) Foretold() bool {
	switch s {
	case StateConflict, StateWaiting, StateDrift, StateLanded:
		return true
	}
	return false
}

// Prospect is what is foreseen of one patch.
type Prospect struct {
	Outcome
	Was   State // in the version that it is carried from
	Onset Onset // of a foretold state
}

// Onset is where in the public history a patch gets into the state that is foreseen.
// A history that gets there more than once has several; this is one of them.
type Onset struct {
	// Commit is on the first-parent line: with it the patch is in that state, with its
	// parent it is not. Both were tried, with the patches of the stack that share files
	// with it. "" when there is none.
	Commit ID
	// Change is what the merge Commit brings, when one commit of it alone touches the
	// files of the patch. Without Commit it is the one that put the text elsewhere that the
	// patch takes out.
	Change ID
	// Already: it is so where the line meets the version's own history, or the line is
	// too long to look at and it is so at Until, the oldest commit that was tried.
	Already bool
	Until   ID
}

// Named is the commit that people have to ask about; "" when there is none.
func (o Onset) Named() ID {
	if o.Change != "" {
		return o.Change
	}
	return o.Commit
}

// Foresee carries items to the public commit tip, and finds the onset of what that
// comes to. Patches are looked at side by side, parallel of them at a time.
func Foresee(ctx context.Context, b ForecastBench, tip ID, items []Item, parallel int) ([]Prospect, error) {
	f := &forecaster{b: b, tip: tip, known: map[probed]*trial{}}
	outcomes, err := f.prepare(ctx, items)
	if err != nil {
		return nil, err
	}
	byPatch := map[string]Item{}
	for _, item := range items {
		byPatch[item.Patch] = item
	}
	prospects := make([]Prospect, len(outcomes))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, out := range outcomes {
		item, p := byPatch[out.Patch], &prospects[i]
		p.Outcome, p.Was = out, item.Was.State
		if state := out.Incarnation.State; !state.Foretold() || state == StateLanded && p.Was == StateLanded {
			continue
		}
		g.Go(func() (err error) {
			if p.Onset, err = f.onset(ctx, item, out.Incarnation); err != nil {
				err = fmt.Errorf("looking for what becomes of %s: %w", out.Patch, err)
			}
			return err
		})
	}
	return prospects, g.Wait()
}

// forecaster tries stacks on public commits, each stack on each content once.
type forecaster struct {
	b      ForecastBench
	tip    ID
	whole  *subStack
	groups map[string]*subStack // by patch
	lines  map[ID]line          // by where they meet

	mu    sync.Mutex
	known map[probed]*trial
}

// line is what FirstParents gives.
type line struct {
	commits []ID
	whole   bool
}

// subStack is a part of the stack that can be carried without the rest.
type subStack struct {
	items []Item
	paths []string
	// exact: nothing is taken for the same but the same commit.
	exact bool
}

// probed is a part of the stack on what it was tried on.
type probed struct {
	part *subStack
	on   string
}

// prepare runs the train, and meanwhile reads the public history.
func (f *forecaster) prepare(ctx context.Context, items []Item) (outcomes []Outcome, err error) {
	f.lines = map[ID]line{}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		for _, item := range items {
			if _, ok := f.lines[item.Since]; ok {
				continue
			}
			commits, whole, err := f.b.FirstParents(ctx, f.tip, item.Since)
			if err != nil {
				return err
			}
			f.lines[item.Since] = line{commits, whole}
		}
		return nil
	})
	g.Go(func() error {
		outcomes, err = carryQuickly(ctx, f.b, f.tip, items)
		if err != nil {
			return err
		}
		return f.group(ctx, items)
	})
	return outcomes, g.Wait()
}

// group puts the patches that share files together, directly or through others: the
// state of a patch rests on those below it that touch what it touches, and a conflict
// that comes from them must not be put down to the public.
func (f *forecaster) group(ctx context.Context, items []Item) error {
	f.whole = &subStack{items: items, exact: true}
	byPath := map[string]*subStack{}
	groups := map[*subStack]bool{}
	for _, item := range items {
		paths, err := f.b.Changed(ctx, item.Source)
		if err != nil {
			return err
		}
		mine := &subStack{items: []Item{item}, paths: paths, exact: item.Was.State == StateRetired}
		for _, path := range paths {
			if other := byPath[path]; other != nil && other != mine {
				other.absorb(mine)
				for _, p := range mine.paths {
					byPath[p] = other
				}
				delete(groups, mine)
				mine = other
			}
			byPath[path] = mine
		}
		groups[mine] = true
	}
	f.groups = map[string]*subStack{}
	for part := range groups {
		standing, err := f.alone(ctx, part)
		if err != nil {
			return err
		}
		for _, item := range part.items {
			f.groups[item.Patch] = standing
		}
	}
	return nil
}

// alone is a part as it would stand on its base without the rest of the stack. As they
// are, its commits hold the rest as well, and where that is missing it would look as if
// the public had taken it back. A part that does not stand alone is the whole stack.
func (f *forecaster) alone(ctx context.Context, part *subStack) (*subStack, error) {
	items := slices.Clone(part.items)
	since := items[0].Since
	if since == "" || slices.ContainsFunc(items, func(i Item) bool { return i.Since != since }) {
		return f.whole, nil
	}
	outcomes, err := (&carrier{w: f.b, base: since, statesOnly: true}).each(ctx, "", items)
	if err != nil {
		return nil, err
	}
	for i, out := range outcomes {
		switch in := out.Incarnation; {
		case in.State == StateClean || in.State == StateMoved:
			items[i].Source = in.Commit
		case in.State != StateLanded && in.State != StateRetired:
			return f.whole, nil
		}
	}
	return &subStack{items, part.paths, part.exact}, nil
}

// absorb takes in another part, whose patches may lie anywhere in the stack.
func (s *subStack) absorb(other *subStack) {
	s.items = append(s.items, other.items...)
	slices.SortFunc(s.items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), CompareVersions(a.Patch, b.Patch))
	})
	for _, path := range other.paths {
		if !slices.Contains(s.paths, path) {
			s.paths = append(s.paths, path)
		}
	}
	s.exact = s.exact || other.exact
}

// onset finds the onset with the part of the stack that matters, and tries it again on
// exactly the commits that were found. Where that part comes to something else than the
// whole stack does, or than it seemed, the whole stack is asked throughout.
func (f *forecaster) onset(ctx context.Context, item Item, in Incarnation) (Onset, error) {
	line := f.lines[item.Since]
	holds := func(part *subStack, exact bool) func(int) (bool, error) {
		return func(i int) (bool, error) {
			state, err := f.state(ctx, part, item.Patch, line.commits[i], exact)
			return state == in.State, err
		}
	}
	part := f.groups[item.Patch]
	first, err := FirstOf(len(line.commits), holds(part, false))
	if err != nil {
		return Onset{}, err
	}
	proof := part
	if first == 0 { // that a stack does not stand where it stood is worth a second look
		proof = f.whole
	}
	sure, err := begins(first, holds(proof, true))
	if err == nil && !sure {
		first, err = FirstOf(len(line.commits), holds(f.whole, true))
	}
	switch {
	case err != nil:
		return Onset{}, err
	case first < 0:
		return Onset{Change: in.broughtElsewhere()}, nil
	case first == 0 && line.whole:
		return Onset{Already: true}, nil
	case first == 0:
		return Onset{Already: true, Until: line.commits[0]}, nil
	}
	o := Onset{Commit: line.commits[first]}
	o.Change, err = f.broughtBy(ctx, item, in, o.Commit)
	return o, err
}

// broughtElsewhere is the public commit that put what the patch takes out somewhere else.
func (in Incarnation) broughtElsewhere() ID {
	for _, g := range in.Grounds {
		if g.Kind == GroundElsewhere && g.Commit != "" {
			return g.Commit
		}
	}
	return ""
}

// begins tells whether something holds at a point and not at the one before.
func begins(point int, holds func(int) (bool, error)) (bool, error) {
	if point < 0 {
		return false, nil
	}
	if ok, err := holds(point); err != nil || !ok || point == 0 {
		return ok, err
	}
	before, err := holds(point - 1)
	return !before, err
}

// state tells what becomes of a patch of a part on a public commit; exact, on that very
// commit and not on one where their files are the same.
func (f *forecaster) state(ctx context.Context, part *subStack, patch string, at ID, exact bool) (State, error) {
	on := string(at)
	if !exact && !part.exact {
		var err error
		if on, err = f.b.Content(ctx, at, part.paths); err != nil {
			return "", err
		}
	}
	f.mu.Lock()
	t, ok := f.known[probed{part, on}]
	if !ok {
		t = &trial{c: carrier{w: f.b, base: at, statesOnly: true}, rest: part.items}
		f.known[probed{part, on}] = t
	}
	f.mu.Unlock()
	return t.state(ctx, patch)
}

// trial carries a part of the stack onto a public commit, as far as anybody asks.
type trial struct {
	mu     sync.Mutex
	c      carrier
	rest   []Item
	states map[string]State
}

func (t *trial) state(ctx context.Context, patch string) (State, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.states == nil {
		if err := t.c.begin(ctx); err != nil {
			return "", err
		}
		t.states = map[string]State{}
	}
	for t.states[patch] == "" && len(t.rest) > 0 {
		tell, err := t.c.next(ctx, t.rest[0])
		if err != nil {
			return "", err
		}
		out, err := tell()
		if err != nil {
			return "", err
		}
		t.states[out.Patch], t.rest = out.Incarnation.State, t.rest[1:]
	}
	return t.states[patch], nil
}

// carryQuickly is CarryStack without the search for evidence.
func carryQuickly(ctx context.Context, w Workbench, base ID, items []Item) ([]Outcome, error) {
	return (&carrier{w: w, base: base, statesOnly: true}).stack(ctx, items)
}

// broughtBy is the one commit that a merge brings to the first-parent line and that
// touches the files of the patch; "" when it is no merge or there is not just one.
func (f *forecaster) broughtBy(ctx context.Context, item Item, in Incarnation, merge ID) (ID, error) {
	c, err := f.b.Commit(ctx, merge)
	if err != nil || len(c.Parents) < 2 {
		return "", err
	}
	paths, err := f.b.Changed(ctx, item.Source)
	if err != nil {
		return "", err
	}
	for _, path := range in.Paths {
		if !slices.Contains(paths, path) {
			paths = append(slices.Clip(paths), path)
		}
	}
	brought, err := f.b.Touching(ctx, c.Parent(), merge, paths)
	if err != nil || len(brought) != 1 {
		return "", err
	}
	return brought[0], nil
}
