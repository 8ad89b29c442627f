package cmd

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// urgentLook is an item with all that decides where it stands.
type urgentLook struct {
	reading
	lane urgent.Lane
	urgent.Standing
	authorship
	// settled are those who resolved a conflict of the item, by the content that came of it.
	settled map[string]map[string]string
	spans   []urgent.Span
}

// urgentLook looks at an item.
func (a *app) urgentLook(ctx context.Context, r reading, word string) (urgentLook, error) {
	lane, err := laneOf(r.ledger)
	if err != nil {
		return urgentLook{}, err
	}
	item, err := lane.Find(word)
	if err != nil {
		return urgentLook{}, err
	}
	return a.lookAt(ctx, r, lane, item)
}

func (a *app) lookAt(ctx context.Context, r reading, lane urgent.Lane, item urgent.Item) (look urgentLook, err error) {
	look = urgentLook{reading: r, lane: lane}
	look.Standing = urgent.Standing{
		Item: item, Policy: lane.Policy, Now: a.env.Now(), Successor: lane.SupersededBy(item.ID), PublicAt: r.publicSince(item),
	}
	if look.authorship, err = r.authors(ctx, item); err != nil {
		return look, err
	}
	look.Strangers = look.strangers()
	if err := look.addStacks(ctx, a); err != nil {
		return look, err
	}
	if err := look.addWords(ctx); err != nil {
		return look, err
	}
	look.spans = lane.WithMedians(item.ID, look.Times())
	return look, nil
}

// publicSince is when the last of an item's patches became public; zero while one is not.
func (r reading) publicSince(item urgent.Item) time.Time {
	var last time.Time
	for _, id := range item.Patches {
		at := r.ledger.Patches[id].PublicAt()
		if at.IsZero() {
			return at
		}
		if at.After(last) {
			last = at
		}
	}
	return last
}

// addResolvers finds those who settled a conflict of the item, also in a version that is
// not live any more: they approve nothing that they made themselves.
func (look *urgentLook) addResolvers(ctx context.Context, bench *gitops.Workbench) error {
	look.settled = map[string]map[string]string{}
	for at, res := range look.ledger.Resolutions {
		if !slices.Contains(look.Item.Patches, at.Patch) {
			continue
		}
		k := urgent.Stack{Component: look.ledger.Patches[at.Patch].Component, Version: at.Version, States: map[string]patchset.State{}}
		content, err := look.content(ctx, bench, k, look.byComponent()[k.Component])
		if err != nil {
			return err
		}
		if content == "" {
			continue
		}
		if look.settled[content] == nil {
			look.settled[content] = map[string]string{}
		}
		look.settled[content][res.By] = "resolved the conflict of " + at.Patch + " in " + at.Version
	}
	return nil
}

// mayApprove tells whether somebody's approval of a content would count.
func (look *urgentLook) mayApprove(person, content string) bool {
	return look.barred[person] == "" && look.settled[content][person] == ""
}

// addStacks looks at every stack that the item must be in, and at who made something of it.
func (look *urgentLook) addStacks(ctx context.Context, a *app) error {
	scratch, err := look.vault.Scratch()
	if err != nil {
		return err
	}
	defer scratch.Close()
	bench := gitops.NewWorkbench(scratch, a.engine.mode)
	consent := look.consent(ctx)
	for _, version := range look.Item.Accepted.Versions {
		var problems []string
		for _, p := range look.ledger.VerifyLedger(version, consent) {
			problems = append(problems, strings.TrimSpace(strings.Join([]string{p.Patch, p.Problem, p.Detail}, " ")))
		}
		for component, patches := range look.byComponent() {
			if look.ledger.Versions[version].Bases[component].Commit == "" {
				continue
			}
			k := urgent.Stack{Component: component, Version: version, States: map[string]patchset.State{}, Problems: problems}
			if k.Content, err = look.content(ctx, bench, k, patches); err != nil {
				return err
			}
			k.Commit, _ = look.ledger.Published(component, version)
			look.addArrivals(&k)
			look.Stacks = append(look.Stacks, k)
		}
	}
	slices.SortStableFunc(look.Stacks, func(x, y urgent.Stack) int {
		if x.Version != y.Version {
			return patchset.CompareVersions(x.Version, y.Version)
		}
		return strings.Compare(x.Component, y.Component)
	})
	return look.addResolvers(ctx, bench)
}

// byComponent are the patches of the item, by component.
func (look *urgentLook) byComponent() map[string][]string {
	out := map[string][]string{}
	for _, id := range look.Item.Patches {
		c := look.ledger.Patches[id].Component
		out[c] = append(out[c], id)
	}
	return out
}

