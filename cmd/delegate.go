package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// Delegations: an owner lets a person sign for them, for one patch in one version.

// delegateAction is how the ledger calls giving and taking back a delegation.
const delegateAction = "delegate"

const delegationsRoom = "delegations"

// delegationFile is where the ledger keeps the delegation to a person.
func delegationFile(at patchset.Spot, to string) string {
	return delegationsRoom + "/" + at.Version + "/" + at.Patch + "/" + to + ".toml"
}

// delegated is a delegation by the name of its file.
type delegated struct {
	at patchset.Spot
	to string
}

// delegationsIn lists those of a ledger, in the order of their files.
func delegationsIn(l patchset.Ledger) []delegated {
	var found []delegated
	for name := range l.Other {
		stem, isTOML := strings.CutSuffix(name, ".toml")
		parts := strings.Split(stem, "/")
		if isTOML && len(parts) == 4 && parts[0] == delegationsRoom {
			found = append(found, delegated{patchset.Spot{Version: parts[1], Patch: parts[2]}, parts[3]})
		}
	}
	slices.SortFunc(found, func(a, b delegated) int {
		return strings.Compare(delegationFile(a.at, a.to), delegationFile(b.at, b.to))
	})
	return found
}

// delegatedSentence is what the ledger says of a delegation.
func delegatedSentence(at patchset.Spot, to string) string {
	return fmt.Sprintf("delegated %s in %s to %s", at.Patch, at.Version, to)
}

// delegateStatement is what an owner signs to delegate.
func delegateStatement(l patchset.Ledger, at patchset.Spot, to string) owners.Statement {
	return owners.Statement{
		Store: l.Store.ID, Patch: at.Patch, Version: at.Version, Component: l.Patches[at.Patch].Component,
		Delegate: to, Purpose: owners.PurposeDelegate,
	}
}

// owner is the owner of a patch, and whom they delegated to in a version.
func (r reading) owner(at patchset.Spot) owners.Owner {
	o := ownerOf(r.ledger.Patches[at.Patch])
	o.Delegates = r.delegates[at]
	return o
}

// weighDelegations weighs every delegation of the ledger as it is now.
func (r reading) weighDelegations(ctx context.Context) map[patchset.Spot][]owners.Delegate {
	found := map[patchset.Spot][]owners.Delegate{}
	for _, d := range delegationsIn(r.ledger) {
		found[d.at] = append(found[d.at], r.weighDelegation(ctx, d.at, d.to))
	}
	return found
}

// weighDelegation weighs one. What cannot be read counts for nothing, and says why.
func (r reading) weighDelegation(ctx context.Context, at patchset.Spot, to string) owners.Delegate {
	file := delegationFile(at, to)
	sig, err := owners.ParseSignature(r.ledger.Other[file])
	if err != nil {
		return owners.Delegate{Person: to, Problem: file + ": " + err.Error()}
	}
	return r.registry.Delegate(ownerOf(r.ledger.Patches[at.Patch]), delegateStatement(r.ledger, at, to), sig, r.takenIn(ctx))
}

// endDelegations forgets those of a patch: it goes to another owner, and would they
// ever give it back, nobody would think of them.
func (s *step) endDelegations(patch string) {
	for _, d := range delegationsIn(s.ledger) {
		if d.at.Patch == patch {
			delete(s.ledger.Other, delegationFile(d.at, d.to))
			s.details = append(s.details, fmt.Sprintf("the delegation in %s to %s is over", d.at.Version, d.to))
		}
	}
}

// delegate records that the owner, who acts, lets a person sign for them. If the
// patch waits for somebody, it is handed to that person as well.
func (o *handoffOptions) delegate(ctx context.Context, a *app, s *step) (handoffDoc, error) {
	at, in, err := o.delegatedSpot(s.ledger)
	if err != nil {
		return handoffDoc{}, err
	}
	to, err := receiver(s.registry, o.to)
	if err != nil {
		return handoffDoc{}, err
	}
	if err := o.pen.takeUp(a, s); err != nil {
		return handoffDoc{}, err
	}
	if err := s.mayDelegate(s.ledger.Patches[at.Patch], to); err != nil {
		return handoffDoc{}, err
	}
	if err := o.signDelegation(ctx, a, s, at, to); err != nil {
		return handoffDoc{}, err
	}
	doc, err := o.handToDelegate(ctx, a, s, at, to)
	if err != nil {
		return doc, err
	}
	doc.Delegated = s.owner(at).Label(owners.AsOwner, s.actor)
	doc.Sentence = strings.TrimSpace(fmt.Sprintf("%s may sign %s in %s for %s. %s", to, at.Patch, at.Version, s.actor.Person, doc.Sentence))
	if in.State == "" {
		doc.Sentence += " " + at.Version + " is not prepared yet."
	}
	return doc, nil
}

// signDelegation puts it into the ledger, unless it would not count there.
func (o *handoffOptions) signDelegation(ctx context.Context, a *app, s *step, at patchset.Spot, to owners.Person) error {
	sig, err := o.pen.sign(ctx, a, owners.Signature{
		Statement: delegateStatement(s.ledger, at, to.ID), Person: s.actor.Person, As: owners.AsOwner,
		Reason: strings.TrimSpace(o.reason), At: o.at, Claim: s.actor.Claim,
	})
	if err != nil {
		return err
	}
	if s.ledger.Other[delegationFile(at, to.ID)], err = sig.Encode(); err != nil {
		return err
	}
	s.delegates = s.weighDelegations(ctx)
	if d := s.weighDelegation(ctx, at, to.ID); d.Problem != "" {
		return patchset.Faultf(patchset.CodeNotAllowed, "the delegation would not count: %s", d.Problem)
	}
	s.did("%s", delegatedSentence(at, to.ID))
	s.details = append(s.details, "reason: "+sig.Reason)
	return nil
}

