package cmd

import (
	"bytes"
	"context"
	"strings"

	"github.com/git-carry/git-carry/tui"
)

// laneScreen is the urgent lane as the screen shows it: what git carry urgent status says.
func (a *app) laneScreen(ctx context.Context) (tui.Lane, error) {
	r, err := a.read(ctx)
	if err != nil {
		return tui.Lane{}, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return tui.Lane{}, err
	}
	actor, err := a.actor(r.registry, a.claim(ctx))
	if err != nil {
		return tui.Lane{}, err
	}
	var said bytes.Buffer
	told := *a
	told.env.Stdout, told.env.Stderr = &said, &said
	err = told.urgentShow(ctx, "", "urgent-status", func(doc urgentDoc) { doc.report(&told) })
	return tui.Lane{Items: len(lane.Open()), You: actor.String(), Text: strings.Split(strings.TrimRight(said.String(), "\n"), "\n")}, err
}
