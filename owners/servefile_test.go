package owners

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/hiddeco/sshsig"
)

func TestSignServe(t *testing.T) {
	signer, file := testKey(1), []byte(`{"generation": 7}`)
	key := mustKey(t, signer)
	sig, err := SignServe(rand.Reader, signer, file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ServeSigner(file, sig, []Key{mustKey(t, testKey(2)), key}); err != nil || got.Blob != key.Blob {
		t.Fatalf("signed by %s (%v), want %s", got.Fingerprint(), err, key.Fingerprint())
	}
	other := by(t, signer, file, Namespace, string(sshsig.HashSHA512), signer.PublicKey().Type())
	for name, tc := range map[string]struct {
		file, sig string
		allowed   []Key
	}{
		"another file":      {`{"generation": 8}`, string(sig), nil},
		"nobody is allowed": {string(file), string(sig), []Key{}},
		"another key":       {string(file), string(sig), []Key{mustKey(t, testKey(2))}},
		"another namespace": {string(file), other, nil},
		"no signature":      {string(file), "", nil},
		"cut short":         {string(file), string(sig[:len(sig)/2]), nil},
		"long":              {string(file), string(sig) + strings.Repeat("\n", maxProof), nil},
	} {
		if _, err := ServeSigner([]byte(tc.file), []byte(tc.sig), tc.allowed); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}
