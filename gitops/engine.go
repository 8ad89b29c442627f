package gitops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// EngineMode says who merges.
type EngineMode string

// The modes of an [Engine].
const (
	EngineOwn   EngineMode = "own"   // in this process; git is asked what is beyond it
	EngineGit   EngineMode = "git"   // the installed git, for everything
	EngineCheck EngineMode = "check" // both, and any difference is an error
)

// EngineModes are the modes in the order of the help text.
var EngineModes = []EngineMode{EngineOwn, EngineGit, EngineCheck}

// ParseEngineMode reads a mode from the command line.
func ParseEngineMode(s string) (EngineMode, error) {
	for _, m := range EngineModes {
		if string(m) == s {
			return m, nil
		}
	}
	return "", fmt.Errorf("no engine is called %.40q", s)
}

// Engine merges as git's merge-ort does. It is safe for concurrent use.
type Engine struct {
	mode EngineMode
	git  *GitMerger
	own  func() *merge3.TreeMerger

	mu    sync.Mutex
	asked map[string]int
}

var _ merge3.Merger = (*Engine)(nil)

// NewEngine merges with the objects of s and writes what comes of it there.
func NewEngine(s *Scratch, mode EngineMode) *Engine {
	return &Engine{
		mode: mode, git: NewGitMerger(s), asked: map[string]int{},
		own: sync.OnceValue(func() *merge3.TreeMerger {
			// As the git that people would check us with does it.
			return &merge3.TreeMerger{
				Objects: s, RediffShifted: s.git.atLeast(2, 54), SkipTail: !s.git.atLeast(2, 44), OverBase: !s.git.atLeast(2, 51),
			}
		}),
	}
}

// Asked counts the merges that git was asked for, by reason.
func (e *Engine) Asked() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.asked)
}

// Merge implements merge3.Merger.
func (e *Engine) Merge(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	if e.mode == EngineGit {
		return e.ask(ctx, r, "asked for")
	}
	own, err := e.mergeHere(ctx, r)
	var beyond *merge3.BeyondError
	switch {
	case errors.As(err, &beyond):
		return e.ask(ctx, r, beyond.Reason)
	case err != nil:
		return merge3.Result{}, fmt.Errorf("merge %s onto %s: %w", r.Patch.Commit.Short(), r.Upstream.Commit.Short(), err)
	case e.mode == EngineOwn:
		return own, nil
	}
	return own, e.check(ctx, r, own)
}

func (e *Engine) ask(ctx context.Context, r merge3.Request, reason string) (merge3.Result, error) {
	e.mu.Lock()
	e.asked[reason]++
	e.mu.Unlock()
	return e.git.Merge(ctx, r)
}

// mergeHere merges in this process, with the labels that git would be given.
func (e *Engine) mergeHere(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	if err := e.git.complete(ctx, &r); err != nil {
		return merge3.Result{}, err
	}
	r.Upstream.Label = sideName(r.Upstream, "")
	r.Patch.Label = sideName(r.Patch, r.Upstream.Label)
	return e.own().Merge(ctx, r)
}

// check compares an answer with git's.
func (e *Engine) check(ctx context.Context, r merge3.Request, own merge3.Result) error {
	asked, err := e.git.Merge(ctx, r)
	if err != nil {
		return err
	}
	if own.Tree != asked.Tree || !slices.EqualFunc(own.Conflicts, asked.Conflicts, merge3.Conflict.SameAs) {
		return &EngineDifferenceError{Request: r, Own: own, Git: asked}
	}
	return nil
}

// EngineDifferenceError says that git answers a merge otherwise than we do.
type EngineDifferenceError struct {
	Request  merge3.Request
	Own, Git merge3.Result
}

func (e *EngineDifferenceError) Error() string {
	return fmt.Sprintf("our merge of %s (parent %s) onto %s gives tree %s with %d conflicts, git's gives %s with %d",
		e.Request.Patch.Commit, e.Request.Base.Commit, e.Request.Upstream.Commit,
		e.Own.Tree, len(e.Own.Conflicts), e.Git.Tree, len(e.Git.Conflicts))
}

// Hints implements the interface of errors that say what to do.
func (e *EngineDifferenceError) Hints() []string {
	return []string{"this is a defect of git-carry: report it with the three ids; until then use --engine=git"}
}
