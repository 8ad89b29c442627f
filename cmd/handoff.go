package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type handoffOptions struct {
	id, version, to, note string

	delegates, withdraws bool
	reason               string
	pen
}

func newHandoffCmd(a *app) *cobra.Command {
	o := &handoffOptions{}
	c := &cobra.Command{
		Use:   "handoff ID --to PERSON",
		Short: "Ask a person to go on with a conflict or a drift",
		Long: `Hand what a patch waits for to a person in the registry: its conflict, with the draft or
the proposal if there is one, or its drift. It goes through the vault: status, list, show
and resolve say on every machine who asks whom, since when and why, and the next command
is addressed to that person. They go on with the draft in any form of git carry resolve.

To hand it to somebody who may not sign is allowed: they can settle it. A new hand-off
replaces the one before. It ends by itself when the conflict is settled and signed, and
when a train changes it.

With --delegate the owner gives the person the right to sign for them (git carry sign --as
delegate): this patch, in this version, which may still be to come, whatever it waits for.
--key signs that; where the policy asks for keys, it must. A delegation cannot be passed
on, and is over when the patch goes to another owner. The owner or the delegate ends it
with --withdraw; what was signed because of it does not count from then on.`,
		Example: `  git carry handoff T401234 --to priya --note 'I think FLAG must stay, please check'
  git carry handoff T401234 --to sam --version 1.46.0-wmf.5
  git carry handoff T401234 --to sam --delegate --reason 'at sea this week' --key agent
  git carry handoff T401234 --to sam --withdraw`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "the `PERSON` who is asked, by id in the registry")
	f.StringVar(&o.note, "note", "", "what they should know, in one line of `TEXT` that stays in the ledger")
	f.BoolVar(&o.delegates, "delegate", false, "let them sign for you, the owner")
	f.BoolVar(&o.withdraws, "withdraw", false, "take that back")
	f.StringVar(&o.reason, "reason", "", "why you delegate, in one line of `TEXT` that stays in the ledger")
	o.pen.flag(f)
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	return c
}

// handoffDoc is a hand-off just made.
type handoffDoc struct {
	Schema    string         `json:"schema"`
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Version   string         `json:"version"`
	State     patchset.State `json:"state"`
	handedDoc
	// SignsAs is what the person may sign as, owner, delegate, deputy or ""; MaySign
	// lists all who may.
	SignsAs owners.As `json:"signs_as"`
	MaySign []string  `json:"may_sign"`
	// Delegated says who gave the person that right just now, and how sure that is:
	// "owner priya, key verified (SHA256:…)"; "" when nobody did.
	Delegated string `json:"delegated"`
	// Draft says what goes along, Before whose turn it was; "" for nothing, nobody.
	Draft  string `json:"draft"`
	Before string `json:"before"`
	// AwayUntil is the last day on which the person cannot be asked, or "";
	// Deputies are the people who may sign for them and are there.
	AwayUntil string   `json:"away_until"`
	Deputies  []string `json:"deputies"`
	Sentence  string   `json:"sentence"`
	Warning   string   `json:"warning"`
	Next      []string `json:"next"`
}

func (o *handoffOptions) run(ctx context.Context, a *app) error {
	doc, err := o.record(ctx, a)
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return nil
}

// handOff hands what a patch waits for in a version ("" for the one that is being
// prepared) to a person, and says so in words for people.
func (a *app) handOff(ctx context.Context, id, version, to, note string) (sentence string, err error) {
	doc, err := (&handoffOptions{id: id, version: version, to: to, note: note}).record(ctx, a)
	return strings.TrimSpace(doc.Sentence + " " + doc.Warning), err
}

func (o *handoffOptions) record(ctx context.Context, a *app) (handoffDoc, error) {
	var doc handoffDoc
	if err := o.check(); err != nil {
		return doc, err
	}
	if err := o.pen.open(ctx, a); err != nil {
		return doc, err
	}
	defer o.pen.close()
	action, act := "handoff", o.handOff
	switch {
	case o.delegates:
		action, act = delegateAction, o.delegate
	case o.withdraws:
		action, act = delegateAction, o.withdraw
	}
	err := a.record(ctx, action, func(ctx context.Context, s *step) (err error) {
		doc, err = act(ctx, a, s)
		return err
	})
	return doc, err
}

