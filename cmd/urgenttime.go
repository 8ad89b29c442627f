package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentTimeCmd(a *app) *cobra.Command {
	var prom bool
	c := &cobra.Command{
		Use:   "time",
		Short: "How long each stage took, of every item and drill",
		Long: `Show the times of every item that was ever in the lane, and of the drills, stage by stage. A time is from
the end of the stage before to its own end; what of it the program worked, and what it waited for
servers, urgent status tells of each item, and --json here.

With --prom, metrics for the textfile collector of Prometheus. Items have neutral ids there, too.`,
		Example: `  git carry urgent time
  git carry urgent time --prom > /var/lib/node_exporter/git_carry_urgent.prom`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			doc, err := a.urgentTimes(c.Context())
			if err != nil {
				return err
			}
			if prom {
				doc.metrics(a.env.Stdout)
				return nil
			}
			a.show(doc, func() { doc.report(a) })
			return nil
		},
	}
	c.Flags().BoolVar(&prom, "prom", false, "as metrics of Prometheus")
	return c
}

// urgentTimesDoc is the history of the lane.
type urgentTimesDoc struct {
	Schema string            `json:"schema"`
	Items  []urgentTimesItem `json:"items"`
	Drills []urgentTimesItem `json:"drills"`
	Drill  drillAge          `json:"drill"`
}

type urgentTimesItem struct {
	ID     string          `json:"id"`
	State  string          `json:"state"`
	At     string          `json:"at"`
	NotOut int             `json:"ready_but_not_out_seconds"`
	Stages []urgentSpanDoc `json:"stages"`
}

func (a *app) urgentTimes(ctx context.Context) (urgentTimesDoc, error) {
	doc := urgentTimesDoc{Schema: schema("urgent-time"), Items: []urgentTimesItem{}, Drills: []urgentTimesItem{}}
	r, err := a.read(ctx)
	if err != nil {
		return doc, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return doc, err
	}
	for _, id := range lane.IDs() {
		look, err := a.lookAt(ctx, r, lane, lane.Items[id])
		if err != nil {
			return doc, err
		}
		doc.Items = append(doc.Items, urgentTimesItem{id, string(look.State()), stamp(look.Item.Opened.At), int(look.NotOut() / time.Second), spanDocs(look.spans)})
	}
	for _, id := range lane.DrillIDs() {
		d := lane.Drills[id]
		state := strings.TrimSuffix("failed at "+d.FailedAt, " at ")
		if d.OK {
			state = "ok"
		}
		doc.Drills = append(doc.Drills, urgentTimesItem{"drill " + id, state + " on " + d.Where, stamp(d.At), 0, spanDocs(d.Spans(lane.Policy))})
	}
	doc.Drill = a.drillAge(r, lane)
	return doc, nil
}

func (doc urgentTimesDoc) report(a *app) {
	head := []string{"ITEM", "OPENED", "STATE"}
	for _, stage := range append(slices.Clone(urgent.Stages), urgent.Total) {
		head = append(head, strings.ToUpper(string(stage)))
	}
	rows := [][]string{head}
	for _, item := range slices.Concat(doc.Items, doc.Drills) {
		day, _, _ := strings.Cut(item.At, "T")
		row := []string{item.ID, day, item.State}
		for _, s := range item.Stages {
			cell := "-"
			if s.span.Begun() {
				cell = took(s.span.Took)
				if s.span.End.IsZero() {
					cell += "…"
				}
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		a.say("Nothing was ever in the urgent lane.")
	} else {
		a.table(rows)
	}
	if doc.Drill.Complaint != "" {
		a.talk("%s", doc.Drill.Complaint)
	}
}

// metrics writes the names that others rely on; add, never rename.
func (doc urgentTimesDoc) metrics(w io.Writer) {
	line := func(format string, args ...any) { fmt.Fprint(w, printable.Line(fmt.Sprintf(format, args...)), "\n") }
	line("# TYPE git_carry_item_state gauge")
	for _, item := range doc.Items {
		line("git_carry_item_state{item=%q,state=%q} 1", item.ID, item.State)
	}
	line("# TYPE git_carry_ready_but_not_out_seconds gauge")
	for _, item := range doc.Items {
		line("git_carry_ready_but_not_out_seconds{item=%q} %d", item.ID, item.NotOut)
	}
	line("# TYPE git_carry_stage_seconds gauge")
	for _, item := range doc.Items {
		for _, s := range item.Stages {
			if !s.span.Begun() {
				continue
			}
			for _, part := range []struct {
				wait    string
				seconds float64
			}{{"machine", s.Machine}, {"remote", s.Remote}, {"people", s.People}} {
				line("git_carry_stage_seconds{item=%q,stage=%q,wait=%q} %g", item.ID, s.Stage, part.wait, part.seconds)
			}
		}
	}
	if last, err := time.Parse(time.RFC3339, doc.Drill.Last); err == nil {
		line("# TYPE git_carry_last_drill_timestamp_seconds gauge")
		line("git_carry_last_drill_timestamp_seconds %d", last.Unix())
	}
	ok := 1
	if doc.Drill.Due {
		ok = 0
	}
	line("# TYPE git_carry_last_drill_ok gauge")
	line("git_carry_last_drill_ok %d", ok)
}
