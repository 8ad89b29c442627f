package owners

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// delegated is priya's word that somebody may sign for her what someStatement says.
func delegated(to string) Signature {
	s := signed("priya", AsOwner, "at sea")
	s.Statement = delegation(to)
	return s
}

func delegation(to string) Statement {
	s := someStatement()
	return Statement{Store: s.Store, Patch: s.Patch, Version: s.Version, Component: s.Component, Delegate: to, Purpose: PurposeDelegate}
}

// delegating is priya, who owns the patch, with what the registry makes of a delegation.
func delegating(r Registry, to string, d Signature, then InForce) Owner {
	o := Owner{ID: "priya", Patch: "T401234"}
	o.Delegates = []Delegate{r.Delegate(o, delegation(to), d, then)}
	return o
}

func TestDelegateSigns(t *testing.T) {
	r := keyed(t)
	claimed, proved := delegated("mira"), mustSign(t, delegated("mira"), laptop)
	word, key := signed("mira", AsDelegate, ""), mustSign(t, signed("mira", AsDelegate, ""), keysOf["mira"])
	verified := "key verified (" + key.fingerprint() + ")"
	doubt := ", by a delegation that is unverified (claims priya@example.org)"
	for name, tt := range map[string]struct {
		delegation, sig Signature
		label           string
		unverified      bool
		keyAsked        string // why not where the policy asks for a key; "" if it counts
	}{
		"two keys":   {proved, key, "priya's delegate mira, " + verified, false, ""},
		"her key":    {proved, word, "priya's delegate mira, unverified (claims mira@example.org)", true, "because the policy asks for a key"},
		"their key":  {claimed, key, "priya's delegate mira, " + verified + doubt, true, "the delegation to mira (Mira O.) does not count"},
		"only words": {claimed, word, "priya's delegate mira, unverified (claims mira@example.org)" + doubt, true, "the delegation to mira (Mira O.) does not count"},
	} {
		t.Run(name, func(t *testing.T) {
			v := r.Consent(delegating(r, "mira", tt.delegation, nil), someStatement(), []Signature{tt.sig}, nil)
			if !v.OK || v.As != AsDelegate || v.Override || v.Unverified != tt.unverified || v.Labels[0] != tt.label {
				t.Errorf("got %+v, want %q", v, tt.label)
			}
			strict := mustPolicy(t, r, Policy{Require: RequireKey})
			v = strict.Consent(delegating(strict, "mira", tt.delegation, nil), someStatement(), []Signature{tt.sig}, nil)
			if v.OK != (tt.keyAsked == "") || tt.keyAsked != "" && !hasText(v.Ignored, tt.keyAsked) {
				t.Errorf("with the policy: %+v", v)
			}
		})
	}
}

