package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentWatchOptions struct {
	once     bool
	interval time.Duration
	dir      string
	timeout  time.Duration
	pen
}

func newUrgentWatchCmd(a *app) *cobra.Command {
	o := &urgentWatchOptions{}
	c := &cobra.Command{
		Use:   "watch",
		Short: "Ask the targets again and again, and tell users where to fetch",
		Long: `Probe the targets for every item in the lane, record what is new, and begin again: after 30 seconds for
a quarter of an hour, then after 2 minutes for an hour, after 10 minutes while there is panic, else hourly;
--interval says otherwise. What somebody writes into the ledger starts a round at once. A branch that has not
moved is read again every tenth time.

With --serve-dir it writes which servers users may fetch from: serve.json, the same as a plain list
(hosts.txt) and as a metalink (serve.meta4), and with --key the signature serve.json.sig. Without a panic
all targets but private ones are on the list; git carry help urgent panic tells the rules in one, and how it ends.

All that it knows is in the ledger and in the last serve.json: it can be stopped at any time and started
again, also elsewhere. One at a time should write to a directory. --once does one round, for cron.`,
		Example: `  git carry urgent watch --serve-dir /srv/www/serve --key ~/.ssh/watch
  git carry urgent watch --once --serve-dir /srv/www/serve`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	f.BoolVar(&o.once, "once", false, "one round, then stop")
	f.DurationVar(&o.interval, "interval", 0, "how long to wait between rounds, as a `TIME` such as 5m (else see above)")
	f.StringVar(&o.dir, "serve-dir", "", "write for users which servers to fetch from, into this `DIR`")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long one question to a target may take, as a `TIME` such as 30s")
	o.pen.flag(f)
	return c
}

// fullEvery is how many rounds pass until what has not moved is read again all the same.
const fullEvery = 10

func (o *urgentWatchOptions) run(ctx context.Context, a *app) error {
	switch {
	case o.timeout <= 0 || o.interval < 0:
		return usagef("--timeout and --interval take a time, such as 30s")
	case a.json && !o.once:
		return usagef("--json is one document: with --once")
	case o.key != "" && o.dir == "":
		return usagef("--key signs what --serve-dir writes")
	}
	if err := o.pen.open(ctx, a); err != nil {
		return err
	}
	defer o.pen.close()
	w := &watch{a: a, o: o}
	wait, err := w.round(ctx)
	for err == nil && !o.once {
		if err = w.rest(ctx, wait); err != nil {
			break
		}
		next, failed := w.round(ctx)
		if failed != nil && ctx.Err() == nil { // others may be writing, a disk may be full: the next one may do better
			a.talk("%s  this round failed: %v", stamp(a.env.Now()), failed)
			next = time.Minute
		}
		wait, err = next, ctx.Err()
	}
	return err
}

// watch is the loop, and what it remembers to ask less.
type watch struct {
	a      *app
	o      *urgentWatchOptions
	rounds int
	seen   map[seenAt]seenBranch
	tip    patchset.ID // of the ledger, after the last round
	noted  []string    // what the last round noted
}

// glance is how often the ledger is looked at while the loop rests.
const glance = 10 * time.Second

// rest waits until the next round is due, or until somebody else has written to the
// ledger: an item may have been opened, or panic agreed to.
func (w *watch) rest(ctx context.Context, wait time.Duration) error {
	wait, err := w.jitter(wait)
	for err == nil && wait > 0 {
		nap := min(wait, glance)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(nap):
		}
		s, failed := w.a.snapshot(ctx)
		if wait -= nap; failed == nil && s.Tip != w.tip {
			return nil
		}
	}
	return err
}

// jitter keeps those who watch the same targets from asking at the same moment: a tenth
// more or less.
func (w *watch) jitter(wait time.Duration) (time.Duration, error) {
	var b [1]byte
	_, err := io.ReadFull(w.a.env.Random, b[:])
	return wait + wait*time.Duration(int(b[0])-128)/1280, err
}

