package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

type signOptions struct {
	id      string
	version string
	as      string
	reason  string
	expect  string
}

func newSignCmd(a *app) *cobra.Command {
	o := &signOptions{}
	c := &cobra.Command{
		Use:   "sign ID",
		Short: "Consent to a resolution, or to a patch that drifted",
		Long: `Sign exactly the result that is proposed for a patch in a version. The owner signs; a
deputy signs with --as deputy and a reason; two other people can override with --as
override and a reason each. With the consent that it needs, the result enters the stack
together with everything that waited for it.

Exit code 3 while something is open, 4 when you may not sign, 8 when a second person is
needed.`,
		Example: `  git carry sign T401234
  git carry sign T401234 --as deputy --reason 'priya is on leave until Monday'
  git carry sign T401234 --expect 3f2a9c1b70`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	f.StringVar(&o.as, "as", string(owners.AsOwner), "the `ROLE`: owner, deputy or override")
	f.StringVar(&o.reason, "reason", "", "why you sign and not the owner, in a `TEXT` that stays in the ledger")
	f.StringVar(&o.expect, "expect", "", "refuse unless the result is this `COMMIT`")
	return c
}

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
	Already   bool           `json:"already"`  // it had all the consent before
	Complete  bool           `json:"complete"` // the consent is enough now
	Missing   string         `json:"missing"`
	Became    []stateChange  `json:"became"`
	State     patchset.State `json:"state"`
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

func (o *signOptions) run(ctx context.Context, a *app) error {
	var doc signDoc
	err := a.record(ctx, "sign", func(ctx context.Context, s *step) error {
		var err error
		doc, err = o.sign(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	if !doc.Complete {
		return outcome{exitPending}
	}
	return nil
}

func (o *signOptions) sign(ctx context.Context, a *app, s *step) (signDoc, error) {
	at, in, err := spotOf(s.ledger, o.id, o.version)
	if err != nil {
		return signDoc{}, err
	}
	p := s.ledger.Patches[at.Patch]
	if err := s.registry.MaySign(ownerOf(p), s.actor, owners.As(o.as), o.reason); err != nil {
		return signDoc{}, err
	}
	st, err := s.statement(ctx, at, in)
	if err != nil {
		return signDoc{}, err
	}
	if err := o.expected(st); err != nil {
		return signDoc{}, err
	}
	doc := signDoc{
		Schema: schema("sign"), ID: p.ID, Component: p.Component, Version: at.Version, Purpose: st.Purpose,
		Conflict: st.Conflict, Base: st.Base, Result: st.Result, Tree: st.Tree,
		Person: s.actor.Person, As: owners.As(o.as), Became: []stateChange{}, State: in.State,
	}
	if doc.Files, err = s.stat(ctx, patchset.ID(st.Result)); err != nil {
		return doc, err
	}
	sig := owners.Signature{
		Statement: st, Person: s.actor.Person, As: owners.As(o.as), Reason: o.reason,
		At: a.env.Now(), Claim: s.actor.Claim, Assurance: owners.Unverified,
	}
	doc.Label = sig.Label()
	before, _, err := s.verdict(ctx, at)
	if err != nil {
		return doc, err
	}
	if before.OK && (!before.Override || sig.As != owners.AsOwner) {
		doc.Already, doc.Complete = true, true
		doc.Label = strings.Join(before.Labels, "; ")
		return doc, nil
	}
	return doc, o.enter(ctx, a, s, at, sig, &doc)
}

// enter records the signature and, when the consent is enough, lets the result
// and all that waited for it into the stack.
func (o *signOptions) enter(ctx context.Context, a *app, s *step, at patchset.Spot, sig owners.Signature, doc *signDoc) error {
	data, err := sig.Encode()
	if err != nil {
		return err
	}
	s.ledger.Other[signaturesDir(at)+sig.Person+".toml"] = data
	s.did("signed %s in %s as %s", at.Patch, at.Version, sig.As)
	s.details = append(s.details, "result "+sig.Statement.Result)
	if sig.Reason != "" {
		s.details = append(s.details, "reason: "+sig.Reason)
	}
	v, _, err := s.verdict(ctx, at)
	if err != nil {
		return err
	}
	doc.Complete, doc.Missing = v.OK, v.Missing
	if !v.OK || doc.State != patchset.StateProposed {
		return nil
	}
	was := s.ledger
	if err := a.settle(ctx, s, doc.Component, at.Version); err != nil {
		return err
	}
	for _, p := range s.ledger.In(at.Version) {
		old, now := was.Patches[p.ID].At[at.Version].State, p.At[at.Version].State
		if old != now {
			doc.Became = append(doc.Became, stateChange{p.ID, old, now})
			s.details = append(s.details, fmt.Sprintf("%s: %s, was %s", p.ID, now, old))
		}
	}
	doc.State = s.ledger.Patches[at.Patch].At[at.Version].State
	return nil
}

// statement is what is there to be signed.
func (s *step) statement(ctx context.Context, at patchset.Spot, in patchset.Incarnation) (owners.Statement, error) {
	r := s.ledger.Resolutions[at]
	switch in.State {
	case patchset.StateProposed, patchset.StateResolved:
		return resolveStatement(s.ledger, at, r), nil
	case patchset.StateDrift:
		return s.driftStatement(ctx, at)
	case patchset.StateWaiting:
		return owners.Statement{}, patchset.Faultf(patchset.CodeConflicts, "%s waits for %s: there is nothing to sign yet", at.Patch, in.Cause).
			WithHint("%s", commandFor(s.ledger, "resolve", patchset.Spot{Version: at.Version, Patch: in.Cause}))
	case patchset.StateConflict:
		f := patchset.Faultf(patchset.CodeConflicts, "the conflict of %s is not settled yet: nothing can be signed", at.Patch)
		if len(r.Open) > 0 {
			f = patchset.Faultf(patchset.CodeConflicts, "%s is not settled yet, so nothing can be signed; still open: %s", at.Patch, joinWords(r.Open))
		}
		return owners.Statement{}, f.WithHint("%s", commandFor(s.ledger, "resolve", at))
	}
	return owners.Statement{}, patchset.Faultf(patchset.CodeFailed, "nothing to sign: %s is %s in %s, which needs no consent", at.Patch, in.State, at.Version)
}

// expected refuses a result other than the one that the person looked at.
func (o *signOptions) expected(st owners.Statement) error {
	switch {
	case o.expect == "":
		return nil
	case len(o.expect) < 7:
		return usagef("--expect: give at least 7 digits of the commit")
	case strings.HasPrefix(st.Result, strings.ToLower(o.expect)):
		return nil
	}
	return patchset.Faultf(patchset.CodeConsent, "the result is %s, not %s: nothing was signed", patchset.ID(st.Result).Short(), o.expect).
		WithHint("look at it first: git carry resolve %s", o.id)
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
	a.say("")
	if d.Already {
		a.say("Signed before: %s", d.Label)
		return
	}
	a.say("Signed: %s", d.Label)
	for _, c := range d.Became {
		a.say("  %s: %s → %s", c.ID, c.Was, c.State)
	}
	if !d.Complete {
		a.say("One more person is needed: %s", d.Missing)
		a.next("another person: git carry sign %s --as override --reason TEXT", d.ID)
		return
	}
	for _, c := range d.Became {
		if c.State == patchset.StateConflict {
			a.next("git carry resolve %s", c.ID)
			return
		}
	}
	a.next("git carry verify %s", d.Version)
}
