package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type signOptions struct {
	id      string
	version string
	as      string
	reason  string
	expect  string
	pen
}

func newSignCmd(a *app) *cobra.Command {
	o := &signOptions{}
	c := &cobra.Command{
		Use:   "sign ID",
		Short: "Consent to a resolution, or to a patch that drifted",
		Long: `Sign exactly the result that is proposed for a patch in a version. The owner signs; whom
the owner has delegated to (git carry handoff --delegate) signs with --as delegate; a deputy
signs with --as deputy and a reason; two other people can override with --as override and
a reason each. With the consent that it needs, the result enters the stack together with
everything that waited for it.

With --key an SSH key signs, and you are whoever the registry says it belongs to. FILE is a
private key, whose passphrase is asked for on the terminal, or the .pub file of a key that
the SSH agent holds; agent takes the agent's key that is yours. Every command that needs
the consent checks the signature again. Without --key the signature says only who you
claim to be; the policy decides whether it counts (git carry owners policy).

Exit code 3 while something is open, 4 when you may not sign, 8 when a second person is
needed.`,
		Example: `  git carry sign T401234
  git carry sign T401234 --key ~/.ssh/id_ed25519
  git carry sign T401234 --key agent --expect 3f2a9c1b70
  git carry sign T401234 --as delegate --key agent
  git carry sign T401234 --as deputy --reason 'priya is on leave until Monday'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	f.StringVar(&o.as, "as", string(owners.AsOwner), "the `ROLE`: owner, delegate, deputy or override")
	f.StringVar(&o.reason, "reason", "", "why you sign and not the owner, in a `TEXT` that stays in the ledger")
	o.pen.flag(f)
	f.StringVar(&o.expect, "expect", "", "refuse unless the result is this `COMMIT`; its first 7 digits or more")
	return c
}

func (o *signOptions) run(ctx context.Context, a *app) error {
	doc, err := o.execute(ctx, a)
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	if !doc.Complete {
		return outcome{exitPending}
	}
	return nil
}

// execute signs and records it.
func (o *signOptions) execute(ctx context.Context, a *app) (signDoc, error) {
	if err := checkText("reason", o.reason); err != nil {
		return signDoc{}, err
	}
	if err := o.pen.open(ctx, a); err != nil {
		return signDoc{}, err
	}
	defer o.pen.close()
	return o.record(ctx, a)
}

// record signs with the pen that is open.
func (o *signOptions) record(ctx context.Context, a *app) (signDoc, error) {
	var doc signDoc
	err := a.record(ctx, "sign", func(ctx context.Context, s *step) (err error) {
		doc, err = o.sign(ctx, a, s)
		return err
	})
	return doc, err
}

func (o *signOptions) sign(ctx context.Context, a *app, s *step) (signDoc, error) {
	at, in, err := spotOf(s.ledger, o.id, o.version)
	if err != nil {
		return signDoc{}, err
	}
	if err := o.pen.takeUp(a, s); err != nil {
		return signDoc{}, err
	}
	st, err := o.mayConsent(ctx, s, at, in)
	if err != nil {
		return signDoc{}, err
	}
	doc, err := s.newSignDoc(ctx, at, st, s.owner(at), owners.As(o.as))
	if err != nil {
		return doc, err
	}
	sig := owners.Signature{
		Statement: st, Person: s.actor.Person, As: owners.As(o.as), Reason: o.reason,
		At: o.at, Claim: s.actor.Claim,
	}
	before, _, err := s.verdict(ctx, at)
	if err != nil {
		return doc, err
	}
	mine, err := s.signedBefore(ctx, at, sig)
	switch {
	case err != nil:
		return doc, err
	case before.OK && (!before.Override || sig.As != owners.AsOwner) && (!before.Unverified || o.keys == nil):
		doc.already(before, before)
	case mine.Labels != nil:
		doc.already(before, mine)
	default:
		err = o.enter(ctx, a, s, at, sig, &doc)
	}
	if err == nil {
		doc.Next, err = a.afterSigning(ctx, s, at, doc)
	}
	return doc, err
}

// mayConsent is what is there to be signed, when this person may sign it and it is what they
// looked at.
func (o *signOptions) mayConsent(ctx context.Context, s *step, at patchset.Spot, in patchset.Incarnation) (owners.Statement, error) {
	st, err := s.statement(ctx, at, in)
	if err != nil {
		return st, err
	}
	owner := s.owner(at)
	owner.Expect = patchset.ID(st.Result).Short()
	if err := s.registry.MaySign(owner, s.actor, owners.As(o.as), o.reason); err != nil {
		return st, err
	}
	return st, o.expected(st)
}

// signedBefore weighs the signature of this person on this very thing in this
// role, unless a key would add to it now. It has no label when there is none, or
// none that counts.
func (s *step) signedBefore(ctx context.Context, at patchset.Spot, sig owners.Signature) (owners.Verdict, error) {
	sigs, err := signaturesOn(s.ledger, at)
	mine := slices.DeleteFunc(sigs, func(old owners.Signature) bool {
		same := old.Person == sig.Person && old.As == sig.As && old.Statement == sig.Statement
		return !same || old.Proof == "" && s.actor.Assurance == owners.Verified
	})
	return s.registry.Consent(s.owner(at), sig.Statement, mine, s.takenIn(ctx)), err
}

// already says that nothing was signed now: of what was signed before, all is in
// one verdict and what there is to show in the other.
func (d *signDoc) already(all, shown owners.Verdict) {
	d.Already, d.Complete, d.Missing = true, all.OK, all.Missing
	d.Label = strings.Join(shown.Labels, "; ")
	if d.Assurance = owners.Verified; shown.Unverified {
		d.Assurance = owners.Unverified
	}
}

// afterSigning is what to type next: the other signature that this one needs,
// else what the version needs.
func (a *app) afterSigning(ctx context.Context, s *step, at patchset.Spot, doc signDoc) ([]string, error) {
	if !doc.Complete {
		return signArgv(s.ledger, at, "--as", "override", "--reason", "TEXT"), nil
	}
	b, err := a.boardOf(ctx, s.reading, at.Version)
	if err != nil {
		return nil, err
	}
	next, _ := b.nextStep()
	return next, nil
}

// enter records the signature and, when the consent is enough, lets the result
// and all that waited for it into the stack.
func (o *signOptions) enter(ctx context.Context, a *app, s *step, at patchset.Spot, sig owners.Signature, doc *signDoc) error {
	sig, err := o.pen.sign(ctx, a, sig)
	if err != nil {
		return err
	}
	data, err := sig.Encode()
	if err != nil {
		return err
	}
	s.ledger.Other[signatureFile(at, sig.Person)] = data
	s.did("%s", signedSentence(at, sig.As))
	s.details = append(s.details, "result "+sig.Statement.Result)
	if sig.Reason != "" {
		s.details = append(s.details, "reason: "+sig.Reason)
	}
	v, _, err := s.verdict(ctx, at)
	if err != nil {
		return err
	}
	doc.Complete, doc.Missing = v.OK, v.Missing
	if v.OK {
		delete(s.ledger.Handoffs, at) // nobody needs to be asked any more
	}
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
		WithHint("look at it first: git carry interdiff %s", o.id)
}
