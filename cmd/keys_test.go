package cmd

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/owners"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// testPrivateKey is an ed25519 key that is the same in every run.
func testPrivateKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func testSigner(t *testing.T, seed byte) ssh.Signer {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(testPrivateKey(seed))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// people is a registry of two with keys 1 and 2; key 3 is nobody's.
func people(t *testing.T) owners.Registry {
	t.Helper()
	r := owners.New()
	for i, id := range []string{"priya", "sam"} {
		key, err := owners.KeyOf(testSigner(t, byte(i+1)).PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		if r, err = r.Add(owners.Person{ID: id, Name: id, Emails: []string{id + "@example.org"}, Keys: []owners.Key{key}}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// agentApp is an app whose agent holds the keys; the agent lives in this process.
func agentApp(t *testing.T, seeds ...byte) *app {
	t.Helper()
	keys := agent.NewKeyring()
	for _, seed := range seeds {
		if err := keys.Add(agent.AddedKey{PrivateKey: testPrivateKey(seed)}); err != nil {
			t.Fatal(err)
		}
	}
	return &app{env: Env{
		Dir: t.TempDir(), Environ: []string{"SSH_AUTH_SOCK=/agent"},
		Dial: func(_ context.Context, network, address string) (net.Conn, error) {
			if network != "unix" || address != "/agent" {
				t.Errorf("dialled %s %s", network, address)
			}
			ours, theirs := net.Pipe()
			go func() { _ = agent.ServeAgent(keys, theirs) }()
			return ours, nil
		},
	}}
}

func wantHint(t *testing.T, err error, message, hint string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", message)
	}
	f := explain(err)
	if !strings.Contains(f.Message, message) {
		t.Errorf("message %q, want %q", f.Message, message)
	}
	if hint != "" && !slices.ContainsFunc(f.Hint, func(h string) bool { return strings.Contains(h, hint) }) {
		t.Errorf("hints %q, want %q", f.Hint, hint)
	}
}

func TestChooseKey(t *testing.T) {
	priya, sam := owners.Actor{Person: "priya"}, owners.Actor{Person: "sam"}
	for name, tt := range map[string]struct {
		seeds   []byte
		as      string
		me      owners.Actor
		person  string
		refusal string
		exit    int
	}{
		"the only one":         {seeds: []byte{1}, person: "priya"},
		"not who git says":     {seeds: []byte{1}, me: sam, person: "priya"},
		"among strangers":      {seeds: []byte{3, 4, 2}, person: "sam"},
		"two people, me":       {seeds: []byte{1, 2}, me: sam, person: "sam"},
		"two people, as":       {seeds: []byte{1, 2}, me: sam, as: "priya", person: "priya"},
		"two people, neither":  {seeds: []byte{1, 2}, refusal: "holds keys of priya, sam", exit: exitUsage},
		"a stranger":           {seeds: []byte{3}, me: priya, refusal: "is not in the registry", exit: exitConsent},
		"strangers":            {seeds: []byte{3, 4}, me: priya, refusal: "none of the 2 keys", exit: exitConsent},
		"another's, as":        {seeds: []byte{2}, as: "priya", refusal: "and you act as priya", exit: exitConsent},
		"others', as somebody": {seeds: []byte{2, 3}, as: "priya", refusal: "none of the 2 keys", exit: exitConsent},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := agentApp(t, tt.seeds...).openKeys(t.Context(), "agent")
			if err != nil {
				t.Fatal(err)
			}
			defer keys.close()
			signer, actor, err := keys.choose(people(t), tt.as, tt.me)
			if tt.refusal != "" {
				wantHint(t, err, tt.refusal, "")
				if exit := explain(err).Exit; exit != tt.exit {
					t.Errorf("exit %d, want %d: %v", exit, tt.exit, err)
				}
				return
			}
			if err != nil || actor.Person != tt.person || actor.Assurance != owners.Verified {
				t.Fatalf("got %+v, %v", actor, err)
			}
			if ssh.FingerprintSHA256(signer.PublicKey()) != actor.Key {
				t.Error("the key is another one than the actor's")
			}
			if _, err := signer.Sign(rand.Reader, []byte("data")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAgentTrouble(t *testing.T) {
	a := agentApp(t)
	_, err := a.openKeys(t.Context(), "agent")
	wantHint(t, err, "holds no key", "ssh-add FILE")

	a.env.Dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() { // an agent that speaks something else
			_, _ = theirs.Read(make([]byte, 100))
			_, _ = theirs.Write([]byte{0, 0, 0, 2, 99, 99})
			_ = theirs.Close()
		}()
		return ours, nil
	}
	_, err = a.openKeys(t.Context(), "agent")
	wantHint(t, err, "does not say which keys", "ssh-add")

	a.env.Dial = nil
	_, err = a.openKeys(t.Context(), "agent")
	wantHint(t, err, "no SSH agent is running", "--key FILE")
}

// Ctrl-C ends the wait for an agent that waits for a touch.
func TestAgentThatNeverAnswers(t *testing.T) {
	a := agentApp(t)
	asked := make(chan struct{})
	a.env.Dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Read(make([]byte, 100))
			close(asked)
		}()
		return ours, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := a.openKeys(ctx, "agent"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the interruption", err)
	}
}

// A key of lee's that "open sesame" unlocks, made by ssh-keygen -a 1: with more
// rounds each try would take seconds.
const (
	lockedFile = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAXbsuFXo
TLaQJUWe0mW7xNAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJwt1AcJUkbU3coE
xDfcqub6pPxJl+V+PO98c/CpfZ5EAAAAkMXikRR2H3N6JxqyuwKrMarWHXee8PBQHW9pmk
nwvin8gTbMBjtMLEp060D1jY6IO1rizwOcREVeu2q9L0MU/PKCIg75NXSxCRsT+TDO4WTZ
TOzl2lm1QijehYpZ3ZFd10gYfo0oiBHUnz9gySRUnPpa1Fz9Qv5C6B5smwWpSTpo5Az3kd
SqB7JDlHzXj9tOHA==
-----END OPENSSH PRIVATE KEY-----
`
	lockedPublic = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwt1AcJUkbU3coExDfcqub6pPxJl+V+PO98c/CpfZ5E locked"
)

func TestLockedKey(t *testing.T) {
	key, err := owners.ParseKey(lockedPublic)
	if err != nil {
		t.Fatal(err)
	}
	registry, err := people(t).Add(owners.Person{ID: "lee", Name: "Lee Park", Keys: []owners.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	write := func(a *app) {
		if err := os.WriteFile(filepath.Join(a.env.Dir, "key"), []byte(lockedFile), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	interrupted := errors.New("interrupted")
	for name, tt := range map[string]struct {
		typed   []string // "" stands for Ctrl-C
		asked   int
		refusal string
	}{
		"right at once": {[]string{"open sesame", "never"}, 1, ""},
		"right at last": {[]string{"x", "y", "open sesame"}, 3, ""},
		"wrong":         {[]string{"open sesame ", "y", "z", "open sesame"}, 3, "that is not the passphrase of key"},
		"Ctrl-C":        {[]string{""}, 1, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			a := &app{env: Env{Dir: t.TempDir(), Passphrase: func(_ context.Context, prompt string) ([]byte, error) {
				if prompt != "Passphrase for key: " {
					t.Errorf("asked %q", prompt)
				}
				asked++
				if asked > len(tt.typed) || tt.typed[asked-1] == "" {
					return nil, interrupted
				}
				return []byte(tt.typed[asked-1]), nil
			}}}
			write(a)
			keys, err := a.openKeys(t.Context(), "key")
			if err != nil {
				t.Fatal(err)
			}
			signer, actor, err := keys.choose(registry, "", owners.Actor{})
			if err != nil || actor.Person != "lee" || asked != 0 {
				t.Fatalf("%v, %v, asked %d times before it was needed", actor, err, asked)
			}
			_, err = signer.Sign(rand.Reader, []byte("data"))
			if _, again := signer.Sign(rand.Reader, []byte("more")); (again == nil) != (err == nil) {
				t.Errorf("first %v, then %v", err, again)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
			if tt.refusal == "" && err != nil || tt.refusal != "" && (err == nil || !strings.Contains(err.Error(), tt.refusal)) {
				t.Errorf("got %v, want %q", err, tt.refusal)
			}
		})
	}
}

// When somebody else was faster, sign starts over. Nobody touches a key twice for
// the same thing.
func TestPenSignsOnce(t *testing.T) {
	object := strings.Repeat("a", 40)
	sig := owners.Signature{
		Statement: owners.Statement{
			Store: "s", Patch: "T1", Version: "1", Component: "core", Base: object, Conflict: "c", Result: object, Tree: object,
			Purpose: owners.PurposeResolve,
		},
		Person: "priya", As: owners.AsOwner, At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	}
	touches := 0
	o := &pen{signer: countingSigner{testSigner(t, 1), &touches}}
	a := &app{env: Env{Random: rand.Reader}}
	for i, tt := range []struct {
		reason string
		want   int
	}{{"", 1}, {"", 1}, {"changed meanwhile", 2}} {
		sig.Reason = tt.reason
		made, err := o.sign(t.Context(), a, sig)
		if err != nil || made.Proof == "" || made.Reason != tt.reason {
			t.Fatalf("%d: %+v, %v", i, made, err)
		}
		if touches != tt.want {
			t.Errorf("%d: touched %d times, want %d", i, touches, tt.want)
		}
	}
}

type countingSigner struct {
	ssh.Signer
	touches *int
}

func (s countingSigner) Sign(random io.Reader, data []byte) (*ssh.Signature, error) {
	*s.touches++
	return s.Signer.Sign(random, data)
}

// An RSA key behind a passphrase signs with SHA-2 too.
func TestLockedRSAKey(t *testing.T) {
	if _, ok := ssh.Signer(lockedKey{}).(ssh.AlgorithmSigner); !ok {
		t.Error("it could only sign with SHA-1")
	}
	k := lockedKey{testSigner(t, 1).PublicKey(), func() (ssh.Signer, error) { return plainSigner{testSigner(t, 1)}, nil }}
	if _, err := k.SignWithAlgorithm(rand.Reader, nil, ssh.KeyAlgoRSASHA512); err == nil {
		t.Error("a signer without algorithms signed with one")
	}
}

// plainSigner hides that its signer knows algorithms.
type plainSigner struct{ s ssh.Signer }

func (p plainSigner) PublicKey() ssh.PublicKey { return p.s.PublicKey() }

func (p plainSigner) Sign(r io.Reader, data []byte) (*ssh.Signature, error) {
	return p.s.Sign(r, data)
}
