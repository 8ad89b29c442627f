package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// vaults are where ours start from. With many components or objects they take a
// while, so each is made when the first contestant needs it.
type vaults struct {
	empty   string // knows all weeks but the last, and no patches
	fresh   string // the same with the stack in all of them
	fetched string // knows the last week, too, but has not carried the stack there
}

// freshVault gives the vault that has yet to fetch the last week.
func (s *scene) freshVault(ctx context.Context) (string, error) {
	if s.vault.fresh != "" {
		return s.vault.fresh, nil
	}
	vault, err := s.copyOfEmpty(ctx, "vault-fresh")
	if err != nil {
		return "", err
	}
	s.vault.fresh = vault
	return vault, s.importPatches(ctx, vault)
}

// fetchedVault gives the vault that has fetched it.
func (s *scene) fetchedVault(ctx context.Context) (string, error) {
	if s.vault.fetched != "" {
		return s.vault.fetched, nil
	}
	vault, err := s.copyOfEmpty(ctx, "vault-fetched")
	if err != nil {
		return "", err
	}
	if _, err := s.carry(ctx, vault, "train", s.last()); err != nil {
		return "", err
	}
	s.vault.fetched = vault
	return vault, s.importPatches(ctx, vault)
}

func (s *scene) copyOfEmpty(ctx context.Context, name string) (string, error) {
	talk("making a vault")
	if s.vault.empty == "" {
		s.vault.empty = filepath.Join(s.dir, "vault-empty")
		if err := s.makeVault(ctx, s.vault.empty); err != nil {
			return "", err
		}
	}
	vault := filepath.Join(s.dir, name)
	return vault, drive.LinkTree(s.vault.empty, vault)
}

// importPatches puts the stacks into the first week, and carries them to all but the last.
func (s *scene) importPatches(ctx context.Context, vault string) error {
	dir := vault + "-patches"
	if err := s.writePatches(dir); err != nil {
		return err
	}
	if _, err := s.carry(ctx, vault, "import", dir, "--owner", "owner"); err != nil {
		return err
	}
	for n := 2; n < s.weeks(); n++ {
		if _, err := s.carry(ctx, vault, "train", weekName(n), "--no-fetch"); err != nil {
			return err
		}
	}
	return nil
}

// conflicted is the exit code of a train that has parked conflicts.
const conflicted = 3

func (s *scene) carry(ctx context.Context, vault string, args ...string) (drive.Outcome, error) {
	out, err := s.sh.Run(ctx, drive.Cmd{Dir: "/", Args: append([]string{s.gitCarry, "--json", "--vault", vault}, args...)})
	if err == nil && out.Exit != 0 && out.Exit != conflicted {
		err = fmt.Errorf("git-carry %s: exit code %d: %s%s", args[0], out.Exit, out.Stdout, out.Stderr)
	}
	return out, err
}

// makeVault makes a vault with all weeks but the last and no patches.
func (s *scene) makeVault(ctx context.Context, vault string) error {
	args := []string{s.gitCarry, "init", vault}
	for _, p := range s.fleet {
		args = append(args, "--component", p.component+"="+p.public)
	}
	if _, err := s.sh.Text(ctx, drive.Cmd{Dir: "/", Args: args}); err != nil {
		return err
	}
	if _, err := s.carry(ctx, vault, "owner", "add", "owner", "--name", "Owner", "--email", "owner@example.org"); err != nil {
		return err
	}
	for n := 1; n < s.weeks(); n++ {
		if _, err := s.carry(ctx, vault, "train", weekName(n)); err != nil {
			return err
		}
	}
	return nil
}

// writePatches lays the stacks out as the tree of patch files that git-carry imports.
func (s *scene) writePatches(dir string) error {
	task := 0
	for _, p := range s.places {
		below := filepath.Join(dir, weekName(1), filepath.FromSlash(p.component))
		if err := os.MkdirAll(below, 0o755); err != nil {
			return err
		}
		for i, mail := range p.mails {
			task++
			if err := os.Link(mail, filepath.Join(below, fmt.Sprintf("%04d-T%d.patch", i+1, task))); err != nil {
				return err
			}
		}
	}
	return nil
}

// renew makes a fresh copy of a vault.
func renew(vault, used string) error {
	if err := os.RemoveAll(used); err != nil {
		return err
	}
	return drive.LinkTree(vault, used)
}