type watchDoc struct {
	Schema string                            `json:"schema"`
	At     string                            `json:"at"`
	Items  map[string]map[urgent.Verdict]int `json:"items"` // stacks on targets, by verdict
	New    int                               `json:"recorded"`
	Notes  []string                          `json:"notes"`
	Panic  []string                          `json:"panic"` // the items for which it is on
	Over   string                            `json:"over"`  // why it ended in this round
	File   *serve.File                       `json:"file"`  // what users are told, with --serve-dir
	Next   int                               `json:"next_seconds"`
}

// round asks all targets once and does what follows from it. It gives the time until the
// next.
func (w *watch) round(ctx context.Context) (time.Duration, error) {
	a := w.a
	r, err := a.read(ctx)
	if err != nil {
		return 0, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return 0, err
	}
	alarms, err := r.alarms(ctx, lane)
	if err != nil {
		return 0, err
	}
	doc := watchDoc{
		Schema: schema("urgent-watch"), At: stamp(a.env.Now()), Items: map[string]map[urgent.Verdict]int{}, Notes: []string{},
		Panic: slices.SortedFunc(maps.Keys(alarms), patchset.CompareVersions),
	}
	looks, err := w.look(ctx, r, lane, &doc)
	if err != nil {
		return 0, err
	}
	found := presences(lane, looks, a.env.Now())
	for id, at := range found {
		doc.Items[id] = map[urgent.Verdict]int{}
		for _, p := range at {
			doc.Items[id][p.Verdict]++
		}
	}
	wait := w.pace(lane, alarms)
	if doc.New, err = a.recordLooks(ctx, looks); err != nil {
		return 0, err
	}
	if w.o.dir != "" {
		if err := w.tell(ctx, r, lane, alarms, found, wait, &doc); err != nil {
			return 0, err
		}
	}
	s, err := a.snapshot(ctx)
	if err != nil {
		return 0, err
	}
	w.tip = s.Tip
	doc.Next = int(wait.Seconds())
	a.show(doc, func() { w.say(doc) })
	return wait, nil
}

// look probes for every item of the lane.
func (w *watch) look(ctx context.Context, r reading, lane urgent.Lane, doc *watchDoc) ([]urgent.Look, error) {
	var items []urgent.Item
	for _, id := range lane.Open() {
		items = append(items, lane.Items[id])
	}
	targets := slices.Sorted(maps.Keys(r.ledger.Targets))
	if len(items) == 0 || len(targets) == 0 {
		return nil, nil
	}
	if w.rounds%fullEvery == 0 {
		w.seen = map[seenAt]seenBranch{}
	}
	w.rounds++
	p := &round{r: r, items: items, targets: targets, timeout: w.o.timeout, seen: w.seen}
	looks, err := p.look(ctx)
	doc.Notes = nonNil(p.notes)
	return looks, err
}

// pace is how long to wait for the next round.
func (w *watch) pace(lane urgent.Lane, alarms map[string]urgent.Alarm) time.Duration {
	if w.o.interval > 0 {
		return w.o.interval
	}
	var last time.Time
	for _, id := range lane.Open() {
		for _, t := range []time.Time{lane.Items[id].Opened.At, lane.Items[id].Accepted.At, lane.Items[id].RolledBack.At, alarms[id].Since} {
			if t.After(last) {
				last = t
			}
		}
	}
	return urgent.Pace(w.a.env.Now().Sub(last), len(alarms) > 0)
}

