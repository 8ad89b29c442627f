package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

// urgentDoc is an item in JSON, the same in status, next, run and release.
type urgentDoc struct {
	Schema     string            `json:"schema"`
	Item       string            `json:"item"`
	Patches    []string          `json:"patches"`
	State      urgent.State      `json:"state"`
	NotOut     int               `json:"ready_but_not_out_seconds"` // 0 once it is out
	Versions   []string          `json:"versions"`
	Stacks     []urgentStackDoc  `json:"stacks"`
	Threshold  int               `json:"threshold"`
	Votes      []urgentVoteDoc   `json:"votes"`
	Holds      []urgentHoldDoc   `json:"holds"`
	Glass      []string          `json:"glass"`
	Authors    map[string]string `json:"authors"`         // by person: why they approve nothing
	Unknown    []string          `json:"unknown_authors"` // whom the registry does not know
	Strangers  int               `json:"strangers"`       // of those, how many nobody has named: by so much the threshold is higher
	Stages     []urgentSpanDoc   `json:"stages"`
	Forecast   string            `json:"forecast"`
	First      float64           `json:"first_targets_seconds"` // from the release's beginning; 0 before
	Owed       []string          `json:"owed"`
	Unreleased []string          `json:"unreleased"` // what stacks wait for before a release serves them
	Missing    []string          `json:"missing"`    // before it may leave the lane
	Next       urgentAdvice      `json:"next"`
	Deliveries []publishDelivery `json:"deliveries,omitempty"`

	now, forecast time.Time
}

type urgentStackDoc struct {
	Component string                    `json:"component"`
	Version   string                    `json:"version"`
	States    map[string]patchset.State `json:"states"`
	Commit    patchset.ID               `json:"commit"`
	Content   string                    `json:"content"`
	Approvals []string                  `json:"approvals"`
	Lacking   int                       `json:"lacking"`
	Testing   int                       `json:"testing"`
	TestingOf int                       `json:"testing_of"`
	Stable    int                       `json:"stable"`
	StableOf  int                       `json:"stable_of"`
	Problems  []string                  `json:"problems"`
}

type urgentVoteDoc struct {
	Person  string `json:"person"`
	Score   int    `json:"score"`
	Content string `json:"content"`
	At      string `json:"at"`
	Reason  string `json:"reason"`
	Label   string `json:"label"`
	Ignored string `json:"ignored"`
}

type urgentHoldDoc struct {
	Person  string   `json:"person"`
	At      string   `json:"at"`
	Reason  string   `json:"reason"`
	Vote    bool     `json:"vote"`
	Lifters []string `json:"lifters"`
}

type urgentSpanDoc struct {
	Stage   urgent.Stage `json:"stage"`
	Start   string       `json:"start"`
	End     string       `json:"end"`
	Took    float64      `json:"took_seconds"`
	Machine float64      `json:"machine_seconds"`
	Remote  float64      `json:"remote_seconds"`
	People  float64      `json:"people_seconds"`
	Target  float64      `json:"target_seconds"`
	Limit   float64      `json:"limit_seconds"`
	Median  float64      `json:"median_seconds"`
	Late    string       `json:"late"`

	span urgent.Span
}