// handToDelegate hands them what the patch waits for now, if it does.
func (o *handoffOptions) handToDelegate(ctx context.Context, a *app, s *step, at patchset.Spot, to owners.Person) (handoffDoc, error) {
	var nothing *patchset.Fault
	switch err := s.mustWait(ctx, at, s.ledger.Patches[at.Patch].At[at.Version]); {
	case err == nil:
		return o.handTo(a, s, at, to), nil
	case !errors.As(err, &nothing):
		return handoffDoc{}, err
	case o.note != "":
		return handoffDoc{}, usagef("%s waits for nobody in %s, so the note would be lost: say it in --reason", at.Patch, at.Version)
	}
	doc := s.newHandoffDoc(at, to, s.handed(at), a.today())
	doc.Sentence, doc.Draft, doc.Next = "", "", []string{"git", "carry", "show", at.Patch}
	return doc, nil
}

// delegatedSpot is the patch in the version that is meant, which may be one that
// nobody has prepared yet.
func (o *handoffOptions) delegatedSpot(l patchset.Ledger) (patchset.Spot, patchset.Incarnation, error) {
	if _, known := l.Versions[o.version]; known || o.version == "" {
		return spotOf(l, o.id, o.version)
	}
	if _, err := l.Patch(o.id); err != nil {
		return patchset.Spot{}, patchset.Incarnation{}, err
	}
	return patchset.Spot{Version: o.version, Patch: o.id}, patchset.Incarnation{}, patchset.CheckVersion(o.version)
}

// mayDelegate refuses everybody but the owner: who signs for somebody else cannot
// pass that on.
func (s *step) mayDelegate(p patchset.Patch, to owners.Person) error {
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	switch {
	case s.actor.Person != p.Owner:
		return patchset.Faultf(patchset.CodeNotAllowed, "only the owner %s can delegate %s, and you are %s", p.Owner, p.ID, s.actor).
			WithHint("to ask somebody without giving them a right, leave --delegate out")
	case to.ID == p.Owner:
		return usagef("%s owns %s: the owner needs no delegation", to, p.ID)
	case s.registry.Policy.Require == owners.RequireKey && s.actor.Assurance != owners.Verified:
		return patchset.Faultf(patchset.CodeNotAllowed, "the policy asks for a key, and %s is %s", s.actor.Person, s.actor.Label()).
			WithHint("sign the delegation: --key FILE")
	}
	return nil
}

// withdraw takes a delegation back. Whoever gave it or has it may; what was signed
// because of it does not count from then on.
func (o *handoffOptions) withdraw(ctx context.Context, a *app, s *step) (handoffDoc, error) {
	at, _, err := o.delegatedSpot(s.ledger)
	if err != nil {
		return handoffDoc{}, err
	}
	if err := o.pen.takeUp(a, s); err != nil {
		return handoffDoc{}, err
	}
	p, file := s.ledger.Patches[at.Patch], delegationFile(at, o.to)
	switch {
	case s.ledger.Other[file] == nil:
		return handoffDoc{}, patchset.Faultf(patchset.CodeUsage, "nobody has delegated %s in %s to %s", at.Patch, at.Version, o.to).
			WithHint("git carry show %s", at.Patch)
	case s.actor.Person != p.Owner && s.actor.Person != o.to:
		return handoffDoc{}, patchset.Faultf(patchset.CodeNotAllowed, "only the owner %s or %s can take the delegation of %s back", p.Owner, o.to, p.ID)
	}
	delete(s.ledger.Other, file)
	s.delegates = s.weighDelegations(ctx)
	s.did("took back the delegation of %s in %s to %s", at.Patch, at.Version, o.to)
	doc := handoffDoc{
		Schema: schema("handoff"), ID: p.ID, Component: p.Component, Version: at.Version, State: p.At[at.Version].State,
		handedDoc: s.handed(at), MaySign: s.maySign(at), SignsAs: s.signsAs(at, o.to), Deputies: []string{},
		Sentence: fmt.Sprintf("%s signs no more for %s in %s by delegation.", o.to, at.Patch, at.Version),
		Next:     []string{"git", "carry", "show", p.ID},
	}
	return doc, nil
}

// delegateDoc is a delegation, in JSON.
type delegateDoc struct {
	Version   string           `json:"version"`
	Person    string           `json:"person"`
	By        string           `json:"by"`        // the owner; "" when it does not count
	Assurance owners.Assurance `json:"assurance"` // "" when it does not count
	Key       string           `json:"key"`
	Problem   string           `json:"problem"` // why it does not count
	words     string
}

// delegatesOf lists the delegations of a patch, by version.
func (r reading) delegatesOf(patch string) []delegateDoc {
	docs := []delegateDoc{}
	for at, delegates := range r.delegates {
		for _, d := range delegates {
			if at.Patch == patch {
				docs = append(docs, delegateDoc{at.Version, d.Person, d.By.Person, d.By.Assurance, d.By.Key, d.Problem, d.String()})
			}
		}
	}
	slices.SortFunc(docs, func(a, b delegateDoc) int {
		return cmp.Or(patchset.CompareVersions(a.Version, b.Version), strings.Compare(a.Person, b.Person))
	})
	return docs
}
