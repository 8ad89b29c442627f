package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentProbeOptions struct {
	item    string
	to      []string
	gone    bool
	record  bool
	timeout time.Duration
}

func newUrgentProbeCmd(a *app) *cobra.Command {
	o := &urgentProbeOptions{}
	c := &cobra.Command{
		Use:   "probe [ITEM]",
		Short: "Ask the targets whether they serve the fix",
		Long: `Fetch from every target as somebody would who has nothing, and look into the files: is the fix
there, hunk by hunk, whatever commits brought it? That a target names the right commit proves nothing, nor that
the fix is in its history. Each branch is asked by IPv4 and by IPv6 where the host has both; only the
newest commit and the files that the fix changes are fetched, and nothing is told to the server.

  present      all of the fix is in the files that are served
  absent       it is not
  reverted     it is not, and it was before
  partial      a part of it, or not on all branches
  corrupt      the target names commits and cannot give what belongs to them
  diverged     a commit that nobody here knows, with none of the files
  unreachable  no answer in time
  unknown      it has no such branch; or seeing the fix there would prove nothing
  excused      somebody said that nobody waits for it

A fix in other words is absent until somebody says how to know it: git carry urgent witness add. With --gone the fixes
must not be there, as after a rollback. --record keeps what is new in the ledger. That the files are served
is no proof that a running program has read them.

Exits 0 when every target that is waited for is well, 8 when some are late or silent, 6 when one is
reverted, partial, corrupt or diverged: waiting does not mend that.`,
		Example: `  git carry urgent probe
  git carry urgent probe U-2026-3 --to mirror-7 --to mirror-8 --record`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.item = firstWord(args)
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.to, "to", nil, "only the target with this `NAME`; may be given again")
	f.BoolVar(&o.gone, "gone", false, "the fix must not be there: it was rolled back")
	f.BoolVar(&o.record, "record", false, "keep in the ledger what is new")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long one question to a target may take, as a `TIME` such as 30s")
	return c
}

func (o *urgentProbeOptions) run(ctx context.Context, a *app) error {
	if o.timeout <= 0 {
		return usagef("--timeout takes a time, such as 30s")
	}
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return err
	}
	item, err := lane.Find(o.item)
	if err != nil {
		return err
	}
	targets, err := lookedAt(r.ledger, o.to)
	if err != nil {
		return err
	}
	a.progressLine("asking %s", count(len(targets), "target", "targets"))
	p := &round{r: r, items: []urgent.Item{item}, targets: targets, timeout: o.timeout, gone: o.gone}
	looks, err := p.look(ctx)
	a.endProgress()
	if err != nil {
		return err
	}
	doc := newProbeDoc(p, item, looks, a.env.Now())
	if o.record {
		if doc.Recorded, err = a.recordLooks(ctx, looks); err != nil {
			return err
		}
	}
	a.show(doc, func() { doc.report(a) })
	return doc.outcome()
}

// recordLooks keeps the verdicts that are new, and tells how many are.
func (a *app) recordLooks(ctx context.Context, looks []urgent.Look) (fresh int, err error) {
	err = a.record(ctx, "urgent probe", func(_ context.Context, s *step) error {
		lane, err := laneOf(s.ledger)
		if err != nil {
			return err
		}
		fresh = 0
		tally := map[urgent.Verdict]int{}
		for _, l := range looks {
			before := lane.Items[l.Item].Seen[l.Place]
			now := l.Presence(before, a.env.Now(), s.by())
			if _, known := s.ledger.Targets[l.Place.Target]; !known || !now.News(before) {
				continue
			}
			fresh++
			tally[now.Verdict]++
			s.details = append(s.details, fmt.Sprintf("%s: %s %s %s", l.Place.Target, l.Component, l.Version, now.Verdict))
			if err := s.putUrgent(urgent.PresenceFile(l.Item, l.Place), now); err != nil {
				return err
			}
		}
		s.did("probed the targets: %s", tallyWords(tally))
		return nil
	})
	return fresh, err
}

// tallyWords is such as "12 present, 1 corrupt".
func tallyWords(tally map[urgent.Verdict]int) string {
	var words []string
	for _, v := range slices.SortedFunc(maps.Keys(tally), func(x, y urgent.Verdict) int {
		return cmp.Or(cmp.Compare(tally[y], tally[x]), cmp.Compare(x, y))
	}) {
		words = append(words, fmt.Sprintf("%d %s", tally[v], v))
	}
	return cmp.Or(strings.Join(words, ", "), "none")
}

// probedStack is what one target serves of one stack.
type probedStack struct {
	Component string                    `json:"component"`
	Version   string                    `json:"version"`
	Branch    string                    `json:"branch"`
	Verdict   urgent.Verdict            `json:"verdict"`
	Families  map[string]urgent.Verdict `json:"families"`
	Serves    patchset.ID               `json:"serves"`
	What      string                    `json:"what"` // the commit that it serves, in words
	Detail    string                    `json:"detail"`

	outcome urgent.Outcome
}

// probedTarget is what one target serves.
type probedTarget struct {
	Target   string         `json:"target"`
	Ring     string         `json:"ring"`
	Class    string         `json:"class"`
	Required bool           `json:"required"`
	Excused  string         `json:"excused,omitempty"` // why
	Verdict  urgent.Verdict `json:"verdict"`
	Outcome  urgent.Outcome `json:"outcome"`
	Stacks   []probedStack  `json:"stacks"`
}

