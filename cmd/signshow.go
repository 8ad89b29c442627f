package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/printable"
)

// What somebody who signs gets to see: whose result it is, what it does, what it
// costs.

type signDoc struct {
	Schema    string         `json:"schema"`
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Version   string         `json:"version"`
	Purpose   owners.Purpose `json:"purpose"`
	Conflict  string         `json:"conflict"`
	Base      string         `json:"base"`
	Result    string         `json:"result"`
	Tree      string         `json:"tree"`
	Files     []fileStat     `json:"files"`
	Person    string         `json:"person"`
	As        owners.As      `json:"as"`
	Label     string         `json:"label"`
	// Assurance is verified or unverified; Key the fingerprint of the key that signed.
	Assurance owners.Assurance `json:"assurance"`
	Key       string           `json:"key"`
	Already   bool             `json:"already"`  // it had all the consent before
	Complete  bool             `json:"complete"` // the consent is enough now
	Missing   string           `json:"missing"`
	Became    []stateChange    `json:"became"`
	State     patchset.State   `json:"state"`
	// SettledBy made the result, at that time; "" for drift, which nobody made.
	SettledBy string    `json:"settled_by"`
	SettledAt string    `json:"settled_at"`
	Losses    []lossDoc `json:"losses"`
	// Replaced: the signer had proposed another result, and this is somebody else's.
	Replaced bool `json:"replaced"`
	// Change is what the result makes of the change that the patch was; nil when
	// the signer settled it, who knows.
	Change *interdiffDoc `json:"change"`
	Next   []string      `json:"next"`
}

// fileStat is how much of a file a result changes.
type fileStat struct {
	Path    string `json:"path"`
	Kind    string `json:"kind"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// stateChange is what became of a patch because of another.
type stateChange struct {
	ID    string         `json:"id"`
	Was   patchset.State `json:"was"`
	State patchset.State `json:"state"`
}

// newSignDoc is what somebody signs in a role, before they have.
func (s *step) newSignDoc(ctx context.Context, at patchset.Spot, st owners.Statement, owner owners.Owner, as owners.As) (signDoc, error) {
	p := s.ledger.Patches[at.Patch]
	doc := signDoc{
		Schema: schema("sign"), ID: p.ID, Component: p.Component, Version: at.Version, Purpose: st.Purpose,
		Conflict: st.Conflict, Base: st.Base, Result: st.Result, Tree: st.Tree,
		Person: s.actor.Person, As: as, Label: owner.Label(as, s.actor), Assurance: owner.Assurance(as, s.actor), Key: s.actor.Key,
		Became: []stateChange{}, State: p.At[at.Version].State, Losses: []lossDoc{},
	}
	var err error
	if doc.Files, err = s.stat(ctx, patchset.ID(st.Result)); err == nil && st.Purpose == owners.PurposeResolve {
		err = s.tellResolution(ctx, at, &doc)
	}
	return doc, err
}

// tellResolution says whose result it is, what it costs, and, when it is
// somebody else's, what it makes of the patch.
func (s *step) tellResolution(ctx context.Context, at patchset.Spot, doc *signDoc) error {
	k, r := s.ledger.Conflicts[at], s.ledger.Resolutions[at]
	doc.SettledBy, doc.SettledAt = r.By, stamp(r.At)
	var err error
	if doc.Losses, err = s.losses(ctx, k, r); err != nil || r.By == s.by() {
		return err
	}
	if doc.Replaced, err = s.proposedAnother(ctx, at, r.Result); err != nil {
		return err
	}
	was, err := s.bench.Diff(ctx, k.Source)
	if err != nil {
		return err
	}
	is, err := s.bench.Diff(ctx, r.Result)
	from := interdiffForm{s.ledger.Patches[at.Patch].At[at.Version].From, k.Source, "as it was"}
	change := newInterdiffDoc(at.Patch, from, interdiffForm{at.Version, r.Result, "proposed by " + r.By}, patchset.CompareChanges(was, is))
	doc.Change = &change
	return err
}

// proposedDetail is the line of an entry that names the result proposed in it.
func proposedDetail(result patchset.ID) string { return "result " + string(result) }

// proposedAnother tells whether the last result that the actor proposed here was
// another one.
func (s *step) proposedAnother(ctx context.Context, at patchset.Spot, result patchset.ID) (another bool, err error) {
	sentence := proposedSentence(at)
	err = s.vault.Log(ctx, func(e gitops.LogEntry) bool {
		mine := e.Entry.Action == "resolve" && e.Entry.Person == s.actor.Person && e.Entry.Sentence == sentence
		another = mine && !slices.Contains(e.Entry.Details, proposedDetail(result))
		return !mine && ctx.Err() == nil
	})
	return another, err
}

// stat counts what a commit changes against its parent.
func (s *step) stat(ctx context.Context, id patchset.ID) ([]fileStat, error) {
	changes, err := s.bench.Diff(ctx, id)
	stats := []fileStat{}
	for _, fc := range changes {
		f := fileStat{Path: fc.Path(), Kind: string(fc.Kind)}
		f.Added, f.Removed = countLines(fc)
		stats = append(stats, f)
	}
	return stats, err
}

func countLines(fc mailbox.FileChange) (added, removed int) {
	for _, h := range fc.Hunks {
		for _, l := range h.Lines {
			switch l.Op {
			case '+':
				added++
			case '-':
				removed++
			}
		}
	}
	return added, removed
}

func (d signDoc) report(a *app) {
	a.say("%s in %s %s: %s", d.ID, d.Component, d.Version, map[owners.Purpose]string{
		owners.PurposeResolve: "the resolution of a conflict", owners.PurposeDrift: "a patch that drifted",
	}[d.Purpose])
	if d.SettledBy != "" {
		a.say("  settled by %s on %s", d.SettledBy, d.SettledAt[:min(len(d.SettledAt), len(time.DateOnly))])
	}
	a.say("  result    %s", d.Result)
	a.say("  base      %s", d.Base)
	if d.Conflict != "" {
		a.say("  conflict  %s", d.Conflict)
	}
	for _, f := range d.Files {
		a.say("  %-8s  %s  +%d -%d", f.Kind, printable.Line(f.Path), f.Added, f.Removed)
	}
	if len(d.Files) == 0 {
		a.say("  changes nothing against upstream: nothing of the patch is left")
	}
	if d.Replaced {
		a.say("  this is not what you last proposed")
	}
	if d.Change != nil {
		d.Change.reportShort(a, d.Version)
	}
	a.warnOfLosses(d.Losses)
	a.say("")
	if d.Already {
		a.say("Signed before: %s", d.Label)
	} else {
		a.say("Signed: %s", d.Label)
	}
	for _, c := range d.Became {
		a.say("  %s: %s → %s", c.ID, c.Was, c.State)
	}
	if d.Complete {
		a.next("%s", shellLine(d.Next))
		return
	}
	a.say("One more person is needed: %s", d.Missing)
	a.next("another person: %s", shellLine(d.Next))
}
