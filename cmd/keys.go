package cmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Keys that sign: in a private key file, or held by an SSH agent. Which of them
// may sign, and for whom, the registry says.

// keyring is the keys that one --key names.
type keyring struct {
	name    string // "the agent", or the file as it was given
	signers []ssh.Signer
	agent   net.Conn // nil when no agent is asked
}

func (k *keyring) close() {
	if k != nil && k.agent != nil {
		_ = k.agent.Close()
	}
}

// openKeys reads what --key says: "agent" for the keys of the agent, a .pub file
// for that one of them, or a private key file. A locked file is unlocked only when
// it comes to signing.
func (a *app) openKeys(ctx context.Context, form string) (*keyring, error) {
	if form == "agent" {
		return a.agentKeys(ctx)
	}
	file := a.path(form)
	data, err := readFileLimited(file, maxKeyFile)
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(data), "PRIVATE KEY") {
		signer, err := a.privateKey(ctx, form, data)
		return &keyring{name: form, signers: []ssh.Signer{signer}}, err
	}
	public, err := owners.ParseKey(string(data))
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s is neither a private key nor the .pub file of one: %w", form, err)
	}
	return a.agentKey(ctx, form, public)
}

// agentKey finds the private half of a public key in the agent.
func (a *app) agentKey(ctx context.Context, form string, public owners.Key) (*keyring, error) {
	k, err := a.agentKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, signer := range k.signers {
		if key, err := owners.KeyOf(signer.PublicKey()); err == nil && key.Blob == public.Blob {
			k.name, k.signers = form, []ssh.Signer{signer}
			return k, nil
		}
	}
	k.close()
	return nil, patchset.Faultf(patchset.CodeFailed, "the SSH agent does not hold the key of %s (%s)", form, public.Fingerprint()).
		WithHint("ssh-add %s", shellWord(strings.TrimSuffix(form, ".pub"))).WithHint("what it holds: ssh-add -l")
}

// agentKeys asks the SSH agent for its keys.
func (a *app) agentKeys(ctx context.Context) (*keyring, error) {
	socket := a.env.Getenv("SSH_AUTH_SOCK")
	if socket == "" || a.env.Dial == nil {
		return nil, noAgent("no SSH agent is running for you: $SSH_AUTH_SOCK is not set")
	}
	conn, err := a.env.Dial(ctx, "unix", socket)
	if err != nil {
		return nil, noAgent("the SSH agent does not answer: %w", err)
	}
	// A person may take their time to touch a key; Ctrl-C ends the wait.
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	signers, err := agent.NewClient(conn).Signers()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, noAgent("the SSH agent does not say which keys it holds: %w", err)
	}
	if len(signers) == 0 {
		_ = conn.Close()
		return nil, patchset.Faultf(patchset.CodeFailed, "the SSH agent holds no key").WithHint("ssh-add FILE")
	}
	return &keyring{name: "the agent", signers: signers, agent: conn}, nil
}

func noAgent(format string, args ...any) error {
	return patchset.Faultf(patchset.CodeFailed, format, args...).
		WithHint(`start one: eval "$(ssh-agent)" && ssh-add`).
		WithHint("or name a private key: --key FILE")
}

// privateKey reads a private key file.
func (a *app) privateKey(ctx context.Context, form string, data []byte) (ssh.Signer, error) {
	info, err := os.Stat(a.path(form))
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeBadInput, "reading the key: %w", err).
			WithHint("name a private key, the FILE.pub of one in the agent, or agent: git carry help sign")
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, patchset.Faultf(patchset.CodeBadInput, "others can read the private key %s: its mode is %04o", form, mode).
			WithHint("chmod 600 %s", shellWord(form)).
			WithHint("if others may have read it, take a new one: git carry owner edit ID --compromised %s.pub", shellWord(form))
	}
	signer, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return signer, nil
	case !errors.As(err, &locked):
		return nil, patchset.Faultf(patchset.CodeBadInput, "the private key %s cannot be read: %w", form, err).
			WithHint("one that lives on a security key signs through the agent: ssh-add %s, then --key %s.pub", shellWord(form), shellWord(form))
	}
	unlock := sync.OnceValues(func() (ssh.Signer, error) { return a.unlock(ctx, form, data) })
	if locked.PublicKey == nil { // an old format: who it is only shows when it is open
		return unlock()
	}
	return lockedKey{locked.PublicKey, unlock}, nil
}

