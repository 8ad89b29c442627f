package owners

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"
)

const (
	ed25519Line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHLmAa1QS0hKTGDwJrK0T25lDpJw/KOw30ymKKBfk1kc priya@laptop"
	otherLine   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGHT2eu1hSW2x1lXvmrJQe52SrqFDCV+LOiahEPZEUiK tomas@laptop"
)

// team is a registry of four: priya owns, tomas deputises, mira and jo could
// override, lee has left.
func team(t testing.TB) Registry {
	t.Helper()
	r := New()
	for _, p := range []Person{
		{ID: "tomas", Name: "Tomas K.", Emails: []string{"tomas@example.org"}},
		{ID: "mira", Name: "Mira O.", Emails: []string{"mira@example.org"}},
		{ID: "jo", Name: "Jo D.", Emails: []string{"jo@example.org"}},
		{ID: "lee", Name: "Lee G.", Emails: []string{"lee@example.org"}, Status: Left},
		{ID: "priya", Name: "Priya N.", Emails: []string{"priya@example.org"}, Deputies: []string{"tomas", "lee"}},
	} {
		var err error
		if r, err = r.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func mustPolicy(t testing.TB, r Registry, p Policy) Registry {
	t.Helper()
	r, err := r.WithPolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// edKey is the ed25519 key line of 32 bytes.
func edKey(public []byte, comment string) Key {
	blob := ssh.Marshal(struct {
		Type   string
		Public []byte
	}{ssh.KeyAlgoED25519, public})
	return Key{ssh.KeyAlgoED25519, base64.StdEncoding.EncodeToString(blob), comment}
}

// genLine makes lines of printable characters, awkward ones included, that have
// no space at either end.
func genLine(least int) *rapid.Generator[string] {
	letters := rapid.RuneFrom([]rune(`abcXYZ0189 "'\#=[]{}.,-_@é漢ß`))
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.TrimSpace(rapid.StringOfN(letters, 0, 20, -1).Draw(t, "line"))
		for len(s) < least {
			s += "x"
		}
		return s
	})
}

// genRegistry makes valid registries of up to six people.
func genRegistry() *rapid.Generator[Registry] {
	return rapid.Custom(func(t *rapid.T) Registry {
		r, err := New().WithPolicy(Policy{
			Require:        rapid.SampledFrom([]string{"", RequireKey}).Draw(t, "require"),
			OverridePeople: rapid.IntRange(2, 5).Draw(t, "override"),
			Limits:         Limits{Critical: rapid.IntRange(0, 99).Draw(t, "critical"), Low: rapid.IntRange(0, 999).Draw(t, "low")},
		})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 6).Draw(t, "people")
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5}).Draw(t, "order")[:n] {
			if r, err = r.Add(genPerson(i, r).Draw(t, "person")); err != nil {
				t.Fatal(err)
			}
		}
		return r
	})
}

func genPerson(i int, r Registry) *rapid.Generator[Person] {
	return rapid.Custom(func(t *rapid.T) Person {
		p := Person{
			ID:      fmt.Sprintf("%d%s", i, rapid.StringMatching(`[A-Za-z0-9._-]{0,20}`).Draw(t, "id")),
			Name:    genLine(1).Draw(t, "name"),
			Contact: rapid.SliceOfN(genLine(1), 0, 3).Draw(t, "contact"),
			Status:  rapid.SampledFrom([]Status{"", Active, Left}).Draw(t, "status"),
			Note:    genLine(0).Draw(t, "note"),
		}
		for j := range rapid.IntRange(0, 3).Draw(t, "emails") {
			p.Emails = append(p.Emails, fmt.Sprintf("P%d.%d@Example.org", i, j))
		}
		for j := range rapid.IntRange(0, 2).Draw(t, "keys") {
			public := rapid.SliceOfN(rapid.Byte(), 30, 30).Draw(t, "key")
			p.Keys = append(p.Keys, edKey(append(public, byte(i), byte(j)), genLine(0).Draw(t, "comment")))
		}
		for j := range rapid.IntRange(0, 2).Draw(t, "compromised") {
			p.Compromised = append(p.Compromised, edKey(append(make([]byte, 30), byte(i), byte(j)), ""))
		}
		for _, other := range r.People {
			if rapid.Bool().Draw(t, "deputy") {
				p.Deputies = append(p.Deputies, other.ID)
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "away") {
			day := rapid.IntRange(1, 28)
			p.Away = append(p.Away, Away{
				From: Date(fmt.Sprintf("2026-02-%02d", day.Draw(t, "from"))),
				To:   Date(fmt.Sprintf("2026-03-%02d", day.Draw(t, "to"))),
			})
		}
		return p
	})
}

// wantText fails unless err's text holds every part.
func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func hasText(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
