package gitops

import (
	"context"
	"errors"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// PutBranch makes a branch in a repository of the person's own, with all that it needs.
// One that is there already is left alone: the same commit is no error, another one is.
func (w *Workbench) PutBranch(ctx context.Context, repo *Source, branch string, commit merge3.ID) error {
	ref := "refs/heads/" + branch
	was, err := repo.Resolve(ctx, ref)
	var unknown *UnknownRevisionError
	switch {
	case err == nil && was == commit:
		return nil
	case err == nil:
		return patchset.Faultf(patchset.CodeFailed, "%s has a branch %s already, at %s", repo.GitDir, branch, was.Short()).
			WithHint("if nobody needs it: git -C %s branch -D %s", repo.GitDir, branch)
	case !errors.As(err, &unknown):
		return err
	}
	const here = "refs/heads/put"
	if err := writeRef(w.dir, here, commit, false); err != nil {
		return err
	}
	_, err = w.Git(ctx, Cmd{Args: []string{
		"push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--force-with-lease=" + ref + ":",
		"--end-of-options", repo.GitDir, here + ":" + ref,
	}})
	if err != nil {
		err = patchset.Faultf(patchset.CodeFailed, "making the branch %s in %s: %w", branch, repo.GitDir, err)
	}
	return err
}
