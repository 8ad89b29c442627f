package tui

import (
	"context"
	"sync"
	"time"
)

// laneEvery is how often the lane is read anew while it is looked at.
const laneEvery = 5 * time.Second

// RunLane shows the lane on a terminal until the person wants something else. What it shows is
// read again every few seconds; read is called by one goroutine at a time, and not any more when
// RunLane has ended. An error of it is shown as a sentence.
func RunLane(ctx context.Context, s LaneSession, read func(context.Context) (Lane, error), io Streams, t Theme) (LaneSession, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var busy sync.Mutex
	renew := laneRenewal(ctx, func(ctx context.Context) (Lane, error) {
		busy.Lock()
		defer busy.Unlock()
		if err := ctx.Err(); err != nil { // the look is over
			return Lane{}, err
		}
		return read(ctx)
	})
	last, err := runModel(ctx, lookModel[LaneSession]{session: s, theme: t, every: laneEvery, renew: renew}, io)
	cancel()
	busy.Lock() // until a read that is under way has ended
	defer busy.Unlock()
	return last, err
}

// laneRenewal reads the lane and makes of it the change that it is to a look.
func laneRenewal(ctx context.Context, read func(context.Context) (Lane, error)) func() func(LaneSession) LaneSession {
	return func() func(LaneSession) LaneSession {
		l, err := read(ctx)
		return func(s LaneSession) LaneSession {
			if err != nil {
				s.message = "what is shown is old: " + err.Error()
				return s
			}
			return s.With(l)
		}
	}
}
