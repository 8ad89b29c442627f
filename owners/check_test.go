package owners

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func lines(found []Finding) []string {
	var list []string
	for _, f := range found {
		list = append(list, fmt.Sprintf("%s: %s %s [%s]", f.Severity, f.Who, f.What, strings.Join(f.Fix, " ")))
	}
	return list
}

func TestCheck(t *testing.T) {
	r := New()
	for i, p := range []Person{
		{ID: "lee", Name: "Lee", Status: Left},
		{ID: "jo", Name: "Jo", Emails: []string{"jo@example.org"}},
		{ID: "priya", Name: "Priya", Deputies: []string{"lee", "jo"}, Away: []Away{{"2026-01-01", "2026-01-09"}}},
		{ID: "tomas", Name: "Tomas", Emails: []string{"t@example.org"}, Deputies: []string{"lee"}, Away: []Away{{"2026-01-01", "2026-01-09"}}},
	} {
		if p.ID != "jo" {
			p.Keys = []Key{edKey(slices.Repeat([]byte{byte(i)}, 32), "")}
		}
		var err error
		if r, err = r.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	patches := []Owner{{ID: "priya", Patch: "T1"}, {ID: "lee", Patch: "T2"}, {Patch: "T3"}, {ID: "zoe", Patch: "T 4"}}

	got := lines(r.Check("2026-01-05", patches))
	want := []string{
		"warning: jo has no key; their signatures are unverified [git carry owner edit jo --key FILE.pub]",
		"warning: priya has no e-mail address, so neither git's identity nor a patch's author leads to them [git carry owner edit priya --email EMAIL]",
		"warning: priya has the deputy lee, who has left [git carry owner edit priya --deputy ID]",
		"warning: priya is away until 2026-01-09; deputy: jo [git carry owner show jo]",
		"warning: tomas has the deputy lee, who has left [git carry owner edit tomas --deputy ID]",
		"error: tomas is away until 2026-01-09, and no deputy is there [git carry owner edit tomas --deputy ID]",
		"error: lee owns T2 and has left [git carry own T2]",
		"error:  the patch T3 has no owner [git carry own T3]",
		"error: zoe owns ID and is not in the registry [git carry own ID]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := lines(r.Check("2026-02-01", nil)); hasText(got, "away") || hasText(got, "owns") {
		t.Errorf("a month later, without patches: %q", got)
	}
	strict := mustPolicy(t, r, Policy{Require: RequireKey, OverridePeople: 3})
	if got := lines(strict.Check("2026-02-01", nil)); !hasText(got, "error: jo has no key, and the policy asks for one") ||
		!hasText(got, "an override is impossible: it takes an owner and 3 others, and the registry has 3 people") {
		t.Errorf("under a strict policy: %q", got)
	}
}

func TestCheckOfTheEmptyRegistry(t *testing.T) {
	got := lines(New().Check("2026-01-01", nil))
	if len(got) != 1 || !hasText(got, "git carry owner add") {
		t.Errorf("got %q", got)
	}
}
