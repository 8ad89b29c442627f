package owners

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict tells whether a result has the consent that it needs, and whose.
type Verdict struct {
	OK bool
	By []string // ids of the people whose consent it is, sorted; nil unless OK
	As As       // their role; "" unless OK
	// Labels describe every signature that was counted, also when it was not enough:
	// "owner priya, unverified (claims priya@example.org)".
	Labels []string
	// Override says that the consent is an override, to be shown in every report
	// until the owner has reviewed it.
	Override bool
	// Missing is a sentence about what is still needed; "" when OK.
	Missing string
	// Ignored says of every signature that was not counted why it was not.
	Ignored []string
}

// Consent weighs the signatures on a statement about an owner's patch.
//
// A signature counts if it is complete, is about exactly this statement, and its
// person may sign in its role (see [Registry.MaySign]) with the registry as it is
// now; under the policy RequireKey it must be Verified too. Then the owner's own
// signature is enough, else a deputy's, else the override of as many distinct
// people as the policy asks for.
func (r Registry) Consent(o Owner, st Statement, sigs []Signature) Verdict {
	if err := st.Check(); err != nil {
		return Verdict{Missing: "nothing can be signed: " + err.Error()}
	}
	var v Verdict
	people := map[As][]string{}
	for _, s := range sigs {
		if why := r.uncounted(o, st, s); why != "" {
			v.Ignored = append(v.Ignored, s.Label()+": "+why)
			continue
		}
		if !slices.Contains(people[s.As], s.Person) {
			people[s.As] = append(people[s.As], s.Person)
			v.Labels = append(v.Labels, s.Label())
		}
	}
	need := map[As]int{AsOwner: 1, AsDeputy: 1, AsOverride: r.Policy.normal().OverridePeople}
	for _, as := range []As{AsOwner, AsDeputy, AsOverride} {
		if len(people[as]) >= need[as] {
			slices.Sort(people[as])
			v.OK, v.As, v.By, v.Override = true, as, people[as], as == AsOverride
			return v
		}
	}
	v.Missing = r.missing(o, need[AsOverride], people[AsOverride], v.Ignored)
	return v
}

// uncounted says why a signature does not count; "" means that it does.
func (r Registry) uncounted(o Owner, st Statement, s Signature) string {
	if err := s.Check(); err != nil {
		return err.Error()
	}
	if s.Statement != st {
		return "is about something else; these differ: " + strings.Join(st.differences(s.Statement), ", ")
	}
	if problem := r.signerProblem(o, s.Person, s.As, s.Reason); problem != "" {
		return problem
	}
	if r.Policy.Require == RequireKey && s.Assurance != Verified {
		return "does not count, because the policy asks for a key"
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
