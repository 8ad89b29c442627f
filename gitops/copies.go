package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops/objstore"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A repository beside the vault can have its objects in many ways: a clone, a worktree,
// alternates. What is pushed from there no rule of ours sees.

// CopyForm is how a repository has what is in a vault; "" when it has nothing of it.
type CopyForm string

// The forms, the closest first.
const (
	CopyWorktree CopyForm = "is a worktree of the vault"
	CopyBorrows  CopyForm = "borrows the vault's objects (clone --shared or --reference, objects/info/alternates)"
	CopyClone    CopyForm = "has the vault's ledger: it is a clone of the vault, or fetched from it"
	CopyCarries  CopyForm = "has carried commits of the vault"
)

// Grave tells whether nothing but a mistake leads to such a copy. A deployed checkout has
// carried commits by right.
func (f CopyForm) Grave() bool { return f != "" && f != CopyCarries }

// Worktrees lists the work trees that a git command has tied to the vault.
func (v *Vault) Worktrees() []string {
	ties, _ := filepath.Glob(filepath.Join(globQuote(v.dir), "worktrees", "*", "gitdir"))
	var dirs []string
	for _, tie := range ties {
		if path, err := os.ReadFile(tie); err == nil {
			dirs = append(dirs, filepath.Dir(string(bytes.TrimSpace(path))))
		}
	}
	return dirs
}

// CopyAt tells how the repository at dir has what is in the vault, after the state s.
func (v *Vault) CopyAt(ctx context.Context, s Snapshot, dir string) (CopyForm, error) {
	common, ok := plainRepository(dir)
	if !ok {
		var err error
		if _, common, err = askGitDir(ctx, v.git, dir); err != nil {
			return "", err
		}
	}
	own, err := filepath.EvalSymlinks(v.dir)
	if err != nil {
		return "", err
	}
	if common, err = filepath.EvalSymlinks(common); err != nil {
		return "", err
	}
	objects := filepath.Join(common, "objects")
	lenders, err := objstore.Alternates(objects)
	switch {
	case err != nil:
		return "", err
	case common == own:
		return CopyWorktree, nil
	case slices.Contains(lenders, filepath.Join(own, "objects")):
		return CopyBorrows, nil
	}
	return v.holdings(ctx, s, objects)
}

func (v *Vault) holdings(ctx context.Context, s Snapshot, objects string) (CopyForm, error) {
	store, err := objstore.Open(objects, objstore.Options{})
	if err != nil {
		return "", err
	}
	defer store.Close()
	entries := []merge3.ID{s.Tip}
	if c, err := v.Commit(ctx, s.Tip); err == nil {
		entries = append(entries, c.Parent())
	}
	if seen, err := v.SharedSeen(); err == nil {
		entries = append(entries, seen)
	}
	for _, list := range []struct {
		ids  []merge3.ID
		form CopyForm
	}{{entries, CopyClone}, {privateCommits(s.Ledger), CopyCarries}} {
		for _, id := range list.ids {
			if id == "" {
				continue
			}
			if has, err := store.Has(ctx, id); err != nil || has {
				return list.form, err
			}
		}
	}
	return "", nil
}

// privateCommits lists the commits that a ledger names and that no public history has.
func privateCommits(l patchset.Ledger) []merge3.ID {
	var ids []merge3.ID
	for _, p := range l.Patches {
		for _, in := range p.At {
			if in.State.InStack() {
				ids = append(ids, in.Commit)
			}
		}
	}
	for _, p := range l.Pins {
		ids = append(ids, p.Commit)
	}
	for _, r := range l.Resolutions {
		ids = append(ids, r.Result, r.Keep)
	}
	for _, c := range l.Conflicts {
		ids = append(ids, c.Record)
	}
	return slices.DeleteFunc(ids, func(id merge3.ID) bool { return id == "" })
}

// RemoteURLs lists the URLs of the remotes of dir, as they are configured.
func RemoteURLs(ctx context.Context, git *Git, dir string) ([]string, error) {
	out, err := git.Run(ctx, Cmd{Dir: dir, Network: true, Args: []string{"config", "--null", "--get-regexp", `^remote\..*\.(push)?url$`}})
	var failed *GitError
	if errors.As(err, &failed) && failed.ExitCode == 1 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the remotes of %s: %w", dir, err)
	}
	var urls []string
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if _, url, ok := strings.Cut(entry, "\n"); ok {
			urls = append(urls, url)
		}
	}
	return urls, nil
}
