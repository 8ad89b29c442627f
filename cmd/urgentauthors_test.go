package cmd

import (
	"maps"
	"slices"
	"testing"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

func TestAddressIn(t *testing.T) {
	for line, want := range map[string]string{
		"Sam <sam@example.org> 1795338000 +0000": "sam@example.org",
		"Sam < sam@example.org >":                "sam@example.org",
		" sam@example.org ":                      "sam@example.org",
		"":                                       "",
	} {
		if got := addressIn(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestAuthorship(t *testing.T) {
	r := owners.Registry{People: []owners.Person{
		{ID: "priya", Name: "Priya Nair", Emails: []string{"priya@example.org", "priya@home.example"}},
		{ID: "sam", Name: "Sam Ito", Emails: []string{"sam@example.org"}},
		{ID: "kim", Name: "Kim Lee", Emails: []string{"kim@example.org"}},
	}}
	const tool = "git-carry <git-carry@localhost.invalid> 1 +0000"
	for _, c := range []struct {
		name      string
		commit    patchset.Commit
		named     []string
		barred    []string
		strangers int
	}{
		{"the address", patchset.Commit{Author: "P <priya@example.org> 1 +0000", Committer: tool}, nil, []string{"priya"}, 0},
		{"another address of hers", patchset.Commit{Author: "P <PRIYA@home.example> 1 +0000", Committer: tool}, nil, []string{"priya"}, 0},
		{"only her name", patchset.Commit{Author: "priya  nair <p@laptop> 1 +0000", Committer: tool}, nil, []string{"priya"}, 0},
		{"who committed it", patchset.Commit{Author: "P <priya@example.org> 1 +0000", Committer: "S <sam@example.org> 1 +0000"}, nil, []string{"priya", "sam"}, 0},
		{"a co-author", patchset.Commit{Author: "P <priya@example.org> 1 +0000", Message: []byte("x\n\nCo-authored-by: kim@example.org\n")}, nil, []string{"kim", "priya"}, 0},
		{"a stranger", patchset.Commit{Author: "Z <z@example.com> 1 +0000", Committer: tool}, nil, nil, 1},
		{"nobody at all", patchset.Commit{Author: " <> 1 +0000", Committer: tool}, nil, nil, 1},
		{"a stranger who has a name here", patchset.Commit{Author: "Z <z@example.com> 1 +0000"}, []string{"kim"}, []string{"kim"}, 0},
		{"two strangers, one of whom has", patchset.Commit{Author: "Z <z@example.com> 1 +0000", Message: []byte("x\n\nCo-authored-by: Y <y@example.com>\n")}, []string{"kim", "kim"}, []string{"kim"}, 1},
		{"who was found anyhow stands for no stranger", patchset.Commit{Author: "Z <z@example.com> 1 +0000", Committer: "S <sam@example.org> 1 +0000"}, []string{"sam"}, []string{"sam"}, 1},
	} {
		by := authorship{barred: map[string]string{}}
		by.add(r, "T1", c.commit)
		by.name("lee", c.named)
		if got := slices.Sorted(maps.Keys(by.barred)); !slices.Equal(got, c.barred) || by.strangers() != c.strangers {
			t.Errorf("%s: %v and strangers %q, want %v and %d", c.name, got, by.unknown, c.barred, c.strangers)
		}
	}
}
