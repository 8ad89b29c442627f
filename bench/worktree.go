package main

import (
	"context"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// rebase is one contestant for each git; the others in a worktree use only the
// installed one.
func rebase(_ context.Context, s *scene) ([]contestant, error) {
	var all []contestant
	for _, g := range s.gits {
		all = append(all, s.rebaseBy(g))
	}
	return all, nil
}

func (s *scene) rebaseBy(g gitProgram) contestant {
	return s.inWorktree(g.title("rebase"),
		func(p *place) string { return p.stack },
		func(p *place) []string { return []string{g.path, "rebase", "--quiet", "--onto", p.onto, p.base} })
}

func cherryPick(_ context.Context, s *scene) ([]contestant, error) {
	g := s.gits[0]
	return []contestant{s.inWorktree(g.title("cherry-pick"),
		func(p *place) string { return p.onto },
		func(p *place) []string { return []string{g.path, "cherry-pick", p.base + ".." + p.stack} })}, nil
}

func am(_ context.Context, s *scene) ([]contestant, error) {
	g := s.gits[0]
	return []contestant{s.inWorktree(g.title("am -3"),
		func(p *place) string { return p.onto },
		func(p *place) []string { return append([]string{g.path, "am", "--quiet", "-3"}, p.mails...) })}, nil
}

// inWorktree runs a git command with a commit checked out.
func (s *scene) inWorktree(name string, at func(*place) string, args func(*place) []string) contestant {
	return contestant{
		name:  name,
		reset: s.everywhere(func(ctx context.Context, p *place) error { return p.checkout(ctx, at(p)) }),
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			out, err := p.mustRun(ctx, drive.Cmd{Args: args(p)})
			return out.Cost, err
		}),
		trees: s.treesOf(func(ctx context.Context, p *place) (string, error) { return p.treeOf(ctx, "HEAD") }),
	}
}
