package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

// voteWords are what people type, and what they sign.
var voteWords = map[string]string{"yes": "+1", "no": "-1", "abstain": "0"}

type urgentVoteOptions struct {
	word    string // the item
	act     string
	reason  string
	version []string
	pen
}

func newUrgentVoteCmd(a *app) *cobra.Command {
	o := &urgentVoteOptions{}
	c := &cobra.Command{
		Use:   "vote [ITEM] yes|no|abstain",
		Short: "Say whether an item may be released",
		Long: `Approve what the item changes, or speak against it. A vote is bound to the change itself, every
space of it, with modes and binary files: where a version carries the very same change it counts
too, and where the change is another one it does not. The last vote of a person counts, for as many
hours as the policy says.

Who wrote the patch or resolved a conflict of it approves nothing; their no counts. Any no
holds the item until it is answered: git carry urgent lift.

With --key the vote is signed (git carry help sign); without it says only who you claim to be.`,
		Example: `  git carry urgent vote yes --reason 'ran the exploit on canary: gone'
  git carry urgent vote U-2026-3 no --reason 'login is broken on 1.46' --key agent`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			word := args[len(args)-1]
			act, known := voteWords[word]
			if !known {
				return usagef("a vote is yes, no or abstain, not %q", word)
			}
			o.act = act
			if len(args) == 2 {
				o.word = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.reason, "reason", "", "what you tried, or what is wrong, in one line of `TEXT`")
	f.StringArrayVar(&o.version, "version", nil, "only what this `VERSION` carries (else all); may be given again")
	o.pen.flag(f)
	return c
}

func (o *urgentVoteOptions) run(ctx context.Context, a *app) error {
	if o.act == voteWords["no"] {
		if err := requireReason(o.reason); err != nil {
			return err
		}
	}
	if err := checkText("reason", o.reason); err != nil {
		return err
	}
	if err := o.pen.open(ctx, a); err != nil {
		return err
	}
	defer o.pen.close()
	var item, did string
	err := a.record(ctx, "urgent vote", func(ctx context.Context, s *step) (err error) {
		item, did, err = o.vote(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	a.said("vote", item, did)
	return nil
}

func (o *urgentVoteOptions) vote(ctx context.Context, a *app, s *step) (item, did string, err error) {
	look, err := a.urgentLook(ctx, s.reading, o.word)
	if err != nil {
		return "", "", err
	}
	if err := inLane(look.lane, look.Item); err != nil {
		return "", "", err
	}
	if err := o.pen.takeUp(a, s); err != nil {
		return "", "", err
	}
	if err := s.mustBeSomebody(); err != nil {
		return "", "", err
	}
	contents, err := o.contents(look)
	if err != nil {
		return "", "", err
	}
	if o.act == voteWords["no"] {
		s.holdsAnew(look.Item)
	}
	for _, content := range contents {
		if err := s.sayOfItem(ctx, a, look, &o.pen, look.said(o.act, content), o.reason); err != nil {
			return "", "", err
		}
	}
	did = fmt.Sprintf("has your %s in %s", o.act, cutList(look.versionsOf(contents), 6))
	void := slices.DeleteFunc(slices.Clone(contents), func(content string) bool { return look.mayApprove(s.actor.Person, content) })
	switch why := look.barred[s.actor.Person]; {
	case o.act != voteWords["yes"] || len(void) == 0:
	case why != "":
		did = fmt.Sprintf("has your %s, which does not count: %s %s", o.act, s.actor.Person, why)
	default:
		did += fmt.Sprintf("; it does not count where %s %s", s.actor.Person, look.settled[void[0]][s.actor.Person])
	}
	return look.Item.ID, did, nil
}

// contents are the changes that there are to vote on.
func (o *urgentVoteOptions) contents(look urgentLook) ([]string, error) {
	var contents []string
	for _, k := range look.Stacks {
		wanted := len(o.version) == 0 || slices.Contains(o.version, k.Version)
		if wanted && k.Content != "" && !slices.Contains(contents, k.Content) {
			contents = append(contents, k.Content)
		}
	}
	if len(contents) == 0 {
		return nil, patchset.Faultf(patchset.CodeUsage, "%s is in no such stack yet: there is nothing to vote on", look.Item.ID).
			WithHint("git carry urgent next %s", look.Item.ID)
	}
	return contents, nil
}

// sayOfItem signs and records what the actor says of an item.
func (s *step) sayOfItem(ctx context.Context, a *app, look urgentLook, p *pen, st owners.Statement, reason string) error {
	sig, err := p.sign(ctx, a, owners.Signature{
		Statement: st, Person: s.actor.Person, As: owners.AsApprover, Reason: reason, At: p.at, Claim: s.actor.Claim,
	})
	if err != nil {
		return err
	}
	if _, problem := look.registry.Approval(st, sig, nil); problem != "" {
		return patchset.Faultf(patchset.CodeNotAllowed, "that would not count: it %s", problem).WithHint("sign it: --key FILE")
	}
	data, err := sig.Encode()
	if err != nil {
		return err
	}
	if file := urgentFile(sig); !sameWord(s.ledger.Other[file], sig) {
		s.ledger.Other[file] = data
	}
	s.did("%s", urgentSentence(st))
	if reason != "" {
		s.details = append(s.details, reason)
	}
	return nil
}

// freshVote is for how long the same vote again is no new one.
const freshVote = time.Hour

// sameWord tells whether the ledger has this very word of the person already, and not
// for long.
func sameWord(data []byte, sig owners.Signature) bool {
	had, err := owners.ParseSignature(data)
	return err == nil && had.Statement == sig.Statement && had.Reason == sig.Reason && (had.Proof != "") == (sig.Proof != "") && sig.At.Sub(had.At) < freshVote
}

// versionsOf are the versions that carry one of these contents.
func (look *urgentLook) versionsOf(contents []string) []string {
	var versions []string
	for _, k := range look.Stacks {
		if slices.Contains(contents, k.Content) && !slices.Contains(versions, k.Version) {
			versions = append(versions, k.Version)
		}
	}
	return versions
}
