package owners

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	for severity, want := range map[string]int{"critical": 7, "high": 30, "medium": 60, "med": 60, "low": 180, "": 0, "High": 0} {
		if got, ok := (Limits{}).Days(severity); got != want || ok != (want != 0) {
			t.Errorf("%q: got %d %v, want %d", severity, got, ok, want)
		}
	}
}

func TestAddAndReplaceLeaveTheOldAlone(t *testing.T) {
	old := team(t)
	before := Format(old)
	r, err := old.Add(Person{ID: "abe", Name: "Abe"})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := r.Person("priya")
	p.Deputies[0] = "jo"
	if r, err = r.Replace(p); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Format(old), before) {
		t.Error("the old registry changed")
	}
	if got, _ := r.Person("priya"); got.Deputies[0] != "jo" || r.People[0].ID != "abe" {
		t.Errorf("the new registry is wrong: %+v", r)
	}
}

func TestAddRefuses(t *testing.T) {
	r := team(t)
	for name, p := range map[string]Person{
		"id in use":         {ID: "Priya", Name: "P"},
		"e-mail in use":     {ID: "x", Name: "X", Emails: []string{"PRIYA@example.org"}},
		"not an id":         {ID: "-x", Name: "X"},
		"key by hand":       {ID: "x", Name: "X", Keys: []Key{{Type: "ssh-ed25519", Blob: "AAAA"}}},
		"comment by hand":   {ID: "x", Name: "X", Keys: []Key{edKey(make([]byte, 32), " x")}},
		"deputy unknown":    {ID: "x", Name: "X", Deputies: []string{"nobody"}},
		"long e-mail":       {ID: "x", Name: "X", Emails: []string{strings.Repeat("x", 500) + "@y"}},
		"e-mail of two @":   {ID: "x", Name: "X", Emails: []string{"a@b@c"}},
		"invalid UTF-8":     {ID: "x", Name: "X\xff"},
		"date out of shape": {ID: "x", Name: "X", Away: []Away{{"2026-1-1", "2026-2-2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Add(p)
			var re *RegistryError
			if !errors.As(err, &re) || re.Line != 0 {
				t.Errorf("got %v, want a *RegistryError without line", err)
			}
		})
	}
	if _, err := r.Replace(Person{ID: "nobody", Name: "N"}); err == nil {
		t.Error("replaced nobody")
	}
	if _, err := r.WithPolicy(Policy{OverridePeople: 1}); err == nil {
		t.Error("accepted an override of one")
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "0": true, "mira-k": true, "Mira.K_2": true, strings.Repeat("a", 64): true,
		"": false, ".": false, "..": false, "-a": false, "_a": false, "a b": false, "a/b": false,
		"é": false, "a\n": false, "a\x00": false, strings.Repeat("a", 65): false,
	} {
		if got := validID(id); got != want {
			t.Errorf("%q: got %v, want %v", id, got, want)
		}
	}
}

func TestByEmail(t *testing.T) {
	r := team(t)
	for address, want := range map[string]string{
		"priya@example.org":      "priya",
		" PRIYA@Example.ORG ":    "priya",
		"":                       "",
		"nobody@example.org":     "",
		"pr\u0131ya@example.org": "", // a dotless i is no i
	} {
		p, ok := r.ByEmail(address)
		if p.ID != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", address, p.ID, ok, want)
		}
	}
	r, err := r.Add(Person{ID: "kim", Name: "Kim", Emails: []string{"kim@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := r.ByEmail("\u212aim@example.org"); ok {
		t.Errorf("the Kelvin sign was taken for a k: %v", p)
	}
}

func TestAwayOn(t *testing.T) {
	p := Person{ID: "a", Name: "A", Away: []Away{{"2026-01-01", "2026-01-05"}, {"2026-01-03", "2026-01-09"}}}
	r, err := New().Add(p)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[Date]Date{
		"2025-12-31": "", "2026-01-01": "2026-01-05", "2026-01-04": "2026-01-09", "2026-01-09": "2026-01-09", "2026-01-10": "",
	} {
		if a, ok := r.AwayOn("a", day); a.To != want || ok != (want != "") {
			t.Errorf("%s: got %v %v, want %q", day, a, ok, want)
		}
	}
	if _, ok := r.AwayOn("nobody", "2026-01-01"); ok {
		t.Error("nobody is away")
	}
	if got := DateOf(time.Date(2026, 1, 2, 23, 0, 0, 0, time.FixedZone("", 14*3600))); got != "2026-01-02" {
		t.Errorf("DateOf: %s", got)
	}
}

func TestByName(t *testing.T) {
	r := Registry{People: []Person{{ID: "a", Name: "Ann  Lee"}, {ID: "b", Name: "ann lee"}, {ID: "c", Name: ""}}}
	for name, want := range map[string]int{"ANN LEE": 2, " Ann Lee ": 2, "Ann": 0, "": 0} {
		if got := r.ByName(name); len(got) != want {
			t.Errorf("%q: %d people, want %d", name, len(got), want)
		}
	}
}
