package cmd

import (
	"context"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/spf13/cobra"
)

type tryOptions struct {
	commit  string
	repo    string
	onto    string
	stdin   bool
	suggest bool
}

func newTryCmd(a *app) *cobra.Command {
	o := &tryOptions{}
	c := &cobra.Command{
		Use:   "try (COMMIT --onto REV | --stdin [--onto REV])",
		Short: "Would these commits apply there? Nothing is changed",
		Long: `Merge a commit onto another as the train would: three-way, with the commit's own parent
as base. No vault is needed and nothing is written to the repository.

With --stdin each input line is "<commit> <onto>", each answer one line of JSON, in the same
order: {"commit","onto","result":"clean"|"conflict"|"empty","tree","conflicts":[{"path","kind"}]}.
A line that cannot be answered gets "result":"error" and the reason; then the exit code is 1.
With --stdin and --onto REV each line is "<commit>", and the lines are a series: each is merged
onto what came of those before it, and one that conflicts is left out.
Without --stdin the exit code is 0 when it applies and 3 when it conflicts.

With --suggest each conflict in a text comes with suggestions for its hunks, the best
first: where each comes from and in how many of 100 real conflicts that was exactly what people
wrote. In JSON: "suggestions":[{"path","hunk","source","label","precision","text"}].`,
		Example: `  git carry try --repo core 1a2b3c4d --onto origin/wmf/1.46.0-wmf.6
  git carry try --repo core 1a2b3c4d --onto origin/main --suggest
  git carry try --repo core --stdin < pairs > answers
  git -C core rev-list --reverse v1..fixes | git carry try --repo core --stdin --onto v2`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.commit = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.repo, "repo", ".", "the repository's `DIR`")
	c.Flags().StringVar(&o.onto, "onto", "", "the `REV` to merge onto")
	c.Flags().BoolVar(&o.suggest, "suggest", false, "suggest how conflicts in texts could be settled")
	c.Flags().BoolVar(&o.stdin, "stdin", false, "read \"<commit> <onto>\" lines, or with --onto \"<commit>\" lines, answer with a line of JSON each")
	return c
}

type tryAnswer struct {
	Commit    string        `json:"commit"`
	Onto      string        `json:"onto"`
	Result    string        `json:"result"`
	Tree      merge3.ID     `json:"tree"`
	Conflicts []tryConflict `json:"conflicts"`
	Error     string        `json:"error,omitempty"`
}

type tryConflict struct {
	Path string      `json:"path"`
	Kind merge3.Kind `json:"kind"`
	// Suggestions are nil if they were not asked for, or the conflict is in no text.
	Suggestions *[]trySuggestion `json:"suggestions,omitempty"`
}

// The results of a try.
const (
	tryClean     = "clean"
	tryConflicts = "conflict"
	tryEmpty     = "empty" // clean, and nothing left to change
	tryError     = "error"
)

func (o *tryOptions) run(ctx context.Context, a *app) error {
	if o.stdin == (o.commit != "") || !o.stdin && o.onto == "" {
		return usagef("give COMMIT and --onto REV, or --stdin")
	}
	git, err := a.git()
	if err != nil {
		return err
	}
	source, err := gitops.OpenSource(ctx, git, a.path(o.repo))
	if err != nil {
		return err
	}
	scratch, err := source.Scratch(a.tempDir())
	if err != nil {
		return err
	}
	t := trial{source, gitops.NewWorkbench(scratch, a.engine.mode), o.suggest}
	defer t.bench.Close()
	if o.stdin && o.onto != "" {
		return t.series(ctx, a, o.onto)
	}
	scratch.BeForgetful()
	if o.stdin {
		return t.pairs(ctx, a)
	}
	answer, err := t.answer(ctx, o.commit, o.onto)
	if err != nil {
		return err
	}
	a.show(answer, func() { answer.say(a) })
	if answer.Result == tryConflicts {
		return outcome{exitConflicts}
	}
	return nil
}

// tempDir is where throw-away files outside a vault go.
func (a *app) tempDir() string {
	if dir := a.env.Getenv("TMPDIR"); filepath.IsAbs(dir) {
		return dir
	}
	return os.TempDir()
}

func (t tryAnswer) say(a *app) {
	switch t.Result {
	case tryEmpty:
		a.say("empty: %s has every change of %s already", t.Onto, t.Commit)
	case tryClean:
		a.say("clean: %s applies to %s, tree %s", t.Commit, t.Onto, t.Tree)
	default:
		a.say("conflict: %s does not merge onto %s", t.Commit, t.Onto)
		for _, k := range t.Conflicts {
			a.say("  %-18s %s", k.Kind, k.Path)
			if k.Suggestions == nil {
				continue
			}
			for _, s := range *k.Suggestions {
				s.say(a)
			}
		}
	}
}

// trial merges commits of one repository.
type trial struct {
	source *gitops.Source
	bench  *gitops.Workbench
	offers bool // suggestions for what conflicts
}

func (t trial) answer(ctx context.Context, commit, onto string) (tryAnswer, error) {
	answer := newTryAnswer(commit, onto)
	patch, err := t.commit(ctx, commit)
	if err != nil {
		return answer, err
	}
	upstream, err := t.commit(ctx, onto)
	if err != nil {
		return answer, err
	}
	return answer, t.merge(ctx, patch, upstream, &answer)
}

func newTryAnswer(commit, onto string) tryAnswer {
	return tryAnswer{Commit: commit, Onto: onto, Conflicts: []tryConflict{}}
}

// merge says in answer what comes of a patch on upstream.
func (t trial) merge(ctx context.Context, patch, upstream triedCommit, answer *tryAnswer) error {
	req := merge3.Request{
		Base:     merge3.Side{Commit: patch.Parent()},
		Upstream: merge3.Side{Commit: upstream.id, Tree: upstream.Tree},
		Patch:    merge3.Side{Commit: patch.id, Tree: patch.Tree},
	}
	res, err := t.bench.Merge(ctx, req)
	if err != nil {
		return err
	}
	answer.Tree = res.Tree
	switch {
	case !res.Clean():
		answer.Result = tryConflicts
	case res.Tree == req.Upstream.Tree:
		answer.Result = tryEmpty
	default:
		answer.Result = tryClean
	}
	for _, k := range res.Conflicts {
		answer.Conflicts = append(answer.Conflicts, tryConflict{Path: k.Path, Kind: k.Kind})
	}
	if t.offers {
		return t.suggest(ctx, req, res.Conflicts, answer.Conflicts)
	}
	return nil
}

// triedCommit is a commit that is merged, or merged onto.
type triedCommit struct {
	id merge3.ID
	patchset.Commit
}

// commit reads a commit by id, or by any name that git knows.
func (t trial) commit(ctx context.Context, rev string) (triedCommit, error) {
	if id := merge3.ID(rev); id.Valid() {
		c, err := t.bench.Commit(ctx, id)
		if err == nil {
			return triedCommit{id, c}, nil
		}
	}
	id, err := t.source.Resolve(ctx, rev)
	if err != nil {
		return triedCommit{}, err
	}
	c, err := t.bench.Commit(ctx, id)
	return triedCommit{id, c}, err
}
