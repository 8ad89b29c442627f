package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// trains are ours: a train that is written, its rehearsal, and the train with git's merges.
func trains(ctx context.Context, s *scene) ([]contestant, error) {
	vault, err := s.fetchedVault(ctx)
	if err != nil {
		return nil, err
	}
	byGit := s.train("git-carry train --engine=git", vault, "--no-fetch", "--engine=git")
	byGit.fallback = true
	return []contestant{
		s.train("git-carry train", vault, "--no-fetch"),
		s.rehearsal("git-carry train --dry-run", vault),
		byGit,
	}, nil
}

// fetchingTrain is ours, too: a train that first asks for the branch and fetches it.
func fetchingTrain(ctx context.Context, s *scene) ([]contestant, error) {
	vault, err := s.freshVault(ctx)
	return []contestant{s.train("git-carry train, with the fetch before it", vault)}, err
}

// train runs a real train in a copy of a vault.
func (s *scene) train(name, vault string, flags ...string) contestant {
	used := vault + "-used"
	return contestant{
		name:  name,
		ours:  true,
		reset: func(context.Context) error { return renew(vault, used) },
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.carry(ctx, used, append([]string{"train", s.last()}, flags...)...)
			return out.Cost, err
		},
		trees: func(ctx context.Context) (string, error) { return s.stackTrees(ctx, used) },
	}
}

// stackTrees gives the trees of all stacks of the last week.
func (s *scene) stackTrees(ctx context.Context, vault string) (string, error) {
	args := []string{"rev-parse", "--verify"}
	var all []string
	for _, p := range s.places {
		tree, err := s.sh.Git(ctx, vault, append(args, "refs/carry/stacks/"+p.component+"/"+s.last()+"^{tree}")...)
		if err != nil {
			return "", err
		}
		all = append(all, tree)
	}
	return strings.Join(all, " "), nil
}

// rehearsal runs a dry train. It leaves no tree behind, but names the commits that
// a real train makes: a real one is run beside it, once for each answer.
func (s *scene) rehearsal(name, vault string) contestant {
	var answer string
	known := map[string]string{}
	return contestant{
		name:  name,
		ours:  true,
		reset: func(context.Context) error { return nil },
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.carry(ctx, vault, "train", s.last(), "--no-fetch", "--dry-run")
			if err != nil {
				return out.Cost, err
			}
			answer, err = commitsOf(out.Stdout)
			return out.Cost, err
		},
		trees: func(ctx context.Context) (string, error) {
			if known[answer] == "" {
				trees, err := s.realTrain(ctx, vault, answer)
				if err != nil {
					return "", err
				}
				known[answer] = trees
			}
			return known[answer], nil
		},
	}
}

// realTrain runs the train that was rehearsed, and gives its trees.
func (s *scene) realTrain(ctx context.Context, vault, answer string) (string, error) {
	rehearsed := vault + "-rehearsed"
	if err := renew(vault, rehearsed); err != nil {
		return "", err
	}
	out, err := s.carry(ctx, rehearsed, "train", s.last(), "--no-fetch")
	if err != nil {
		return "", err
	}
	did, err := commitsOf(out.Stdout)
	if err != nil {
		return "", err
	}
	if did != answer {
		return "", fmt.Errorf("the rehearsal named other commits than the train made")
	}
	return s.stackTrees(ctx, rehearsed)
}

// commitsOf reads the patches and their commits out of what a train or a forecast says.
func commitsOf(text string) (string, error) {
	var doc struct {
		Patches []struct{ ID, State, Commit string }
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Patches) == 0 {
		return "", fmt.Errorf("reading the patches in the answer: %w", err)
	}
	var b strings.Builder
	for _, p := range doc.Patches {
		fmt.Fprintf(&b, "%s %s %s\n", p.ID, p.State, p.Commit)
	}
	return b.String(), nil
}
