package gitops

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// Source is a local repository that commits are read from: any repository of the
// person, with or without a work tree. Nothing is written to it.
type Source struct {
	git     *Git
	GitDir  string // absolute
	Objects string // its objects directory, absolute
}

// OpenSource finds the repository at dir. A partial clone is refused: an object
// that it lacks would have to be asked for by name from a public server. So is a
// shallow one: the parents of its oldest commits are not there.
func OpenSource(ctx context.Context, git *Git, dir string) (*Source, error) {
	out, err := git.Run(ctx, Cmd{
		Dir: dir, Network: true, // the person's own safe.directory counts here
		Args: []string{"rev-parse", "--path-format=absolute", "--git-dir", "--git-path", "objects", "--git-path", "shallow", "--git-path", "config"},
	})
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err != nil || len(lines) != 4 {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is no git repository that can be read: %w", dir, err).
			WithHint("git -C %s status", dir)
	}
	if _, err := os.Stat(lines[2]); err == nil {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is a shallow clone: parents of its commits are missing", dir).
			WithHint("git -C %s fetch --unshallow", dir)
	}
	s := &Source{git, filepath.Clean(lines[0]), filepath.Clean(lines[1])}
	partial, err := git.Run(ctx, Cmd{GitDir: s.GitDir, Args: []string{"config", "--get-regexp", `^remote\..*\.promisor$`}})
	if err == nil && strings.Contains(string(partial), "true") {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is a partial clone: reading it could tell its server which files matter", dir).
			WithHint("make a full clone and use that")
	}
	return s, nil
}

// Resolve finds the commit that rev names there. The error for a name that means
// no commit is an *UnknownRevisionError.
func (s *Source) Resolve(ctx context.Context, rev string) (patchset.ID, error) {
	return s.git.Resolve(ctx, s.GitDir, rev)
}

// Scratch makes a throw-away place that borrows the objects of the repository.
func (s *Source) Scratch(tmp string) (*Scratch, error) { return NewScratch(s.git, tmp, s.Objects) }