type probeDoc struct {
	Schema   string                 `json:"schema"`
	Item     string                 `json:"item"`
	Expected string                 `json:"expected"` // present or absent
	At       string                 `json:"probed_at"`
	Targets  []probedTarget         `json:"targets"`
	Summary  map[urgent.Verdict]int `json:"summary"`
	OK       bool                   `json:"ok"`
	Recorded int                    `json:"recorded"` // verdicts that were new
	Notes    []string               `json:"notes"`
}

func newProbeDoc(p *round, item urgent.Item, looks []urgent.Look, now time.Time) probeDoc {
	doc := probeDoc{
		Schema: schema("urgent-probe"), Item: item.ID, Expected: string(urgent.Present), At: stamp(now),
		Targets: []probedTarget{}, Summary: map[urgent.Verdict]int{}, OK: true, Notes: nonNil(p.notes),
	}
	gone := p.gone || item.RolledBack.Happened()
	if gone {
		doc.Expected = string(urgent.Absent)
	}
	for _, name := range p.targets {
		t := newProbedTarget(p.r.ledger.Targets[name], item)
		var verdicts []urgent.Verdict
		for _, l := range looks {
			if l.Place.Target != name {
				continue
			}
			seen := l.Presence(item.Seen[l.Place], now, "")
			t.Stacks = append(t.Stacks, probedStack{
				l.Component, l.Version, l.Branch, seen.Verdict, seen.Families, l.Serves, p.served(l), seen.Detail, seen.Verdict.For(gone),
			})
			verdicts = append(verdicts, seen.Verdict)
		}
		if len(verdicts) == 0 {
			continue // it takes none of the stacks
		}
		t.Verdict = urgent.Whole(verdicts...)
		t.Outcome = t.Verdict.For(gone)
		if t.Required && t.Outcome != urgent.Well {
			doc.OK = false
		}
		if t.Excused != "" && t.Outcome != urgent.Well {
			doc.Summary[urgent.Excused]++
		} else {
			doc.Summary[t.Verdict]++
		}
		doc.Targets = append(doc.Targets, t)
	}
	return doc
}

func newProbedTarget(t patchset.Target, item urgent.Item) probedTarget {
	excused := item.Excused[t.Name]
	return probedTarget{
		Target: t.Name, Ring: t.Ring, Class: cmp.Or(t.Class, "mirror"), Required: !t.Optional && !excused.Happened(), Excused: excused.Reason, Stacks: []probedStack{},
	}
}

// served says which commit a target serves, for somebody who knows the vault.
func (p *round) served(l urgent.Look) string {
	base := p.r.ledger.Versions[l.Version].Bases[l.Component].Commit
	published := p.r.ledger.Targets[l.Place.Target].Published[l.Place.Stack].Commit
	switch l.Serves {
	case "":
		return ""
	case l.Commit:
		return "the stack of " + l.Version
	case base:
		return "the public base of " + l.Version
	case published:
		return "what was last published there"
	}
	if has, err := p.r.vault.Exists(context.Background(), l.Serves); err == nil && has {
		return "another commit of this vault"
	}
	return "a commit that nobody here knows"
}

// outcome is the exit code.
func (d probeDoc) outcome() error {
	exit := 0
	for _, t := range d.Targets {
		switch {
		case !t.Required || t.Outcome == urgent.Well:
		case t.Outcome == urgent.Wrong:
			return outcome{exitPolicy}
		default:
			exit = exitPending
		}
	}
	if exit != 0 {
		return outcome{exit}
	}
	return nil
}

func (d probeDoc) report(a *app) {
	rows := [][]string{{"TARGET", "RING", "VERDICT", "STACK", "SERVES", "WHY"}}
	for _, t := range d.Targets {
		rows = append(rows, t.rows()...)
	}
	if len(rows) > 1 {
		a.fittedTable(rows, "RING", "SERVES")
		a.say("")
	}
	a.say("%s on %s: %s", d.Item, count(len(d.Targets), "target", "targets"), tallyWords(d.Summary))
	for _, note := range d.Notes {
		a.say("Note: %s.", note)
	}
}

// rows are one line for a target that is well or the same everywhere, else one for each
// stack that is not well.
func (t probedTarget) rows() [][]string {
	word := string(t.Verdict)
	if t.Excused != "" && t.Outcome != urgent.Well {
		word = string(urgent.Excused) + " (" + word + ")"
	}
	if t.Outcome == urgent.Well {
		return [][]string{{t.Target, t.Ring, word, count(len(t.Stacks), "stack", "stacks"), "", ""}}
	}
	var rows [][]string
	for _, s := range t.Stacks {
		if s.outcome == urgent.Well {
			continue
		}
		serves := s.What
		if s.Serves != "" {
			serves = s.Serves.Short() + " " + s.What
		}
		rows = append(rows, []string{t.Target, t.Ring, strings.Replace(word, string(t.Verdict), s.words(), 1), s.Version + " " + s.Component, cmp.Or(serves, "-"), s.Detail})
	}
	return rows
}

// words are the verdict, by family where these differ.
func (s probedStack) words() string {
	var parts []string
	for _, family := range slices.Sorted(maps.Keys(s.Families)) {
		if s.Families[family] != s.Verdict {
			parts = append(parts, fmt.Sprintf("%s %s", family, s.Families[family]))
		}
	}
	if len(parts) == 0 {
		return string(s.Verdict)
	}
	return fmt.Sprintf("%s (%s)", s.Verdict, strings.Join(parts, ", "))
}
