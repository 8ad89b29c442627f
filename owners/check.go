package owners

import (
	"fmt"
	"strings"
)

// Severity tells how much a finding matters.
type Severity string

// The severities of a finding.
const (
	SeverityError   Severity = "error"   // work stops, or will stop, until it is mended
	SeverityWarning Severity = "warning" // worth mending in time
)

// Finding is one thing in a registry that somebody should mend.
type Finding struct {
	Severity Severity
	Who      string   // id of the person concerned, "" for the registry or a patch without owner
	What     string   // the end of a sentence that begins with Who
	Fix      []string // a command, word by word; capitals are for the reader to fill in
}

// Check looks for what is allowed but will hurt: people who cannot prove who they
// are, deputies who left, nobody there on day, owners who left. patches are the
// owners of the live patches. Findings come in the order of the people, then of
// the patches.
func (r Registry) Check(day Date, patches []Owner) []Finding {
	var found []Finding
	active := 0
	for _, p := range r.People {
		if p.Active() {
			active++
			found = append(found, r.checkPerson(p, day)...)
		}
	}
	// An override takes so many people besides the owner.
	if need := r.Policy.normal().OverridePeople + 1; active < need {
		found = append(found, Finding{
			SeverityWarning, "",
			fmt.Sprintf("an override is impossible: it takes an owner and %d others, and the registry has %d people", need-1, active),
			[]string{"git", "carry", "owner", "add", "ID", "--name", "NAME", "--email", "EMAIL"},
		})
	}
	for _, o := range patches {
		found = append(found, r.checkOwner(o)...)
	}
	return found
}

func (r Registry) checkPerson(p Person, day Date) []Finding {
	var found []Finding
	if len(p.Keys) == 0 {
		severity := SeverityWarning
		what := "has no key; their signatures are unverified"
		if r.Policy.Require == RequireKey {
			severity = SeverityError
			what = "has no key, and the policy asks for one"
		}
		found = append(found, Finding{severity, p.ID, what, editWords(p.ID, "--key", "FILE.pub")})
	}
	if len(p.Emails) == 0 {
		found = append(found, Finding{
			SeverityWarning, p.ID,
			"has no e-mail address, so neither git's identity nor a patch's author leads to them",
			editWords(p.ID, "--email", "EMAIL"),
		})
	}
	for _, id := range p.Deputies {
		if d, ok := r.Person(id); !ok || !d.Active() {
			found = append(found, Finding{
				SeverityWarning, p.ID,
				fmt.Sprintf("has the deputy %s, who has left", id), editWords(p.ID, "--deputy", "ID"),
			})
		}
	}
	if away, ok := p.AwayOn(day); ok {
		found = append(found, r.checkAway(p, away, day))
	}
	return found
}

// checkAway is a warning if a deputy is there, and an error if nobody is.
func (r Registry) checkAway(p Person, away Away, day Date) Finding {
	var here []string
	for _, id := range p.Deputies {
		d, ok := r.Person(id)
		if _, gone := d.AwayOn(day); ok && d.Active() && !gone {
			here = append(here, id)
		}
	}
	what := fmt.Sprintf("is away until %s", away.To)
	if len(here) == 0 {
		return Finding{SeverityError, p.ID, what + ", and no deputy is there", editWords(p.ID, "--deputy", "ID")}
	}
	return Finding{
		SeverityWarning, p.ID, what + "; deputy: " + strings.Join(here, ", "),
		[]string{"git", "carry", "owner", "show", here[0]},
	}
}

func (r Registry) checkOwner(o Owner) []Finding {
	patch := "ID"
	if validID(o.Patch) {
		patch = o.Patch
	}
	fix := []string{"git", "carry", "own", patch}
	p, ok := r.Person(o.ID)
	switch {
	case o.ID == "":
		return []Finding{{SeverityError, "", fmt.Sprintf("the patch %s has no owner", patch), fix}}
	case !ok:
		return []Finding{{SeverityError, clean(o.ID), fmt.Sprintf("owns %s and is not in the registry", patch), fix}}
	case !p.Active():
		return []Finding{{SeverityError, o.ID, fmt.Sprintf("owns %s and has left", patch), fix}}
	}
	return nil
}

func editWords(id string, words ...string) []string {
	return append([]string{"git", "carry", "owner", "edit", id}, words...)
}
