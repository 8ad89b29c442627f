package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// How two lines of the ledger become one: own entries that the others do not have yet
// go on top of theirs, and one more entry says what else that took.

// join puts own entries on top of the shared ledger. It leaves the new head, or the
// clashes that only a person can settle, in the document.
func (x *exchange) join(ctx context.Context, r reading, shared gitops.Snapshot) error {
	var common patchset.ID // "" while nothing is shared
	if shared.Tip != "" {
		var err error
		if common, err = x.vault.Parting(ctx, r.at.Tip, shared.Tip); err != nil {
			return err
		}
	}
	if err := x.list(ctx, r, &x.doc.Received, shared.Tip, common); err != nil {
		return err
	}
	if x.o.dryRun {
		x.doc.Head = r.at.Tip
		if err := x.list(ctx, r, &x.doc.Sent, r.at.Tip, common); err != nil {
			return err
		}
	}
	j := &joining{exchange: x, before: r, common: common, shared: shared}
	onto := shared
	switch {
	case common == shared.Tip: // they have nothing new
		onto = r.at
	case common != r.at.Tip:
		if err := j.part(ctx); err != nil || len(x.doc.Clashes) > 0 || x.o.dryRun {
			return err
		}
		var err error
		if onto, err = j.replay(ctx); err != nil {
			return err
		}
	}
	if x.o.dryRun {
		return nil
	}
	return j.accept(ctx, onto)
}

// joining is a join under way.
type joining struct {
	*exchange
	before reading
	common patchset.ID
	shared gitops.Snapshot

	theirs map[string][]byte // the registry of the others, fact by fact
	fork   patchset.Fork
	result patchset.Rejoined
	pack   string

	// already and givenUp are own entries of which nothing, or not all, is on top.
	already, givenUp []entryDoc
}

// part finds out what both sides changed, and how that goes together.
func (j *joining) part(ctx context.Context) error {
	files, err := j.vault.LedgerFiles(ctx, j.common)
	if err != nil {
		return err
	}
	facts, err := factsOf(files)
	if err != nil {
		return err
	}
	if j.theirs, err = owners.Facts(j.shared.Ledger.Other[ownersFile]); err != nil {
		return err
	}
	j.fork.Before = facts
	if j.fork.Own, err = j.steps(ctx, facts, j.before.at.Tip); err != nil {
		return err
	}
	if j.fork.Others, err = j.steps(ctx, facts, j.shared.Tip); err != nil {
		return err
	}
	if j.result, err = j.fork.Rejoin(j.o.answers); err != nil {
		return err
	}
	if err := j.mayOverrule(ctx); err != nil {
		return err
	}
	for _, c := range j.result.Clashes {
		j.doc.Clashes = append(j.doc.Clashes, newSyncClash(c, j.before.registry))
	}
	for _, s := range j.result.Steps {
		e := newEntryDoc(gitops.LogEntry{ID: s.ID, Entry: s.Entry}, j.before.registry)
		switch {
		case s.GivenUp:
			j.givenUp = append(j.givenUp, e)
		case len(s.Changes) == 0 && s.Already:
			j.already = append(j.already, e)
		}
	}
	j.doc.GivenUp, j.doc.Already = append(j.doc.GivenUp, j.givenUp...), append(j.doc.Already, j.already...)
	return nil
}

// mayOverrule refuses an answer that would take back what somebody else answers for
// with their name. Done again on top of it, the command itself tells who may do what.
func (j *joining) mayOverrule(ctx context.Context) error {
	actor, err := j.a.actor(j.before.registry, j.a.claim(ctx))
	if err != nil {
		return err
	}
	for _, s := range j.result.Overruled {
		own := s.Entry.Person != "" && s.Entry.Person == actor.Person
		if slices.Contains(decisions, s.Entry.Action) && !own {
			return patchset.Faultf(patchset.CodeNotAllowed, "%q was done by %s, and only they can take it back", s.Entry.Sentence, s.Entry.Person).
				WithHint("take it as they have it (--theirs), then do yours again on top of it")
		}
	}
	return nil
}

