package owners

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"
)

// testKey is an ed25519 key that is the same in every run.
func testKey(seed byte) ssh.Signer {
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		panic(err)
	}
	return signer
}

// keysOf are the keys that the people of keyed sign with. priya has another one
// at her desk.
var (
	laptop = testKey(1)
	desk   = testKey(9)
	keysOf = map[string]ssh.Signer{"priya": laptop, "tomas": testKey(2), "mira": testKey(3), "jo": testKey(4)}
)

func mustKey(t testing.TB, signer ssh.Signer) Key {
	t.Helper()
	k, err := KeyOf(signer.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// keyed is team with keys.
func keyed(t testing.TB) Registry {
	t.Helper()
	r := team(t)
	for id, signer := range keysOf {
		r = edited(t, r, id, func(p *Person) { p.Keys = []Key{mustKey(t, signer)} })
	}
	return edited(t, r, "priya", func(p *Person) { p.Keys = append(p.Keys, mustKey(t, desk)) })
}

func edited(t testing.TB, r Registry, id string, change func(*Person)) Registry {
	t.Helper()
	p, _ := r.Person(id)
	change(&p)
	r, err := r.Replace(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
}

func mustSign(t fataler, s Signature, signer ssh.Signer) Signature {
	t.Helper()
	s, err := s.Sign(rand.Reader, signer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

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

// fakeSecurityKey signs as a FIDO authenticator does: over the hash of the
// application, flags, a counter and the hash of the data.
type fakeSecurityKey struct {
	signer crypto.Signer
	public ssh.PublicKey
	flags  byte // 1: somebody touched it
}

const securityKeyApp = "ssh:"

func newSecurityKey(t testing.TB, signer crypto.Signer, flags byte) fakeSecurityKey {
	t.Helper()
	var wire []byte
	switch public := signer.Public().(type) {
	case ed25519.PublicKey:
		wire = ssh.Marshal(struct{ Type, Public, App string }{ssh.KeyAlgoSKED25519, string(public), securityKeyApp})
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		wire = ssh.Marshal(struct{ Type, Curve, Point, App string }{ssh.KeyAlgoSKECDSA256, "nistp256", string(point), securityKeyApp})
	}
	public, err := ssh.ParsePublicKey(wire)
	if err != nil {
		t.Fatal(err)
	}
	return fakeSecurityKey{signer, public, flags}
}

func (k fakeSecurityKey) PublicKey() ssh.PublicKey { return k.public }

func (k fakeSecurityKey) Sign(random io.Reader, data []byte) (*ssh.Signature, error) {
	app, message := sha256.Sum256([]byte(securityKeyApp)), sha256.Sum256(data)
	counter := []byte{0, 0, 0, 7}
	signed := slices.Concat(app[:], []byte{k.flags}, counter, message[:])
	sig := &ssh.Signature{Format: k.public.Type(), Rest: append([]byte{k.flags}, counter...)}
	if _, ed := k.signer.Public().(ed25519.PublicKey); ed {
		blob, err := k.signer.Sign(random, signed, crypto.Hash(0))
		sig.Blob = blob
		return sig, err
	}
	digest := sha256.Sum256(signed)
	r, s, err := ecdsa.Sign(random, k.signer.(*ecdsa.PrivateKey), digest[:])
	sig.Blob = ssh.Marshal(struct{ R, S *big.Int }{r, s})
	return sig, err
}

// madeKeys are keys of every type that may sign, and some that may not.
var madeKeys = sync.OnceValue(func() map[string]crypto.Signer {
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return k
	}
	ec := func(c elliptic.Curve) crypto.Signer {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		return must(k, err)
	}
	rsaKey := func(bits int) crypto.Signer {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		return must(k, err)
	}
	return map[string]crypto.Signer{
		"ed25519":   ed25519.NewKeyFromSeed(slices.Repeat([]byte{7}, ed25519.SeedSize)),
		"ecdsa-256": ec(elliptic.P256()), "ecdsa-384": ec(elliptic.P384()), "ecdsa-521": ec(elliptic.P521()),
		"rsa-3072": rsaKey(3072), "rsa-2048": rsaKey(2048),
	}
})

func mustSigner(t testing.TB, key crypto.Signer) ssh.Signer {
	t.Helper()
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// by signs a text in a way that Sign would not: another namespace, another hash,
// another algorithm.
func by(t testing.TB, signer ssh.Signer, text []byte, namespace, hash, algorithm string) string {
	t.Helper()
	digest := crypto.SHA512.New()
	if hash == "sha256" {
		digest = crypto.SHA256.New()
	}
	digest.Write(text)
	data := append([]byte("SSHSIG"), ssh.Marshal(struct{ Namespace, Reserved, Hash, Digest string }{namespace, "", hash, string(digest.Sum(nil))})...)
	var sig *ssh.Signature
	var err error
	if algorithm == "" {
		sig, err = signer.Sign(rand.Reader, data)
	} else {
		sig, err = signer.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, data, algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(sshsig.Armor(&sshsig.Signature{
		Version: 1, PublicKey: signer.PublicKey(), Namespace: namespace, HashAlgorithm: sshsig.HashAlgorithm(hash), Signature: sig,
	}))
}

// TestProofVectors: what we accept, ssh-keygen accepts; we may be stricter.
func TestProofVectors(t *testing.T) {
	s := signed("priya", AsOwner, "")
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	keys := madeKeys()
	signer := func(name string) ssh.Signer { return mustSigner(t, keys[name]) }
	sk := newSecurityKey(t, keys["ed25519"], 1)
	skEC := newSecurityKey(t, keys["ecdsa-256"], 1)
	for name, tt := range map[string]struct {
		signer         ssh.Signer
		ns, hash, algo string
		words          string // of our refusal; "" when the proof is good
	}{
		"ed25519":            {signer: signer("ed25519")},
		"ed25519, sha256":    {signer: signer("ed25519"), hash: "sha256"},
		"ecdsa p256":         {signer: signer("ecdsa-256")},
		"ecdsa p384":         {signer: signer("ecdsa-384")},
		"ecdsa p521":         {signer: signer("ecdsa-521")},
		"rsa sha512":         {signer: signer("rsa-3072"), algo: ssh.KeyAlgoRSASHA512},
		"rsa sha256":         {signer: signer("rsa-3072"), algo: ssh.KeyAlgoRSASHA256},
		"sk-ed25519":         {signer: sk},
		"sk-ecdsa":           {signer: skEC},
		"rsa sha1":           {signer: signer("rsa-3072"), algo: ssh.KeyAlgoRSA, words: "invalid signature format"},
		"rsa 2048":           {signer: signer("rsa-2048"), algo: ssh.KeyAlgoRSASHA512, words: "2048 bits"},
		"git's namespace":    {signer: signer("ed25519"), ns: "git", words: `was made for "git"`},
		"a newer namespace":  {signer: signer("ed25519"), ns: "git-carry-resolve@v2", words: "was made for"},
		"no namespace":       {signer: signer("ed25519"), ns: "-", words: "was made for"},
		"unknown hash":       {signer: signer("ed25519"), hash: "sha384", words: "unsupported hash"},
		"sk, nobody touched": {signer: newSecurityKey(t, keys["ed25519"], 0), words: "the algorithm"},
		"sk, only verified":  {signer: newSecurityKey(t, keys["ed25519"], 4), words: "the algorithm"},
	} {
		t.Run(name, func(t *testing.T) {
			ns, hash := Namespace, "sha512"
			if tt.ns != "" {
				ns = strings.TrimPrefix(tt.ns, "-")
			}
			if tt.hash != "" {
				hash = tt.hash
			}
			s := s
			s.Proof = by(t, tt.signer, text, ns, hash, tt.algo)
			key, err := s.provedBy()
			if tt.words != "" {
				wantText(t, err, tt.words)
			} else if err != nil || key.Fingerprint() != ssh.FingerprintSHA256(tt.signer.PublicKey()) {
				t.Errorf("proved by %v, %v", key, err)
			}
			if ok := keygenVerifies(t, tt.signer.PublicKey(), s.Proof, text); !ok && err == nil {
				t.Error("we accept what ssh-keygen refuses")
			} else if ok && err != nil && slices.Contains([]string{"rsa sha1", "git's namespace", "no namespace"}, name) {
				t.Error("ssh-keygen accepts it: this vector tests nothing")
			}
		})
	}
}

// keygenVerifies asks ssh-keygen -Y verify. Where there is none, the test of what
// it says is not run.
func keygenVerifies(t *testing.T, public ssh.PublicKey, proof string, text []byte) bool {
	t.Helper()
	program := keygen(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	allowed := write("allowed", "priya "+string(ssh.MarshalAuthorizedKey(public)))
	c := exec.Command(program, "-Y", "verify", "-f", allowed, "-I", "priya", "-n", Namespace, "-s", write("sig", proof))
	c.Stdin = bytes.NewReader(text)
	out, err := c.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	t.Logf("ssh-keygen: %s", bytes.TrimSpace(out))
	return err == nil
}

func keygen(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("not compared with OpenSSH: no ssh-keygen here")
	}
	return program
}

// TestProofOfKeygen: what ssh-keygen signs, we accept, in its own armor brought
// into ours; and what we sign, it accepts.
func TestProofOfKeygen(t *testing.T) {
	program := keygen(t)
	s := signed("priya", AsOwner, "")
	text, _ := s.Text()
	for _, args := range [][]string{{"ed25519"}, {"ecdsa", "-b", "256"}, {"ecdsa", "-b", "384"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "3072"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "key")
			if out, err := exec.Command(program, append([]string{"-q", "-N", "", "-f", file, "-t"}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			c := exec.Command(program, "-Y", "sign", "-q", "-f", file, "-n", Namespace)
			c.Stdin = bytes.NewReader(text)
			out, err := c.Output()
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := sshsig.Unarmor(out)
			if err != nil {
				t.Fatal(err)
			}
			s := s
			s.Proof = string(sshsig.Armor(theirs))
			if _, err := s.provedBy(); err != nil {
				t.Error(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			signer, err := ssh.ParsePrivateKey(data)
			if err != nil {
				t.Fatal(err)
			}
			ours := mustSign(t, s, signer)
			if !keygenVerifies(t, signer.PublicKey(), ours.Proof, text) {
				t.Error("ssh-keygen does not accept our signature")
			}
			if keygenVerifies(t, signer.PublicKey(), ours.Proof, append(text, '\n')) {
				t.Error("ssh-keygen accepts anything: this test tests nothing")
			}
		})
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
		"s-2", "T9", "1.47", "core", id("1"), "c-1", id("2"), id("3"), id("4"), PurposeDrift,
	}
	fields := reflect.TypeFor[Statement]()
	for i := range fields.NumField() {
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

// TestFrozenVectors: signatures that ssh-keygen made over a text of this format
// once. They hold the format still where no ssh-keygen is at hand.
func TestFrozenVectors(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", "sshsig", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	s := signed("priya", AsOwner, "")
	if text, err := s.Text(); err != nil || string(text) != read("text") {
		t.Fatalf("the text is another one now: what was signed before would be void (%v)\n%s", err, text)
	}
	for name, words := range map[string]string{
		"ed25519": "", "ecdsa256": "", "ecdsa384": "", "ecdsa521": "", "rsa3072": "", "wrong-namespace": `was made for "git"`,
	} {
		t.Run(name, func(t *testing.T) {
			sig, err := sshsig.Unarmor([]byte(read(name + ".sig")))
			if err != nil {
				t.Fatal(err)
			}
			s := s
			s.Proof = string(sshsig.Armor(sig))
			want, err := ParseKey(read(name + ".pub"))
			if err != nil {
				t.Fatal(err)
			}
			key, err := s.provedBy()
			if words != "" {
				wantText(t, err, words)
			} else if err != nil || key.Blob != want.Blob {
				t.Errorf("proved by %v, %v", key, err)
			}
			s.Reason = "another"
			if _, err := s.provedBy(); err == nil {
				t.Error("it holds for another text")
			}
		})
	}
}
