package owners

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// The SSHSIG namespaces of a proof. What was signed for anything else, a git
// commit for one, proves nothing here, nor does the one stand for the other.
const (
	Namespace         = "git-carry-resolve@v1"
	DelegateNamespace = "git-carry-delegate@v1" // of PurposeDelegate
	UrgentNamespace   = "git-carry-urgent@v1"   // of PurposeUrgent
)

// namespace is the one for statements of a purpose.
func (p Purpose) namespace() string {
	switch p {
	case PurposeDelegate:
		return DelegateNamespace
	case PurposeUrgent:
		return UrgentNamespace
	}
	return Namespace
}

// maxProof bounds a proof, in bytes; an RSA key of 16384 bits needs 6000.
const maxProof = 12 << 10

// Text is what a proof signs: the text of the statement, then a line for each of
// the other fields, "reason" and the claim's "name" and "email" without a value
// where they are empty. So nothing in a signature can be changed without its
// key. The error is a *SignatureError.
func (s Signature) Text() ([]byte, error) {
	if err := s.checkContent(); err != nil {
		return nil, err
	}
	text, err := s.Statement.Text()
	if err != nil {
		return nil, err
	}
	for _, f := range [][2]string{
		{"person", s.Person},
		{"as", string(s.As)},
		{"reason", s.Reason},
		{"at", s.At.UTC().Format(time.RFC3339)},
		{"name", s.Claim.Name},
		{"email", s.Claim.Email},
	} {
		line := f[0]
		if f[1] != "" {
			line += " " + f[1]
		}
		text = append(text, line+"\n"...)
	}
	return text, nil
}

// Sign gives the signature with the proof that the signer makes of its Text, by
// the same rules as ssh-keygen -Y sign -n with the namespace of its purpose:
// SHA-512, and for RSA never SHA-1. random feeds the algorithms that need it. A key that ParseKey would
// refuse does not sign.
func (s Signature) Sign(random io.Reader, signer ssh.Signer) (Signature, error) {
	text, err := s.Text()
	if err != nil {
		return Signature{}, err
	}
	if _, err := KeyOf(signer.PublicKey()); err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	made, err := sshsig.SignWithRand(bytes.NewReader(text), random, signer, sshsig.HashSHA512, s.Statement.Purpose.namespace())
	if err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	s.Proof = string(sshsig.Armor(made))
	// An agent is another program: what it made is checked like anybody's.
	if _, err := s.provedBy(); err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	return s, nil
}

// provedBy checks the proof over the signature's Text and gives the key that made
// it. Whose key that is, the registry knows.
func (s Signature) provedBy() (Key, error) {
	sig, key, err := parseProof(s.Proof)
	if err != nil {
		return Key{}, proofError("%w", err)
	}
	namespace := s.Statement.Purpose.namespace()
	if sig.Namespace != namespace {
		return Key{}, proofError("was made for %s, not for %s", quote(sig.Namespace), namespace)
	}
	text, err := s.Text()
	if err != nil {
		return Key{}, err
	}
	if err := sshsig.Verify(bytes.NewReader(text), sig, sig.PublicKey, sig.HashAlgorithm, namespace); err != nil {
		return Key{}, proofError("does not hold for what it is attached to")
	}
	return key, nil
}

// parseProof reads an SSH signature and looks at all that can be seen without the
// text: a key that may sign, an algorithm that belongs to it, one spelling only.
func parseProof(armored string) (*sshsig.Signature, Key, error) {
	if len(armored) > maxProof {
		return nil, Key{}, fmt.Errorf("has %d bytes; the limit is %d", len(armored), maxProof)
	}
	sig, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		return nil, Key{}, fmt.Errorf("is no SSH signature: %s", clean(err.Error()))
	}
	key, err := KeyOf(sig.PublicKey)
	if err != nil {
		return nil, Key{}, err
	}
	if !mayMake(key, sig.Signature) {
		return nil, Key{}, fmt.Errorf("the algorithm %s is not one of a key of type %s", quote(sig.Signature.Format), key.Type)
	}
	if string(sshsig.Armor(sig)) != armored {
		return nil, Key{}, fmt.Errorf("is not in its canonical form")
	}
	return sig, key, nil
}

// mayMake tells whether a key may make a signature of this algorithm. Only those
// of security keys hold more than the signature itself: flags, one of which says
// that a person touched the key, and a counter.
func mayMake(key Key, sig *ssh.Signature) bool {
	switch key.Type {
	case ssh.KeyAlgoRSA:
		return len(sig.Rest) == 0 && (sig.Format == ssh.KeyAlgoRSASHA256 || sig.Format == ssh.KeyAlgoRSASHA512)
	case ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		const touched = 1
		return len(sig.Rest) == 5 && sig.Rest[0]&touched != 0 && sig.Format == key.Type
	}
	return len(sig.Rest) == 0 && sig.Format == key.Type
}

func proofError(format string, args ...any) error {
	return &SignatureError{Key: "proof", Problem: fmt.Errorf(format, args...).Error()}
}

// InForce gives the registry that was in force when the ledger took a signature
// in, and false when the ledger does not have it. It is asked only for signatures
// whose key is in the registry no more.
type InForce func(Signature) (Registry, bool)

// unproved says why the proof of a signature does not show that it is the
// person's; "" means that it does.
//
// The life of a key is counted in versions of the registry, as the ledger has
// them, never in dates: a key proves what it signed while the registry had it.
// Taken out later, it still proves what the ledger took in before; marked as
// compromised, it proves nothing, whenever it signed.
func (r Registry) unproved(s Signature, then InForce) string {
	key, err := s.provedBy()
	if err != nil {
		return strings.Replace(err.Error(), "signature: proof: ", "its proof ", 1)
	}
	p, live := r.ByKey(key)
	switch {
	case r.compromised(key):
		return "the key is marked as compromised"
	case live && p.ID == s.Person:
		return ""
	case live:
		return "the key is " + p.String() + "'s"
	}
	if then != nil {
		past, ok := then(s)
		if p, live := past.ByKey(key); ok && live && p.ID == s.Person {
			return ""
		}
	}
	return fmt.Sprintf("the key was none of %s when the ledger took the signature in, and is none now", clean(s.Person))
}
