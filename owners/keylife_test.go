package owners

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// The life of a key in versions of the registry: each row is the registry as it
// is now, and as it was when the ledger took the signature in.
func TestKeyLife(t *testing.T) {
	sig := mustSign(t, signed("priya", AsOwner, ""), laptop)
	key := mustKey(t, laptop)
	has := keyed(t)
	retired := edited(t, has, "priya", func(p *Person) { p.Keys = p.Keys[1:] })
	lost := edited(t, retired, "priya", func(p *Person) { p.Compromised = []Key{key} })
	handed := edited(t, retired, "mira", func(p *Person) { p.Keys = append(p.Keys, key) })
	lostByOther := edited(t, retired, "mira", func(p *Person) { p.Compromised = []Key{key} })
	none := func(Signature) (Registry, bool) { return Registry{}, false }
	was := func(r Registry) InForce { return func(Signature) (Registry, bool) { return r, true } }
	never := func(Signature) (Registry, bool) {
		t.Error("the past is asked about a key that the registry has")
		return Registry{}, false
	}
	for name, tt := range map[string]struct {
		now   Registry
		then  InForce
		words string // "" means that it counts
	}{
		"in use":                       {has, never, ""},
		"in use, no past":              {has, nil, ""},
		"retired after":                {retired, was(has), ""},
		"retired before":               {retired, was(retired), "was none of priya when"},
		"retired, not in the ledger":   {retired, none, "was none of priya when"},
		"retired, no past":             {retired, nil, "was none of priya when"},
		"retired, another's then":      {retired, was(handed), "was none of priya when"},
		"another's now":                {handed, was(has), "the key is mira (Mira O.)'s"},
		"compromised":                  {lost, was(has), "is marked as compromised"},
		"compromised, never hers":      {lostByOther, was(has), "is marked as compromised"},
		"added after":                  {has, was(retired), ""},
		"compromised then, in use now": {has, was(lost), ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := tt.now.Consent(Owner{ID: "priya"}, someStatement(), []Signature{sig}, tt.then)
			if tt.words == "" {
				if !v.OK || v.Unverified {
					t.Errorf("does not count: %+v", v)
				}
				return
			}
			if v.OK || !hasText(v.Ignored, tt.words) {
				t.Errorf("got %+v, want %q", v, tt.words)
			}
		})
	}
}

// Two keys of one person are one person.
func TestTwoKeysOfOnePerson(t *testing.T) {
	r := keyed(t)
	second := testKey(8)
	r = edited(t, r, "jo", func(p *Person) { p.Keys = append(p.Keys, mustKey(t, second)) })
	first := mustSign(t, signed("jo", AsOverride, "site is down"), keysOf["jo"])
	again := mustSign(t, signed("jo", AsOverride, "site is down"), second)
	as := mustSign(t, signed("mira", AsOverride, "site is down"), second)
	v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{first, again, as}, nil)
	if v.OK || !strings.Contains(v.Missing, "1 of the 2 people of an override have signed (jo)") || !hasText(v.Ignored, "the key is jo (Jo D.)'s") {
		t.Errorf("got %+v", v)
	}
	mira := mustSign(t, signed("mira", AsOverride, "site is down"), keysOf["mira"])
	if v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{first, mira}, nil); !v.OK || !v.Override || v.Unverified {
		t.Errorf("two people do not count: %+v", v)
	}
}

// An override rests on a word as soon as one of the people it needs gave only that.
func TestOverrideWithHalfTheKeys(t *testing.T) {
	r := keyed(t)
	mira, jo := mustSign(t, signed("mira", AsOverride, "r"), keysOf["mira"]), signed("jo", AsOverride, "r")
	v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{mira, jo}, nil)
	if !v.OK || !v.Unverified {
		t.Errorf("got %+v", v)
	}
	for _, tt := range []struct {
		one        Signature
		unverified bool
	}{{mira, false}, {jo, true}} {
		v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{tt.one}, nil)
		if v.OK || v.Unverified != tt.unverified {
			t.Errorf("of %s alone: %+v", tt.one.Person, v)
		}
	}
	tomas := mustSign(t, signed("tomas", AsOverride, "r"), keysOf["tomas"])
	if v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{mira, jo, tomas}, nil); !v.OK || v.Unverified {
		t.Errorf("two with keys are enough: %+v", v)
	}
}

func TestIdentifyKey(t *testing.T) {
	r := edited(t, keyed(t), "jo", func(p *Person) { p.Compromised = []Key{mustKey(t, testKey(6))} })
	for name, tt := range map[string]struct {
		key    ssh.Signer
		as     string
		person string
		words  string
	}{
		"hers":            {laptop, "", "priya", ""},
		"her other":       {desk, "", "priya", ""},
		"as she says":     {laptop, "priya", "priya", ""},
		"as another says": {laptop, "jo", "", "is priya (Priya N.)'s, and you act as jo"},
		"nobody's":        {testKey(5), "", "", "is not in the registry"},
		"compromised":     {testKey(6), "", "", "is marked as compromised"},
	} {
		t.Run(name, func(t *testing.T) {
			actor, err := r.IdentifyKey(mustKey(t, tt.key), tt.as, Claim{Email: "x@example.org"})
			if tt.words == "" {
				want := Actor{tt.person, Claim{Email: "x@example.org"}, Verified, ssh.FingerprintSHA256(tt.key.PublicKey())}
				if err != nil || actor != want {
					t.Errorf("got %+v, %v", actor, err)
				}
				return
			}
			wantText(t, err, tt.words, ssh.FingerprintSHA256(tt.key.PublicKey()))
			var ke *KeyError
			if !errors.As(err, &ke) || len(ke.Hints()) == 0 {
				t.Errorf("got %#v, want a *KeyError with hints", err)
			}
		})
	}
}

// A compromised key cannot be taken up again, by anybody.
func TestCompromisedKeysStay(t *testing.T) {
	key := mustKey(t, laptop)
	r := edited(t, team(t), "priya", func(p *Person) { p.Compromised = []Key{key} })
	for _, id := range []string{"priya", "mira"} {
		p, _ := r.Person(id)
		p.Keys = []Key{key}
		_, err := r.Replace(p)
		wantText(t, err, "is already a key of", "in use or compromised")
	}
	again, err := Parse(Format(r))
	if p, _ := again.Person("priya"); err != nil || !slices.Equal(p.Compromised, []Key{key}) {
		t.Errorf("read back as %+v, %v", p, err)
	}
}
