package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/printable"
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
		Use:   "try (COMMIT --onto REV | --stdin)",
		Short: "Would these commits apply there? Nothing is changed",
		Long: `Merge a commit onto another as the train would: three-way, with the commit's own parent
as base. No vault is needed and nothing is written to the repository.

With --stdin each input line is "<commit> <onto>", each answer one line of JSON, in the same
order: {"commit","onto","result":"clean"|"conflict"|"empty","tree","conflicts":[{"path","kind"}]}.
A line that cannot be answered gets "result":"error" and the reason; then the exit code is 1.
Without --stdin the exit code is 0 when it applies and 3 when it conflicts.

With --suggest each conflict in a text comes with suggestions for its hunks, the best
first: where each comes from and in how many of 100 real conflicts that was exactly what people
wrote. In JSON: "suggestions":[{"path","hunk","source","label","precision","text"}].`,
		Example: `  git carry try --repo core 1a2b3c4d --onto origin/wmf/1.46.0-wmf.6
  git carry try --repo core 1a2b3c4d --onto origin/main --suggest
  git carry try --repo core --stdin < pairs > answers`,
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
	c.Flags().BoolVar(&o.stdin, "stdin", false, "read \"<commit> <onto>\" lines, answer with a line of JSON each")
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
	if o.stdin == (o.commit != "") || o.stdin == (o.onto != "") {
		return usagef("give COMMIT and --onto REV, or --stdin alone")
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
	defer scratch.Close()
	scratch.BeForgetful()
	t := trial{source, gitops.NewWorkbench(scratch, a.engine.mode), o.suggest}
	if o.stdin {
		return o.stream(ctx, a, t)
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
	answer := tryAnswer{Commit: commit, Onto: onto, Conflicts: []tryConflict{}}
	req, err := t.request(ctx, commit, onto)
	if err != nil {
		return answer, err
	}
	res, err := t.bench.Merge(ctx, req)
	if err != nil {
		return answer, err
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
		return answer, t.suggest(ctx, req, res.Conflicts, answer.Conflicts)
	}
	return answer, nil
}

func (t trial) request(ctx context.Context, commit, onto string) (merge3.Request, error) {
	patchID, patch, err := t.commit(ctx, commit)
	if err != nil {
		return merge3.Request{}, err
	}
	ontoID, upstream, err := t.commit(ctx, onto)
	if err != nil {
		return merge3.Request{}, err
	}
	req := merge3.Request{
		Upstream: merge3.Side{Commit: ontoID, Tree: upstream.Tree},
		Patch:    merge3.Side{Commit: patchID, Tree: patch.Tree},
	}
	if parent := patch.Parent(); parent != "" {
		req.Base.Commit = parent
	}
	return req, nil
}

// commit reads a commit by id, or by any name that git knows.
func (t trial) commit(ctx context.Context, rev string) (merge3.ID, patchset.Commit, error) {
	if id := merge3.ID(rev); id.Valid() {
		c, err := t.bench.Commit(ctx, id)
		if err == nil {
			return id, c, nil
		}
	}
	id, err := t.source.Resolve(ctx, rev)
	if err != nil {
		return "", patchset.Commit{}, err
	}
	c, err := t.bench.Commit(ctx, id)
	return id, c, err
}

// stream answers line by line, on all cores, in order. At most a few lines per
// core are in flight, so memory does not grow with the input.
func (o *tryOptions) stream(ctx context.Context, a *app, t trial) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := runtime.GOMAXPROCS(0)
	answers := make(chan chan tryAnswer, 4*workers)
	slots := make(chan struct{}, workers)
	readErr := make(chan error, 1)
	go func() {
		defer close(answers)
		lines := bufio.NewScanner(a.env.Stdin)
		for lines.Scan() {
			line, answer := lines.Text(), make(chan tryAnswer, 1)
			select {
			case answers <- answer:
			case <-ctx.Done():
				return
			}
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				answer <- t.line(ctx, line)
			}()
		}
		readErr <- lines.Err()
	}()
	failed, err := writeAnswers(a.env.Stdout, answers)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := <-readErr; err != nil {
		return err
	}
	if failed {
		return outcome{exitFailed}
	}
	return nil
}

func (t trial) line(ctx context.Context, line string) tryAnswer {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return tryAnswer{Result: tryError, Conflicts: []tryConflict{}, Error: "want \"<commit> <onto>\", not " + printable.Cut(line, 100)}
	}
	answer, err := t.answer(ctx, fields[0], fields[1])
	if err != nil {
		answer.Result, answer.Error = tryError, err.Error()
	}
	return answer
}

func writeAnswers(w io.Writer, answers <-chan chan tryAnswer) (failed bool, err error) {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for answer := range answers {
		t := <-answer
		failed = failed || t.Result == tryError
		// Flush where a reader may be waiting for this answer before it asks on.
		err = errors.Join(err, enc.Encode(t))
		if len(answers) == 0 {
			err = errors.Join(err, out.Flush())
		}
		if err != nil {
			return failed, err
		}
	}
	return failed, out.Flush()
}
