package owners

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// MinRSABits is the smallest RSA key that may sign.
const MinRSABits = 3072

// maxKeyLine bounds a key line in bytes; an RSA key of 16384 bits needs 2800.
const maxKeyLine = 8 << 10

// keyTypes are the algorithms that may sign. DSA and certificates are absent on
// purpose.
var keyTypes = []string{
	ssh.KeyAlgoED25519,
	ssh.KeyAlgoSKED25519,
	ssh.KeyAlgoECDSA256,
	ssh.KeyAlgoECDSA384,
	ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoSKECDSA256,
	ssh.KeyAlgoRSA,
}

// Key is an SSH public key as in a .pub file. Make one with [ParseKey].
type Key struct {
	Type    string // "ssh-ed25519"
	Blob    string // the key itself, in base64 with padding
	Comment string // "priya@laptop", may be ""
}

// String is the line of the .pub file.
func (k Key) String() string {
	return strings.TrimSuffix(k.Type+" "+k.Blob+" "+k.Comment, " ")
}

// Fingerprint is the name that ssh-keygen -l prints: "SHA256:…". It is "" for a
// key that ParseKey did not make.
func (k Key) Fingerprint() string {
	raw, err := base64.StdEncoding.DecodeString(k.Blob)
	if err != nil {
		return ""
	}
	public, err := ssh.ParsePublicKey(raw)
	if err != nil {
		return ""
	}
	return ssh.FingerprintSHA256(public)
}

// ParseKey reads one line of a .pub file: algorithm, base64, comment. It accepts
// ed25519, ECDSA on the NIST curves, both on a security key too, and RSA of at
// least MinRSABits bits.
func ParseKey(line string) (Key, error) {
	line = strings.TrimSpace(line)
	if len(line) > maxKeyLine {
		return Key{}, fmt.Errorf("the key is %d bytes long; the limit is %d", len(line), maxKeyLine)
	}
	if !printable(line) {
		return Key{}, fmt.Errorf("%s is not one line of printable characters", quote(line))
	}
	if strings.Contains(line, "PRIVATE KEY") {
		return Key{}, errors.New("this is a private key; give the file that ends in .pub")
	}
	kind, rest, _ := strings.Cut(line, " ")
	blob, comment, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	k := Key{Type: kind, Blob: blob, Comment: strings.TrimSpace(comment)}
	if !slices.Contains(keyTypes, kind) {
		return Key{}, fmt.Errorf("the algorithm %s is not one of %s", quote(kind), strings.Join(keyTypes, ", "))
	}
	return k, k.check()
}

// KeyOf is a public key in the form of the registry, without a comment. The error
// says why such a key may not sign.
func KeyOf(public ssh.PublicKey) (Key, error) {
	return ParseKey(public.Type() + " " + base64.StdEncoding.EncodeToString(public.Marshal()))
}

// check looks inside the blob: it must be the key that its type says, and strong.
func (k Key) check() error {
	raw, err := base64.StdEncoding.Strict().DecodeString(k.Blob)
	if err != nil {
		return fmt.Errorf("the key %s is not base64: %w", quote(k.Blob), err)
	}
	public, err := ssh.ParsePublicKey(raw)
	if err != nil {
		// The error may quote the blob's bytes as they are.
		return fmt.Errorf("the key %s is not an SSH key: %s", quote(k.Blob), clean(err.Error()))
	}
	if public.Type() != k.Type {
		return fmt.Errorf("the key says %q, its content says %s", k.Type, quote(public.Type()))
	}
	// Two spellings of one key would be two keys.
	if !slices.Equal(public.Marshal(), raw) {
		return fmt.Errorf("the key %s is not in its canonical form", quote(k.Blob))
	}
	return checkStrength(public)
}

func checkStrength(public ssh.PublicKey) error {
	if public, ok := public.(ssh.CryptoPublicKey); ok {
		key, ok := public.CryptoPublicKey().(*rsa.PublicKey)
		if ok && key.N.BitLen() < MinRSABits {
			return fmt.Errorf("the RSA key has %d bits; at least %d are needed", key.N.BitLen(), MinRSABits)
		}
	}
	return nil
}