// check looks at the words of the command line.
func (o *handoffOptions) check() error {
	for _, text := range [][2]string{{"to", o.to}, {"note", o.note}, {"reason", o.reason}} {
		if err := checkText(text[0], text[1]); err != nil {
			return err
		}
	}
	switch {
	case strings.TrimSpace(o.to) == "":
		return usagef("say to whom: --to PERSON")
	case o.delegates && o.withdraws:
		return usagef("--delegate gives what --withdraw takes back: choose one")
	case o.withdraws && o.note != "":
		return usagef("--withdraw hands nothing off, so it takes no --note")
	case o.delegates:
		return requireReason(o.reason)
	case !o.withdraws && (o.reason != "" || o.key != ""):
		return usagef("--reason and --key go with --delegate: to hand off takes no right")
	}
	return nil
}

func (o *handoffOptions) handOff(ctx context.Context, a *app, s *step) (handoffDoc, error) {
	at, in, err := spotOf(s.ledger, o.id, o.version)
	if err != nil {
		return handoffDoc{}, err
	}
	if err := s.mustWait(ctx, at, in); err != nil {
		return handoffDoc{}, err
	}
	to, err := receiver(s.registry, o.to)
	if err != nil {
		return handoffDoc{}, err
	}
	return o.handTo(a, s, at, to), nil
}

// handTo records the hand-off to a person.
func (o *handoffOptions) handTo(a *app, s *step, at patchset.Spot, to owners.Person) handoffDoc {
	before := s.handed(at)
	s.ledger.HandOff(at, patchset.Handoff{To: to.ID, By: s.by(), At: a.env.Now(), Note: strings.TrimSpace(o.note)})
	if !o.delegates {
		s.did("handed %s in %s to %s", at.Patch, at.Version, to.ID)
	}
	if before.HandedTo != "" && before.HandedTo != to.ID {
		s.details = append(s.details, "before: "+before.String())
	}
	if o.note != "" {
		s.details = append(s.details, "note: "+o.note)
	}
	return s.newHandoffDoc(at, to, before, a.today())
}

func (a *app) today() owners.Date { return owners.DateOf(a.env.Now().UTC()) }

// mustWait refuses to hand off what needs no person, or another patch first.
func (s *step) mustWait(ctx context.Context, at patchset.Spot, in patchset.Incarnation) error {
	nothing := patchset.Faultf(patchset.CodeFailed, "%s is %s in %s: there is nothing to hand off", at.Patch, in.State, at.Version)
	switch in.State {
	case patchset.StateConflict, patchset.StateProposed:
		return nil
	case patchset.StateDrift:
		v, _, err := s.verdict(ctx, at)
		if err == nil && v.OK {
			err = nothing.WithHint("signed: %s", joinWords(v.Labels))
		}
		return err
	case patchset.StateWaiting:
		chain := append([]string{in.Cause}, waitChain(s.ledger, at)...)
		root := patchset.Spot{Version: at.Version, Patch: chain[len(chain)-1]}
		return patchset.Faultf(patchset.CodeConflicts, "%s only waits for %s: hand that one off", at.Patch, in.Cause).
			WithHint("%s", commandFor(s.ledger, "handoff", root, "--to", "PERSON"))
	}
	return withSettled(nothing, s.ledger, at)
}

// withSettled adds who settled what is no conflict any more, and when.
func withSettled(f *patchset.Fault, l patchset.Ledger, at patchset.Spot) error {
	if r, ok := l.Resolutions[at]; ok && l.Patches[at.Patch].At[at.Version].State == patchset.StateResolved {
		f.WithHint("%s settled it on %s, and it is signed: git carry show %s", r.By, date(r.At), at.Patch)
	}
	return f
}

