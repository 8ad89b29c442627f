package cmd

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

// urgentAct is a command by which a person says something of an item, with a reason.
type urgentAct struct {
	word, reason string
	pen
	do func(ctx context.Context, a *app, s *step, look urgentLook) (did string, err error)
}

// urgentActCmd makes the command of an act.
func urgentActCmd(a *app, c *cobra.Command, reason string, act *urgentAct) *cobra.Command {
	if c.Args == nil {
		c.Args = cobra.MaximumNArgs(1)
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		act.word = firstWord(args)
		return act.run(c.Context(), a, c.Name())
	}
	c.Flags().StringVar(&act.reason, "reason", "", reason)
	act.pen.flag(c.Flags())
	return c
}

func (act *urgentAct) run(ctx context.Context, a *app, command string) error {
	if err := requireReason(act.reason); err != nil {
		return err
	}
	var item, did string
	err := a.recordWord(ctx, "urgent "+command, &act.pen, func(ctx context.Context, s *step) error {
		look, err := a.urgentLook(ctx, s.reading, act.word)
		if err != nil {
			return err
		}
		if err := inLane(look.lane, look.Item); err != nil {
			return err
		}
		item = look.Item.ID
		did, err = act.do(ctx, a, s, look)
		return err
	})
	if err == nil {
		a.said(command, item, did)
	}
	return err
}

// recordWord is record for what rests on the word of a person: whoever holds the key acts,
// and where the policy asks for keys nobody acts without one.
func (a *app) recordWord(ctx context.Context, action string, p *pen, edit func(ctx context.Context, s *step) error) error {
	if err := p.open(ctx, a); err != nil {
		return err
	}
	defer p.close()
	return a.record(ctx, action, func(ctx context.Context, s *step) error {
		if err := p.mustCount(a, s); err != nil {
			return err
		}
		return edit(ctx, s)
	})
}

// mustCount refuses who is nobody in the registry, and who only claims to be somebody where a
// key is asked for.
func (p *pen) mustCount(a *app, s *step) error {
	if err := p.takeUp(a, s); err != nil {
		return err
	}
	if err := s.mustBeSomebody(); err != nil {
		return err
	}
	if s.registry.Policy.Require == owners.RequireKey && s.actor.Assurance != owners.Verified {
		return patchset.Faultf(patchset.CodeNotAllowed, "the policy asks for a key, and %s is %s", s.actor.Person, s.actor.Label()).
			WithHint("say it with your key: --key FILE")
	}
	return nil
}

// putWord records a fact of an item that rests on the actor's word, and beside it, with a key,
// their signature on exactly that. fact nil takes the fact away.
func (s *step) putWord(ctx context.Context, a *app, p *pen, item, name string, fact any, reason string) error {
	file := urgent.File(item, name)
	delete(s.ledger.Other, file)
	if fact != nil {
		if err := s.putUrgent(file, fact); err != nil {
			return err
		}
	}
	return s.signFact(ctx, a, p, item, name, s.ledger.Other[file], reason)
}

// signFact puts the actor's signature on a fact of an item, as it is in its file, beside it.
func (s *step) signFact(ctx context.Context, a *app, p *pen, item, name string, data []byte, reason string) error {
	file := urgent.SignatureFile(item, name)
	delete(s.ledger.Other, file)
	if p.signer == nil {
		return nil
	}
	st := owners.Statement{Store: s.ledger.Store.ID, Item: item, Act: name, Purpose: owners.PurposeUrgent}
	if data != nil {
		st.Content = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	sig, err := p.sign(ctx, a, owners.Signature{
		Statement: st, Person: s.actor.Person, As: owners.AsApprover, Reason: reason, At: p.at, Claim: s.actor.Claim,
	})
	if err == nil {
		s.ledger.Other[file], err = sig.Encode()
	}
	return err
}

// wordOf is an act of the person at the keyboard, dated as their signature is: who is asked for a
// touch is not asked again when somebody else was faster.
func (p *pen) wordOf(s *step, where, reason string) patchset.Event {
	return patchset.Event{At: p.at.UTC().Truncate(time.Second), By: s.by(), Where: where, Reason: reason}
}
