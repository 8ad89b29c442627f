package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// Acts are changes that only a person may make: what the ledger then says of a
// patch rests on nothing but their word.

// mustBeSomebody demands that the registry knows who acts.
func (s *step) mustBeSomebody() error {
	if s.actor.Person != "" {
		return nil
	}
	return patchset.Faultf(patchset.CodeNotAllowed, "this takes a person, and the registry knows nobody with the address %s", s.actor.Claim).
		WithHint("git carry owner add ID --name NAME --email %s", s.actor.Claim).
		WithHint("or say who you are: --as-person ID")
}

// event is an act of the person at the keyboard, now.
func (a *app) event(s *step, where, reason string) patchset.Event {
	return patchset.Event{At: a.env.Now().UTC().Truncate(time.Second), By: s.by(), Where: where, Reason: reason}
}

// speaksForOwner tells whether the actor is the owner or a deputy.
func (s *step) speaksForOwner(p patchset.Patch) bool {
	return slices.ContainsFunc(s.registry.Signers(ownerOf(p)), func(x owners.Signer) bool {
		return x.Person.ID == s.actor.Person
	})
}

// mustSpeakFor demands the owner or a deputy for what would go round their consent.
// While nobody has confirmed the owner, anybody in the registry may put it right.
func (s *step) mustSpeakFor(p patchset.Patch, what string) error {
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	owner, known := s.registry.Person(p.Owner)
	if s.speaksForOwner(p) || !p.OwnerConfirmed || !known || !owner.Active() {
		return nil
	}
	f := patchset.Faultf(patchset.CodeNotAllowed, "%s is neither the owner of %s nor a deputy, and may not %s", s.actor.Person, p.ID, what)
	for _, signer := range s.registry.Signers(ownerOf(p)) {
		f.WithHint("ask the %s %s", signer.As, signer)
	}
	return f
}

// maxText bounds a reason, a title, a place.
const maxText = 500

// checkText refuses what would not be one line.
func checkText(flag, text string) error {
	switch {
	case len(text) > maxText:
		return usagef("--%s is longer than %d bytes", flag, maxText)
	case strings.ContainsAny(text, "\n\r\x00"):
		return usagef("--%s takes one line", flag)
	}
	return nil
}

// requireReason is checkText for a reason that must be there.
func requireReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usagef("say why: --reason TEXT")
	}
	return checkText("reason", reason)
}
