package owners

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Registry is the people of a vault and its policy: the file owners.toml. The zero
// value is the registry of a new vault, without people and with every default.
//
// A Registry is a value. The methods that change it return a new one and leave
// the old one alone; what they return is valid. Change the fields directly only in
// a registry of your own, and not at all if it is to stay valid.
type Registry struct {
	Policy Policy
	People []Person // sorted by ID
}

// New is the registry of a new vault.
func New() Registry { return Registry{Policy: DefaultPolicy()} }

// RegistryError tells why a registry is refused. The whole registry is: no part
// of a broken one is used.
type RegistryError struct {
	Line    int    // in the file, from 1; 0 when unknown or there is no file
	Person  string // id of the person concerned, if one is
	Key     string // key of the file concerned, if one is
	Problem string // what is wrong, the end of a sentence
	hints   []string
}

func (e *RegistryError) Error() string {
	var b strings.Builder
	b.WriteString("owners.toml: ")
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Person != "" {
		fmt.Fprintf(&b, "person %s: ", clean(e.Person))
	}
	if e.Key != "" {
		fmt.Fprintf(&b, "%s: ", e.Key)
	}
	return b.String() + e.Problem
}

// Hints are commands that help.
func (e *RegistryError) Hints() []string { return e.hints }

// Person finds a person by id, in exactly that spelling.
func (r Registry) Person(id string) (Person, bool) {
	for _, p := range r.People {
		if p.ID == id {
			return p.normal(), true
		}
	}
	return Person{}, false
}

// ByEmail finds the person who has the address, letter case aside.
func (r Registry) ByEmail(address string) (Person, bool) {
	want := fold(strings.TrimSpace(address))
	for _, p := range r.People {
		for _, e := range p.Emails {
			if fold(e) == want {
				return p.normal(), true
			}
		}
	}
	return Person{}, false
}

// ByName finds everybody of a name, whatever its letters' case and spaces. Several may have it.
func (r Registry) ByName(name string) []Person {
	want := fold(strings.Join(strings.Fields(name), " "))
	if want == "" {
		return nil
	}
	var people []Person
	for _, p := range r.People {
		if fold(strings.Join(strings.Fields(p.Name), " ")) == want {
			people = append(people, p.normal())
		}
	}
	return people
}

// ByKey finds the person who signs with the key. A compromised key is nobody's.
func (r Registry) ByKey(k Key) (Person, bool) {
	for _, p := range r.People {
		if holds(p.Keys, k) {
			return p.normal(), true
		}
	}
	return Person{}, false
}

// compromised tells whether somebody has marked the key.
func (r Registry) compromised(k Key) bool {
	return slices.ContainsFunc(r.People, func(p Person) bool { return holds(p.Compromised, k) })
}

// holds compares keys by what they are; a comment is no part of that.
func holds(keys []Key, k Key) bool {
	return slices.ContainsFunc(keys, func(other Key) bool { return other.Blob == k.Blob })
}

// Add returns the registry with one more person. The error is a *RegistryError.
func (r Registry) Add(p Person) (Registry, error) {
	return r.with(append(slices.Clone(r.People), p))
}

// Replace returns the registry with p in the place of the person who has p's id.
// The error is a *RegistryError.
func (r Registry) Replace(p Person) (Registry, error) {
	people := slices.Clone(r.People)
	for i := range people {
		if people[i].ID == p.ID {
			people[i] = p
			return r.with(people)
		}
	}
	return Registry{}, &RegistryError{
		Person: p.ID, Problem: "is not in the registry",
		hints: []string{"git carry owner list", "git carry owner add ID --name NAME --email EMAIL"},
	}
}

// WithPolicy returns the registry with another policy. The error is a *RegistryError.
func (r Registry) WithPolicy(p Policy) (Registry, error) {
	r.Policy = p
	return r.with(r.People)
}

// AwayOn returns the range that keeps a person away on day, and whether there is one.
func (r Registry) AwayOn(id string, day Date) (Away, bool) {
	p, _ := r.Person(id)
	return p.AwayOn(day)
}

// with returns a valid registry of the given people, or an error.
func (r Registry) with(people []Person) (Registry, error) {
	next := Registry{Policy: r.Policy.normal()}
	for _, p := range people {
		next.People = append(next.People, p.normal())
	}
	if i, f := next.firstFlaw(); f != nil {
		return Registry{}, next.errorAt(i, f)
	}
	next.sort()
	return next, nil
}

func (r Registry) sort() {
	slices.SortFunc(r.People, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
}

// errorAt says flaw f of person i, or of the policy if i is negative.
func (r Registry) errorAt(i int, f *flaw) *RegistryError {
	e := &RegistryError{Key: f.key, Problem: f.what, hints: f.hints}
	if i < 0 {
		e.Key = "policy." + f.key
		return e
	}
	if validID(r.People[i].ID) {
		e.Person = r.People[i].ID
	}
	return e
}

// firstFlaw finds what makes the registry invalid: the index of the person who
// has the flaw, negative for the policy. People are checked in the order they stand.
func (r Registry) firstFlaw() (int, *flaw) {
	if f := r.Policy.check(); f != nil {
		return -1, f
	}
	taken := newClaims()
	ids := make(map[string]bool, len(r.People))
	for _, p := range r.People {
		ids[p.ID] = true
	}
	for i, p := range r.People {
		if f := p.check(); f != nil {
			return i, f
		}
		if f := taken.add(p); f != nil {
			return i, f
		}
		for _, d := range p.Deputies {
			if !ids[d] {
				return i, &flaw{
					"deputies", quote(d) + " is not in the registry",
					[]string{"git carry owner list", "git carry owner add ID --name NAME --email EMAIL"},
				}
			}
		}
	}
	return 0, nil
}

// claims remembers what belongs to whom, so that nothing belongs to two.
type claims struct {
	ids, emails, keys map[string]string // folded id, folded address, key blob → id
}

func newClaims() claims {
	return claims{map[string]string{}, map[string]string{}, map[string]string{}}
}

// add claims all that identifies p, and finds the first thing claimed before.
func (c claims) add(p Person) *flaw {
	if other, ok := c.ids[fold(p.ID)]; ok {
		return &flaw{"id", fmt.Sprintf("%s is taken by %s", p.ID, other), showHint(other)}
	}
	c.ids[fold(p.ID)] = p.ID
	for _, e := range p.Emails {
		if other, ok := c.emails[fold(e)]; ok {
			return &flaw{"emails", fmt.Sprintf("%s is already an address of %s", clean(e), other), showHint(other)}
		}
		c.emails[fold(e)] = p.ID
	}
	if f := c.addKeys("keys", p.Keys, p.ID); f != nil {
		return f
	}
	return c.addKeys("compromised", p.Compromised, p.ID)
}

func (c claims) addKeys(name string, keys []Key, id string) *flaw {
	for _, k := range keys {
		if other, ok := c.keys[k.Blob]; ok {
			return &flaw{name, fmt.Sprintf("%s is already a key of %s, in use or compromised", k.Fingerprint(), other), showHint(other)}
		}
		c.keys[k.Blob] = id
	}
	return nil
}

func showHint(id string) []string { return []string{"git carry owner show " + id} }
