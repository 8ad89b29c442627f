package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// tries are ours: a question about the first patch, from the start of the process
// to the answer.
func tries(_ context.Context, s *scene) ([]contestant, error) {
	return []contestant{s.try("git-carry try"), s.try("git-carry try --engine=git", "--engine=git")}, nil
}

// engine is ours without a vault: the same merges by the same engine, and nothing of what a
// train does beside.
func engine(_ context.Context, s *scene) ([]contestant, error) {
	trees := map[*place]string{}
	return []contestant{{
		name:  "git-carry try --stdin, as a series",
		ours:  true,
		reset: func(context.Context) error { return nil },
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			var series strings.Builder
			for _, c := range p.commits {
				fmt.Fprintln(&series, c.id)
			}
			out, err := p.mustRun(ctx, drive.Cmd{
				Args:  []string{s.gitCarry, "try", "--stdin", "--onto", p.onto, "--repo", p.work},
				Stdin: strings.NewReader(series.String()),
			})
			if err != nil {
				return out.Cost, err
			}
			trees[p], err = lastTree(out.Stdout)
			if err == nil && trees[p] == "" {
				trees[p], err = p.treeOf(ctx, p.onto)
			}
			return out.Cost, err
		}),
		trees: s.treesOf(func(_ context.Context, p *place) (string, error) { return trees[p], nil }),
	}}, nil
}

// lastTree is what a series came to; "" when nothing of it applies.
func lastTree(answers string) (tree string, err error) {
	for line := range strings.Lines(answers) {
		var answer struct{ Result, Tree string }
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			return "", fmt.Errorf("reading an answer: %w", err)
		}
		if answer.Result == "clean" {
			tree = answer.Tree
		}
	}
	return tree, nil
}

// try asks in the repository that the others borrow from: nothing is written there.
func (s *scene) try(name string, flags ...string) contestant {
	trees := map[*place]string{}
	return contestant{
		name:  name,
		ours:  true,
		reset: func(context.Context) error { return nil },
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			args := append([]string{s.gitCarry, "--json", "try", p.commits[0].id, "--onto", p.onto, "--repo", p.source.repo}, flags...)
			out, err := p.mustRun(ctx, drive.Cmd{Args: args})
			if err != nil {
				return out.Cost, err
			}
			var doc struct{ Tree string }
			if err := json.Unmarshal([]byte(out.Stdout), &doc); err != nil {
				return out.Cost, fmt.Errorf("reading the answer: %w", err)
			}
			trees[p] = doc.Tree
			return out.Cost, nil
		}),
		trees: s.treesOf(func(_ context.Context, p *place) (string, error) { return trees[p], nil }),
	}
}
