package owners

import (
	"errors"
	"slices"
	"testing"
)

// The whole table of who may sign priya's patch, on which jo is a deputy too.
func TestMaySign(t *testing.T) {
	owner := Owner{ID: "priya", Deputies: []string{"jo"}, Patch: "T1"}
	for _, tt := range []struct {
		actor  string
		as     As
		reason string
		why    string // "" means allowed
	}{
		{"priya", AsOwner, "", ""},
		{"priya", AsDeputy, "r", "signs as owner, not as deputy"},
		{"priya", AsOverride, "r", "signs as owner, not as override"},
		{"tomas", AsOwner, "", "tomas (Tomas K.) is not the owner"},
		{"tomas", AsDeputy, "", "takes a reason"},
		{"tomas", AsDeputy, " \t", "takes a reason"},
		{"tomas", AsDeputy, "r", ""},
		{"tomas", AsOverride, "r", ""},
		{"jo", AsDeputy, "r", ""},
		{"mira", AsOwner, "", "is not the owner"},
		{"mira", AsDeputy, "r", "is not a deputy"},
		{"mira", AsOverride, "", "takes a reason"},
		{"mira", AsOverride, "r", ""},
		{"lee", AsDeputy, "r", "has left"},
		{"lee", AsOverride, "r", "has left"},
		{"", AsOwner, "", "knows nobody with the address"},
		{"nobody", AsOwner, "", "not in the registry"},
		{"Priya", AsOwner, "", "not in the registry"},
		{"priya", "", "", "none of the roles"},
		{"priya", "root", "r", "none of the roles"},
	} {
		t.Run(tt.actor+" "+string(tt.as)+" "+tt.reason, func(t *testing.T) {
			err := team(t).MaySign(owner, Actor{Person: tt.actor, Assurance: Unverified}, tt.as, tt.reason)
			if tt.why == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var na *NotAllowedError
			if !errors.As(err, &na) {
				t.Fatalf("got %v, want a *NotAllowedError", err)
			}
			wantText(t, err, tt.why, "the owner priya (Priya N.)", "as deputy jo (Jo D.) or tomas (Tomas K.)")
		})
	}
}

func TestMaySignHints(t *testing.T) {
	const (
		askPriya     = "ask priya (Priya N.): git carry sign T1"
		askJo        = "ask jo (Jo D.): git carry sign T1"
		deputySign   = "git carry sign T1 --as deputy --reason TEXT"
		overrideSign = "git carry sign T1 --as override --reason TEXT"
		orOverride   = "or, with others: " + overrideSign
	)
	for name, tt := range map[string]struct {
		r     Registry
		owner Owner
		actor string
		as    As
		want  []string
	}{
		"neither":         {team(t), Owner{ID: "priya", Patch: "T1"}, "mira", AsOwner, []string{askPriya, orOverride}},
		"no deputy":       {team(t), Owner{ID: "jo", Patch: "T1"}, "mira", AsDeputy, []string{askJo, orOverride}},
		"a deputy":        {team(t), Owner{ID: "priya", Patch: "T1"}, "tomas", AsOwner, []string{deputySign}},
		"no reason":       {team(t), Owner{ID: "priya", Patch: "T1"}, "tomas", AsDeputy, []string{deputySign}},
		"the owner":       {team(t), Owner{ID: "priya", Patch: "T1"}, "priya", AsDeputy, []string{"git carry sign T1"}},
		"owner left":      {team(t), Owner{ID: "lee", Deputies: []string{"jo"}, Patch: "T1"}, "mira", AsOwner, []string{"ask jo (Jo D.): " + deputySign, orOverride}},
		"exact result":    {team(t), Owner{ID: "jo", Patch: "T1", Expect: "0123456789"}, "lee", AsOwner, []string{askJo + " --expect 0123456789"}},
		"no owner":        {team(t), Owner{Patch: "T1"}, "mira", AsOwner, []string{"git carry own T1"}},
		"patch not named": {team(t), Owner{ID: "jo"}, "lee", AsOwner, []string{"ask jo (Jo D.): git carry sign ID"}},
		"hostile patch":   {team(t), Owner{Patch: "$(rm)"}, "mira", AsOwner, []string{"git carry own ID"}},
		"stranger": {
			team(t),
			Owner{ID: "jo", Patch: "T1"},
			"", AsOwner,
			[]string{"git carry owner add ID --name NAME --email EMAIL", "or say who you are: --as-person ID", askJo},
		},
		"too few": {mustPolicy(t, team(t), Policy{OverridePeople: 4}), Owner{ID: "jo", Patch: "T1"}, "mira", AsOwner, []string{askJo}},
		"key": {
			mustPolicy(t, team(t), Policy{Require: RequireKey}),
			Owner{ID: "jo", Patch: "T1"},
			"mira", AsOwner,
			[]string{askJo + " --key FILE", orOverride + " --key FILE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.r.MaySign(tt.owner, Actor{Person: tt.actor, Assurance: Verified}, tt.as, "")
			var na *NotAllowedError
			if !errors.As(err, &na) {
				t.Fatalf("got %v, want a *NotAllowedError", err)
			}
			if !slices.Equal(na.Hints(), tt.want) {
				t.Errorf("got  %q\nwant %q", na.Hints(), tt.want)
			}
		})
	}
}

func TestMaySignUnderRequireKey(t *testing.T) {
	r := mustPolicy(t, team(t), Policy{Require: RequireKey})
	actor := r.Identify(Claim{Email: "priya@example.org"})
	wantText(t, r.MaySign(Owner{ID: "priya"}, actor, AsOwner, ""),
		"the policy asks for a key", "unverified (claims priya@example.org)")
	actor.Assurance = Verified
	if err := r.MaySign(Owner{ID: "priya"}, actor, AsOwner, ""); err != nil {
		t.Error(err)
	}
}

func TestOverrideThatCanNeverBeComplete(t *testing.T) {
	r := mustPolicy(t, team(t), Policy{OverridePeople: 4})
	err := r.MaySign(Owner{ID: "priya"}, Actor{Person: "mira"}, AsOverride, "r")
	wantText(t, err, "takes 4 people besides the owner, and the registry has 3")
}

func TestNotAllowedSaysWhoIsAway(t *testing.T) {
	r := team(t)
	p, _ := r.Person("tomas")
	p.Away = []Away{{"2026-12-20", "2027-01-05"}, {"2026-01-01", "2026-01-02"}}
	r, err := r.Replace(p)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, r.MaySign(Owner{ID: "priya"}, Actor{Person: "mira"}, AsOwner, ""),
		"as deputy tomas (Tomas K.), away 2026-12-20 to 2027-01-05")
}

func TestSignersOfNobody(t *testing.T) {
	if got := team(t).Signers(Owner{Deputies: []string{"jo"}}); got != nil {
		t.Errorf("a patch without owner has signers: %v", got)
	}
}
