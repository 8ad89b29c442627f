package gitops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Vault is the one place that reads and writes the private repository: it reads
// the ledger into a Snapshot and turns a patchset.Plan into one compare-and-swap
// of refs/carry/ledger, or into nothing.
type Vault struct {
	git    *Git
	dir    string
	reader *Reader
}

// InitVault makes a vault at dir, which must not exist or be an empty directory.
// first writes its first ledger entry. The vault appears whole or not at all.
func InitVault(ctx context.Context, git *Git, dir string, first func(*Vault) error) (*Vault, error) {
	if err := mustBeFree(dir); err != nil {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("making %s: %w", parent, err)
	}
	draft, err := os.MkdirTemp(parent, ".git-carry-init-")
	if err != nil {
		return nil, fmt.Errorf("making a vault in %s: %w", parent, err)
	}
	defer os.RemoveAll(draft)
	if err := fillVault(ctx, git, draft); err != nil {
		return nil, err
	}
	v := openVault(git, draft)
	err = first(v)
	if closeErr := v.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.Rename(draft, dir); err != nil {
		return nil, fmt.Errorf("putting the vault in place: %w", err)
	}
	if err := syncDir(parent); err != nil {
		return nil, err
	}
	return openVault(git, dir), nil
}

func mustBeFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return patchset.Faultf(patchset.CodeBadInput, "cannot make a vault at %s: %w", dir, err)
	case len(entries) > 0:
		return patchset.Faultf(patchset.CodeBadInput, "%s is not empty", dir).
			WithHint("name a directory that does not exist yet")
	}
	return nil
}

func fillVault(ctx context.Context, git *Git, dir string) error {
	_, err := git.Run(ctx, Cmd{
		Dir: dir, Args: []string{"init", "--quiet", "--bare", "--template=", "--end-of-options", "."},
		Env: []string{"GIT_DEFAULT_HASH=sha1", "GIT_DEFAULT_REF_FORMAT=files"},
	})
	if err != nil {
		return fmt.Errorf("making the vault: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(vaultConfig), 0o600); err != nil {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// OpenVault opens the vault at dir after checking that nobody else could have
// tampered with it.
func OpenVault(git *Git, dir string) (*Vault, error) {
	if tip, err := readRef(dir, ledgerRef); err != nil || tip == "" {
		if err == nil {
			err = notAVault(dir)
		}
		return nil, err
	}
	if err := checkVaultDir(dir); err != nil {
		return nil, err
	}
	if err := checkVaultConfig(dir); err != nil {
		return nil, err
	}
	return openVault(git, dir), nil
}

func openVault(git *Git, dir string) *Vault {
	return &Vault{git: git, dir: dir, reader: NewReader(git, dir)}
}

// IsVault tells whether dir looks like a vault, without judging it.
func IsVault(dir string) bool {
	tip, err := readRef(dir, ledgerRef)
	return err == nil && tip != ""
}

// Dir is the vault's directory.
func (v *Vault) Dir() string { return v.dir }

// Git is the installed git that the vault uses.
func (v *Vault) Git() *Git { return v.git }

// Close ends the child processes of the vault.
func (v *Vault) Close() error { return v.reader.Close() }

// Scratch makes a throw-away place to work on the vault's objects, after what
// dead processes left there is removed. The caller closes it.
func (v *Vault) Scratch() (*Scratch, error) {
	_, _ = SweepScratch(v.tmp()) // doctor tells what cannot be removed
	v.sweepKeeps()
	return NewScratch(v.git, v.tmp(), filepath.Join(v.dir, "objects"))
}

// emptyStore is a repository that has nothing and borrows from nobody.
func (v *Vault) emptyStore() (*Scratch, error) {
	format, err := detectFormat(filepath.Join(v.dir, "objects"))
	if err != nil {
		return nil, err
	}
	return newScratch(v.git, v.tmp(), format)
}

func (v *Vault) tmp() string { return filepath.Join(v.dir, "carry-tmp") }

// Exists tells whether the vault has an object.
func (v *Vault) Exists(ctx context.Context, id merge3.ID) (bool, error) {
	_, err := v.reader.Read(ctx, id)
	var missing *MissingObjectError
	if errors.As(err, &missing) {
		return false, nil
	}
	return err == nil, err
}

// Commit reads a commit of the vault.
func (v *Vault) Commit(ctx context.Context, id merge3.ID) (patchset.Commit, error) {
	return readCommit(ctx, v.reader, id)
}
