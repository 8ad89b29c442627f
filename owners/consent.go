package owners

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Verdict tells whether a result has the consent that it needs, and whose.
type Verdict struct {
	OK bool
	By []string // ids of the people whose consent it is, sorted; nil unless OK
	As As       // their role; "" unless OK
	// Labels describe every signature that was counted, also when it was not enough:
	// "owner priya, key verified (SHA256:…)", "priya's delegate sam, key verified
	// (SHA256:…)" or "owner priya, unverified (claims priya@example.org)".
	Labels []string
	// Override says that the consent is an override, to be shown in every report
	// until the owner has reviewed it.
	Override bool
	// Unverified says that the consent would not be enough without somebody who
	// signed without a key; while it is not OK, that somebody did.
	Unverified bool
	// Missing is a sentence about what is still needed; "" when OK.
	Missing string
	// Ignored says of every signature that was not counted why it was not.
	Ignored []string
}

// Consent weighs the signatures on a statement about an owner's patch.
//
// A signature counts if it is complete, is about exactly this statement, and its
// person may sign in its role (see [Registry.MaySign]) with the registry as it is
// now. One with a proof counts only if the proof holds and its key is the
// person's; then gives the registry for keys that are there no more, and may be
// nil. One without counts, and is called unverified, unless the policy is
// RequireKey. Then the owner's own signature is enough, else a delegate's, else a
// deputy's, else the override of as many distinct people as the policy asks for.
func (r Registry) Consent(o Owner, st Statement, sigs []Signature, then InForce) Verdict {
	if err := st.Check(); err != nil {
		return Verdict{Missing: "nothing can be signed: " + err.Error()}
	}
	var v Verdict
	counted := map[As]votes{AsOwner: {}, AsDelegate: {}, AsDeputy: {}, AsOverride: {}}
	for _, s := range sigs {
		if why := r.uncounted(o, st, s, then); why != "" {
			v.Ignored = append(v.Ignored, s.Label()+": "+why)
			continue
		}
		by := s.signer()
		sure := o.Assurance(s.As, by) == Verified
		if verified, again := counted[s.As][s.Person]; again && (verified || !sure) {
			continue
		}
		counted[s.As][s.Person] = sure
		v.Labels = append(v.Labels, o.Label(s.As, by))
	}
	need := map[As]int{AsOwner: 1, AsDelegate: 1, AsDeputy: 1, AsOverride: r.Policy.normal().OverridePeople}
	for _, as := range roles {
		if votes := counted[as]; len(votes) >= need[as] {
			v.OK, v.As, v.By, v.Override = true, as, votes.people(), as == AsOverride
			v.Unverified = votes.verified() < need[as]
			return v
		}
	}
	for _, votes := range counted {
		v.Unverified = v.Unverified || votes.verified() < len(votes)
	}
	v.Missing = r.missing(o, need[AsOverride], counted[AsOverride].people(), v.Ignored)
	return v
}

// votes are the people who signed in one role, and whether a key verified them.
// Nobody is in it twice.
type votes map[string]bool

func (v votes) people() []string { return slices.Sorted(maps.Keys(v)) }

func (v votes) verified() int {
	n := 0
	for _, verified := range v {
		if verified {
			n++
		}
	}
	return n
}

// signer is who made a signature that has been found to count.
func (s Signature) signer() Actor {
	if s.Proof == "" {
		return Actor{Person: s.Person, Claim: s.Claim, Assurance: Unverified}
	}
	return Actor{Person: s.Person, Claim: s.Claim, Assurance: Verified, Key: s.fingerprint()}
}

// uncounted says why a signature does not count; "" means that it does.
func (r Registry) uncounted(o Owner, st Statement, s Signature, then InForce) string {
	if err := s.Check(); err != nil {
		return err.Error()
	}
	if s.Statement != st {
		return "is about something else; these differ: " + strings.Join(st.differences(s.Statement), ", ")
	}
	if problem := r.signerProblem(o, s.Person, s.As, s.Reason); problem != "" {
		return problem
	}
	switch {
	case s.Proof != "":
		return r.unproved(s, then)
	case r.Policy.Require == RequireKey:
		return "is not enough, because the policy asks for a key"
	}
	return ""
}

// missing is the sentence about what is still needed.
func (r Registry) missing(o Owner, need int, overriding, ignored []string) string {
	text := "no signature counts yet; " + maySign(r.Signers(o))
	if o.ID == "" {
		text = "the patch has no owner, so nobody can sign"
	}
	if n := len(overriding); n > 0 {
		text = fmt.Sprintf("%d of the %d people of an override have signed (%s); else %s",
			n, need, strings.Join(overriding, ", "), maySign(r.Signers(o)))
	}
	if len(ignored) > 0 {
		text += "; not counted: " + strings.Join(ignored, "; ")
	}
	return text
}
