package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type syncOptions struct {
	remote  string
	dryRun  bool
	answers patchset.Answers
	accept  string
}

func newSyncCmd(a *app) *cobra.Command {
	o := &syncOptions{}
	c := &cobra.Command{
		Use:   "sync",
		Short: "Exchange the vault with the team's private repository",
		Long: `Exchange the vault with those of others through a private git repository: what they have
recorded comes here, what was recorded here is put on top of it and pushed. The ledger, and
with it all that was ever accepted, is the branch carry/ledger there. It is only ever moved
forward, so the server may protect it. The first time, --remote says where; each vault has
its own way there (ssh, https, a path). A newcomer begins with: git carry init DIR --from URL

Where you and others have changed the same fact of the same patch, each to something
else, nothing is mixed and nothing is sent: sync shows both and exits 3. Settle it with
--theirs NAME or --ours NAME: a patch (T401234, or T401234@VERSION for one version alone), a
version, a person, a component or a target. What is given up stays in the log.

The vault remembers the newest entry that it has seen there. A repository that no longer
has it was set back or rewritten, and is refused, with both heads named. The public
upstream of a component, and a repository that answers without a login, are refused. What
cannot be seen from here: whether a forge counts it among the forks of a public repository,
through which its commits could be read. Make it a repository of its own.`,
		Example: `  git carry sync --remote ssh://git@example.org/security/vault.git
  git carry sync
  git carry sync --dry-run
  git carry sync --theirs T401234`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.StringVar(&o.remote, "remote", "", "the private repository's `URL`, from now on")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be exchanged")
	f.StringArrayVar(&o.answers.Ours, "ours", nil, "where both changed `NAME`, it is as we have it; may be given again")
	f.StringArrayVar(&o.answers.Theirs, "theirs", nil, "where both changed `NAME`, it is as the others have it; may be given again")
	f.StringVar(&o.accept, "accept-rewind", "", "go on although the repository was set back to `HEAD`, the one that the refusal names")
	return c
}

type syncDoc struct {
	Schema string      `json:"schema"`
	Remote string      `json:"remote"`
	DryRun bool        `json:"dry_run"`
	Head   patchset.ID `json:"head"` // of the ledger here, and there unless this is a dry run
	// Received and Sent are entries of the ledger, newest first.
	Received []entryDoc `json:"received"`
	Sent     []entryDoc `json:"sent"`
	// Already are own entries that others had recorded too, GivenUp those that an answer
	// took away, whole or in part.
	Already []entryDoc `json:"already"`
	GivenUp []entryDoc `json:"given_up"`
	// Settled are the stacks that both sides had changed and that were carried again.
	Settled []string `json:"settled"`
	// Void are consents that counted here before and no longer do.
	Void    []string    `json:"void"`
	Clashes []syncClash `json:"clashes"`
	// Rewound is the head that was seen there and is there no more, where that was accepted.
	Rewound patchset.ID `json:"rewound"`
}

func (o *syncOptions) run(ctx context.Context, a *app) error {
	v, err := a.vault(ctx)
	if err != nil {
		return err
	}
	x, err := o.begin(ctx, a, v)
	if err != nil {
		return err
	}
	done, err := v.LockSync(ctx)
	if err != nil {
		return err
	}
	defer done()
	defer a.endProgress()
	if err := x.untilNobodyIsFaster(ctx); err != nil {
		return err
	}
	a.endProgress()
	a.show(x.doc, func() { x.report() })
	if len(x.doc.Clashes) > 0 {
		return outcome{exitConflicts}
	}
	return nil
}

// begin finds out with which repository to exchange.
func (o *syncOptions) begin(ctx context.Context, a *app, v *gitops.Vault) (*exchange, error) {
	known, err := v.SharedURL()
	if err != nil {
		return nil, err
	}
	x := &exchange{a: a, o: o, vault: v, url: known}
	if o.remote != "" {
		if x.url, err = gitops.CheckURL(o.remote, a.env.Dir); err != nil {
			return nil, err
		}
		x.moved = x.url != known
	}
	if x.url == "" {
		return nil, patchset.Faultf(patchset.CodeFailed, "this vault is not shared yet").
			WithHint("make a private git repository, empty, that your team can reach; then: git carry sync --remote URL").
			WithHint("to join a team that has one: git carry init DIR --from URL")
	}
	if gitops.IsVaultURL(x.url) {
		return nil, patchset.Faultf(patchset.CodePolicy, "%s is a vault: each is one person's", gitops.MaskURL(x.url)).
			WithHint("share through a repository of its own: git init --bare DIR")
	}
	return x, nil
}

// exchange is one sync under way.
type exchange struct {
	a     *app
	o     *syncOptions
	vault *gitops.Vault
	url   string
	moved bool // url is not the one that was used before
	doc   syncDoc

	ledger  patchset.Ledger // as it is here, or will be
	rewound patchset.ID     // the head that is no more there, which was accepted just now
}

// errRaced says that others pushed to the shared repository meanwhile.
var errRaced = errors.New("others pushed meanwhile")

// untilNobodyIsFaster exchanges again as long as the ledger moves meanwhile, here or there.
func (x *exchange) untilNobodyIsFaster(ctx context.Context) error {
	done := syncDoc{
		Schema: schema("sync"), Remote: gitops.MaskURL(x.url), DryRun: x.o.dryRun, Received: []entryDoc{}, Sent: []entryDoc{},
		Already: []entryDoc{}, GivenUp: []entryDoc{}, Settled: []string{}, Void: []string{}, Clashes: []syncClash{},
	}
	for range maxReplans {
		x.doc, x.rewound = done, ""
		err := x.once(ctx)
		var stale *gitops.StaleError
		switch {
		case errors.Is(err, errRaced): // what came here is here, what was answered is answered
			done, done.Sent = x.doc, []entryDoc{}
			x.o.answers, x.o.accept = patchset.Answers{}, ""
		case !errors.As(err, &stale):
			return err
		}
	}
	return patchset.Faultf(patchset.CodeBusy, "others keep changing the shared ledger").WithHint("try again; nothing is lost")
}

// once exchanges what there is now. No news costs one question and no look at the ledger.
func (x *exchange) once(ctx context.Context) error {
	theirs, err := gitops.SharedTip(ctx, x.vault.Git(), x.url)
	if err != nil {
		return err
	}
	tip, err := x.vault.Tip()
	if err != nil {
		return err
	}
	seen, err := x.vault.SharedSeen()
	if err != nil {
		return err
	}
	if theirs == tip && theirs == seen && !x.moved {
		x.doc.Head = tip
		return x.nothingToAccept()
	}
	r, err := x.a.read(ctx)
	if err != nil {
		return err
	}
	if x.ledger = r.ledger; x.moved {
		if err := x.refuseOpen(ctx); err != nil {
			return err
		}
	}
	if theirs != "" {
		if theirs, err = x.vault.FetchShared(ctx, x.url, theirs, x.a.progress()); err != nil {
			return err
		}
	}
	if err := x.judge(ctx, r, seen, theirs); err != nil {
		return err
	}
	if err := x.take(ctx, r, theirs); err != nil || len(x.doc.Clashes) > 0 || x.o.dryRun {
		return err
	}
	return x.push(ctx, theirs)
}

// take brings what the others have into the ledger here.
func (x *exchange) take(ctx context.Context, r reading, theirs patchset.ID) error {
	var shared gitops.Snapshot
	if theirs != "" {
		var err error
		if shared, err = x.vault.CheckShared(ctx, theirs); err != nil {
			return err
		}
		if !x.o.dryRun {
			if err := x.vault.RememberShared(ctx, theirs); err != nil {
				return err
			}
		}
	}
	if err := x.join(ctx, r, shared); err != nil || len(x.doc.Clashes) > 0 || x.o.dryRun {
		return err
	}
	return x.vault.ShareAt(ctx, x.url)
}

// push sends the ledger. When others were faster the error is errRaced.
func (x *exchange) push(ctx context.Context, theirs patchset.ID) error {
	if x.doc.Head == theirs {
		return nil
	}
	if err := x.refuseOpen(ctx); err != nil {
		return err
	}
	if err := x.vault.PushShared(ctx, x.url, theirs, x.doc.Head, x.a.progress()); err != nil {
		if now, askErr := gitops.SharedTip(ctx, x.vault.Git(), x.url); askErr == nil && now != theirs && now != x.doc.Head {
			return errRaced
		}
		return withHint(err, "your work is safe in the vault; what the server said is above")
	}
	return x.vault.RememberShared(ctx, x.doc.Head)
}

// refuseOpen refuses a repository that is public, or that anybody can read.
func (x *exchange) refuseOpen(ctx context.Context) error {
	rules, err := gitops.ReadURLRules(ctx, x.vault.Git())
	if err != nil {
		return err
	}
	if err := refusePublic(ctx, rules, x.ledger, x.url); err != nil {
		return err
	}
	return gitops.RefuseAnonymous(ctx, x.vault.Git(), rules, x.url)
}

// list puts the entries behind since, up to last, before those that are noted already.
func (x *exchange) list(ctx context.Context, r reading, entries *[]entryDoc, last, since patchset.ID) error {
	if last == since {
		return nil
	}
	older := *entries
	*entries = nil
	err := x.vault.LogFrom(ctx, last, func(e gitops.LogEntry) bool {
		*entries = append(*entries, newEntryDoc(e, r.registry))
		return e.Parent != since && ctx.Err() == nil
	})
	*entries = append(*entries, older...)
	return err
}

// judge refuses a shared ledger that does not contain what it has contained.
func (x *exchange) judge(ctx context.Context, r reading, seen, theirs patchset.ID) error {
	if theirs != "" {
		common, err := x.vault.Parting(ctx, r.at.Tip, theirs)
		if err != nil {
			return err
		}
		if common == "" {
			return patchset.Faultf(patchset.CodeFailed, "%s holds the ledger of another vault: %s and %s have no entry in common",
				gitops.MaskURL(x.url), r.at.Tip.Short(), theirs.Short()).
				WithHint("to have that one beside this: git carry init DIR --from %s", shellWord(gitops.MaskURL(x.url)))
		}
	}
	switch {
	case seen == "" || seen == theirs, theirs == "" && x.moved:
		return x.nothingToAccept()
	case theirs == "":
		return x.refuseRewind(seen, "nothing", "is gone")
	}
	common, err := x.vault.Parting(ctx, seen, theirs)
	switch {
	case err != nil:
		return err
	case common == seen:
		return x.nothingToAccept()
	case common == theirs:
		return x.refuseRewind(seen, theirs, "was set back")
	}
	return x.refuseRewind(seen, theirs, "was rewritten from "+common.Short()+" on")
}

func (x *exchange) nothingToAccept() error {
	if x.o.accept == "" {
		return nil
	}
	return patchset.Faultf(patchset.CodeUsage, "nothing was set back: the shared ledger goes on from what was seen of it").
		WithHint("git carry sync")
}

// refuseRewind refuses, unless just this was accepted.
func (x *exchange) refuseRewind(seen, theirs patchset.ID, what string) error {
	const enough = 7 // characters of an id
	if len(x.o.accept) >= enough && strings.HasPrefix(string(theirs), x.o.accept) {
		x.rewound, x.doc.Rewound = seen, seen
		return nil
	}
	return patchset.Faultf(patchset.CodePolicy, "the shared ledger at %s %s: seen there was %s, now it is %s",
		gitops.MaskURL(x.url), what, seen, theirs).
		WithHint("ask who did that, and why; nothing was taken from there, and all that was seen is still in this vault").
		WithHint("see what it lacks: git -C %s log --first-parent %s", shellWord(x.vault.Dir()), lacking(seen, theirs)).
		WithHint("to put it back on top of what is there now: git carry sync --accept-rewind %s", theirs.Short())
}

func lacking(seen, theirs patchset.ID) string {
	if len(theirs) < len(seen) {
		return seen.Short()
	}
	return theirs.Short() + ".." + seen.Short()
}
