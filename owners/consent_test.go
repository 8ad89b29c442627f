package owners

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"
)

func TestConsent(t *testing.T) {
	priya := signed("priya", AsOwner, "")
	tomas := signed("tomas", AsDeputy, "priya sleeps")
	mira := signed("mira", AsOverride, "site is down")
	jo := signed("jo", AsOverride, "site is down")
	with := func(s Signature, change func(*Signature)) Signature { change(&s); return s }
	verified := func(s Signature) Signature { return mustSign(t, s, keysOf[s.Person]) }
	key := Policy{Require: RequireKey}

	for name, tt := range map[string]struct {
		policy  Policy
		owner   string // "priya" if empty, none if "-"
		sigs    []Signature
		as      As // "" means not OK
		by      []string
		missing string
		ignored string
	}{
		"nobody":             {missing: "no signature counts yet; may sign: the owner priya (Priya N.); as deputy tomas (Tomas K.)"},
		"owner":              {sigs: []Signature{priya}, as: AsOwner, by: []string{"priya"}},
		"deputy":             {sigs: []Signature{tomas}, as: AsDeputy, by: []string{"tomas"}},
		"owner over deputy":  {sigs: []Signature{tomas, mira, jo, priya}, as: AsOwner, by: []string{"priya"}},
		"override":           {sigs: []Signature{mira, jo}, as: AsOverride, by: []string{"jo", "mira"}},
		"override of one":    {sigs: []Signature{mira}, missing: "1 of the 2 people of an override have signed (mira)"},
		"the same twice":     {sigs: []Signature{mira, mira}, missing: "1 of the 2"},
		"with another claim": {sigs: []Signature{mira, with(mira, func(s *Signature) { s.Claim.Email = "jo@example.org"; s.Reason = "x" })}, missing: "1 of the 2"},
		"override of three":  {policy: Policy{OverridePeople: 3}, sigs: []Signature{mira, jo}, missing: "2 of the 3"},
		"owner as second":    {sigs: []Signature{mira, with(priya, func(s *Signature) { s.As, s.Reason = AsOverride, "r" })}, missing: "1 of the 2", ignored: "signs as owner"},
		"left as second":     {sigs: []Signature{mira, signed("lee", AsOverride, "r")}, missing: "1 of the 2", ignored: "has left"},
		"unknown as second":  {sigs: []Signature{mira, signed("zoe", AsOverride, "r")}, missing: "1 of the 2", ignored: "not in the registry"},
		"no reason":          {sigs: []Signature{mira, with(jo, func(s *Signature) { s.Reason = "" })}, missing: "1 of the 2", ignored: "reason: is missing"},
		"not the owner":      {sigs: []Signature{signed("mira", AsOwner, "")}, missing: "no signature counts", ignored: "mira (Mira O.) is not the owner"},
		"not a deputy":       {sigs: []Signature{signed("mira", AsDeputy, "r")}, missing: "no signature counts", ignored: "is not a deputy"},
		"deputy who left":    {sigs: []Signature{signed("lee", AsDeputy, "r")}, missing: "no signature counts", ignored: "has left"},
		"owner who left":     {owner: "lee", sigs: []Signature{signed("lee", AsOwner, "")}, missing: "neither an owner nor a deputy", ignored: "has left"},
		"no owner":           {owner: "-", sigs: []Signature{signed("", AsOwner, ""), mira, jo}, missing: "has no owner", ignored: "has no owner"},
		"owner unknown":      {owner: "zoe", sigs: []Signature{signed("zoe", AsOwner, "")}, missing: "neither an owner", ignored: "not in the registry"},
		"key asked, none":    {policy: key, sigs: []Signature{priya}, missing: "the policy asks for a key", ignored: "owner priya, unverified (claims priya@example.org): is not enough"},
		"key asked, there":   {policy: key, sigs: []Signature{verified(priya)}, as: AsOwner, by: []string{"priya"}},
		"key asked, half":    {policy: key, sigs: []Signature{verified(mira), jo}, missing: "1 of the 2", ignored: "asks for a key"},
		"proof invented":     {policy: key, sigs: []Signature{with(priya, func(s *Signature) { s.Proof = "verified" })}, missing: "no signature", ignored: "is no SSH signature"},
		"broken proof":       {sigs: []Signature{with(verified(priya), func(s *Signature) { s.Reason = "other" })}, missing: "no signature", ignored: "does not hold"},
		"key of another":     {sigs: []Signature{mustSign(t, priya, keysOf["mira"])}, missing: "no signature", ignored: "the key is mira (Mira O.)'s"},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustPolicy(t, keyed(t), tt.policy)
			owner := Owner{ID: tt.owner}
			switch tt.owner {
			case "":
				owner.ID = "priya"
			case "-":
				owner.ID = ""
			}
			v := r.Consent(owner, someStatement(), tt.sigs, nil)
			if v.OK != (tt.as != "") || v.As != tt.as || !slices.Equal(v.By, tt.by) || v.Override != (tt.as == AsOverride) {
				t.Errorf("got %+v", v)
			}
			if v.OK != (v.Missing == "") || !strings.Contains(v.Missing, tt.missing) {
				t.Errorf("missing %q, want %q", v.Missing, tt.missing)
			}
			if (tt.ignored == "") != (v.Ignored == nil) || tt.ignored != "" && !hasText(v.Ignored, tt.ignored) {
				t.Errorf("ignored %q, want %q", v.Ignored, tt.ignored)
			}
		})
	}
}

