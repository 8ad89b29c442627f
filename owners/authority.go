package owners

import (
	"fmt"
	"slices"
	"strings"
)

// Owner is who a patch belongs to.
type Owner struct {
	ID       string   // of a person; "" when nobody owns the patch
	Deputies []string // of this patch, besides the owner's own
	// Delegates are the people whom the owner has delegated to where it is asked
	// who may sign, weighed by [Registry.Delegate] beforehand; also those who do
	// not count.
	Delegates []Delegate
	Patch     string // id of the patch, for hints; may be ""
	Expect    string // short id of the result to sign, for hints; may be ""
}

// Signer is somebody who may sign, and in which role.
type Signer struct {
	Person Person
	As     As
}

// String is such as "tomas (Tomas K.), away 2026-12-20 to 2027-01-05". Of
// several ranges it names the one that ends last.
func (s Signer) String() string {
	text := s.Person.String()
	var last Away
	for _, a := range s.Person.Away {
		if a.To > last.To {
			last = a
		}
	}
	if last.To != "" {
		text += fmt.Sprintf(", away %s to %s", last.From, last.To)
	}
	return text
}

// NotAllowedError tells why an actor may not sign, and who may.
type NotAllowedError struct {
	Owner   Owner
	Actor   Actor
	Problem string   // why not
	May     []Signer // the owner and the deputies who are still active
	hints   []string
}

func (e *NotAllowedError) Error() string {
	return e.Problem + "; " + maySign(e.May)
}

// Hints are the ways on that are open to the actor, and whom to ask.
func (e *NotAllowedError) Hints() []string { return e.hints }

// maySign says who may sign, in words.
func maySign(signers []Signer) string {
	words := map[As][]string{}
	for _, s := range signers {
		words[s.As] = append(words[s.As], s.String())
	}
	var parts []string
	if owner := words[AsOwner]; owner != nil {
		parts = append(parts, "the owner "+owner[0])
	}
	if delegates := words[AsDelegate]; delegates != nil {
		parts = append(parts, "as delegate "+strings.Join(delegates, " or "))
	}
	if deputies := words[AsDeputy]; deputies != nil {
		parts = append(parts, "as deputy "+strings.Join(deputies, " or "))
	}
	if parts == nil {
		return "neither an owner nor a deputy who is still active may sign"
	}
	return "may sign: " + strings.Join(parts, "; ")
}

// Signers lists who may sign for a patch, each once: the owner, then their
// delegates, then the patch's deputies, then the owner's. People who left or are
// unknown are not among them. A patch without an owner has none.
func (r Registry) Signers(o Owner) []Signer {
	if o.ID == "" {
		return nil
	}
	owner, known := r.Person(o.ID)
	var signers []Signer
	if known && owner.Active() {
		signers = append(signers, Signer{owner, AsOwner})
	}
	seen := map[string]bool{o.ID: true}
	add := func(as As, ids []string) {
		for _, id := range ids {
			p, ok := r.Person(id)
			if ok && p.Active() && !seen[id] {
				seen[id] = true
				signers = append(signers, Signer{p, as})
			}
		}
	}
	add(AsDelegate, o.delegates())
	add(AsDeputy, r.deputies(o))
	return signers
}

// deputies lists the ids of the patch's deputies, then of the owner's.
func (r Registry) deputies(o Owner) []string {
	owner, _ := r.Person(o.ID)
	return slices.Concat(o.Deputies, owner.Deputies)
}

// MaySign tells whether the actor may sign for the owner's patch in a role: nil,
// or a *NotAllowedError.
//
// The owner signs as owner. Whom the owner has delegated to signs as delegate. A
// deputy, of the owner or of the patch, signs as
// deputy with a reason. Anyone else in the registry may take part in an override
// with a reason; that counts only together with others, see [Registry.Consent].
func (r Registry) MaySign(o Owner, actor Actor, as As, reason string) error {
	problem := r.signerProblem(o, actor.Person, as, reason)
	if problem == "" && r.Policy.Require == RequireKey && actor.Assurance != Verified {
		problem = fmt.Sprintf("the policy asks for a key, and %s is %s", actor.Person, actor.Label())
	}
	if actor.Person == "" {
		problem = fmt.Sprintf("the registry knows nobody with the address %s", quote(actor.Claim.Email))
	}
	if problem == "" {
		return nil
	}
	return &NotAllowedError{
		Owner:   o,
		Actor:   actor,
		Problem: problem,
		May:     r.Signers(o),
		hints:   r.signHints(o, actor, as),
	}
}