// A delegation that does not count, and why.
func TestDelegationRefused(t *testing.T) {
	has := keyed(t)
	retired := edited(t, has, "priya", func(p *Person) { p.Keys = p.Keys[1:] })
	lost := edited(t, retired, "priya", func(p *Person) { p.Compromised = []Key{mustKey(t, laptop)} })
	gone := edited(t, has, "priya", func(p *Person) { p.Status = Left })
	proved := mustSign(t, delegated("mira"), laptop)
	with := func(change func(*Signature)) Signature { s := delegated("mira"); change(&s); return s }
	was := func(Signature) (Registry, bool) { return has, true }
	for name, tt := range map[string]struct {
		r       Registry
		d       Signature
		then    InForce
		owner   string
		problem string
	}{
		"counts":             {r: has, d: proved},
		"retired key before": {r: retired, d: proved, problem: "the key was none of priya when the ledger took the signature in"},
		"retired key after":  {r: retired, d: proved, then: was},
		"compromised key":    {r: lost, d: proved, then: was, problem: "the key is marked as compromised"},
		"key of another":     {r: has, d: mustSign(t, delegated("mira"), keysOf["mira"]), problem: "the key is mira (Mira O.)'s"},
		"owner left":         {r: gone, d: proved, problem: "priya (Priya N.) has left"},
		"owner changed":      {r: has, d: proved, owner: "jo", problem: "priya (Priya N.) is not the owner"},
		"by a deputy":        {r: has, d: mustSign(t, with(func(s *Signature) { s.Person = "tomas" }), keysOf["tomas"]), problem: "tomas (Tomas K.) is not the owner"},
		"in a deputy's role": {r: has, d: with(func(s *Signature) { s.Person, s.As = "tomas", AsDeputy }), problem: "only the owner delegates"},
		"by a delegate":      {r: has, d: with(func(s *Signature) { s.Person, s.As = "mira", AsDelegate }), problem: "only the owner delegates"},
		"without a reason":   {r: has, d: with(func(s *Signature) { s.Reason = " " }), problem: "to delegate takes one"},
		"other patch":        {r: has, d: with(func(s *Signature) { s.Statement.Patch = "T9" }), problem: "these differ: patch"},
		"other version":      {r: has, d: with(func(s *Signature) { s.Statement.Version = "1.47" }), problem: "these differ: version"},
		"other vault":        {r: has, d: with(func(s *Signature) { s.Statement.Store = "s-2" }), problem: "these differ: store"},
		"other component":    {r: has, d: with(func(s *Signature) { s.Statement.Component = "core" }), problem: "these differ: component"},
		"other delegate":     {r: has, d: delegated("jo"), problem: "these differ: delegate"},
		"a consent":          {r: has, d: mustSign(t, signed("priya", AsOwner, ""), laptop), problem: "these differ: purpose"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Owner{ID: "priya"}
			if tt.owner != "" {
				o.ID = tt.owner
			}
			d := tt.r.Delegate(o, delegation("mira"), tt.d, tt.then)
			if (tt.problem == "") != (d.Problem == "") || !strings.Contains(d.Problem, tt.problem) || d.Person != "mira" {
				t.Fatalf("got %+v, want %q", d, tt.problem)
			}
			if (d.By.Person != "") != (tt.problem == "") {
				t.Errorf("%+v says who delegated, though it does not count", d)
			}
			o.Delegates = []Delegate{d}
			v := tt.r.Consent(o, someStatement(), []Signature{signed("mira", AsDelegate, "")}, nil)
			if v.OK != (tt.problem == "") {
				t.Errorf("the consent: %+v", v)
			}
		})
	}
	if d := has.Delegate(Owner{ID: "priya"}, delegation("priya"), delegated("priya"), nil); d.Problem == "" {
		t.Error("the owner is her own delegate")
	}
	consent := signed("priya", AsOwner, "")
	if d := has.Delegate(Owner{ID: "priya"}, consent.Statement, consent, nil); d.Problem == "" {
		t.Error("a consent passes for a delegation")
	}
}

// A delegate has the right to sign, in this role, and no other.
func TestDelegateMaySign(t *testing.T) {
	r := keyed(t)
	o := delegating(r, "mira", delegated("mira"), nil)
	as := func(id string, role As) error {
		return r.MaySign(o, Actor{Person: id, Claim: Claim{Email: id + "@example.org"}, Assurance: Unverified}, role, "a reason")
	}
	if err := as("mira", AsDelegate); err != nil {
		t.Error(err)
	}
	wantText(t, as("mira", AsOwner), "mira (Mira O.) is not the owner", "as delegate mira (Mira O.); as deputy tomas")
	wantText(t, as("mira", AsDeputy), "is not a deputy")
	wantText(t, as("tomas", AsDelegate), "priya has delegated nothing here to tomas")
	wantText(t, as("priya", AsDelegate), "is the owner, who signs as owner")
	err := as("mira", AsOwner)
	var not *NotAllowedError
	if !errors.As(err, &not) || !hasText(not.Hints(), "git carry sign T401234 --as delegate") || hasText(not.Hints(), "--as delegate --reason") {
		t.Errorf("the hints do not say how: %v", err)
	}
	left := edited(t, r, "mira", func(p *Person) { p.Status = Left })
	if v := left.Consent(o, someStatement(), []Signature{signed("mira", AsDelegate, "")}, nil); v.OK {
		t.Errorf("a delegate who left: %+v", v)
	}
	o.Delegates[0].Problem = "is void"
	wantText(t, as("mira", AsDelegate), "the delegation to mira (Mira O.) does not count: is void")
}

// A deputy who is a delegate as well may be either.
func TestDelegateWhoIsDeputy(t *testing.T) {
	r := keyed(t)
	o := delegating(r, "tomas", delegated("tomas"), nil)
	if signers := r.Signers(o); len(signers) != 2 || signers[1].As != AsDelegate {
		t.Errorf("got %v", signers)
	}
	for _, as := range []As{AsDelegate, AsDeputy} {
		if v := r.Consent(o, someStatement(), []Signature{signed("tomas", as, "a reason")}, nil); !v.OK || v.As != as {
			t.Errorf("as %s: %+v", as, v)
		}
	}
}

