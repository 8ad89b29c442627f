package owners

import (
	"maps"
	"slices"
	"strings"
)

// policyFact is the fact that is not about a person.
const policyFact = "policy"

// Facts takes a registry file apart: "policy", and "person/ID" for each person. Two who
// change different people so change different facts.
func Facts(data []byte) (map[string][]byte, error) {
	r, err := Parse(data)
	if err != nil {
		return nil, err
	}
	facts := map[string][]byte{policyFact: Format(Registry{Policy: r.Policy})}
	for _, p := range r.People {
		var w tomlWriter
		writePerson(&w, p.normal())
		facts["person/"+p.ID] = []byte(w.String())
	}
	return facts, nil
}

// FromFacts puts a registry file together. The error says what does not go together,
// such as two people with one key.
func FromFacts(facts map[string][]byte) ([]byte, error) {
	var b strings.Builder
	b.Write(facts[policyFact])
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		if name != policyFact {
			b.Write(facts[name])
		}
	}
	r, err := Parse([]byte(b.String()))
	if err != nil {
		return nil, err
	}
	return Format(r), nil
}
