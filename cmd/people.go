package cmd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// receiver finds the person who is asked.
func receiver(r owners.Registry, id string) (owners.Person, error) {
	p, known := r.Person(id)
	switch {
	case known && p.Active():
		return p, nil
	case known:
		return p, patchset.Faultf(patchset.CodeUsage, "%s has left", p).WithHint("git carry owner list")
	}
	f := patchset.Faultf(patchset.CodeUsage, "no person %q in the registry", id)
	for _, near := range nearPeople(r, id) {
		f.WithHint("did you mean %s?", near)
	}
	return p, f.WithHint("git carry owner list")
}

// nearPeople lists who may be meant by a word that is nobody's id: a mistyped id,
// a part of the name, an address.
func nearPeople(r owners.Registry, word string) []string {
	word = strings.ToLower(word)
	var near []string
	for _, p := range r.People {
		known := append(strings.Fields(strings.ToLower(p.Name)), strings.ToLower(p.ID), strings.ToLower(p.Name))
		for _, email := range p.Emails {
			known = append(known, strings.ToLower(email))
		}
		meant := slices.ContainsFunc(known, func(name string) bool { return looksLike(name, word) })
		if p.Active() && meant && len(near) < maxNear {
			near = append(near, p.String())
		}
	}
	return near
}

// looksLike tells whether a typed word is a name but for a slip or two, or the
// beginning of it.
func looksLike(name, typed string) bool {
	slips := min(2, (len(typed)+1)/3)
	return len(typed) > 1 && strings.HasPrefix(name, typed) || editDistance([]rune(name), []rune(typed)) <= slips
}

// editDistance counts the letters to insert, delete or replace to get from a to b
// (Levenshtein).
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func unknownPerson(r owners.Registry, id string) error {
	var known []string
	for _, p := range r.People {
		known = append(known, p.ID)
	}
	return patchset.Faultf(patchset.CodeUnknownPerson, "no person %q in the registry", id).
		WithHint("known: %s", cmp.Or(joinWords(known), "nobody yet")).
		WithHint("git carry owner add %s --name NAME --email EMAIL", id)
}

// maxNear bounds the people who are suggested for a name that nobody has.
const maxNear = 3
