package cmd

import (
	"cmp"
	"context"
	"errors"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// taker reads what is to be added, once: it gives a function that makes the
// source commit on a stack's tip.
func (o *addOptions) taker(ctx context.Context, a *app) (takeSource, error) {
	if (o.commit == "") == (o.patch == "") {
		return nil, usagef("give --commit REV or --patch FILE")
	}
	if o.patch != "" {
		return o.patchTaker(a)
	}
	git, err := a.git()
	if err != nil {
		return nil, err
	}
	repo, err := gitops.OpenSource(ctx, git, a.path(o.repo))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *step, tip patchset.ID) (gitops.PatchSource, error) {
		id, err := s.bench.TakeCommit(ctx, repo, o.commit, tip)
		return gitops.PatchSource{Commit: id}, err
	}, nil
}

// takeSource makes the commit that a stack with the given tip is to merge.
type takeSource func(ctx context.Context, s *step, tip patchset.ID) (gitops.PatchSource, error)

// maxPatchFile bounds a patch file in bytes.
const maxPatchFile = 32 << 20

func (o *addOptions) patchTaker(a *app) (takeSource, error) {
	data, err := readFileLimited(a.path(o.patch), maxPatchFile)
	if err != nil {
		return nil, err
	}
	messages, err := mailbox.ParseMessages(data)
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s: %w", o.patch, err)
	}
	messages = withoutCovers(messages)
	if len(messages) > 1 {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s holds %d patches", o.patch, len(messages)).
			WithHint("git carry import %s --component NAME --version VERSION", shellWord(o.patch))
	}
	m := messages[0]
	if m.CommitMessage() == "" {
		m.Subject = cmp.Or(o.title, o.id)
	}
	return func(ctx context.Context, s *step, tip patchset.ID) (gitops.PatchSource, error) {
		source, err := s.bench.CommitPatch(ctx, tip, m)
		var unfit *gitops.PatchError
		if errors.As(err, &unfit) {
			err = patchset.Faultf(patchset.CodeBadInput, "%s: %w", o.patch, err).
				WithHint("take the commit itself: git carry add %s … --commit REV --repo DIR", o.id)
		}
		source.Guessed = append(source.Guessed, m.Guessed...)
		return source, err
	}, nil
}

// withoutCovers drops mails that hold no patch.
func withoutCovers(messages []mailbox.Message) []mailbox.Message {
	var out []mailbox.Message
	for _, m := range messages {
		if len(m.Files) > 0 {
			out = append(out, m)
		}
	}
	return out
}
