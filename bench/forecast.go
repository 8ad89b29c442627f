package main

import (
	"context"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// forecasts are ours, of a branch that has been fetched: the train in memory, and the
// search for the public commit behind each patch that does not come through as it was.
func forecasts(ctx context.Context, s *scene) ([]contestant, error) {
	vault, err := s.fetchedVault(ctx)
	if err != nil {
		return nil, err
	}
	var said string
	return []contestant{{
		name:  "git-carry forecast",
		ours:  true,
		reset: func(context.Context) error { return nil },
		run: func(ctx context.Context) (drive.Cost, error) {
			out, err := s.carry(ctx, vault, "forecast", s.last(), "--no-fetch")
			if err == nil {
				said, err = commitsOf(out.Stdout)
			}
			return out.Cost, err
		},
		trees: func(context.Context) (string, error) { return said, nil },
	}}, nil
}