// passphraseTries is how often a passphrase may be mistyped.
const passphraseTries = 3

// unlock asks for the passphrase of a private key.
func (a *app) unlock(ctx context.Context, form string, data []byte) (ssh.Signer, error) {
	if a.env.Passphrase == nil {
		return nil, patchset.Faultf(patchset.CodeFailed, "the private key %s has a passphrase, and there is no terminal to ask for it", form).
			WithHint("ssh-add %s, then --key agent", shellWord(form))
	}
	for range passphraseTries {
		passphrase, err := a.env.Passphrase(ctx, fmt.Sprintf("Passphrase for %s: ", form))
		if err != nil {
			return nil, err
		}
		signer, err := ssh.ParsePrivateKeyWithPassphrase(data, passphrase)
		clear(passphrase)
		if !errors.Is(err, x509.IncorrectPasswordError) {
			return signer, err
		}
	}
	return nil, patchset.Faultf(patchset.CodeFailed, "that is not the passphrase of %s; nothing was signed", form)
}

// lockedKey is a private key that is unlocked when it first signs, so that nobody
// types a passphrase for a key that may not.
type lockedKey struct {
	public ssh.PublicKey
	unlock func() (ssh.Signer, error)
}

func (k lockedKey) PublicKey() ssh.PublicKey { return k.public }

func (k lockedKey) Sign(random io.Reader, data []byte) (*ssh.Signature, error) {
	signer, err := k.unlock()
	if err != nil {
		return nil, err
	}
	return signer.Sign(random, data)
}

// SignWithAlgorithm lets an RSA key sign with SHA-2.
func (k lockedKey) SignWithAlgorithm(random io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signer, err := k.unlock()
	if err != nil {
		return nil, err
	}
	s, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, fmt.Errorf("a key of type %s does not sign with %s", k.public.Type(), algorithm)
	}
	return s.SignWithAlgorithm(random, data, algorithm)
}

// choose finds the key to sign with, and who that makes the actor. as is the id
// given with --as-person, else ""; me is who git says the actor is. Of several
// keys that could sign, one of me goes first.
func (k *keyring) choose(r owners.Registry, as string, me owners.Actor) (ssh.Signer, owners.Actor, error) {
	usable := map[string]ssh.Signer{} // by person: the first of their keys
	actors := map[string]owners.Actor{}
	var refused error
	for _, signer := range k.signers {
		actor, err := k.identify(r, signer, as, me.Claim)
		if err != nil {
			refused = err
			continue
		}
		if usable[actor.Person] == nil {
			usable[actor.Person], actors[actor.Person] = signer, actor
		}
	}
	person := me.Person
	if len(usable) == 1 {
		person = slices.Collect(maps.Keys(usable))[0]
	}
	switch {
	case usable[person] != nil:
		return usable[person], actors[person], nil
	case len(usable) > 1:
		return nil, me, usagef("%s holds keys of %s: say whose with --as-person ID", k.name, joinWords(slices.Sorted(maps.Keys(usable))))
	case len(k.signers) == 1:
		return nil, me, refused
	}
	f := patchset.Faultf(patchset.CodeNotAllowed, "none of the %d keys of %s can sign: the last one, %w", len(k.signers), k.name, refused)
	return nil, me, f.WithHint("git carry owner edit ID --key FILE.pub, with every key that they keep").WithHint("what the agent holds: ssh-add -l")
}

// identify finds out whose a key is.
func (k *keyring) identify(r owners.Registry, signer ssh.Signer, as string, claim owners.Claim) (owners.Actor, error) {
	key, err := owners.KeyOf(signer.PublicKey())
	if err != nil {
		return owners.Actor{}, patchset.Faultf(patchset.CodeNotAllowed, "a key of %s cannot sign: %w", k.name, err)
	}
	return r.IdentifyKey(key, as, claim)
}