// tell writes for users where to fetch, and ends a panic that is over.
func (w *watch) tell(ctx context.Context, r reading, lane urgent.Lane, alarms map[string]urgent.Alarm, found map[string]map[patchset.Place]urgent.Presence, wait time.Duration, doc *watchDoc) error {
	last, err := w.a.lastServed(w.o.dir)
	if err != nil {
		return err
	}
	var items []urgent.Item
	for _, id := range doc.Panic {
		items = append(items, lane.Items[id])
	}
	next := serve.Round{
		Targets: servedTargets(r.ledger, items), Seen: sights(r.ledger, items, found), Alarm: joint(alarms, lane.Policy),
		Now: w.a.env.Now(), Valid: max(10*time.Minute, 3*wait), TTL: serveTTL,
	}
	f, err := next.Next(last)
	if err != nil {
		return err
	}
	if doc.Over = next.Over(f); doc.Over != "" {
		if err := w.end(ctx, alarms, doc); err != nil {
			return err
		}
		next.Alarm = nil
	}
	if next.Alarm == nil {
		next.Seen, next.Valid = nil, normalFor
		if f, err = next.Next(last); err != nil {
			return err
		}
	}
	if sameServed(last, f) && w.a.wholeServed(w.o.dir, last, w.o.key != "") {
		doc.File = &last
		return nil
	}
	doc.File = &f
	if err := w.takeUp(r); err != nil {
		return err
	}
	return w.a.putServed(ctx, w.o.dir, f, &w.o.pen)
}

// takeUp finds the key to sign with: that of somebody in the registry.
func (w *watch) takeUp(r reading) error {
	s := &step{reading: r}
	return w.o.pen.takeUp(w.a, s)
}

// end calls off the panic of items, unless somebody gave it more time while targets were
// asked.
func (w *watch) end(ctx context.Context, alarms map[string]urgent.Alarm, doc *watchDoc) error {
	return w.a.record(ctx, "urgent watch", func(ctx context.Context, s *step) error {
		lane, err := laneOf(s.ledger)
		if err != nil {
			return err
		}
		for _, id := range doc.Panic {
			now, err := s.alarm(ctx, lane, lane.Items[id])
			if err != nil {
				return err
			}
			if now.Until.Equal(alarms[id].Until) {
				s.calm(lane, lane.Items[id], doc.Over)
				if err := s.putUrgent(urgent.File(id, "calm"), w.a.event(s, "", doc.Over)); err != nil {
					return err
				}
			}
		}
		s.did("called off the panic for %s: %s", joinWords(doc.Panic), doc.Over)
		return nil
	})
}

// say prints one line for a round, and one for each thing that somebody should know.
func (w *watch) say(doc watchDoc) {
	var parts []string
	for _, id := range slices.SortedFunc(maps.Keys(doc.Items), patchset.CompareVersions) {
		parts = append(parts, id+": "+tallyWords(doc.Items[id]))
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing to look for")
	}
	if f := doc.File; f != nil {
		words := fmt.Sprintf("users: %s, generation %d, %s", f.Mode, f.Generation, count(len(f.Serve), "target", "targets"))
		if f.Mode == serve.Panic {
			words += fmt.Sprintf(", %d withdrawn, %d%% left", len(f.Withdrawn), f.Floor.Actual)
		}
		parts = append(parts, words)
	}
	w.a.say("%s  %s", doc.At, strings.Join(parts, "; "))
	if doc.Over != "" {
		w.a.say("  panic is over: %s", doc.Over)
	}
	if f := doc.File; f != nil {
		for _, e := range f.Serve {
			if e.Held != "" && e.Class != serve.Origin {
				w.a.say("  %s is %s and kept, or less than %d%% would be left; a second person may agree: git carry urgent panic on ITEM --below-floor", e.ID, e.Held, f.Floor.Weight)
			} else if e.Held != "" {
				w.a.say("  the origin %s is %s", e.ID, e.Held)
			}
		}
	}
	notes := doc.Notes
	if w.o.key == "" && w.o.dir != "" {
		notes = append(slices.Clone(notes), "serve.json is not signed: readers cannot tell whose it is (--key FILE)")
	}
	for _, note := range notes {
		if !slices.Contains(w.noted, note) { // once is enough
			w.a.talk("  %s", note)
		}
	}
	w.noted = notes
}
