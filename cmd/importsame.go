package cmd

import (
	"bytes"
	"context"
	"errors"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// same tells whether a file is what the vault has of the patch in this version:
// the same change of the same files by the same author, with the same message.
func (im *importer) same(ctx context.Context, in patchset.Incarnation, p incoming) (bool, error) {
	for _, id := range []patchset.ID{in.Source, in.Commit} {
		if id == "" {
			continue
		}
		have, err := im.s.bench.ReadCommit(ctx, id)
		if err != nil {
			return false, err
		}
		if have.Parent() == "" {
			continue
		}
		again, err := im.s.bench.CommitPatch(ctx, have.Parent(), p.Message)
		var unfit *gitops.PatchError
		if errors.As(err, &unfit) {
			continue
		}
		if err != nil {
			return false, err
		}
		c, err := im.s.bench.ReadCommit(ctx, again.Commit)
		if err != nil {
			return false, err
		}
		if c.Parent() != have.Parent() || c.Tree != have.Tree {
			continue
		}
		if c.Author == have.Author && sameMessage(c.Message, have.Message) || im.readsAs(ctx, id, p.Message) {
			return true, nil
		}
	}
	return false, nil
}

// readsAs tells whether a commit, written as a mail, says what m says: a mail
// changes the text of some messages, such as a subject in brackets.
func (im *importer) readsAs(ctx context.Context, id patchset.ID, m mailbox.Message) bool {
	mail, err := im.s.bench.FormatPatch(ctx, id)
	if err != nil {
		return false
	}
	read, err := mailbox.ParseMessages(mail)
	return err == nil && len(read) == 1 && read[0].Author == m.Author && read[0].Date.Equal(m.Date) &&
		sameMessage([]byte(read[0].CommitMessage()), []byte(m.CommitMessage()))
}

func sameMessage(a, b []byte) bool {
	return bytes.Equal(bytes.TrimSpace(patchset.WithoutCarryID(a)), bytes.TrimSpace(patchset.WithoutCarryID(b)))
}
