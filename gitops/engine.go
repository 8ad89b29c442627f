package gitops

import (
	"context"
	"fmt"
	"maps"
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
	s    *Scratch
	mode EngineMode
	git  *GitMerger

	mu    sync.Mutex
	count map[string]int
}

var _ merge3.Merger = (*Engine)(nil)

// NewEngine merges with the objects of s and writes what comes of it there.
func NewEngine(s *Scratch, mode EngineMode) *Engine {
	return &Engine{s: s, mode: mode, git: NewGitMerger(s), count: map[string]int{}}
}

// Asked counts the merges that git was asked for, by reason.
func (e *Engine) Asked() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.count)
}

func (e *Engine) ask(ctx context.Context, r merge3.Request, reason string) (merge3.Result, error) {
	e.mu.Lock()
	e.count[reason]++
	e.mu.Unlock()
	return e.git.Merge(ctx, r)
}

// Merge implements merge3.Merger.
func (e *Engine) Merge(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	if e.mode == EngineGit {
		return e.ask(ctx, r, "asked for")
	}
	if err := e.git.complete(ctx, &r); err != nil {
		return merge3.Result{}, fmt.Errorf("merge: %w", err)
	}
	tree, ok, err := e.s.mergeDisjoint(ctx, r.Base.Tree, r.Upstream.Tree, r.Patch.Tree)
	switch {
	case err != nil:
		return merge3.Result{}, err
	case !ok:
		return e.ask(ctx, r, "a dispute or a rename")
	case e.mode == EngineOwn:
		return merge3.Result{Tree: tree}, nil
	}
	return e.check(ctx, r, merge3.Result{Tree: tree})
}

// check compares an answer with git's.
func (e *Engine) check(ctx context.Context, r merge3.Request, own merge3.Result) (merge3.Result, error) {
	asked, err := e.git.Merge(ctx, r)
	if err != nil {
		return merge3.Result{}, err
	}
	if own.Tree != asked.Tree || own.Clean() != asked.Clean() {
		return merge3.Result{}, &EngineDifferenceError{Request: r, Own: own, Git: asked}
	}
	return own, nil
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
