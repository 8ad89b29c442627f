package cmd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// What other commands say of a hand-off: that there is one, and whose turn it is.

// handedDoc is a hand-off that stands, in JSON; empty when there is none.
type handedDoc struct {
	HandedTo string `json:"handed_to"`
	HandedBy string `json:"handed_by"`
	HandedAt string `json:"handed_at"`
	Note     string `json:"note"`
}

// handed is the hand-off of a patch in a version.
func (r reading) handed(at patchset.Spot) handedDoc {
	h, _ := r.ledger.Handoff(at)
	return handedDoc{h.To, h.By, stamp(h.At), h.Note}
}

// String is such as "handed to priya by dana on 2026-11-22: please look"; "" when
// there is no hand-off.
func (d handedDoc) String() string {
	if d.HandedTo == "" {
		return ""
	}
	words := fmt.Sprintf("handed to %s by %s on %s", d.HandedTo, d.HandedBy, d.HandedAt[:min(len(d.HandedAt), len("2006-01-02"))])
	if d.Note != "" {
		words += ": " + d.Note
	}
	return printable.Line(words)
}

// before puts the hand-off in front of other words.
func (d handedDoc) before(words string) string {
	switch handed := d.String(); {
	case handed == "":
		return words
	case words == "":
		return handed
	default:
		return handed + "; " + words
	}
}

// of is the line that says it of a patch, or none.
func (d handedDoc) of(id string) []string {
	if d.HandedTo == "" {
		return nil
	}
	return []string{id + ": " + d.String()}
}

// sayBelow prints lines under a table, if there are any.
func (a *app) sayBelow(lines []string) {
	if len(lines) > 0 {
		a.say("")
	}
	for _, line := range lines {
		a.say("%s", line)
	}
}

// signsAs is the role in which a person may sign a patch in a version: owner,
// delegate, deputy or "".
func (r reading) signsAs(at patchset.Spot, person string) owners.As {
	for _, s := range r.registry.Signers(r.owner(at)) {
		if s.Person.ID == person {
			return s.As
		}
	}
	return ""
}

// turn is the person to whom a patch was handed, if they can go on with it: what
// is settled waits for those who may sign it. "" when it is the owner's turn.
func (r reading) turn(at patchset.Spot) string {
	h, _ := r.ledger.Handoff(at)
	state := r.ledger.Patches[at.Patch].At[at.Version].State
	if state != patchset.StateConflict && r.signsAs(at, h.To) == "" {
		return ""
	}
	return h.To
}

// turnArgv is the command for the one whose turn it is: to settle, or to sign in
// their role.
func (r reading) turnArgv(at patchset.Spot) []string {
	switch r.ledger.Patches[at.Patch].At[at.Version].State {
	case patchset.StateConflict, patchset.StateWaiting:
		return argvFor(r.ledger, "resolve", at)
	}
	return signArgv(r.ledger, at, asWords(r.signsAs(at, r.turn(at)))...)
}

// tellEnded says in the entry which hand-offs are over though the patch still
// waits for a person: with something else than they were about.
func (s *step) tellEnded(before patchset.Ledger) {
	var ended []string
	for at, h := range before.Handoffs {
		_, stands := s.ledger.Handoff(at)
		if state := s.ledger.Patches[at.Patch].At[at.Version].State; !stands && (state.Parked() || state == patchset.StateDrift) {
			ended = append(ended, fmt.Sprintf("%s in %s changed: the hand-off to %s by %s is over", at.Patch, at.Version, h.To, h.By))
		}
	}
	s.details = append(s.details, slices.Sorted(slices.Values(ended))...)
}

// driftHanded says beside the refusal to settle what drifted that it was handed to
// somebody.
func (s *step) driftHanded(at patchset.Spot, refused error) error {
	handed := s.handed(at)
	if handed.HandedTo == "" {
		return refused
	}
	p, turn := s.ledger.Patches[at.Patch], s.turn(at)
	code, ask := patchset.CodePending, "ask "+cmp.Or(turn, p.Owner)+": "
	mine := turn == s.actor.Person
	if turn == "" {
		mine = s.role(at) != ""
	}
	if mine {
		code, ask = patchset.CodeConsent, ""
	}
	return patchset.Faultf(code, "%w; %s", refused, handed).
		WithHint("%s", commandFor(s.ledger, "interdiff", at)).WithHint("%s%s", ask, shellLine(s.turnArgv(at)))
}
