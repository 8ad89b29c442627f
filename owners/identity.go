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

// Actor is the person who acts in a command.
type Actor struct {
	// Person is the id in the registry, or "" for somebody it does not know.
	Person    string
	Claim     Claim
	Assurance Assurance
	// Key is the fingerprint of the key that makes them Verified, else "".
	Key string
}

// Label says how sure it is who acts, in the words that every output uses:
// "key verified (SHA256:…)", or "unverified (claims priya@example.org)". Whatever
// is not Verified is unverified.
func (a Actor) Label() string {
	if a.Assurance == Verified {
		return fmt.Sprintf("key verified (%s)", clean(a.Key))
	}
	return fmt.Sprintf("%s (claims %s)", Unverified, a.Claim)
}

// String is such as "priya, unverified (claims priya@example.org)".
func (a Actor) String() string {
	if a.Person == "" {
		return a.Label()
	}
	return clean(a.Person) + ", " + a.Label()
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

// KeyError tells why a key does not show who acts.
type KeyError struct {
	Fingerprint string
	Problem     string // the end of a sentence that begins with the key
	hints       []string
}

func (e *KeyError) Error() string { return "the key " + e.Fingerprint + " " + e.Problem }

// Hints are the ways on.
func (e *KeyError) Hints() []string { return e.hints }

// IdentifyKey is the actor who acts with a key: whoever the registry says it
// belongs to. They are Verified; that they hold the key, a signature must show.
// as is the id that they say they act as, or "". The error is a *KeyError.
func (r Registry) IdentifyKey(k Key, as string, c Claim) (Actor, error) {
	fail := func(problem string, hints ...string) (Actor, error) {
		return Actor{}, &KeyError{k.Fingerprint(), problem, hints}
	}
	p, live := r.ByKey(k)
	switch {
	case r.compromised(k):
		return fail("is marked as compromised: nothing counts that it signs",
			"sign with another key", "git carry owner edit ID --key NEW.pub")
	case !live:
		return fail("is not in the registry",
			"git carry owner edit ID --key FILE.pub, with every key that they keep", "who has which key: git carry owner list --json")
	case as != "" && as != p.ID:
		return fail(fmt.Sprintf("is %s's, and you act as %s", p, clean(as)),
			"leave --as-person out, or sign with a key of "+clean(as))
	}
	return Actor{Person: p.ID, Claim: c, Assurance: Verified, Key: k.Fingerprint()}, nil
}
