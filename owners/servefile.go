package owners

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// ServeNamespace is the SSHSIG namespace of the signature beside a file that tells
// users which servers to fetch from. ssh-keygen -Y verify -n checks it too.
const ServeNamespace = "git-carry-serve@v1"

// SignServe signs such a file, by the rules of [Signature.Sign].
func SignServe(random io.Reader, signer ssh.Signer, file []byte) (armored []byte, err error) {
	if _, err := KeyOf(signer.PublicKey()); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	made, err := sshsig.SignWithRand(bytes.NewReader(file), random, signer, sshsig.HashSHA512, ServeNamespace)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	armored = sshsig.Armor(made)
	if _, err := ServeSigner(file, armored, nil); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return armored, nil
}

// ServeSigner gives the key that made the signature of such a file, which must be one of
// allowed unless that is nil. The error is a *SignatureError.
func ServeSigner(file, armored []byte, allowed []Key) (Key, error) {
	sig, key, err := parseProof(string(armored))
	switch {
	case err != nil:
		return Key{}, proofError("%w", err)
	case sig.Namespace != ServeNamespace:
		return Key{}, proofError("was made for %s, not for %s", quote(sig.Namespace), ServeNamespace)
	case sshsig.Verify(bytes.NewReader(file), sig, sig.PublicKey, sig.HashAlgorithm, ServeNamespace) != nil:
		return Key{}, proofError("does not hold for what it is attached to")
	case allowed != nil && !slices.ContainsFunc(allowed, func(k Key) bool { return k.Type == key.Type && k.Blob == key.Blob }):
		return Key{}, proofError("was made by a key that is not one of those to trust: %s", key.Fingerprint())
	}
	return key, nil
}
