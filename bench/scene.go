package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// scene is what is carried: a stack on a base, and the commit that it is carried to.
type scene struct {
	sh       *drive.Shell
	dir      string
	gitCarry string
	version  string // of git

	public string // a bare repository that borrows the real one's objects
	work   string // a worktree that borrows from public
	mbox   string // the stack as mails

	base, stack, onto string
	commits           []commit // base..stack, oldest first
	title             string
}

// The names of the two weeks, as branches of public and as versions of the vault.
const (
	weekFrom = "week.1"
	weekTo   = "week.2"
)

func newScene(ctx context.Context, dir string, o options) (*scene, error) {
	sh, err := drive.NewShell(filepath.Join(dir, "home"))
	if err != nil {
		return nil, err
	}
	s := &scene{sh: sh, dir: dir, public: filepath.Join(dir, "public.git"), work: filepath.Join(dir, "work"), mbox: filepath.Join(dir, "stack.mbox")}
	if s.version, err = sh.Git(ctx, "/", "version"); err != nil {
		return nil, err
	}
	if s.gitCarry, err = sh.GitCarry(ctx, o.gitCarry, dir); err != nil {
		return nil, err
	}
	if err := s.borrow(ctx, o.repo); err != nil {
		return nil, err
	}
	if err := s.resolve(ctx, o); err != nil {
		return nil, err
	}
	if err := s.choose(ctx, o); err != nil {
		return nil, err
	}
	if err := s.publish(ctx); err != nil {
		return nil, err
	}
	return s, s.describe(ctx, o)
}

// borrow makes the public repository and the worktree.
func (s *scene) borrow(ctx context.Context, repo string) error {
	objects, err := s.sh.Git(ctx, repo, "rev-parse", "--git-path", "objects")
	if err != nil {
		return err
	}
	if !filepath.IsAbs(objects) {
		objects = filepath.Join(repo, objects)
	}
	if _, err := s.sh.Git(ctx, "/", "init", "--quiet", "--bare", s.public); err != nil {
		return err
	}
	if _, err := s.sh.Git(ctx, "/", "init", "--quiet", s.work); err != nil {
		return err
	}
	for key, value := range map[string]string{"gc.auto": "0", "core.logAllRefUpdates": "false", "advice.detachedHead": "false"} {
		if _, err := s.sh.Git(ctx, s.work, "config", key, value); err != nil {
			return err
		}
	}
	if err := lend(filepath.Join(s.public, "objects"), objects); err != nil {
		return err
	}
	return lend(s.workObjects(), filepath.Join(s.public, "objects"))
}

func (s *scene) workObjects() string { return filepath.Join(s.work, ".git", "objects") }

func lend(borrower, lender string) error {
	return os.WriteFile(filepath.Join(borrower, "info", "alternates"), []byte(lender+"\n"), 0o644)
}

// resolve finds the commits that were named.
func (s *scene) resolve(ctx context.Context, o options) error {
	for _, c := range []struct {
		name string
		id   *string
	}{{o.base, &s.base}, {o.onto, &s.onto}, {o.stack, &s.stack}} {
		if c.name == "" {
			continue
		}
		id, err := s.sh.Git(ctx, o.repo, "rev-parse", "--verify", "--end-of-options", c.name+"^{commit}")
		if err != nil {
			return err
		}
		*c.id = id
	}
	return nil
}

// choose makes the stack, unless it was named, and reads it.
func (s *scene) choose(ctx context.Context, o options) error {
	if s.stack == "" {
		date, err := s.sh.Git(ctx, o.repo, "log", "-1", "--format=%cI", s.onto)
		if err != nil {
			return err
		}
		// The date keeps out the old histories of libraries that were merged in later.
		list, err := s.sh.Git(ctx, o.repo, "rev-list", "--reverse", "--no-merges", "--since="+date, s.onto+"..HEAD")
		if err != nil {
			return err
		}
		if s.stack, err = s.pick(ctx, drive.Lines(list), o); err != nil {
			return err
		}
	}
	list, err := s.sh.Git(ctx, s.public, "rev-list", "--reverse", s.base+".."+s.stack)
	if err != nil {
		return err
	}
	s.commits, err = readCommits(ctx, s.sh, s.public, drive.Lines(list))
	return err
}

// publish gives the weeks their branches and writes the stack as mails.
func (s *scene) publish(ctx context.Context) error {
	for name, id := range map[string]string{"heads/" + weekFrom: s.base, "heads/" + weekTo: s.onto, "bench/stack": s.stack} {
		if _, err := s.sh.Git(ctx, s.public, "update-ref", "refs/"+name, id); err != nil {
			return err
		}
	}
	mails, err := s.sh.Git(ctx, s.public, "format-patch", "--stdout", "--full-index", "--binary", s.base+".."+s.stack)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.mbox, []byte(mails+"\n"), 0o644); err != nil {
		return err
	}
	_, err = s.sh.Git(ctx, s.work, "checkout", "--quiet", "--detach", s.base)
	return err
}

func (s *scene) describe(ctx context.Context, o options) error {
	count := func(args ...string) int {
		out, _ := s.sh.Git(ctx, s.public, args...)
		return len(drive.Lines(out))
	}
	name := strings.TrimSuffix(filepath.Base(o.repo), ".git")
	s.title = fmt.Sprintf("%d patches over %s to %s of a repository (%s) with %d files; %d commits and %d changed files between the two",
		len(s.commits), orElse(o.base, s.base), orElse(o.onto, s.onto), name,
		count("ls-tree", "-r", "--name-only", s.base),
		count("rev-list", s.base+".."+s.onto), count("diff-tree", "-r", "--name-only", s.base, s.onto))
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
