package gitops

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/git-carry/git-carry/patchset"
)

// Source is a local repository that commits are read from: any repository of the
// person, with or without a work tree. Nothing is written to it.
type Source struct {
	git     *Git
	GitDir  string // absolute
	Objects string // its objects directory, absolute
	// Shallow: parents of its oldest commits are not there.
	Shallow bool
}

// OpenSource finds the repository at dir and refuses a shallow one: what a commit
// changes cannot be told without its parent.
func OpenSource(ctx context.Context, git *Git, dir string) (*Source, error) {
	s, err := OpenDeployed(ctx, git, dir)
	if err == nil && s.Shallow {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is a shallow clone: parents of its commits are missing", dir).
			WithHint("git -C %s fetch --unshallow", dir)
	}
	return s, err
}

// OpenDeployed finds the repository at dir, of which the trees matter and the history
// may be missing. A partial clone is refused: an object that it lacks would have to be
// asked for by name from a public server.
func OpenDeployed(ctx context.Context, git *Git, dir string) (*Source, error) {
	gitDir, ok := plainRepository(dir)
	common := gitDir
	if !ok {
		var err error
		if gitDir, common, err = askGitDir(ctx, git, dir); err != nil {
			return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is no git repository that can be read: %w", dir, err).
				WithHint("git -C %s status", dir)
		}
	}
	s := &Source{git: git, GitDir: gitDir, Objects: filepath.Join(common, "objects")}
	_, err := os.Stat(filepath.Join(common, "shallow"))
	s.Shallow = err == nil
	partial, err := s.isPartial(ctx)
	if err != nil {
		return nil, err
	}
	if partial {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is a partial clone: reading it could tell its server which files matter", dir).
			WithHint("make a full clone and use that")
	}
	return s, nil
}

// plainRepository finds the git directory of dir where it needs no git to tell: a
// bare repository of the person's own, or a directory with one as .git.
func plainRepository(dir string) (string, bool) {
	for _, gitDir := range []string{filepath.Join(dir, ".git"), dir} {
		info, err := os.Lstat(gitDir)
		if err != nil || !info.IsDir() {
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		own := ok && int(stat.Uid) == os.Geteuid() // else safe.directory has a say
		for _, name := range []string{"HEAD", "objects", "refs"} {
			_, err := os.Stat(filepath.Join(gitDir, name))
			own = own && err == nil
		}
		if _, err := os.Lstat(filepath.Join(gitDir, "commondir")); err == nil {
			own = false
		}
		if own {
			return gitDir, true
		}
	}
	return "", false
}

// askGitDir is the git directory of dir, and the one that it shares with other work
// trees.
func askGitDir(ctx context.Context, git *Git, dir string) (gitDir, common string, err error) {
	out, err := git.Run(ctx, Cmd{
		Dir: dir, Network: true, // the person's own safe.directory counts here
		Args: []string{"rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"},
	})
	gitDir, common, two := strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	if err == nil && !two {
		err = errors.New("git tells no directory")
	}
	return filepath.Clean(gitDir), filepath.Clean(common), err
}

// isPartial tells whether a remote has promised objects that are not here.
func (s *Source) isPartial(ctx context.Context) (bool, error) {
	data, err := os.ReadFile(filepath.Join(filepath.Dir(s.Objects), "config"))
	text := strings.ToLower(string(data))
	if err == nil && !strings.Contains(text, "promisor") && !strings.Contains(text, "include") {
		return false, nil
	}
	out, err := s.git.Run(ctx, Cmd{GitDir: s.GitDir, Args: []string{"config", "--get-regexp", `^remote\..*\.promisor$`}})
	if code, ok := exitCode(err); ok && code == 1 {
		return false, nil
	}
	return strings.Contains(string(out), "true"), err
}

// Resolve finds the commit that rev names there. The error for a name that means
// no commit is an *UnknownRevisionError.
func (s *Source) Resolve(ctx context.Context, rev string) (patchset.ID, error) {
	return s.git.Resolve(ctx, s.GitDir, rev)
}

// Beside makes a throw-away place in the vault that borrows the objects of both. What
// both have is read from the vault.
func (s *Source) Beside(v *Vault) (*Scratch, error) {
	ours, err := detectFormat(filepath.Join(v.dir, "objects"))
	if err != nil {
		return nil, err
	}
	theirs, err := detectFormat(s.Objects)
	if err == nil && ours != theirs {
		err = patchset.Faultf(patchset.CodeBadRepository, "%s has ids of another kind than the vault (SHA-1 and SHA-256)", s.GitDir)
	}
	if err != nil {
		return nil, err
	}
	return NewScratch(s.git, v.tmp(), filepath.Join(v.dir, "objects"), s.Objects)
}

// Scratch makes a throw-away place that borrows the objects of the repository.
func (s *Source) Scratch(tmp string) (*Scratch, error) { return NewScratch(s.git, tmp, s.Objects) }