// The proof of a delegation covers every field of its file, in a namespace of its own.
func TestDelegationBindsEveryField(t *testing.T) {
	s := mustSign(t, delegated("mira"), laptop)
	changes := map[string]func(*Signature){
		"person":    func(s *Signature) { s.Person = "jo" },
		"reason":    func(s *Signature) { s.Reason += "!" },
		"at":        func(s *Signature) { s.At = s.At.Add(time.Second) },
		"name":      func(s *Signature) { s.Claim.Name = "" },
		"email":     func(s *Signature) { s.Claim.Email = "x@example.org" },
		"store":     func(s *Signature) { s.Statement.Store = "s-2" },
		"patch":     func(s *Signature) { s.Statement.Patch = "T9" },
		"version":   func(s *Signature) { s.Statement.Version = "1.47" },
		"component": func(s *Signature) { s.Statement.Component = "core" },
		"delegate":  func(s *Signature) { s.Statement.Delegate = "jo" },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s := s
			change(&s)
			_, err := s.provedBy()
			wantText(t, err, "does not hold")
			o := Owner{ID: s.Person}
			if d := keyed(t).Delegate(o, s.Statement, s, nil); d.Problem == "" {
				t.Errorf("it counts: %+v", d)
			}
		})
	}
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := "store s-1\npatch T401234\nversion 1.46.0-wmf.6\ncomponent extensions/AbuseFilter\ndelegate mira\npurpose delegate\nperson priya\nas owner\nreason at sea\n"
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("signed is\n%s", text)
	}
	s.Proof = by(t, laptop, text, Namespace, "sha512", "")
	_, err = s.provedBy()
	wantText(t, err, `was made for "git-carry-resolve@v1", not for git-carry-delegate@v1`)
}

func TestDelegationAgainstSSHKeygen(t *testing.T) {
	s := mustSign(t, delegated("mira"), laptop)
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	if !keygenVerifiesIn(t, DelegateNamespace, laptop.PublicKey(), s.Proof, text) {
		t.Error("ssh-keygen does not accept it")
	}
	if keygenVerifiesIn(t, Namespace, laptop.PublicKey(), s.Proof, text) {
		t.Error("ssh-keygen accepts it as a consent")
	}
}

// What one purpose does not say cannot stand in a statement of it, in no form.
func TestDelegationStatement(t *testing.T) {
	for name, change := range map[string]func(*Statement){
		"result":      func(s *Statement) { s.Result = id("c") },
		"conflict":    func(s *Statement) { s.Conflict = "c-1" },
		"no delegate": func(s *Statement) { s.Delegate = "" },
		"no id":       func(s *Statement) { s.Delegate = "../jo" },
		"consent":     func(s *Statement) { *s = someStatement(); s.Delegate = "jo" },
	} {
		t.Run(name, func(t *testing.T) {
			s := delegation("mira")
			change(&s)
			var se *StatementError
			if err := s.Check(); !errors.As(err, &se) {
				t.Errorf("%+v passes: %v", s, err)
			}
		})
	}
	file := string(mustEncode(t, delegated("mira")))
	for _, bad := range []string{
		strings.Replace(file, "delegate = \"mira\"\n", "delegate = \"mira\"\nresult = \""+id("c")+"\"\n", 1),
		strings.Replace(file, `purpose = "delegate"`, `purpose = "resolve"`, 1),
		strings.Replace(file, `as = "owner"`, `as = "delegate"`, 1),
	} {
		if s, err := ParseSignature([]byte(bad)); err == nil {
			t.Errorf("read as %+v", s)
		}
	}
}

func TestDelegationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := delegated(rapid.StringMatching(`[a-z][a-z0-9]{0,8}`).Draw(t, "to"))
		s.Statement.Version = rapid.StringMatching(`[0-9a-z][0-9a-z. -]{0,8}[0-9a-z]`).Draw(t, "version")
		if rapid.Bool().Draw(t, "proved") {
			s = mustSign(t, s, laptop)
		}
		data, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseSignature(data); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("read back as %+v, %v", again, err)
		}
		text, err := s.Statement.Text()
		if again := readBack(text, PurposeDelegate); err != nil || again != s.Statement {
			t.Fatalf("read back as %+v, %v", again, err)
		}
	})
}
