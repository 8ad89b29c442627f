package cmd

import (
	"context"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/spf13/pflag"
	"golang.org/x/crypto/ssh"
)

// pen is what somebody signs with: the SSH key of --key, or only their name.
type pen struct {
	key    string   // as --key has it; "" for none
	keys   *keyring // of key, else nil
	signer ssh.Signer
	at     time.Time // one for all attempts, so that a person signs once
	made   owners.Signature
}

func (p *pen) flag(f *pflag.FlagSet) {
	f.StringVar(&p.key, "key", "", "sign with this SSH key: a private key `FILE`, the FILE.pub of one in the agent, or agent")
}

// open gets the keys ready, before anything else is read.
func (p *pen) open(ctx context.Context, a *app) error {
	p.at = a.env.Now()
	var err error
	if p.key != "" {
		p.keys, err = a.openKeys(ctx, p.key)
	}
	return err
}

func (p *pen) close() { p.keys.close() }

// takeUp makes the holder of the key the one who acts.
func (p *pen) takeUp(a *app, s *step) (err error) {
	if p.keys != nil {
		p.signer, s.actor, err = p.keys.choose(s.registry, a.person, s.actor)
	}
	return err
}

// sign adds the proof of the key, if there is one. A person who was asked for a
// touch or a passphrase is not asked again when somebody else was faster, unless
// what they sign has changed.
func (p *pen) sign(ctx context.Context, a *app, sig owners.Signature) (owners.Signature, error) {
	if p.signer == nil {
		return sig, nil
	}
	again := p.made
	again.Proof = ""
	if again == sig {
		return p.made, nil
	}
	var err error
	p.made, err = sig.Sign(a.env.Random, p.signer)
	if ctx.Err() != nil { // Ctrl-C while a key waits for a touch
		err = ctx.Err()
	}
	return p.made, err
}
