package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// notifyAction is the ledger's word for an entry that says who was told what.
const notifyAction = "notify"

type notifyOptions struct{ dryRun bool }

func newNotifyCmd(a *app) *cobra.Command {
	o := &notifyOptions{}
	c := &cobra.Command{
		Use:   "notify",
		Short: "Tell owners what they have not been told yet",
		Long: `Tell the owner of each patch when, in the version that is being prepared, it conflicts, waits for
a signature, drifts, fails a check or landed; and when four fifths of the days are over that it may
be secret, on the last of them, and when it is overdue. Of these three the deputies are told too, and
of everything when the owner is away or has left.

Each is told each thing once, through each channel (git carry channel): the ledger remembers it. What could
not be delivered is tried again by the next notify, and git carry status says so until then. Nothing
else waits for it, so run it from cron, or after train: git carry train VERSION; git carry notify

Exit code 1 when something could not be delivered.`,
		Example: `  git carry notify --dry-run
  git carry notify --quiet        # from cron`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "say who would be told what")
	return c
}

type notifyDoc struct {
	Schema  string      `json:"schema"`
	DryRun  bool        `json:"dry_run"`
	Notices []noticeDoc `json:"notices"`
}

// noticeDoc is a notice to a person through a channel, and what came of it.
type noticeDoc struct {
	Patch   string              `json:"patch"`
	Word    string              `json:"word"`
	Kind    patchset.NoticeKind `json:"kind"`
	Version string              `json:"version"`
	Person  string              `json:"person"`
	Channel string              `json:"channel"`
	Result  string              `json:"result"`
	Error   string              `json:"error,omitempty"`
}

// The results of a notice.
const (
	noticeWould  = "would be sent"
	noticeSent   = "sent"
	noticeFailed = "failed"
)

func (o *notifyOptions) run(ctx context.Context, a *app) error {
	v, err := a.vault(ctx)
	if err != nil {
		return err
	}
	channels, err := v.Channels()
	if err != nil {
		return err
	}
	if len(channels) == 0 {
		return patchset.Faultf(patchset.CodeFailed, "this vault has no channel to tell people through").
			WithHint("git carry channel add NAME --smtp HOST:PORT --from ADDRESS").WithHint("git carry help channel")
	}
	done, err := v.LockNotices(ctx)
	if err != nil {
		return err
	}
	defer done()
	b, err := a.board(ctx, "")
	if err != nil {
		return err
	}
	due := b.due(channels)
	doc := notifyDoc{schema("notify"), o.dryRun, b.noticeDocs(due)}
	if !o.dryRun {
		a.sendAll(ctx, b, channels, due, doc.Notices)
		if err := a.recordTold(ctx, due, doc.Notices); err != nil {
			return err
		}
		if err := a.rememberUndelivered(ctx, v, doc.Notices); err != nil {
			return err
		}
	}
	a.show(doc, func() { doc.report(a) })
	if len(undelivered(doc.Notices)) > 0 {
		return outcome{exitFailed}
	}
	return nil
}

func (b board) noticeDocs(due []dueNotice) []noticeDoc {
	docs := make([]noticeDoc, len(due))
	words := b.ledger.Words()
	for i, d := range due {
		docs[i] = noticeDoc{d.Patch.ID, words[d.Patch.ID], d.Kind, d.Version, d.person.ID, d.channel, noticeWould, ""}
	}
	return docs
}

// parallelLetters bounds how many messages are sent at once.
const parallelLetters = 4

// sendAll sends what is due; every notice has its own result.
func (a *app) sendAll(ctx context.Context, b board, channels map[string]gitops.Channel, due []dueNotice, docs []noticeDoc) {
	var g errgroup.Group
	g.SetLimit(parallelLetters)
	for i, d := range due {
		g.Go(func() error {
			channel := channels[d.channel]
			letter, err := b.letter(d, docs[i].Word, channel.Details)
			if err == nil {
				letter.At = a.env.Now()
				err = channel.Send(ctx, a.env.Environ, letter)
			}
			docs[i].Result = noticeSent
			if err != nil {
				docs[i].Result, docs[i].Error = noticeFailed, failureLine(err.Error())
			}
			return nil
		})
	}
	_ = g.Wait() // every notice has its own result
}

// recordTold writes down who was told what.
func (a *app) recordTold(ctx context.Context, due []dueNotice, docs []noticeDoc) error {
	return a.record(context.WithoutCancel(ctx), notifyAction, func(_ context.Context, s *step) error {
		n := 0
		for i, d := range due {
			if docs[i].Result != noticeSent {
				continue
			}
			told := s.ledger.Told[d.telling()]
			if told.Of != d.Of {
				told = patchset.Told{Of: d.Of}
			}
			if !slices.Contains(told.Channels, d.channel) {
				told.Channels = slices.Sorted(slices.Values(append(slices.Clone(told.Channels), d.channel)))
			}
			told.At, told.By = a.env.Now().UTC(), s.by()
			s.ledger.Told[d.telling()] = told
			s.details = append(s.details, fmt.Sprintf("%s: %s, to %s through %s", d.Patch.ID, d.Kind, d.person.ID, d.channel))
			n++
		}
		s.did("told owners of %s", count(n, "thing", "things"))
		return nil
	})
}

// undelivered are the notices that failed.
func undelivered(docs []noticeDoc) []noticeDoc {
	return slices.DeleteFunc(slices.Clone(docs), func(d noticeDoc) bool { return d.Result != noticeFailed })
}

func (doc notifyDoc) report(a *app) {
	if len(doc.Notices) == 0 {
		a.say("Everybody has been told everything.")
		return
	}
	rows := [][]string{{"PATCH", "WORD", "WHAT", "TO", "CHANNEL", "RESULT"}}
	for _, d := range doc.Notices {
		rows = append(rows, []string{d.Patch, d.Word, string(d.Kind), d.Person, d.Channel, d.Result})
	}
	a.table(rows)
	var said []string
	for _, d := range undelivered(doc.Notices) {
		if line := d.Channel + ": " + d.Error; !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	a.sayBelow(said)
	if len(said) > 0 {
		a.next("git carry notify      (it tries again what failed)")
	}
}