// decisions are the actions that nobody may overrule by an answer.
var decisions = []string{"sign", delegateAction, "own", "owner", "owners policy", "drop", "retire", "disclose"}

// steps reads the entries behind the common one, up to last, as changes of facts.
func (j *joining) steps(ctx context.Context, before patchset.Facts, last patchset.ID) ([]patchset.Step, error) {
	registry := map[string][]byte{}
	for path, data := range before {
		if name, ok := strings.CutPrefix(path, ownersFile+"/"); ok {
			registry[name] = data
		}
	}
	var steps []patchset.Step
	err := j.vault.StepsSince(ctx, j.common, last, func(s gitops.LedgerStep) error {
		step := patchset.Step{ID: s.ID, Entry: s.Entry, Changes: s.Changes}
		if data, ok := s.Changes[ownersFile]; ok {
			now, err := owners.Facts(data)
			if err != nil {
				return fmt.Errorf("the registry after %s: %w", s.ID.Short(), err)
			}
			delete(step.Changes, ownersFile)
			maps.Copy(step.Changes, registryChanges(registry, now))
			registry = now
		}
		steps = append(steps, step)
		return nil
	})
	return steps, err
}

// factsOf takes the registry among the files of a ledger apart.
func factsOf(files map[string][]byte) (patchset.Facts, error) {
	registry, err := owners.Facts(files[ownersFile])
	if err != nil {
		return nil, err
	}
	facts := patchset.Facts(maps.Clone(files))
	delete(facts, ownersFile)
	for name, data := range registry {
		facts[ownersFile+"/"+name] = data
	}
	return facts, nil
}

func registryChanges(was, now map[string][]byte) map[string][]byte {
	changes := map[string][]byte{}
	for name, data := range now {
		if string(was[name]) != string(data) {
			changes[ownersFile+"/"+name] = data
		}
	}
	for name := range was {
		if _, there := now[name]; !there {
			changes[ownersFile+"/"+name] = nil
		}
	}
	return changes
}

// files turns changes of facts into changes of files; registry is what it was before,
// and is brought up to date.
func filesOf(changes patchset.Facts, registry map[string][]byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	people := false
	for path, data := range changes {
		name, ok := strings.CutPrefix(path, ownersFile+"/")
		switch {
		case !ok:
			files[path] = data
			continue
		case data == nil:
			delete(registry, name)
		default:
			registry[name] = data
		}
		people = true
	}
	if !people {
		return files, nil
	}
	data, err := owners.FromFacts(registry)
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeConflicts, "your registry and the others' do not go together: %w", err).
			WithHint("change yours so that they do, or take theirs, for the people that both have changed: git carry sync --theirs PERSON")
	}
	files[ownersFile] = data
	return files, nil
}

// replay writes what is left of the own entries on top of the others'.
func (j *joining) replay(ctx context.Context) (gitops.Snapshot, error) {
	var entries []gitops.ReplayedEntry
	for _, s := range j.result.Steps {
		if len(s.Changes) == 0 && (s.GivenUp || s.Already) {
			continue
		}
		files, err := filesOf(s.Changes, j.theirs)
		if err != nil {
			return gitops.Snapshot{}, err
		}
		entries = append(entries, gitops.ReplayedEntry{ID: s.ID, Changes: files})
	}
	tip, pack, err := j.vault.Replay(ctx, j.shared.Tip, entries)
	if err != nil {
		return gitops.Snapshot{}, err
	}
	j.pack = pack
	return j.vault.SnapshotAt(ctx, tip)
}

