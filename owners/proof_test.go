package owners

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"
)

func TestSignatureText(t *testing.T) {
	s := signed("tomas", AsDeputy, "priya sleeps")
	s.Claim.Name = ""
	got, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	statement, _ := s.Statement.Text()
	want := string(statement) + `person tomas
as deputy
reason priya sleeps
at 2026-03-04T05:06:07Z
name
email tomas@example.org
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Change any field after signing, and the proof is none.
func TestProofCoversEveryField(t *testing.T) {
	s := mustSign(t, signed("tomas", AsDeputy, "priya sleeps"), keysOf["tomas"])
	if _, err := s.provedBy(); err != nil {
		t.Fatal(err)
	}
	changes := map[string]func(*Signature){
		"person": func(s *Signature) { s.Person = "mira" },
		"as":     func(s *Signature) { s.As = AsOverride },
		"reason": func(s *Signature) { s.Reason += " " },
		"at":     func(s *Signature) { s.At = s.At.Add(time.Second) },
		"name":   func(s *Signature) { s.Claim.Name = "" },
		"email":  func(s *Signature) { s.Claim.Email = "x@example.org" },
	}
	other := Statement{
		Store: "s-2", Patch: "T9", Version: "1.47", Component: "core",
		Base: id("1"), Conflict: "c-1", Source: id("2"), Result: id("3"), Tree: id("4"), Purpose: PurposeDrift,
	}
	fields := reflect.TypeFor[Statement]()
	for i := range fields.NumField() {
		switch fields.Field(i).Name { // see TestDelegationBindsEveryField, TestApprovalBindsEveryField
		case "Delegate", "Item", "Act", "Content":
			continue
		}
		changes[fields.Field(i).Name] = func(s *Signature) {
			reflect.ValueOf(&s.Statement).Elem().Field(i).Set(reflect.ValueOf(other).Field(i))
		}
	}
	if len(changes) != 16 {
		t.Errorf("%d fields: a new one must be covered", len(changes))
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s := s
			change(&s)
			_, err := s.provedBy()
			wantText(t, err, "does not hold")
			v := keyed(t).Consent(Owner{ID: "priya"}, s.Statement, []Signature{s}, nil)
			if v.OK || len(v.Ignored) != 1 {
				t.Errorf("it counts: %+v", v)
			}
			text, _ := s.Text()
			if keygenVerifies(t, keysOf["tomas"].PublicKey(), s.Proof, text) {
				t.Error("ssh-keygen accepts it")
			}
		})
	}
}

// A value that ends where another begins must not make the same text.
func TestTextsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"", "x", " x", "x ", "x x", "name", "reason x"})
		draw := func() Signature {
			s := signed("jo", AsOverride, "r"+value.Draw(t, "reason"))
			s.Claim = Claim{value.Draw(t, "name"), value.Draw(t, "email")}
			return s
		}
		a, b := draw(), draw()
		textA, errA := a.Text()
		textB, errB := b.Text()
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if (a == b) != bytes.Equal(textA, textB) {
			t.Fatalf("%+v and %+v:\n%s", a, b, textA)
		}
	})
}

// Of signatures that swap their proofs none counts.
func TestSwappedProofs(t *testing.T) {
	r := keyed(t)
	sigs := []Signature{
		mustSign(t, signed("priya", AsOwner, ""), laptop), mustSign(t, signed("tomas", AsDeputy, "r"), keysOf["tomas"]),
		mustSign(t, signed("mira", AsOverride, "r"), keysOf["mira"]), mustSign(t, signed("jo", AsOverride, "r"), keysOf["jo"]),
	}
	for i := range sigs {
		for j := range sigs {
			s := sigs[i]
			s.Proof = sigs[j].Proof
			v := r.Consent(Owner{ID: "priya"}, someStatement(), []Signature{s}, nil)
			if counts := len(v.Labels) == 1; counts != (i == j) {
				t.Errorf("%s with the proof of %s: %+v", s.Person, sigs[j].Person, v)
			}
		}
	}
}

func TestParseProofRefuses(t *testing.T) {
	good := mustSign(t, signed("priya", AsOwner, ""), laptop).Proof
	sig, _ := sshsig.Unarmor([]byte(good))
	rewire := func(change func(*sshsig.Signature)) string {
		again := *sig
		inner := *sig.Signature
		again.Signature = &inner
		change(&again)
		return string(sshsig.Armor(&again))
	}
	for name, tt := range map[string]struct{ proof, words string }{
		"words":             {"trust me", "is no SSH signature"},
		"another armor":     {strings.ReplaceAll(good, "SSH SIGNATURE", "PGP SIGNATURE"), "invalid PEM type"},
		"text before":       {"x\n" + good, "canonical"},
		"text after":        {good + "x", "canonical"},
		"two of them":       {good + good, "canonical"},
		"CR LF":             {strings.ReplaceAll(good, "\n", "\r\n"), "canonical"},
		"headers":           {strings.Replace(good, "-----\n", "-----\nA: b\n\n", 1), "canonical"},
		"cut":               {good[:len(good)/2], "is no SSH signature"},
		"huge":              {good + strings.Repeat("\n", maxProof), "the limit is"},
		"bytes appended":    {rewire(func(s *sshsig.Signature) { s.Signature.Rest = []byte{0} }), "the algorithm"},
		"other algorithm":   {rewire(func(s *sshsig.Signature) { s.Signature.Format = ssh.KeyAlgoED25519 + "x" }), "the algorithm"},
		"escape in it":      {rewire(func(s *sshsig.Signature) { s.Signature.Format = "\x1b[2J" }), "the algorithm"},
		"hash with escapes": {rewire(func(s *sshsig.Signature) { s.HashAlgorithm = "\x1b[2J" }), "unsupported hash"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := parseProof(tt.proof)
			wantText(t, err, tt.words)
			if err != nil && !printable(err.Error()) {
				t.Errorf("error %q is not printable", err)
			}
		})
	}
	if _, _, err := parseProof(good); err != nil {
		t.Errorf("the good one is refused: %v", err)
	}
	if _, err := sshsig.Unarmor([]byte(certified(t))); err == nil {
		if _, _, err := parseProof(certified(t)); err == nil {
			t.Error("a certificate signs")
		}
	}
}

// certified is a proof by a certificate instead of a key.
func certified(t *testing.T) string {
	t.Helper()
	cert := &ssh.Certificate{Key: laptop.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"priya"}, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, desk); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(cert, laptop)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := signed("priya", AsOwner, "").Text()
	return by(t, signer, text, Namespace, "sha512", "")
}

func TestSignRefuses(t *testing.T) {
	s := signed("priya", AsOwner, "")
	_, err := s.Sign(rand.Reader, mustSigner(t, madeKeys()["rsa-2048"]))
	wantText(t, err, "2048 bits")
	_, err = s.Sign(rand.Reader, newSecurityKey(t, madeKeys()["ed25519"], 0))
	wantText(t, err, "signing:", "the algorithm")
	_, err = s.Sign(rand.Reader, liar{laptop})
	wantText(t, err, "does not hold")
	_, err = s.Sign(rand.Reader, silent{laptop})
	wantText(t, err, "the key was taken away")
	s.Statement.Tree = "HEAD"
	_, err = s.Sign(rand.Reader, laptop)
	wantText(t, err, "statement: tree")
}

// liar is an agent that signs something else.
type liar struct{ ssh.Signer }

func (l liar) Sign(random io.Reader, _ []byte) (*ssh.Signature, error) {
	return l.Signer.Sign(random, []byte("something else"))
}

// silent is an agent that signs nothing.
type silent struct{ ssh.Signer }

func (silent) Sign(io.Reader, []byte) (*ssh.Signature, error) {
	return nil, errors.New("the key was taken away")
}

func FuzzProof(f *testing.F) {
	text, err := signed("priya", AsOwner, "").Text()
	if err != nil {
		f.Fatal(err)
	}
	for _, key := range madeKeys() {
		signer, err := ssh.NewSignerFromSigner(key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(by(f, signer, text, Namespace, "sha512", ""))
	}
	f.Add(by(f, newSecurityKey(f, madeKeys()["ed25519"], 1), text, Namespace, "sha256", ""))
	f.Add(by(f, laptop, text, "git", "sha512", ""))
	f.Add("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n")
	f.Fuzz(func(t *testing.T, armored string) {
		s := signed("priya", AsOwner, "")
		s.Proof = armored
		if label := s.Label(); !printable(label) {
			t.Fatalf("label %q", label)
		}
		_, key, err := parseProof(armored)
		if err != nil {
			if !printable(err.Error()) {
				t.Fatalf("error %q", err)
			}
			if _, err := s.provedBy(); err == nil {
				t.Fatal("what cannot be read proves something")
			}
			return
		}
		if again, err := ParseKey(key.String()); err != nil || again != key {
			t.Fatalf("a key that may not sign: %v", err)
		}
		if strings.Contains(armored, `"""`) || strings.Contains(armored, `\`) {
			t.Fatal("it would not survive in a file")
		}
	})
}
