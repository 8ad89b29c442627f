package owners

import "fmt"

// A delegation is an owner's word, given in advance, that somebody may sign for
// them: a [Signature] of the owner on a [Statement] of PurposeDelegate. So it is
// made, written, proved and checked as every signature is.

// Delegate is a person to whom an owner has delegated, as [Registry.Delegate]
// found it. The zero value is nobody and counts for nothing.
type Delegate struct {
	Person  string // id of who may sign
	By      Actor  // the owner who said so, and how sure that is
	Problem string // why it does not count; "" when it does
}

// String is such as "sam, delegated by priya, key verified (SHA256:…)".
func (d Delegate) String() string {
	if d.Problem != "" {
		return fmt.Sprintf("%s, does not count: %s", clean(d.Person), d.Problem)
	}
	return fmt.Sprintf("%s, delegated by %s", clean(d.Person), d.By)
}

// Delegate weighs a delegation. It counts if it says exactly st, which is of
// PurposeDelegate, if the owner as recorded now signed it as owner, who cannot name
// themselves, and if its proof, or the lack of one, would let any other signature
// of the owner count: see [Registry.Consent], also about then. What a delegate or
// a deputy signs delegates nothing.
func (r Registry) Delegate(o Owner, st Statement, s Signature, then InForce) Delegate {
	d := Delegate{Person: st.Delegate, Problem: r.uncounted(o, st, s, then)}
	switch {
	case d.Problem != "":
	case st.Purpose != PurposeDelegate:
		d.Problem = "is no delegation"
	case st.Delegate == o.ID:
		d.Problem = "the owner needs no delegation"
	default:
		d.By = s.signer()
	}
	return d
}

// delegates lists the ids of the delegates who count.
func (o Owner) delegates() []string {
	var ids []string
	for _, d := range o.Delegates {
		if d.Problem == "" {
			ids = append(ids, d.Person)
		}
	}
	return ids
}

// delegate finds what is known of a person's delegation.
func (o Owner) delegate(id string) (Delegate, bool) {
	for _, d := range o.Delegates {
		if d.Person == id {
			return d, true
		}
	}
	return Delegate{}, false
}

// delegateProblem says why a person may not sign as delegate; "" if they may.
func (o Owner) delegateProblem(p Person) string {
	d, named := o.delegate(p.ID)
	switch {
	case !named:
		return fmt.Sprintf("%s has delegated nothing here to %s", clean(o.ID), p)
	case d.Problem != "":
		return fmt.Sprintf("the delegation to %s does not count: %s", p, d.Problem)
	}
	return ""
}

// Assurance tells how sure the consent of somebody in a role is: for a delegate,
// it takes the owner's key as well as their own.
func (o Owner) Assurance(as As, by Actor) Assurance {
	if d, _ := o.delegate(by.Person); as == AsDelegate && d.By.Assurance != Verified {
		return Unverified
	}
	return by.Assurance
}

// Label says who signs in which role: "owner priya, key verified (SHA256:…)" or
// "priya's delegate sam, key verified (SHA256:…)". Of a delegation that no key
// proves it says that too.
func (o Owner) Label(as As, by Actor) string {
	if as != AsDelegate {
		return roleLabel(as, by.Person, by)
	}
	label := fmt.Sprintf("%s's delegate %s", clean(o.ID), by)
	if d, _ := o.delegate(by.Person); d.By.Assurance != Verified {
		label += ", by a delegation that is " + d.By.Label()
	}
	return label
}

// roleLabel is such as "deputy tomas, unverified (claims tomas@example.org)".
func roleLabel(as As, person string, by Actor) string {
	return fmt.Sprintf("%s %s, %s", clean(string(as)), clean(person), by.Label())
}
