package owners

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"math/big"
	"slices"
	"sync"
	"testing"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
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
