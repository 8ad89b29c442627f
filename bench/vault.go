package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// component is the one component of the vaults.
const component = "repo"

// carryContestants makes vaults with the stack in the first week, and git-carry
// trains to the second one.
func (s *scene) carryContestants(ctx context.Context) ([]contestant, error) {
	talk("making the vaults")
	fresh, fetched := filepath.Join(s.dir, "vault-fresh"), filepath.Join(s.dir, "vault-fetched")
	if err := s.makeVault(ctx, fresh); err != nil {
		return nil, err
	}
	if err := linkTree(fresh, fetched); err != nil {
		return nil, err
	}
	if _, err := s.carry(ctx, fetched, "train", weekTo); err != nil {
		return nil, err
	}
	for _, vault := range []string{fresh, fetched} {
		if err := s.addStack(ctx, vault); err != nil {
			return nil, err
		}
	}
	return []contestant{
		s.train("git-carry train", fresh),
		s.train("git-carry train --no-fetch", fetched, "--no-fetch"),
		s.dryRun("git-carry train --no-fetch --dry-run", fetched),
	}, nil
}

func (s *scene) carry(ctx context.Context, vault string, args ...string) (drive.Outcome, error) {
	out, err := s.sh.Run(ctx, drive.Cmd{Dir: "/", Args: append([]string{s.gitCarry, "--json", "--vault", vault}, args...)})
	if err == nil && out.Exit != 0 {
		err = fmt.Errorf("git-carry %s: exit code %d: %s%s", args[0], out.Exit, out.Stdout, out.Stderr)
	}
	return out, err
}

// makeVault makes a vault with the first week and no patches.
func (s *scene) makeVault(ctx context.Context, vault string) error {
	if _, err := s.sh.Text(ctx, drive.Cmd{Dir: "/", Args: []string{s.gitCarry, "init", vault, "--component", component + "=" + s.public}}); err != nil {
		return err
	}
	if _, err := s.carry(ctx, vault, "owner", "add", "owner", "--name", "Owner", "--email", "owner@example.org"); err != nil {
		return err
	}
	_, err := s.carry(ctx, vault, "train", weekFrom)
	return err
}

// addStack adds the patches to the first week.
func (s *scene) addStack(ctx context.Context, vault string) error {
	for i, c := range s.commits {
		_, err := s.carry(ctx, vault, "add", fmt.Sprintf("T%d", i+1), "--component", component, "--version", weekFrom,
			"--owner", "owner", "--severity", "high", "--commit", c.id, "--repo", s.public)
		if err != nil {
			return err
		}
	}
	return nil
}

// train runs a real train in a copy of a vault.
func (s *scene) train(name, vault string, flags ...string) contestant {
	used := vault + "-used"
	return contestant{
		name:  name,
		reset: func(context.Context) error { return renew(vault, used) },
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.carry(ctx, used, append([]string{"train", weekTo}, flags...)...)
			return out.Cost, err
		},
		tree: func(ctx context.Context) (string, error) { return s.sh.Git(ctx, used, "rev-parse", stackRef+"^{tree}") },
	}
}

const stackRef = "refs/carry/stacks/" + component + "/" + weekTo

// dryRun runs a rehearsal. It leaves no tree behind: its result is known by the
// commit that it names, which is the one that a real train then makes.
func (s *scene) dryRun(name, vault string) contestant {
	var last string
	return contestant{
		name:  name,
		reset: func(context.Context) error { return nil },
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.carry(ctx, vault, "train", weekTo, "--no-fetch", "--dry-run")
			if err != nil {
				return out.Cost, err
			}
			var doc struct {
				Patches []struct{ Commit string }
			}
			if err := json.Unmarshal([]byte(out.Stdout), &doc); err != nil || len(doc.Patches) == 0 {
				return out.Cost, fmt.Errorf("reading what the dry run said: %w", err)
			}
			last = doc.Patches[len(doc.Patches)-1].Commit
			return out.Cost, nil
		},
		tree: func(ctx context.Context) (string, error) {
			real := vault + "-rehearsed"
			if err := renew(vault, real); err != nil {
				return "", err
			}
			if _, err := s.carry(ctx, real, "train", weekTo, "--no-fetch"); err != nil {
				return "", err
			}
			return s.sh.Git(ctx, real, "rev-parse", last+"^{tree}")
		},
	}
}

// renew makes a fresh copy of a vault.
func renew(vault, used string) error {
	if err := os.RemoveAll(used); err != nil {
		return err
	}
	return linkTree(vault, used)
}