// signerProblem is the one place that decides whether a person may sign in a
// role: "" or the reason why not.
func (r Registry) signerProblem(o Owner, id string, as As, reason string) string {
	p, ok := r.Person(id)
	switch {
	case o.ID == "":
		return "the patch has no owner"
	case !ok:
		return quote(id) + " is not in the registry"
	case !p.Active():
		return p.String() + " has left"
	}
	switch as {
	case AsOwner:
		if id != o.ID {
			return p.String() + " is not the owner"
		}
		return ""
	case AsDelegate, AsDeputy, AsOverride:
		if id == o.ID {
			return fmt.Sprintf("%s is the owner, who signs as owner, not as %s", p, as)
		}
	default:
		return fmt.Sprintf("%s is none of the roles %s", quote(string(as)), roleWords())
	}
	if as == AsDelegate {
		return o.delegateProblem(p)
	}
	if as == AsDeputy && !slices.Contains(r.deputies(o), id) {
		return p.String() + " is not a deputy"
	}
	if strings.TrimSpace(reason) == "" {
		return fmt.Sprintf("to sign as %s takes a reason", as)
	}
	if need, have := r.Policy.normal().OverridePeople, r.overriders(o); as == AsOverride && have < need {
		return fmt.Sprintf("an override takes %d people besides the owner, and the registry has %d", need, have)
	}
	return ""
}

// overriders counts the people who could take part in an override.
func (r Registry) overriders(o Owner) int {
	n := 0
	for _, p := range r.People {
		if p.Active() && p.ID != o.ID {
			n++
		}
	}
	return n
}

// signHints lists the ways on for an actor who may not sign as they wanted to:
// the role that they have, whom to ask, an override. The words in capitals are
// for the reader to fill in.
func (r Registry) signHints(o Owner, actor Actor, tried As) []string {
	var hints []string
	if actor.Person == "" {
		hints = append(hints, "git carry owner add ID --name NAME --email EMAIL", "or say who you are: --as-person ID")
	}
	if o.ID == "" {
		return append(hints, "git carry own "+patchOrWord(o.Patch))
	}
	if p, known := r.Person(actor.Person); known && len(p.Keys) == 0 && r.Policy.Require == RequireKey && actor.Assurance != Verified {
		hints = append(hints, "the registry has no key of yours: git carry owner edit "+p.ID+" --key FILE.pub")
	}
	signers := r.Signers(o)
	for _, s := range signers {
		if s.Person.ID == actor.Person && (s.As != AsOwner || tried != AsOwner || r.Policy.Require == RequireKey) {
			return append(hints, r.signCommand(o, s.As))
		}
	}
	if len(signers) > 0 {
		hints = append(hints, "ask "+signers[0].Person.String()+": "+r.signCommand(o, signers[0].As))
	}
	if p, known := r.Person(actor.Person); known && p.Active() && r.overriders(o) >= r.Policy.normal().OverridePeople {
		hints = append(hints, "or, with others: "+r.signCommand(o, AsOverride))
	}
	return hints
}

// signCommand is the command line that signs in a role.
func (r Registry) signCommand(o Owner, as As) string {
	words := "git carry sign " + patchOrWord(o.Patch)
	if as != AsOwner {
		words += " --as " + string(as)
	}
	if as.NeedsReason() {
		words += " --reason TEXT"
	}
	if r.Policy.Require == RequireKey {
		words += " --key FILE"
	}
	if validID(o.Expect) {
		words += " --expect " + o.Expect
	}
	return words
}

// patchOrWord is the id of a patch if it can be typed, else the word for one.
func patchOrWord(patch string) string {
	if !validID(patch) {
		return "ID"
	}
	return patch
}
