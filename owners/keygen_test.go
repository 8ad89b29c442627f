package owners

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

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
	return keygenVerifiesIn(t, Namespace, public, proof, text)
}

func keygenVerifiesIn(t *testing.T, namespace string, public ssh.PublicKey, proof string, text []byte) bool {
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
	c := exec.Command(program, "-Y", "verify", "-f", allowed, "-I", "priya", "-n", namespace, "-s", write("sig", proof))
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
