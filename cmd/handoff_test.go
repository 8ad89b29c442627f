package cmd

import (
	"slices"
	"testing"

	"github.com/git-carry/git-carry/owners"
)

func TestNearPeople(t *testing.T) {
	r := owners.New()
	var err error
	for _, p := range []owners.Person{
		{ID: "priya", Name: "Priya Nair", Emails: []string{"pn@example.org"}},
		{ID: "sam", Name: "Sam Ito", Emails: []string{"sam@example.org"}},
		{ID: "sami", Name: "Sami Aho", Emails: []string{"sami@example.org"}},
		{ID: "prisca", Name: "Prisca Left", Emails: []string{"prisca@example.org"}, Status: owners.Left},
	} {
		if r, err = r.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string][]string{
		"pryia":          {"priya (Priya Nair)"},
		"Priya":          {"priya (Priya Nair)"},
		"nair":           {"priya (Priya Nair)"},
		"pn@example.org": {"priya (Priya Nair)"},
		"pri":            {"priya (Priya Nair)"},
		"sma":            nil, // two slips are too many in three letters
		"sa":             {"sam (Sam Ito)", "sami (Sami Aho)"},
		"somebody":       nil,
		"":               nil,
	}
	for word, want := range tests {
		if got := nearPeople(r, word); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
