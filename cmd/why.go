package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

type whyOptions struct{ id, version string }

func newWhyCmd(a *app) *cobra.Command {
	o := &whyOptions{}
	c := &cobra.Command{
		Use:   "why ID",
		Short: "Why a patch is in the state that it is in",
		Long: `Name the cause: for a conflict the files and the public commits behind it, for a patch
that waits the ones that it waits for, for one that landed the public commit and the
evidence, for one that moved or drifted what differs. Where public commits seem to have the
fix, or took it back, it names them.`,
		Example: "  git carry why T401234\n  git carry why T401234 --version 1.46.0-wmf.5 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	return c
}

type whyDoc struct {
	Schema  string         `json:"schema"`
	ID      string         `json:"id"`
	Version string         `json:"version"`
	State   patchset.State `json:"state"`
	// Cause is the patch that a waiting one waits for, else the public commit.
	Cause   string      `json:"cause"`
	Paths   []string    `json:"paths"`
	Kinds   []string    `json:"kinds"`   // of conflict, one for each of Paths
	Chain   []string    `json:"chain"`   // the patches that this one waits for, nearest first
	Before  []string    `json:"before"`  // patches below it in the stack, when no public commit is to blame
	Commits []commitDoc `json:"commits"` // the likeliest first
	Why     string      `json:"why"`
	// RestsOn says in sentences what the state rests on: evidence, what was compared, who agreed.
	RestsOn []string `json:"rests_on"`
	// Grounds are the evidence, the strongest first.
	Grounds []patchset.Ground `json:"grounds"`

	named   []commitDoc // the public commits of the grounds
	details []string
	next    string
}

func (o *whyOptions) run(ctx context.Context, a *app) error {
	var doc whyDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		at, in, err := spotOf(s.ledger, o.id, o.version)
		if p := s.ledger.Patches[at.Patch]; err != nil && p.Dropped.Happened() {
			in.State, err = patchset.StateDropped, nil
		}
		if err != nil {
			return err
		}
		doc, err = explainState(ctx, s, at, in)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return nil
}

func explainState(ctx context.Context, s *step, at patchset.Spot, in patchset.Incarnation) (whyDoc, error) {
	doc := whyDoc{
		Schema: schema("why"), ID: at.Patch, Version: at.Version, State: in.State,
		Cause: cmp.Or(in.Cause, string(in.Culprit)), Paths: nonNil(in.Paths), Kinds: []string{},
		Chain: []string{}, Before: []string{}, Commits: []commitDoc{}, Why: s.ledger.Clause(at),
		Grounds: nonNil(in.Grounds),
	}
	var err error
	if doc.RestsOn, err = s.restsOn(ctx, at); err != nil {
		return doc, err
	}
	switch in.State {
	case patchset.StateWaiting:
		doc.waiting(s.ledger, at)
	case patchset.StateConflict, patchset.StateProposed, patchset.StateResolved:
		err = doc.conflict(ctx, s, at, in)
	case patchset.StateLanded, patchset.StateRetired:
		err = doc.public(ctx, s, in)
	case patchset.StateDrift, patchset.StateMoved:
		if err = doc.difference(ctx, s, at, in); err == nil {
			err = doc.answers(ctx, s, at)
		}
	}
	if err == nil {
		err = doc.name(ctx, s, in)
	}
	return doc, err
}

// name reads the public commits that the grounds name, but those named anyway.
func (d *whyDoc) name(ctx context.Context, s *step, in patchset.Incarnation) error {
	for _, g := range in.Grounds {
		if g.Commit == "" || slices.ContainsFunc(slices.Concat(d.named, d.Commits), func(c commitDoc) bool { return c.Commit == g.Commit }) {
			continue
		}
		c, err := s.bench.Commit(ctx, g.Commit)
		if err != nil {
			return err
		}
		d.named = append(d.named, newCommitDoc(g.Commit, c, nil))
	}
	return nil
}

func (d *whyDoc) waiting(l patchset.Ledger, at patchset.Spot) {
	d.Chain = nonNil(waitChain(l, at))
	if len(d.Chain) == 0 {
		return
	}
	d.next = commandFor(l, "resolve", patchset.Spot{Version: at.Version, Patch: d.Chain[len(d.Chain)-1]})
}

// maxCulprits bounds the public commits that are named.
const maxCulprits = 6

func (d *whyDoc) conflict(ctx context.Context, s *step, at patchset.Spot, in patchset.Incarnation) error {
	k := s.ledger.Conflicts[at]
	d.Paths = []string{}
	for _, p := range k.Paths {
		d.Paths, d.Kinds = append(d.Paths, p.Path), append(d.Kinds, string(p.Kind))
	}
	base := s.ledger.Versions[at.Version].Bases[s.ledger.Patches[at.Patch].Component].Commit
	// The patch's own parent: what is not in its history came after it was written.
	ids, err := s.bench.Touching(ctx, k.Source, base, d.Paths)
	if err != nil {
		return err
	}
	if in.Culprit != "" { // first, whatever its age
		ids = append([]patchset.ID{in.Culprit}, slices.DeleteFunc(ids, func(id patchset.ID) bool { return id == in.Culprit })...)
	}
	for _, id := range ids[:min(len(ids), maxCulprits)] {
		c, err := s.bench.Commit(ctx, id)
		if err != nil {
			return err
		}
		paths, err := s.bench.Touched(ctx, id, d.Paths)
		if err != nil {
			return err
		}
		d.Commits = append(d.Commits, newCommitDoc(id, c, paths))
	}
	disputed := fmt.Sprintf("upstream and the patch change the same places of %s", count(len(d.Paths), "file", "files"))
	switch {
	case in.State == patchset.StateProposed:
		d.Why = disputed + "; " + d.Why
		d.next = shellLine(signArgv(s.ledger, at))
	case in.State == patchset.StateResolved:
		d.Why = disputed + "; " + d.Why
	default:
		d.next = commandFor(s.ledger, "resolve", at)
		if claimed := in.Claimed(); claimed != "" {
			d.next = commandFor(s.ledger, "retire", at, "--commit", claimed.Short())
		}
		if d.Why = disputed; in.Why != "" {
			d.Why += "; " + in.Why
		}
	}
	if in.Culprit != "" {
		d.Cause = string(in.Culprit)
		return nil
	}
	return d.below(ctx, s, at)
}

// below names the patches of the stack under the conflict that touch its files:
// where no public commit does, one of them is the cause.
func (d *whyDoc) below(ctx context.Context, s *step, at patchset.Spot) error {
	p := s.ledger.Patches[at.Patch]
	for _, other := range s.ledger.Stack(p.Component, at.Version).Patches {
		in := other.At[at.Version]
		if in.Position >= p.At[at.Version].Position {
			break
		}
		touched, err := s.bench.Touched(ctx, in.Commit, d.Paths)
		if err != nil {
			return err
		}
		if len(touched) > 0 {
			d.Before = append(d.Before, other.ID)
		}
	}
	return nil
}

func (d *whyDoc) public(ctx context.Context, s *step, in patchset.Incarnation) error {
	if in.Public == "" {
		return nil
	}
	d.Cause = string(in.Public)
	c, err := s.bench.Commit(ctx, in.Public)
	if err != nil {
		return err
	}
	d.Commits = append(d.Commits, newCommitDoc(in.Public, c, nil))
	return nil
}

// difference says in short how the carried change differs from its source.
func (d *whyDoc) difference(ctx context.Context, s *step, at patchset.Spot, in patchset.Incarnation) error {
	source, err := s.bench.Diff(ctx, in.Source)
	if err != nil {
		return err
	}
	carried, err := s.bench.Diff(ctx, in.Commit)
	if err != nil {
		return err
	}
	changes := patchset.CompareChanges(source, carried)
	for _, f := range changes.Files {
		d.Paths = append(d.Paths, f.Path)
		if f.Was != "" {
			d.details = append(d.details, fmt.Sprintf("%s was %s", printable.Line(f.Path), printable.Line(f.Was)))
		}
		if !f.Same() {
			d.details = append(d.details, printable.Line(f.Path)+": the change differs")
		}
	}
	if changes.Moved > 0 {
		d.details = append(d.details, count(changes.Moved, "hunk", "hunks")+" moved")
	}
	if changes.Same() && in.State == patchset.StateDrift {
		d.details = append(d.details, "the change itself is the same")
	}
	d.next = commandFor(s.ledger, "interdiff", at)
	return nil
}

// answers says what the owner of a patch that drifted can answer, while somebody waits
// for it.
func (d *whyDoc) answers(ctx context.Context, s *step, at patchset.Spot) error {
	v, needed, err := s.verdict(ctx, at)
	if err != nil || !needed || v.OK {
		return err
	}
	d.details = append(d.details, driftAnswers(s.ledger, at)...)
	return nil
}

// driftAnswers are the owner's choices, with what to type for each.
func driftAnswers(l patchset.Ledger, at patchset.Spot) []string {
	return []string{
		"if it still holds:     " + shellLine(signArgv(l, at)),
		"if it must be redone:  " + commandFor(l, "replace", at, "--commit", "REV"),
		"if another should:     " + commandFor(l, "handoff", at, "--to", "PERSON", "--note", "TEXT"),
	}
}

func (d whyDoc) report(a *app) {
	a.say("%s %s in %s", d.ID, stateWord(d.State), d.Version)
	a.say("  %s", d.Why)
	for _, sentence := range d.RestsOn {
		a.say("  %s", sentence)
	}
	for _, c := range d.named {
		a.say("  %s", c)
	}
	for _, detail := range d.details {
		a.say("  %s", detail)
	}
	for i, kind := range d.Kinds {
		a.say("  %s  %s", printable.Line(d.Paths[i]), kind)
	}
	d.reportChain(a)
	if len(d.Commits) > 0 {
		a.say("")
		if len(d.Kinds) > 0 {
			if d.Cause != "" {
				a.say("It conflicts from the first of these public commits on; the others touch the same files:")
			} else {
				a.say("Public commits that touch these files, newest first:")
			}
		}
		for _, c := range d.Commits {
			a.say("  %s", c)
		}
	} else if len(d.Kinds) > 0 {
		a.say("  no public commit since the patch was written touches these files")
	}
	if len(d.Before) > 0 {
		a.say("  patches below it in the stack do: %s", joinWords(d.Before))
	}
	if d.next != "" {
		a.next("%s", d.next)
	}
}

func (d whyDoc) reportChain(a *app) {
	for i, id := range d.Chain {
		if i+1 < len(d.Chain) {
			a.say("  %s waits for %s", id, d.Chain[i+1])
		} else {
			a.say("  %s conflicts itself: settle it, and the rest is carried again", id)
		}
	}
}
