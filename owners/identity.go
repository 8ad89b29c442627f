package owners

import "fmt"

// Assurance tells how sure it is that somebody is who they say.
type Assurance string

// The degrees of assurance.
const (
	// Verified: a live key of the person made the signature, and it was checked.
	Verified Assurance = "verified"
	// Unverified: somebody says so. Anyone can set git's user.email.
	Unverified Assurance = "unverified"
)

// Claim is who somebody says they are: git's configured name and e-mail address.
type Claim struct {
	Name, Email string
}

// String is the address, else the name, else "nobody", fit for a terminal.
func (c Claim) String() string {
	switch {
	case c.Email != "":
		return clean(c.Email)
	case c.Name != "":
		return clean(c.Name)
	}
	return "nobody"
}

// Label is the assurance in the words that every output uses: "verified", or
// "unverified (claims priya@example.org)". Whatever is not Verified is unverified.
func (a Assurance) Label(c Claim) string {
	if a == Verified {
		return string(Verified)
	}
	return fmt.Sprintf("%s (claims %s)", Unverified, c)
}

// Actor is the person who acts in a command.
type Actor struct {
	// Person is the id in the registry, or "" for somebody it does not know.
	Person    string
	Claim     Claim
	Assurance Assurance
}

// String is such as "priya, unverified (claims priya@example.org)".
func (a Actor) String() string {
	label := a.Assurance.Label(a.Claim)
	if a.Person == "" {
		return label
	}
	return clean(a.Person) + ", " + label
}

// Identify finds the person who has the claimed address. The actor is Unverified
// whatever the claim, and has no Person if the registry does not know the address.
func (r Registry) Identify(c Claim) Actor {
	p, _ := r.ByEmail(c.Email)
	return Actor{Person: p.ID, Claim: c, Assurance: Unverified}
}

// ActAs is an actor who names a person by id instead of by address. It is
// Unverified too; the claim stays what git says, so that labels show both.
func (r Registry) ActAs(id string, c Claim) (Actor, error) {
	p, ok := r.Person(id)
	if !ok {
		return Actor{}, &RegistryError{Person: id, Problem: "is not in the registry", hints: []string{"git carry owner list"}}
	}
	return Actor{Person: p.ID, Claim: c, Assurance: Unverified}, nil
}