func TestConsentLabels(t *testing.T) {
	plain := signed("priya", AsOwner, "")
	proved := mustSign(t, plain, laptop)
	for _, tt := range []struct {
		sigs       []Signature
		unverified bool
		want       []string
	}{
		{[]Signature{plain}, true, []string{"owner priya, unverified (claims priya@example.org)"}},
		{[]Signature{proved}, false, []string{"owner priya, key verified (" + ssh.FingerprintSHA256(laptop.PublicKey()) + ")"}},
		{[]Signature{proved, plain}, false, []string{"owner priya, key verified (" + ssh.FingerprintSHA256(laptop.PublicKey()) + ")"}},
	} {
		v := keyed(t).Consent(Owner{ID: "priya"}, someStatement(), tt.sigs, nil)
		if !slices.Equal(v.Labels, tt.want) || v.Unverified != tt.unverified {
			t.Errorf("got %q (unverified: %v), want %q", v.Labels, v.Unverified, tt.want)
		}
	}
}

func TestConsentToABrokenStatement(t *testing.T) {
	st := someStatement()
	st.Result = "HEAD"
	sig := signed("priya", AsOwner, "")
	sig.Statement = st
	if v := team(t).Consent(Owner{ID: "priya"}, st, []Signature{sig}, nil); v.OK || !strings.Contains(v.Missing, "result") {
		t.Errorf("got %+v", v)
	}
}

// Whatever one field says else, nobody's signature counts for it.
func TestConsentIsToEveryField(t *testing.T) {
	r := team(t)
	all := []Signature{
		signed("priya", AsOwner, ""), signed("tomas", AsDeputy, "r"),
		signed("mira", AsOverride, "r"), signed("jo", AsOverride, "r"),
	}
	fields := reflect.TypeFor[Statement]()
	rapid.Check(t, func(t *rapid.T) {
		st, other := someStatement(), genStatement().Draw(t, "other")
		field := rapid.IntRange(0, fields.NumField()-1).Draw(t, "field")
		reflect.ValueOf(&st).Elem().Field(field).Set(reflect.ValueOf(other).Field(field))
		v := r.Consent(Owner{ID: "priya"}, st, all, nil)
		if want := st == someStatement(); v.OK != want {
			t.Fatalf("%s: %+v", fields.Field(field).Name, v)
		}
		if !v.OK && !hasText(v.Ignored, strings.ToLower(fields.Field(field).Name)) {
			t.Fatalf("the field %s is not named: %q", fields.Field(field).Name, v.Ignored)
		}
	})
}

// An override is made by people: OK exactly when enough distinct ones, active
// and not the owner, gave a reason, however often and in whatever order.
func TestOverrideCountsPeople(t *testing.T) {
	r := team(t)
	rapid.Check(t, func(t *rapid.T) {
		need := rapid.IntRange(2, 4).Draw(t, "need")
		r, err := r.WithPolicy(Policy{OverridePeople: need})
		if err != nil {
			t.Fatal(err)
		}
		var sigs []Signature
		people := map[string]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "signatures") {
			s := signed(rapid.SampledFrom([]string{"priya", "tomas", "mira", "jo", "lee", "zoe"}).Draw(t, "person"), AsOverride, "r")
			s.Claim.Email = rapid.SampledFrom([]string{"a@b", "jo@example.org"}).Draw(t, "claim")
			if rapid.Bool().Draw(t, "silent") {
				s.Reason = ""
			} else if s.Person != "priya" && s.Person != "lee" && s.Person != "zoe" {
				people[s.Person] = true
			}
			sigs = append(sigs, s)
		}
		v := r.Consent(Owner{ID: "priya"}, someStatement(), sigs, nil)
		if want := len(people) >= need; v.OK != want || v.Override != want {
			t.Fatalf("%d of %d people: %+v", len(people), need, v)
		}
		if v.OK && len(v.By) != len(people) {
			t.Fatalf("by %q, want %d people", v.By, len(people))
		}
	})
}
