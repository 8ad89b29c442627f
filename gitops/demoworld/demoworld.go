// Package demoworld makes the repositories of `git carry demo`: the public
// upstreams of a wiki engine and two extensions with three weekly deployment
// branches, a directory of secret patch files as people kept them before, and a
// developer's private clone with one more fix in it. Nothing comes from a
// network, and the same day gives the same commit ids.
//
// The story is in story.go, the files it starts from in world/.
package demoworld

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

//go:embed world
var world embed.FS

// The weekly branches, oldest first.
const (
	Before  = "1.46.0-wmf.4" // two weeks ago: the patches are files
	Last    = "1.46.0-wmf.5" // a week ago: they are in the vault
	Current = "1.46.0-wmf.6" // today: some do not merge
)

// AddedID is the patch that comes by `git carry add`, a week after the others.
const AddedID = "T402007"

// Where things are below the directory of the world.
const (
	UpstreamDir = "upstream" // the public repositories, bare
	PatchesDir  = "patches"  // the patch files, <version>/<component>/NN-ID.patch
	PrivateDir  = "private"  // developers' clones, bare
)

// Component is one public repository of the world.
type Component struct {
	Name string // as deployed: extensions/OAuth
	URL  string // its upstream, relative to the world's directory
	repo repository
}

// Components lists the public repositories.
func Components() []Component {
	var out []Component
	for _, r := range repositories() {
		out = append(out, Component{r.component, path.Join(UpstreamDir, r.name+".git"), r})
	}
	return out
}

// File is one of the secret patch files: the patch, and the person who wrote it.
type File struct{ ID, Owner string }

// Files lists the patch files, by component and in order.
func Files() []File {
	var out []File
	for _, r := range repositories() {
		for _, f := range r.fixes {
			out = append(out, File{f.id, f.author.id})
		}
	}
	return out
}

// AddedFix tells where the fix is that comes by `git carry add`: the private
// clone, relative to the world's directory, and the branch.
func AddedFix() (repo, branch string) { return PrivateDir + "/OAuth.git", AddedID }

// Build makes the repositories in dir, an existing directory. day is the Tuesday
// on which Current was cut.
func Build(ctx context.Context, git *gitops.Git, dir string, day time.Time) error {
	for _, c := range Components() {
		b := builder{git: git, dir: dir, day: day}
		if err := b.build(ctx, c); err != nil {
			return fmt.Errorf("making the practice repository %s: %w", c.Name, err)
		}
	}
	return nil
}

// builder makes one upstream, its private clone and its patch files.
type builder struct {
	git *gitops.Git
	dir string
	day time.Time
}

func (b *builder) build(ctx context.Context, c Component) error {
	start, err := fs.Sub(world, "world/"+c.repo.folder)
	if err != nil {
		return err
	}
	public, err := newHistory(start, b.day)
	if err != nil {
		return err
	}
	secret, err := c.repo.tell(public)
	if err != nil {
		return err
	}
	if err := b.load(ctx, filepath.Join(b.dir, filepath.FromSlash(c.URL)), public); err != nil {
		return err
	}
	clone := filepath.Join(b.dir, PrivateDir, c.repo.name+".git")
	if err := b.load(ctx, clone, secret...); err != nil {
		return err
	}
	return b.writePatches(ctx, clone, c)
}

// load makes a bare repository and fills it by git fast-import.
func (b *builder) load(ctx context.Context, repo string, histories ...*history) error {
	if err := os.MkdirAll(repo, 0o755); err != nil {
		return err
	}
	_, err := b.git.Run(ctx, gitops.Cmd{
		Dir: repo, Args: []string{"init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--end-of-options", "."},
		Env: []string{"GIT_DEFAULT_HASH=sha1"},
	})
	if err != nil {
		return err
	}
	for _, h := range histories {
		_, err := b.git.Run(ctx, gitops.Cmd{
			GitDir: repo, Args: []string{"fast-import", "--quiet", "--done", "--date-format=raw"}, Stdin: strings.NewReader(h.script()),
			Config: [][2]string{{"core.fsync", "none"}}, // a practice world need not survive a power cut
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writePatches writes the secret commits as the files that people kept before.
func (b *builder) writePatches(ctx context.Context, clone string, c Component) error {
	folder := filepath.Join(b.dir, PatchesDir, Before, filepath.FromSlash(c.Name))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for i, fix := range c.repo.fixes {
		patch, err := b.git.Run(ctx, gitops.Cmd{
			GitDir: clone, Args: []string{"format-patch", "--stdout", "--no-signature", "--zero-commit", "-1", "--end-of-options", "refs/heads/" + fix.id},
		})
		if err != nil {
			return err
		}
		name := filepath.Join(folder, mailbox.FileName(i+1, fix.id))
		if err := os.WriteFile(name, patch, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Tuesday is the day of the newest cut for a reader of the clock: the last
// Tuesday whose morning is over.
func Tuesday(now time.Time) time.Time {
	day := now.UTC().Add(-12 * time.Hour).Truncate(24 * time.Hour)
	for day.Weekday() != time.Tuesday {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// FixedDay is the Tuesday of a world that is thrown away: it looks the same
// every time.
func FixedDay() time.Time { return time.Date(2026, time.November, 17, 0, 0, 0, 0, time.UTC) }