// content fills in the states of the item's patches in a stack and names their change;
// "" while one of them is not there.
func (look *urgentLook) content(ctx context.Context, bench *gitops.Workbench, k urgent.Stack, patches []string) (string, error) {
	var changes []urgent.Change
	whole := true
	for _, id := range patches {
		in := look.ledger.Patches[id].At[k.Version]
		k.States[id] = in.State
		if !in.State.InStack() {
			whole = false
			continue
		}
		files, err := bench.Diff(ctx, in.Commit)
		if err != nil {
			return "", err
		}
		changes = append(changes, urgent.Change{Patch: id, Component: k.Component, Files: files})
	}
	if !whole {
		return "", nil
	}
	return urgent.Content(changes), nil
}

// addArrivals tells on which targets a stack is. What a probe found of this very commit
// goes before what publish read back.
func (look *urgentLook) addArrivals(k *urgent.Stack) {
	for _, name := range slices.Sorted(maps.Keys(look.ledger.Targets)) {
		t := look.ledger.Targets[name]
		if t.Component != "" && t.Component != k.Component {
			continue
		}
		at := patchset.Place{Target: name, Stack: k.Version + "/" + k.Component}
		read := t.Published[at.Stack]
		arrival := urgent.Arrival{Target: name, There: k.Commit != "" && read.Commit == k.Commit, At: read.At, Detail: look.ledger.Undelivered[at].Error}
		if seen, probed := look.Item.Seen[at]; probed && seen.Commit == k.Commit && !seen.At.Before(read.At) {
			// Where seeing the fix would prove nothing, the exact commit that was read back does.
			arrival.There = seen.Verdict == urgent.Present || seen.Verdict == urgent.Unknown && arrival.There
			if !arrival.There {
				arrival.Detail = strings.TrimSuffix(string(seen.Verdict)+": "+seen.Detail, ": ")
			}
		}
		_, excused := look.Item.Excused[name]
		arrival.Excused = excused || t.Optional
		if t.Ring == patchset.RingTesting {
			k.Testing = append(k.Testing, arrival)
		} else {
			k.Stable = append(k.Stable, arrival)
		}
	}
}

// addWords adds what people said of the item: votes, holds, broken glass.
func (look *urgentLook) addWords(ctx context.Context) error {
	contents := map[string]bool{}
	for _, k := range look.Stacks {
		contents[k.Content] = k.Content != ""
	}
	var votes []urgent.Vote
	for _, name := range slices.Sorted(maps.Keys(look.lane.Signed[look.Item.ID])) {
		sig, err := owners.ParseSignature(look.lane.Signed[look.Item.ID][name])
		if err != nil {
			return patchset.Faultf(patchset.CodeBadInput, "%s: %w", urgent.File(look.Item.ID, name), err)
		}
		by, problem := look.registry.Approval(look.said(sig.Statement.Act, sig.Statement.Content), sig, look.takenIn(ctx))
		switch {
		case urgent.File(look.Item.ID, name) != urgentFile(sig):
			return patchset.Faultf(patchset.CodeBadInput, "%s holds what %s said of something else", name, sig.Person)
		case sig.Statement.Act == actGlass && problem == "":
			look.Glass = append(look.Glass, sig.Person)
		case sig.Statement.Act != actGlass:
			score, _ := strconv.Atoi(sig.Statement.Act)
			label := sig.Label()
			if problem == "" {
				label = by.String()
			}
			if why := look.settled[sig.Statement.Content][sig.Person]; why != "" && score > 0 && problem == "" {
				problem = why
			}
			votes = append(votes, urgent.Vote{
				Person: sig.Person, Content: sig.Statement.Content, Score: score, At: sig.At, Reason: sig.Reason, Label: label, Ignored: problem,
			})
		}
	}
	look.Votes = look.Policy.Weigh(votes, look.barred, look.Now)
	look.Holds = look.Item.Held(look.Votes, contents)
	return nil
}

// The acts of a statement that are no votes.
const actGlass = "break-glass"

// said is what somebody signs who says this of the item.
func (look *urgentLook) said(act, content string) owners.Statement {
	return owners.Statement{Store: look.ledger.Store.ID, Item: look.Item.ID, Act: act, Content: content, Purpose: owners.PurposeUrgent}
}

// urgentFile is where the ledger keeps what somebody signed of an item.
func urgentFile(sig owners.Signature) string {
	switch st := sig.Statement; st.Act {
	case actGlass:
		return urgent.File(st.Item, "glass/"+sig.Person)
	case urgent.ActPanic, urgent.ActBelow:
		return urgent.File(st.Item, "panic/"+sig.Person)
	default:
		return urgent.VoteFile(st.Item, sig.Person, st.Content)
	}
}

// urgentSentence is what the ledger's entry says of it.
func urgentSentence(st owners.Statement) string {
	switch st.Act {
	case actGlass:
		return "broke the glass for " + st.Item
	case urgent.ActPanic, urgent.ActBelow:
		return panicAction
	}
	return "voted " + st.Act + " on " + st.Item
}
