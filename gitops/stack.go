package gitops

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// maxStack bounds how many commits a stack may have before it is taken for
// something else than a stack.
const maxStack = 2000

// ReadStack reads the commits from a tip down to a base, oldest first. Fewer
// commits than the whole way, a merge, or no way at all are an error.
func (s *Scratch) ReadStack(ctx context.Context, base, tip merge3.ID) ([]merge3.ID, []patchset.Commit, error) {
	if _, err := s.ReadCommit(ctx, base); err != nil {
		return nil, nil, err
	}
	var ids []merge3.ID
	var commits []patchset.Commit
	for id := tip; id != base; {
		if len(ids) == maxStack {
			return nil, nil, fmt.Errorf("no way from %s to its base %s in %d commits", tip.Short(), base.Short(), maxStack)
		}
		c, err := s.ReadCommit(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		if len(c.Parents) != 1 {
			return nil, nil, fmt.Errorf("commit %s has %d parents, a stack's commits have one", id.Short(), len(c.Parents))
		}
		ids, commits = append([]merge3.ID{id}, ids...), append([]patchset.Commit{c}, commits...)
		id = c.Parent()
	}
	return ids, commits, nil
}

// MergeBase is the newest commit that two have in common, "" if none.
func (s *Source) MergeBase(ctx context.Context, a, b merge3.ID) (merge3.ID, error) {
	out, err := s.git.Run(ctx, Cmd{GitDir: s.GitDir, Args: []string{"merge-base", "--end-of-options", string(a), string(b)}})
	if code, ok := exitCode(err); ok && code == 1 {
		return "", nil
	}
	return merge3.ID(strings.TrimSpace(string(out))), err
}
