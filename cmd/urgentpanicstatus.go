package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/spf13/cobra"
)

func newUrgentPanicStatusCmd(a *app) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "status",
		Short:   "Say for which items panic mode is on, and what users are told",
		Long:    "Say for which items panic is on or asked for, by whom and until when; with --serve-dir, which targets the list there\nnames, and which it does not, and why.",
		Example: "  git carry urgent panic status --serve-dir /srv/www/serve",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return panicStatus(c.Context(), a, dir) },
	}
	c.Flags().StringVar(&dir, "serve-dir", "", "the `DIR` that urgent watch writes to")
	return c
}

func panicStatus(ctx context.Context, a *app, dir string) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return err
	}
	doc := struct {
		Schema string      `json:"schema"`
		Items  []panicDoc  `json:"items"`
		File   *serve.File `json:"file"`
	}{Schema: schema("urgent-panic-status"), Items: []panicDoc{}}
	for _, id := range lane.Open() {
		alarm, err := r.alarm(ctx, lane, lane.Items[id])
		if err != nil {
			return err
		}
		if len(alarm.Words) > 0 {
			doc.Items = append(doc.Items, newPanicDoc("status", lane.Items[id], alarm))
		}
	}
	if dir != "" {
		f, err := a.lastServed(dir)
		if err != nil {
			return err
		}
		doc.File = &f
	}
	a.show(doc, func() {
		if len(doc.Items) == 0 {
			a.say("No panic.")
		}
		for _, d := range doc.Items {
			if d.On {
				a.say("%s is in panic since %s, by %s, until %s: %s", d.Item, d.Since, joinWords(d.People), d.Until, d.Reason)
			} else {
				a.say("%s: %s asked for panic, nobody has agreed: %s", d.Item, joinWords(d.People), d.Reason)
			}
		}
		if doc.File != nil && doc.File.Generation > 0 {
			a.sayServed(*doc.File)
		}
	})
	return nil
}

// sayServed shows what users are told.
func (a *app) sayServed(f serve.File) {
	a.say("Users are told (%s, generation %d, until %s):", f.Mode, f.Generation, stamp(f.Expires))
	rows := [][]string{{"TARGET", "USERS", "WEIGHT", "WHY"}}
	for _, e := range f.Serve {
		why := []string{}
		if e.Ramp != 0 {
			why = append(why, fmt.Sprintf("comes back, %d%%", e.Ramp))
		}
		if e.Missed > 0 {
			why = append(why, "did not answer: "+count(e.Missed, "time", "times"))
		}
		switch {
		case e.Held != "" && e.Class == serve.Origin:
			why = append(why, e.Held+"; an origin stays")
		case e.Held != "":
			why = append(why, e.Held+"; kept, or less than the floor would be left")
		}
		rows = append(rows, []string{e.ID, "yes", fmt.Sprint(e.Weight), strings.Join(why, "; ")})
	}
	for _, o := range f.Withdrawn {
		rows = append(rows, []string{o.ID, "no", "-", o.Reason + " since " + stamp(o.Since)})
	}
	a.table(rows)
	if f.Mode == serve.Panic {
		a.say("%d%% of what all targets bear is left; the floor is %d%%", f.Floor.Actual, f.Floor.Weight)
	}
}