func (s *step) newHandoffDoc(at patchset.Spot, to owners.Person, before handedDoc, today owners.Date) handoffDoc {
	p := s.ledger.Patches[at.Patch]
	doc := handoffDoc{
		Schema: schema("handoff"), ID: p.ID, Component: p.Component, Version: at.Version, State: p.At[at.Version].State,
		handedDoc: s.handed(at), SignsAs: s.signsAs(at, to.ID), MaySign: s.maySign(at), Deputies: []string{},
	}
	if before.HandedTo != to.ID {
		doc.Before = before.HandedTo
	}
	if r, ok := s.ledger.Resolutions[at]; ok && doc.State != patchset.StateDrift {
		doc.Draft = draftWords(r)
	}
	if away, is := to.AwayOn(today); is {
		doc.AwayUntil, doc.Deputies = string(away.To), s.standIns(p, to, today)
	}
	doc.Sentence, doc.Warning = doc.sentence(to), doc.warning(to)
	doc.Next = s.turnArgv(at)
	return doc
}

// maySign lists who may sign a patch in a version: "owner priya (Priya Nair)".
func (r reading) maySign(at patchset.Spot) []string {
	words := []string{}
	for _, signer := range r.registry.Signers(r.owner(at)) {
		words = append(words, string(signer.As)+" "+signer.String())
	}
	return words
}

// draftWords is how far a resolution has got: "the draft of dana, 1 file open".
func draftWords(r patchset.Resolution) string {
	if r.Proposed() {
		return "the proposal of " + r.By
	}
	return fmt.Sprintf("the draft of %s, %s open", r.By, count(len(r.Open), "file", "files"))
}

// standIns lists the deputies of a person, for this patch if it is theirs, who are
// there on a day.
func (s *step) standIns(p patchset.Patch, away owners.Person, today owners.Date) []string {
	owner := owners.Owner{ID: away.ID}
	if p.Owner == away.ID {
		owner = ownerOf(p)
	}
	here := []string{}
	for _, signer := range s.registry.Signers(owner) {
		if _, gone := signer.Person.AwayOn(today); signer.As == owners.AsDeputy && !gone {
			here = append(here, signer.Person.ID)
		}
	}
	return here
}

// sentence says who is asked for what.
func (d handoffDoc) sentence(to owners.Person) string {
	text := fmt.Sprintf("Handed %s in %s to %s, ", d.ID, d.Version, to)
	settle := d.State == patchset.StateConflict
	switch {
	case d.SignsAs != "" && settle:
		text += fmt.Sprintf("who may settle it and sign as %s.", d.SignsAs)
	case d.SignsAs != "":
		text += fmt.Sprintf("who may sign as %s.", d.SignsAs)
	case d.State == patchset.StateDrift:
		text += "who may not sign it."
	default:
		text += "who may settle it, not sign."
	}
	if d.SignsAs == "" && len(d.MaySign) > 0 {
		text += fmt.Sprintf(" May sign: %s.", strings.Join(d.MaySign, "; "))
	}
	return text
}

// warning says what stands against asking the person; "" for nothing.
func (d handoffDoc) warning(to owners.Person) string {
	switch {
	case d.AwayUntil == "":
		return ""
	case len(d.Deputies) == 0:
		return fmt.Sprintf("%s is away until %s, and no deputy is there.", to, d.AwayUntil)
	}
	return fmt.Sprintf("%s is away until %s; deputy: %s.", to, d.AwayUntil, joinWords(d.Deputies))
}

func (d handoffDoc) report(a *app) {
	a.say("%s", d.Sentence)
	if d.Delegated != "" {
		a.say("Delegated by %s.", d.Delegated)
	}
	if d.Draft != "" {
		a.say("With it goes %s.", d.Draft)
	}
	if d.Before != "" {
		a.say("It was %s's turn before.", d.Before)
	}
	if d.Warning != "" {
		a.talk("warning: %s", d.Warning)
	}
	if len(d.Deputies) > 0 {
		a.next("to ask the deputy instead: %s", shellLine(d.again(d.Deputies[0])))
	}
	who := d.HandedTo
	if who == "" { // a delegation of what does not wait for anybody now
		a.next("%s", shellLine(d.Next))
		return
	}
	if d.SignsAs == "" && d.State != patchset.StateConflict {
		who = "whoever may sign"
	}
	a.next("%s: %s", who, shellLine(d.Next))
}

// again is the same hand-off to somebody else.
func (d handoffDoc) again(to string) []string {
	argv := []string{"git", "carry", "handoff", d.ID, "--to", to, "--version", d.Version}
	if d.Note != "" {
		argv = append(argv, "--note", d.Note)
	}
	return argv
}