// urgentDoc is what is to be told of an item.
func (a *app) urgentDoc(ctx context.Context, look urgentLook) (urgentDoc, error) {
	advice, err := a.advise(ctx, look)
	doc := urgentDoc{
		Schema: schema("urgent"), Item: look.Item.ID, Patches: look.Item.Patches, State: look.State(), NotOut: int(look.NotOut() / time.Second),
		Versions: nonNil(look.Item.Accepted.Versions), Stacks: []urgentStackDoc{}, Threshold: look.Threshold(),
		Votes: []urgentVoteDoc{}, Holds: []urgentHoldDoc{}, Glass: nonNil(look.Glass), Authors: look.barred, Unknown: nonNil(look.unknown), Strangers: look.strangers(), Stages: spanDocs(look.spans),
		Owed: nonNil(look.Owed()), Unreleased: nonNil(look.Unreleased()), Missing: []string{}, Next: advice,
	}
	if !look.Item.Over() {
		doc.Missing = nonNil(look.Unfinished())
	}
	for _, k := range look.Stacks {
		d := urgentStackDoc{
			Component: k.Component, Version: k.Version, States: k.States, Commit: k.Commit, Content: k.Content,
			Approvals: nonNil(look.Approvers(k)), Lacking: look.Lacking(k), Problems: nonNil(k.Problems),
			TestingOf: len(k.Testing), StableOf: len(k.Stable),
		}
		d.Testing, d.Stable = urgent.CountThere(k.Testing), urgent.CountThere(k.Stable)
		doc.Stacks = append(doc.Stacks, d)
	}
	for _, v := range look.Votes {
		doc.Votes = append(doc.Votes, urgentVoteDoc{v.Person, v.Score, v.Content, stamp(v.At), v.Reason, v.Label, v.Ignored})
	}
	for _, h := range look.Holds {
		doc.Holds = append(doc.Holds, urgentHoldDoc{h.Person, stamp(h.At), h.Reason, h.Vote, nonNil(h.Lifters)})
	}
	if run := look.Item.Runs[urgent.Release]; !run.First.IsZero() {
		doc.First = run.First.Sub(run.Started).Seconds()
	}
	if !look.Out() {
		doc.now, doc.forecast = look.Now, urgent.Forecast(look.spans, look.Now)
		doc.Forecast = stamp(doc.forecast)
	}
	return doc, err
}

func spanDocs(spans []urgent.Span) []urgentSpanDoc {
	docs := []urgentSpanDoc{}
	for _, s := range spans {
		docs = append(docs, urgentSpanDoc{
			s.Stage, stamp(s.Start), stamp(s.End), s.Took.Seconds(), s.Machine.Seconds(), s.Remote.Seconds(), s.People.Seconds(),
			s.Target.Seconds(), s.Limit.Seconds(), s.Median.Seconds(), s.Late(), s,
		})
	}
	return docs
}

func newUrgentNextCmd(a *app) *cobra.Command {
	var only bool
	c := &cobra.Command{
		Use:   "next [ITEM]",
		Short: "Where it stands, what is needed now, from whom, and what to type",
		Long: `Say in one sentence where an item stands, what it needs now, who can give that, and the
exact command. Words in capitals in it are for you to fill in. Without ITEM, every item in
the lane.

With --command, nothing but the command.`,
		Example: `  git carry urgent next
  git carry urgent next U-2026-3 --command`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.urgentShow(c.Context(), firstWord(args), "urgent-next", func(doc urgentDoc) {
				if !only {
					doc.Next.report(a)
				} else if len(doc.Next.Command) > 0 {
					a.say("%s", shellWords(doc.Next.Command))
				}
			})
		},
	}
	c.Flags().BoolVar(&only, "command", false, "print the command alone")
	return c
}

func newUrgentStatusCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status [ITEM]",
		Short: "The board of the lane: versions, targets, votes, times",
		Long: `Show an item with the versions that it must reach, the targets that have it, what people said,
and the time of every stage, against its target. "Ready but not out" is for how long the fix has been
there and not with everybody. Without ITEM, every item in the lane. git carry ui --urgent shows it
as a screen that keeps itself up to date.`,
		Example: `  git carry urgent status
  git carry urgent status U-2026-3 --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.urgentShow(c.Context(), firstWord(args), "urgent-status", func(doc urgentDoc) { doc.report(a) })
		},
	}
}

// urgentListDoc is the lane.
type urgentListDoc struct {
	Schema string      `json:"schema"`
	Items  []urgentDoc `json:"items"`
	Drill  drillAge    `json:"drill"`
}

// urgentShow shows one item, or all that are in the lane.
func (a *app) urgentShow(ctx context.Context, word, command string, words func(urgentDoc)) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return err
	}
	ids := lane.Open()
	if word != "" {
		item, err := lane.Find(word)
		if err != nil {
			return err
		}
		ids = []string{item.ID}
	}
	list := urgentListDoc{schema(command), []urgentDoc{}, a.drillAge(r, lane)}
	for _, id := range ids {
		look, err := a.lookAt(ctx, r, lane, lane.Items[id])
		if err != nil {
			return err
		}
		doc, err := a.urgentDoc(ctx, look)
		if err != nil {
			return err
		}
		list.Items = append(list.Items, doc)
	}
	a.show(list, func() {
		for i, doc := range list.Items {
			if i > 0 {
				a.say("")
			}
			words(doc)
		}
		if len(list.Items) == 0 {
			a.say("The urgent lane is empty.")
			a.next("git carry urgent open ID --reason TEXT")
		}
		if list.Drill.Complaint != "" && len(list.Items) == 0 {
			a.talk("%s", list.Drill.Complaint)
		}
	})
	return nil
}

func (doc urgentDoc) report(a *app) {
	if doc.Forecast != "" || doc.NotOut > 0 {
		line := "ready but not out: " + took(time.Duration(doc.NotOut)*time.Second)
		if !doc.forecast.IsZero() {
			line += fmt.Sprintf("; out at about %s UTC, in %s", doc.forecast.UTC().Format("15:04"),
				count(int(doc.forecast.Sub(doc.now).Round(time.Minute)/time.Minute), "minute", "minutes"))
		}
		a.say("%s  %s", doc.Item, line)
	}
	doc.Next.report(a)
	if len(doc.Stacks) > 0 {
		a.say("")
		rows := [][]string{{"VERSION", "COMPONENT", "STATE", "APPROVED BY", "TESTING", "STABLE"}}
		for _, k := range doc.Stacks {
			var states []string
			for _, id := range doc.Patches {
				state, ours := k.States[id]
				word := stateWord(state)
				if state == patchset.StateDrift && len(k.Problems) == 0 {
					word = string(state) // its owner has looked
				}
				if ours {
					states = append(states, orDash(word))
				}
			}
			rows = append(rows, []string{
				k.Version, k.Component, strings.Join(states, " "), orDash(joinWords(k.Approvals)),
				fmt.Sprintf("%d/%d", k.Testing, k.TestingOf), fmt.Sprintf("%d/%d", k.Stable, k.StableOf),
			})
		}
		a.table(rows)
	}
	for _, v := range doc.Votes {
		line := fmt.Sprintf("vote %+d  %s", v.Score, v.Label)
		if v.Reason != "" {
			line += ": " + v.Reason
		}
		if v.Ignored != "" {
			line += "  (does not count: " + v.Ignored + ")"
		}
		a.say("%s", line)
	}
	for _, h := range doc.Holds {
		a.say("held by %s: %s", h.Person, h.Reason)
	}
	a.say("")
	reportSpans(a, doc.Stages)
	if doc.First > 0 {
		a.say("The first targets were seen with it %s after the release began.", took(time.Duration(doc.First*float64(time.Second))))
	}
}

// reportSpans prints the table of times.
func reportSpans(a *app, spans []urgentSpanDoc) {
	rows := [][]string{{"STAGE", "START", "TOOK", "TARGET", "LIMIT", "USUAL", "MACHINE", "REMOTE", "PEOPLE", ""}}
	for _, d := range spans {
		s := d.span
		row := []string{string(s.Stage), "-", "-", took(s.Target), took(s.Limit), orDash(tookOrNothing(s.Median)), "-", "-", "-", ""}
		if s.Begun() {
			row[1], row[2] = s.Start.UTC().Format("15:04:05"), took(s.Took)
			row[6], row[7], row[8] = took(s.Machine), took(s.Remote), took(s.People)
			row[9] = map[string]string{"late": "late", "over": "OVER THE LIMIT"}[s.Late()]
			if s.Stage == urgent.Total && s.Took > urgent.ReportAfter {
				row[9] = "OVER THE LIMIT, to be reported"
			}
		}
		rows = append(rows, row)
	}
	a.table(rows)
}

func tookOrNothing(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return took(d)
}

// took is a duration as people read it: "0.4s", "0:12", "1:02:33".
func took(d time.Duration) string {
	if d < 10*time.Second && d%time.Second != 0 {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	s := int(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func orDash(s string) string { return cmp.Or(s, "-") }
