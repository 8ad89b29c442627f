package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// stgit rebases a stack of StGit patches.
func stgit(ctx context.Context, s *scene) ([]contestant, error) {
	if _, err := exec.LookPath("stg"); err != nil {
		s.absent = append(s.absent, "StGit: it is not installed")
		return nil, nil
	}
	version, err := s.sh.Text(ctx, drive.Cmd{Dir: "/", Args: []string{"stg", "--version"}})
	if err != nil {
		return nil, err
	}
	return []contestant{{
		name:  "stg rebase (" + stgitVersion(version) + ")",
		reset: s.everywhere(func(ctx context.Context, p *place) error { return p.readyForStGit(ctx) }),
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			out, err := p.mustRun(ctx, drive.Cmd{Args: []string{"stg", "rebase", p.onto}})
			if err != nil {
				return out.Cost, errors.Join(err, p.afterStGit(ctx))
			}
			return out.Cost, nil
		}),
		trees: s.treesOf(func(ctx context.Context, p *place) (string, error) {
			tree, err := p.treeOf(ctx, "HEAD")
			return tree, errors.Join(err, p.afterStGit(ctx))
		}),
	}}, nil
}

// stgitVersion finds the line on StGit among what it says of other programs.
func stgitVersion(text string) string {
	for _, line := range drive.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 1 && !strings.HasPrefix(line, "git ") && !strings.HasPrefix(line, "Python ") {
			return fields[len(fields)-1]
		}
	}
	return "version unknown"
}

// stgBranch is the branch of the StGit stack.
const stgBranch = "bench-stg"

func (p *place) readyForStGit(ctx context.Context) error {
	if err := p.checkout(ctx, p.stack); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"git", "checkout", "--quiet", "-B", stgBranch},
		{"stg", "init"},
		{"stg", "uncommit", "--number", fmt.Sprint(len(p.commits))},
	} {
		if _, err := p.mustRun(ctx, drive.Cmd{Args: args}); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

// afterStGit removes the stack: its refs, its branch and its own files.
func (p *place) afterStGit(ctx context.Context) error {
	if _, err := p.sh.Git(ctx, p.work, "checkout", "--quiet", "--force", "--detach", p.base); err != nil {
		return err
	}
	refs, err := p.sh.Git(ctx, p.work, "for-each-ref", "--format=delete %(refname)", "refs/heads/"+stgBranch, "refs/heads/"+stgBranch+".stgit", "refs/patches", "refs/stacks")
	if err != nil {
		return err
	}
	if _, err := p.mustRun(ctx, drive.Cmd{Args: []string{"git", "update-ref", "--stdin"}, Stdin: strings.NewReader(refs + "\n")}); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(p.work, ".git", "patches")); err != nil {
		return err
	}
	return p.forgetObjects()
}
