package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// fetchAndRebase is what a script does that knows nothing yet: git fetch in every
// repository of the fleet, then git rebase in those that have patches.
func fetchAndRebase(ctx context.Context, s *scene) ([]contestant, error) {
	talk("cloning")
	for _, p := range s.fleet {
		if err := p.makeClone(ctx); err != nil {
			return nil, err
		}
	}
	loop := s.rebaseBy(s.gits[0])
	return []contestant{{
		name: s.gits[0].title("fetch in each, then rebase"),
		reset: func(ctx context.Context) error {
			for _, p := range s.fleet {
				if err := renew(p.clone(), p.clone()+"-used"); err != nil {
					return err
				}
			}
			return loop.reset(ctx)
		},
		run: func(ctx context.Context) (drive.Cost, error) {
			sum := drive.Cost{}
			for _, p := range s.fleet {
				out, err := s.sh.Run(ctx, drive.Cmd{Dir: p.clone() + "-used", Args: []string{
					s.gits[0].path, "fetch", "--quiet", "--no-tags", p.public, "refs/heads/" + s.last() + ":refs/heads/" + s.last(),
				}})
				if err == nil && out.Exit != 0 {
					err = fmt.Errorf("git fetch: exit code %d: %s", out.Exit, strings.TrimSpace(out.Stderr))
				}
				sum = sum.Add(out.Cost)
				if err != nil {
					return sum, err
				}
			}
			cost, err := loop.run(ctx)
			return sum.Add(cost), err
		},
		trees: loop.trees,
	}}, nil
}

// clone is a bare clone that has all weeks but the last.
func (p *place) clone() string { return filepath.Join(filepath.Dir(p.public), "clone.git") }

func (p *place) makeClone(ctx context.Context) error {
	if _, err := p.sh.Git(ctx, "/", "init", "--quiet", "--bare", p.clone()); err != nil {
		return err
	}
	args := []string{"-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--no-tags", p.public}
	for n := 1; n < len(p.weeks); n++ {
		args = append(args, fmt.Sprintf("refs/heads/%[1]s:refs/heads/%[1]s", weekName(n)))
	}
	_, err := p.sh.Git(ctx, p.clone(), args...)
	return err
}

// looks are ours: what people ask when the train has run.
func looks(ctx context.Context, s *scene) ([]contestant, error) {
	vault, err := s.fetchedVault(ctx)
	if err != nil {
		return nil, err
	}
	trained := vault + "-trained"
	if err := renew(vault, trained); err != nil {
		return nil, err
	}
	if _, err := s.carry(ctx, trained, "train", s.last(), "--no-fetch"); err != nil {
		return nil, err
	}
	var all []contestant
	for _, what := range []string{"status", "audit"} {
		all = append(all, contestant{
			name:  "git-carry " + what,
			ours:  true,
			aside: true,
			reset: func(context.Context) error { return nil },
			run: func(ctx context.Context) (drive.Cost, error) {
				out, err := s.carry(ctx, trained, what)
				return out.Cost, err
			},
			trees: func(context.Context) (string, error) { return "", nil },
		})
	}
	return all, nil
}
