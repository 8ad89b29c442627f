package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// TakeCommit copies one commit of another repository into the scratch, with what
// the vault lacks of its tree and of its parent's tree. No other history comes
// along: a parent that the vault lacks is replaced by a commit that has its tree
// and no parents. near is a commit here that is like the parent there: what it
// has need not be copied, and when its tree is the same it is the parent.
//
// Every object is named by its content again: a repository cannot smuggle in one
// under a wrong id.
func (w *Workbench) TakeCommit(ctx context.Context, from *Source, rev string, near merge3.ID) (merge3.ID, error) {
	id, err := from.Resolve(ctx, rev)
	if err != nil {
		return "", err
	}
	if len(id) != 2*w.format.size() {
		return "", patchset.Faultf(patchset.CodeBadRepository, "%s has ids of another kind than the vault (SHA-1 and SHA-256)", from.GitDir)
	}
	t := taker{w: w, id: id, lent: lending(w.objects(), append(slices.Clip(w.lenders), from.Objects)...)}
	reader := NewReader(w.git, w.dir, append(slices.Clip(w.lenders), from.Objects)...)
	defer reader.Close()
	taken, err := t.take(ctx, reader, near)
	if err != nil {
		return "", fmt.Errorf("taking %s from %s: %w", id.Short(), from.GitDir, err)
	}
	return taken, nil
}

// taker copies one commit.
type taker struct {
	w    *Workbench
	id   merge3.ID
	lent []string // the environment in which git sees both repositories
}

func (t taker) take(ctx context.Context, reader *Reader, near merge3.ID) (merge3.ID, error) {
	raw, err := readType(ctx, reader, t.id, "commit")
	if err != nil {
		return "", err
	}
	c, _, err := ParseCommit(raw)
	if err != nil {
		return "", err
	}
	if len(c.Parents) > 1 {
		return "", patchset.Faultf(patchset.CodeBadInput, "it is a merge: a patch is a commit with one parent").
			WithHint("make one commit of it, or name the commit that has the change")
	}
	known, err := t.w.ReadCommit(ctx, near)
	if err != nil {
		return "", err
	}
	parent, have, err := t.parent(ctx, reader, c.Parent())
	if err != nil {
		return "", err
	}
	if parent.Tree == c.Tree {
		return "", patchset.Faultf(patchset.CodeBadInput, "it changes nothing")
	}
	wanted := []merge3.ID{c.Tree}
	if parent.Tree != "" {
		wanted = append(wanted, parent.Tree)
	}
	if err := t.copyTrees(ctx, wanted, known.Tree); err != nil {
		return "", err
	}
	if have || c.Parent() == "" {
		return t.w.Write("commit", raw)
	}
	if parent.Tree == known.Tree {
		c.Parents = []merge3.ID{near}
		return t.w.Scratch.WriteCommit(c)
	}
	line := patchset.CommitterAt(parent.CommitterTime())
	standIn, err := t.w.Scratch.WriteCommit(patchset.Commit{
		Tree: parent.Tree, Author: line, Committer: line, Message: []byte("what a commit was made on\n"),
	})
	if err != nil {
		return "", err
	}
	c.Parents = []merge3.ID{standIn}
	return t.w.Scratch.WriteCommit(c)
}

// parent reads the parent and tells whether the vault has it.
func (t taker) parent(ctx context.Context, reader *Reader, id merge3.ID) (c patchset.Commit, have bool, err error) {
	if id == "" {
		return c, false, nil
	}
	c, err = t.w.ReadCommit(ctx, id)
	var missing *MissingObjectError
	if !errors.As(err, &missing) {
		return c, err == nil, err
	}
	c, err = readCommit(ctx, reader, id)
	return c, false, err
}

// copyTrees copies what the scratch lacks of some trees.
func (t taker) copyTrees(ctx context.Context, trees []merge3.ID, known merge3.ID) error {
	var revs bytes.Buffer
	for _, tree := range trees {
		fmt.Fprintln(&revs, tree)
	}
	fmt.Fprintf(&revs, "^%s\n", known)
	objects, err := t.w.Git(ctx, Cmd{
		Args: []string{"rev-list", "--objects", "--no-object-names", "--stdin"}, Stdin: &revs, Env: t.lent,
	})
	if err != nil {
		return err
	}
	status, err := t.w.Git(ctx, Cmd{Args: []string{"cat-file", "--batch-check"}, Stdin: bytes.NewReader(objects)})
	if err != nil {
		return err
	}
	var lacking bytes.Buffer
	for line := range strings.Lines(string(status)) {
		if id, ok := strings.CutSuffix(line, " missing\n"); ok {
			fmt.Fprintln(&lacking, id)
		}
	}
	if lacking.Len() == 0 {
		return nil
	}
	return t.copyObjects(ctx, &lacking)
}

// strictPack checks objects as they come in. The list names what old public
// histories have and what does no harm.
const strictPack = "--strict=zeroPaddedFilemode=ignore,badFilemode=ignore"

func (t taker) copyObjects(ctx context.Context, ids io.Reader) error {
	pack, err := os.Create(filepath.Join(t.w.dir, "taken.pack"))
	if err != nil {
		return err
	}
	defer os.Remove(pack.Name())
	defer pack.Close()
	_, err = t.w.Git(ctx, Cmd{Args: []string{"pack-objects", "--quiet", "--stdout"}, Stdin: ids, Stdout: pack, Env: t.lent})
	if err != nil {
		return err
	}
	if _, err := pack.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = t.w.Git(ctx, Cmd{Args: []string{"index-pack", "--stdin", strictPack}, Stdin: pack})
	return err
}