// accept makes onto the ledger here, with one more entry where joining took more than
// putting entries on top of each other.
func (j *joining) accept(ctx context.Context, onto gitops.Snapshot) error {
	r, err := newReading(ctx, j.vault, onto)
	if err != nil {
		return err
	}
	s, err := j.a.stepOn(r, j.a.claim(ctx))
	if err != nil {
		return err
	}
	defer s.bench.Close()
	if err := j.mend(ctx, s); err != nil {
		return err
	}
	plan, err := j.a.plan("sync", s)
	if err != nil {
		return err
	}
	var keep []patchset.ID
	switch {
	case len(s.details) == 0 && plan.Empty() && j.rewound == "":
		plan = patchset.Plan{}
	case len(j.fork.Own) > 0:
		keep = append(keep, j.before.at.Tip) // what was given up stays in the history
	}
	tip := onto.Tip
	if plan.Entry.Sentence != "" || onto.Tip != j.before.at.Tip {
		if tip, err = j.vault.RejoinLedger(ctx, s.bench.Scratch, j.before.at.Tip, onto, j.pack, plan, keep...); err != nil {
			return err
		}
	}
	j.doc.Head, j.ledger = tip, s.ledger
	if err := j.list(ctx, r, &j.doc.Sent, tip, j.shared.Tip); err != nil {
		return err
	}
	if err := j.vault.KeepBases(ctx, s.ledger); err != nil {
		return err
	}
	return j.findVoid(ctx)
}

// mend does what the entries one after the other do not: what an answer asks for, and
// stacks that both sides have changed.
func (j *joining) mend(ctx context.Context, s *step) error {
	s.did("synced: %s on top of %s of others", count(len(j.result.Steps), "entry", "entries"), count(len(j.fork.Others), "entry", "entries"))
	if j.rewound != "" {
		s.did("accepted that the shared ledger, seen at %s, was at %s", j.rewound.Short(), cmp.Or(j.shared.Tip.Short(), "nothing"))
	}
	for _, e := range j.givenUp {
		s.details = append(s.details, fmt.Sprintf("given up: %s (%s, %s, %s)", e.Sentence, shortWho(e), entryTime(e), e.ID.Short()))
	}
	for _, e := range j.already {
		s.details = append(s.details, fmt.Sprintf("recorded by others too: %s (%s, %s, %s)", e.Sentence, shortWho(e), entryTime(e), e.ID.Short()))
	}
	files, err := filesOf(j.result.Mend, j.theirs)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := s.ledger.Set(path, files[path]); err != nil {
			return err
		}
		s.details = append(s.details, "as it was here: "+path)
	}
	if err := s.ledger.Check(); err != nil {
		return err
	}
	if s.registry, err = registryOf(s.ledger); err != nil {
		return err
	}
	return j.settle(ctx, s)
}

// settle carries the stacks that both sides have changed again: two patches that were
// each put at the end of the same stack must come one after the other.
func (j *joining) settle(ctx context.Context, s *step) error {
	for _, at := range j.fork.StacksChangedByBoth(s.ledger) {
		if s.ledger.Versions[at.Version].Bases[at.Component].Commit == "" {
			continue
		}
		before := s.ledger.Clone()
		j.fork.MoveUp(s.ledger, at)
		if err := j.a.settle(ctx, s, at.Component, at.Version); err != nil {
			return err
		}
		plan, err := patchset.NewPlan(before, s.ledger, patchset.Entry{})
		if err != nil {
			return err
		}
		if plan.Empty() {
			continue
		}
		j.doc.Settled = append(j.doc.Settled, at.Component+" "+at.Version)
		s.details = append(s.details, fmt.Sprintf("%s %s: both had changed the stack; carried again", at.Component, at.Version))
		for _, p := range s.ledger.In(at.Version) {
			if was, now := before.Patches[p.ID].At[at.Version], p.At[at.Version]; p.Component == at.Component && was.State != now.State {
				s.details = append(s.details, fmt.Sprintf("%s %s: %s", p.Component, p.ID, now.State))
			}
		}
	}
	return nil
}

// findVoid names the own signatures that counted before and do not count on top of what
// the others did: a key was taken away, the result is another one.
func (j *joining) findVoid(ctx context.Context) error {
	if len(j.fork.Own) == 0 {
		return nil
	}
	now, err := j.a.read(ctx)
	if err != nil {
		return err
	}
	for _, at := range j.fork.Signed() {
		if was, needed, err := j.before.verdict(ctx, at); err != nil || !needed || !was.OK {
			continue
		}
		v, needed, err := now.verdict(ctx, at)
		if err == nil && needed && !v.OK {
			j.doc.Void = append(j.doc.Void, fmt.Sprintf("%s in %s: %s", at.Patch, at.Version, v.Missing))
		}
	}
	return nil
}
