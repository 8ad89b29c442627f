package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// drillFailure is what went wrong in a drill; nothing did while there is no Command.
type drillFailure struct {
	Stage   string         `json:"stage"`   // of the lane; setup before it, end after the release
	Command []string       `json:"command"` // that failed
	Exit    int            `json:"exit"`
	Message string         `json:"message"` // "" where the targets say it all
	Targets []drillTrouble `json:"targets"`
}

// drillTrouble is what became of a target that did not do its part.
type drillTrouble struct {
	Target string `json:"target"`
	Error  string `json:"error"`
}

func (f drillFailure) happened() bool { return len(f.Command) > 0 }

// line is the failure in one line; "" for none.
func (f drillFailure) line() string {
	if !f.happened() {
		return ""
	}
	parts := notEmpty(f.Message)
	for _, t := range f.Targets {
		parts = append(parts, t.Target+": "+t.Error)
	}
	return failureLine(fmt.Sprintf("at the stage %s: %s", f.Stage, strings.Join(parts, "; ")))
}

type urgentDrillDoc struct {
	Schema   string          `json:"schema"`
	ID       string          `json:"id"`
	On       string          `json:"on"`
	Versions int             `json:"versions"`
	Targets  int             `json:"targets"`
	OK       bool            `json:"ok"`
	Problem  string          `json:"problem"`
	Failure  *drillFailure   `json:"failure"` // null when no command failed
	Left     string          `json:"left"`    // what it could not take away again; "" for nothing
	Next     []string        `json:"next"`
	Stages   []urgentSpanDoc `json:"stages"`
}

// tell records the drill and shows it.
func (d *drill) tell(ctx context.Context, fact urgent.Drill, failure drillFailure, left error) error {
	a := d.a
	fact.Reason, fact.FailedAt = failure.line(), failure.Stage
	behind := ""
	if left != nil {
		behind = failureLine(explain(left).Message)
	}
	if fact.Reason == "" && behind != "" {
		fact.Reason, fact.FailedAt = behind, "end"
	}
	fact.OK = fact.Reason == ""
	var policy urgent.Policy
	err := a.record(ctx, "urgent drill", func(_ context.Context, s *step) error {
		lane, err := laneOf(s.ledger)
		if err != nil {
			return err
		}
		policy = lane.Policy
		fact.Event = a.event(s, "", fact.Reason)
		d.id = lane.FreeDrill(fact.At)
		s.did("tried the urgent lane out on %s: %s", fact.Where, map[bool]string{true: "all went well", false: "it failed " + fact.Reason}[fact.OK])
		return s.putUrgent(urgent.DrillFile(d.id), fact)
	})
	if err != nil {
		return err
	}
	doc := urgentDrillDoc{
		Schema: schema("urgent-drill"), ID: d.id, On: fact.Where, Versions: fact.Versions, Targets: fact.Targets, OK: fact.OK, Problem: fact.Reason,
		Left: behind, Next: []string{}, Stages: spanDocs(fact.Spans(policy)),
	}
	if failure.happened() {
		doc.Failure = &failure
	}
	if !fact.OK {
		doc.Next = d.again(failure)
	}
	a.show(doc, func() { doc.report(a) })
	if !fact.OK {
		a.next("when that is mended: %s", shellWords(doc.Next))
		return outcome{exitFailed}
	}
	return nil
}

// again is the drill that tries the targets which failed, if a release goes to one of them,
// or all once more.
func (d *drill) again(f drillFailure) []string {
	argv, only, stable := []string{"git", "carry", "urgent", "drill"}, []string{}, false
	if d.o.loopback {
		return append(argv, "--loopback")
	}
	for _, failed := range f.Targets {
		if t, known := d.r.ledger.Targets[failed.Target]; known && len(only) < 2*maxTroubles {
			only, stable = append(only, "--to", failed.Target), stable || t.Ring != patchset.RingTesting
		}
	}
	if stable {
		argv = append(argv, only...)
	}
	return argv
}

func (doc urgentDrillDoc) report(a *app) {
	a.say("Drill %s: %s to %s on %s.", doc.ID, count(doc.Versions, "version", "versions"), count(doc.Targets, "target", "targets"), doc.On)
	if doc.OK {
		a.say("All went well, from open to retired, and nothing is left behind.")
	}
	if f := doc.Failure; f != nil {
		a.say("It failed at the stage %s: %s gave exit code %d.", f.Stage, strings.Join(f.Command, " "), f.Exit)
		if f.Message != "" {
			a.say("  %s", f.Message)
		}
		for i, t := range f.Targets {
			if i == maxTroubles {
				a.say("  and %d more", len(f.Targets)-i)
				break
			}
			a.say("  %s: %s", t.Target, t.Error)
		}
	}
	switch {
	case doc.Left != "":
		a.say("Left behind: %s", doc.Left)
	case !doc.OK:
		a.say("Nothing is left behind.")
	}
	a.say("")
	reportSpans(a, doc.Stages)
}

// maxTroubles is how many targets a report of a drill names.
const maxTroubles = 10
