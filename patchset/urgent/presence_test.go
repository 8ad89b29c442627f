package urgent

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

func form(text string) patchset.Form {
	return patchset.Form{Mode: "100644", ID: patchset.ID("id of " + text), Text: []byte(text)}
}

// rangeFix adds a line to one file.
func rangeFix(before string, witnesses ...Witness) Fix {
	old, fixed := form("a\nb\nc\n"), form("a\nb\ncheck\nc\n")
	return Fix{
		Files:     []patchset.FileFix{{Path: "f", Old: old, Fixed: fixed, Stack: fixed, Branch: form(before)}},
		Witnesses: witnesses, Before: map[string]patchset.Form{"f": form(before)},
	}
}

func TestJudge(t *testing.T) {
	const vulnerable = "a\nb\nc\n"
	serves := func(text string) patchset.Served {
		return patchset.Served{Tip: "x", Files: map[string]patchset.ServedFile{"f": {Path: "f", Form: form(text)}}}
	}
	link := func(text string) patchset.Served {
		return patchset.Served{Tip: "x", Files: map[string]patchset.ServedFile{"f": {Path: "f", Form: patchset.Form{Mode: "120000", Text: []byte(text)}}}}
	}
	other := Witness{Path: "f", Must: []string{"guard"}, MustNot: []string{"hole"}}
	exact := Witness{Path: "f", Blob: "id of a\nother\n"}
	loose := Witness{Path: "f", Must: []string{"b"}}
	for name, tc := range map[string]struct {
		fix    Fix
		served patchset.Served
		want   Verdict
	}{
		"there":                       {rangeFix(vulnerable), serves("a\nb\ncheck\nc\n"), Present},
		"not there":                   {rangeFix(vulnerable), serves(vulnerable), Absent},
		"no file":                     {rangeFix(vulnerable), patchset.Served{Tip: "known"}, Absent},
		"no file, unknown":            {rangeFix(vulnerable), patchset.Served{Tip: "x"}, Diverged},
		"no answer":                   {rangeFix(vulnerable), patchset.Served{Failure: patchset.ServedSilent}, Unreachable},
		"no branch":                   {rangeFix(vulnerable), patchset.Served{Failure: patchset.ServedNoBranch}, Unknown},
		"cannot serve":                {rangeFix(vulnerable), patchset.Served{Failure: patchset.ServedBroken}, Corrupt},
		"the base has it":             {rangeFix("a\nb\ncheck\nc\n"), serves("a\nb\ncheck\nc\n"), Unknown},
		"in other words":              {rangeFix(vulnerable), serves("a\nb\nguard\nc\n"), Absent},
		"by a witness":                {rangeFix(vulnerable, other), serves("a\nb\nguard\nc\n"), Present},
		"a link with its words":       {rangeFix(vulnerable, other), link("a\nb\nguard\nc\n"), Absent},
		"against a witness":           {rangeFix(vulnerable, other), serves("a\nb\nguard hole\nc\n"), Absent},
		"by its content":              {rangeFix(vulnerable, exact), serves("a\nother\n"), Present},
		"a witness that holds before": {rangeFix(vulnerable, loose), serves(vulnerable), Absent},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.fix.Judge(tc.served, func(id patchset.ID) bool { return id == "known" })
			if got.Verdict != tc.want {
				t.Errorf("%s (%s), want %s", got.Verdict, got.Words, tc.want)
			}
		})
	}
	if n := len(rangeFix(vulnerable, loose, other).BlindWitnesses()); n != 1 {
		t.Errorf("%d witnesses hold without the patch, want 1", n)
	}
}

func TestPresenceOfALook(t *testing.T) {
	by := func(v4, v6 Verdict) map[string]Judgement {
		return map[string]Judgement{"ipv4": {Verdict: v4}, "ipv6": {Verdict: v6}}
	}
	seen := func(v Verdict) Presence {
		return Presence{Verdict: v, Commit: "tip", Serves: "old", Families: map[string]Verdict{"ipv4": v, "ipv6": v}}
	}
	for name, tc := range map[string]struct {
		before Presence
		look   Look
		want   Verdict
		news   bool
	}{
		"first time":                    {Presence{}, Look{Commit: "tip", Serves: "old", Families: by(Present, Present)}, Present, true},
		"again":                         {seen(Present), Look{Commit: "tip", Serves: "new", Families: by(Present, Present)}, Present, false},
		"gone":                          {seen(Present), Look{Commit: "tip", Serves: "new", Families: by(Absent, Absent)}, Reverted, true},
		"still gone":                    {seen(Reverted), Look{Commit: "tip", Serves: "new", Families: by(Absent, Absent)}, Reverted, false},
		"another fix is asked for":      {seen(Present), Look{Commit: "tip2", Serves: "old", Families: by(Absent, Absent)}, Absent, true},
		"by one family":                 {Presence{}, Look{Commit: "tip", Serves: "old", Families: by(Present, Absent)}, Partial, true},
		"gone by one family":            {seen(Present), Look{Commit: "tip", Serves: "new", Families: by(Present, Absent)}, Reverted, true},
		"one family does not answer":    {seen(Present), Look{Commit: "tip", Serves: "old", Families: by(Present, Unreachable)}, Unreachable, true},
		"the stack moved, and it is on": {seen(Present), Look{Commit: "tip2", Serves: "new", Families: by(Present, Present)}, Present, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.look.Presence(tc.before, time.Unix(0, 0), "sam")
			if got.Verdict != tc.want || got.News(tc.before) != tc.news {
				t.Errorf("%s, news %t; want %s, %t", got.Verdict, got.News(tc.before), tc.want, tc.news)
			}
		})
	}
}

func TestWitnessCheck(t *testing.T) {
	for name, w := range map[string]Witness{
		"no file":             {Must: []string{"x"}},
		"nothing":             {Path: "f"},
		"only what is absent": {Path: "f", MustNot: []string{"x"}},
		"spaces":              {Path: "f", Must: []string{"  "}},
		"no id":               {Path: "f", Blob: "abc"},
	} {
		if w.Check() == nil {
			t.Errorf("%s: a witness that proves nothing is taken", name)
		}
	}
	if err := (Witness{Path: "f", Must: []string{"x"}}).Check(); err != nil {
		t.Error(err)
	}
}
