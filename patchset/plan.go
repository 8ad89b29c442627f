package patchset

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Plan is what a command would do, worked out in memory: the ledger files that
// change and the commits that must stay reachable. gitops.Vault turns it into
// one compare-and-swap, or into nothing. A dry run prints it; undo is a plan
// backwards.
type Plan struct {
	Entry Entry
	// Changes are ledger files by path: the new content, or nil to delete.
	Changes map[string][]byte
	// Keep are the commits that the entry newly refers to: its further parents.
	Keep []ID
	// After is the ledger as the plan leaves it.
	After Ledger
}

// Empty tells whether the plan changes nothing.
func (p Plan) Empty() bool { return len(p.Changes) == 0 }

// Carried lists the commits that are patches in the stacks of the newest version and that
// the entry newly names.
func (p Plan) Carried() []ID {
	newest, _ := p.After.Newest()
	var out []ID
	for _, patch := range p.After.In(newest) {
		if id := patch.At[newest].Commit; slices.Contains(p.Keep, id) {
			out = append(out, id)
		}
	}
	return out
}

// Entry describes one step in the ledger, to be read as a sentence.
type Entry struct {
	Action   string // the command: train, add, sign …
	Sentence string // what was done, without the person: "carried 12 patches to wmf.6"
	Details  []string
	Person   string // id in the registry, or "" when unknown there
	// Claim is how the person is known: "unverified (claims a@example.org)".
	Claim string
	At    time.Time
}

// NewPlan compares two ledgers: what must change to get from one to the other.
func NewPlan(before, after Ledger, entry Entry) (Plan, error) {
	p := Plan{Entry: entry, Changes: map[string][]byte{}, After: after}
	old, facts := before.facts(), after.facts()
	for name, fact := range facts {
		was, there := old[name]
		if there && reflect.DeepEqual(was, fact) {
			continue
		}
		if err := p.change(name, was, fact, there); err != nil {
			return Plan{}, err
		}
	}
	for name := range old {
		if _, ok := facts[name]; !ok {
			p.Changes[name] = nil
		}
	}
	known := before.References()
	for id := range after.References() {
		if !known[id] {
			p.Keep = append(p.Keep, id)
		}
	}
	slices.Sort(p.Keep)
	return p, nil
}

// change notes a file whose fact differs, unless both are written alike.
func (p *Plan) change(name string, was, fact any, there bool) error {
	data, err := encodeFact(name, fact)
	if err != nil {
		return err
	}
	if there {
		old, err := encodeFact(name, was)
		if err != nil || bytes.Equal(old, data) {
			return err
		}
	}
	p.Changes[name] = data
	return nil
}

// Message is the entry as a commit message: the sentence, details, trailers.
func (e Entry) Message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", oneLine(e.Sentence))
	for _, d := range e.Details {
		fmt.Fprintf(&b, "%s\n", oneLine(d))
	}
	if len(e.Details) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Carry-Action: %s\n", oneLine(e.Action))
	if e.Person != "" {
		fmt.Fprintf(&b, "Carry-Person: %s\n", oneLine(e.Person))
	}
	fmt.Fprintf(&b, "Carry-Assurance: %s\n", oneLine(e.Claim))
	return b.String()
}

// ParseEntry reads a ledger commit message back. The time comes from the commit.
func ParseEntry(message []byte, at time.Time) Entry {
	first := func(key string) string {
		if v := Trailers(message, key); len(v) > 0 {
			return v[0]
		}
		return ""
	}
	e := Entry{
		Sentence: Subject(message), Action: first("Carry-Action"),
		Person: first("Carry-Person"), Claim: first("Carry-Assurance"), At: at,
	}
	paragraphs := strings.Split(strings.TrimSpace(string(message)), "\n\n")
	if len(paragraphs) > 2 {
		e.Details = strings.Split(strings.Join(paragraphs[1:len(paragraphs)-1], "\n"), "\n")
	}
	return e
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// ChangedPaths lists the files of the plan in order, "-" before the deleted ones.
func (p Plan) ChangedPaths() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Changes)) {
		if p.Changes[name] == nil {
			name = "-" + name
		}
		out = append(out, name)
	}
	return out
}
