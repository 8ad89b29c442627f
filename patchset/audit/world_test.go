package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// world makes a ledger entry by entry, as commands would, and tells a stream of it.
type world struct {
	t      *testing.T
	ledger patchset.Ledger
	stream *audit.Stream
	now    time.Time
	weeks  []string
	n      int
}

func newWorld(t *testing.T, begin time.Time) *world {
	w := &world{t: t, ledger: patchset.Ledger{}.Clone(), stream: audit.NewStream(readTestSignature), now: begin}
	w.ledger.Store = patchset.Store{Format: patchset.Format, ID: "0123456789abcdef", Created: begin}
	w.ledger.Other["owners.toml"] = []byte("# people\n")
	return w
}

// readTestSignature reads "person|role|reason|verified".
func readTestSignature(file []byte, _ patchset.Spot, _ patchset.Ledger) (audit.Signature, error) {
	f := strings.Split(string(file), "|")
	if len(f) != 4 {
		return audit.Signature{}, fmt.Errorf("%q is no signature", file)
	}
	sure := f[1] + " " + f[0] + ", unverified (claims " + f[0] + "@example.org)"
	if f[3] == "yes" {
		sure = f[1] + " " + f[0] + ", key verified (SHA256:abc)"
	}
	return audit.Signature{Person: f[0], As: f[1], Reason: f[2], Override: f[1] == "override", Sure: sure, Verified: f[3] == "yes"}, nil
}

// act records what edit does to the ledger as one entry.
func (w *world) act(person string, edit func(l *patchset.Ledger)) {
	w.t.Helper()
	before := w.ledger
	if w.n == 0 {
		before = patchset.Ledger{}
	}
	after := w.ledger.Clone()
	edit(&after)
	plan, err := patchset.NewPlan(before, after, patchset.Entry{Person: person, Claim: "unverified (claims " + person + "@example.org)", At: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ledger = after
	w.n++
	if err := w.stream.Add(audit.Entry{Entry: plan.Entry, ID: objectID(w.n), Changes: plan.Changes}); err != nil {
		w.t.Fatal(err)
	}
}

func objectID(n int) string      { return fmt.Sprintf("%040x", n) }
func commitID(n int) patchset.ID { return patchset.ID(objectID(n)) }
func (w *world) later(days int)  { w.now = w.now.AddDate(0, 0, days) }
func (w *world) hours(n int)     { w.now = w.now.Add(time.Duration(n) * time.Hour) }
func (w *world) newest() string  { return w.weeks[len(w.weeks)-1] }

// add adds a patch to the newest version, found some days ago.
func (w *world) add(id, component, owner string, severity patchset.Severity, found int) {
	w.act("kim", func(l *patchset.Ledger) {
		p := patchset.Patch{
			ID: id, Component: component, CarryID: fmt.Sprintf("carryid%08d", w.n), Title: "Escape what " + id + " shows", Task: patchset.TaskOf(id),
			Owner: owner, OwnerConfirmed: true, Severity: severity, CarriedSince: w.now, Added: patchset.Event{At: w.now, By: "kim"},
		}
		if found >= 0 {
			p.Found = w.now.AddDate(0, 0, -found)
		}
		l.Patches[id] = p
		l.Put(id, w.newest(), patchset.Incarnation{State: patchset.StateClean, Position: len(l.Patches), Commit: commitID(1000 + w.n), Source: commitID(1000 + w.n)})
	})
}

// train carries everything that is not over to a new version. Those named conflict; the
// ones after "waits:" only wait for the first.
func (w *world) train(version string, conflicts ...string) {
	from := ""
	if len(w.weeks) > 0 {
		from = w.newest()
	}
	w.weeks = append(w.weeks, version)
	w.act("kim", func(l *patchset.Ledger) {
		base := map[string]patchset.Base{"core": {Commit: commitID(9000 + w.n), Ref: "refs/heads/wmf/" + version}, "ext/OAuth": {Commit: commitID(9500 + w.n), Ref: "refs/heads/wmf/" + version}}
		l.Versions[version] = patchset.Version{Name: version, From: from, Made: w.now, Bases: base}
		for _, id := range l.PatchIDs() {
			p := l.Patches[id]
			was, ok := p.At[from]
			if !ok || p.Dropped.Happened() || !was.State.Carried() {
				continue
			}
			in := patchset.Incarnation{State: patchset.StateClean, Position: was.Position, Source: was.Source, From: from, Commit: commitID(2000 + 100*w.n + was.Position)}
			if p.Landed.Happened() {
				in = patchset.Incarnation{State: patchset.StateLanded, Source: was.Source, From: from, Public: commitID(3)}
			}
			if i := slices.Index(conflicts, id); i >= 0 {
				in.State, in.Commit, in.Paths = patchset.StateConflict, "", []string{"includes/Secret.php"}
				k := patchset.Conflict{Record: commitID(4000 + w.n), Upstream: commitID(5), Source: was.Source, Found: w.now}
				if at := slices.Index(conflicts, "waits:"); at >= 0 && i > at {
					in.State, in.Cause, k.Cause = patchset.StateWaiting, conflicts[0], conflicts[0]
				}
				l.Conflicts[patchset.Spot{Version: version, Patch: id}] = k
			}
			l.Put(id, version, in)
		}
	})
}

func (w *world) change(person, id string, edit func(p *patchset.Patch)) {
	w.act(person, func(l *patchset.Ledger) {
		p := l.Patches[id]
		edit(&p)
		l.Patches[id] = p
	})
}

// land says that the public upstream has the fix; the next train lets it go.
func (w *world) land(id string) {
	w.change("kim", id, func(p *patchset.Patch) { p.Landed = patchset.Event{At: w.now, By: "kim", Where: objectID(7)} })
}

func (w *world) propose(person, id string) {
	at := patchset.Spot{Version: w.newest(), Patch: id}
	w.act(person, func(l *patchset.Ledger) {
		l.Resolve(at, patchset.Resolution{
			Conflict: l.Conflicts[at].Record, Tree: commitID(6), Result: commitID(6000 + w.n), By: person, At: w.now, How: []string{"includes/Secret.php: both"},
		})
	})
}

// sign records a consent; settle also puts the result into the stack.
func (w *world) sign(person, id, as, reason string, verified, settle bool) {
	at := patchset.Spot{Version: w.newest(), Patch: id}
	w.act(person, func(l *patchset.Ledger) {
		yes := "no"
		if verified {
			yes = "yes"
		}
		l.Other["signatures/"+at.Version+"/"+id+"/"+person+".toml"] = []byte(strings.Join([]string{person, as, reason, yes}, "|"))
		if settle {
			in := l.Patches[id].At[at.Version]
			in.State, in.Commit, in.Paths = patchset.StateResolved, l.Resolutions[at].Result, nil
			l.Put(id, at.Version, in)
		}
	})
}

func (w *world) publish(target, component string) {
	version := w.newest()
	w.act("kim", func(l *patchset.Ledger) {
		t := l.Targets[target]
		t.Name, t.URL, t.Ring = target, "/srv/private/"+target, "stable"
		if t.Published == nil {
			t.Published = map[string]patchset.Published{}
		}
		t.Published[version+"/"+component] = patchset.Published{
			Component: component, Version: version, Branch: "wmf/" + version, Commit: l.Stack(component, version).Tip(), At: w.now, By: "kim",
		}
		l.Targets[target] = t
	})
}

// registry answers as package owners would.
func (w *world) registry() audit.Registry {
	limits := map[patchset.Severity]int{patchset.Critical: 7, patchset.High: 30, patchset.Medium: 60, patchset.Low: 180}
	return audit.Registry{
		LimitDays: func(s patchset.Severity) int {
			if days, ok := limits[s]; ok {
				return days
			}
			return limits[patchset.Critical]
		},
		Active: func(person string) bool { return person != "rosa" },
		Away: func(person string) string {
			switch {
			case person == "lee":
				return "2026-11-16 to 2026-11-30"
			case strings.HasPrefix(person, "canary"):
				return "canary to canary"
			}
			return ""
		},
		Consent: func(p patchset.Patch) audit.Consent {
			return audit.Consent{Override: p.ID == "T1015", Unverified: p.ID == "T1003"}
		},
	}
}

func (w *world) account(asOf time.Time) audit.Account {
	ledger, err := w.stream.Ledger()
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.registry()
	return audit.NewAccount(audit.Source{
		Facts: audit.Gather(ledger, r, asOf, true), Ledger: ledger, History: w.stream.Facts(),
		Entries: w.stream.Count(), Last: w.stream.Last(), Limits: r.LimitDays,
	})
}

// story is the fixed ledger that the golden files are of: a team that carries for
// sixteen weeks, and gets better at letting go.
func story(t *testing.T) *world {
	w := newWorld(t, time.Date(2026, 8, 4, 9, 0, 0, 0, time.UTC))
	w.act("kim", func(l *patchset.Ledger) {
		for _, c := range []string{"core", "ext/OAuth"} {
			l.Components[c] = patchset.Component{Name: c, URL: "https://example.org/" + c}
		}
	})
	severities := []patchset.Severity{patchset.Medium, patchset.High, patchset.Low, patchset.Medium}
	people := []string{"priya", "sam", "lee"}
	next := 1001
	for week := range 16 {
		id := func(n int) string { return fmt.Sprintf("T%d", n) }
		switch week {
		case 5:
			w.train(fmt.Sprintf("wmf.%d", week+1), "T1003", "waits:", "T1007")
		case 9:
			w.train(fmt.Sprintf("wmf.%d", week+1), "T1003", "T1015")
		case 15:
			w.train(fmt.Sprintf("wmf.%d", week+1), "T1003", "T1030", "waits:", "T1031")
		default:
			w.train(fmt.Sprintf("wmf.%d", week+1))
		}
		if week == 5 || week == 9 {
			w.hours(5)
			w.propose("kim", "T1003")
			w.hours(20)
			w.sign("lee", "T1003", "owner", "", week == 9, true)
		}
		if week == 9 {
			w.propose("sam", "T1015")
			w.sign("sam", "T1015", "override", "the owner is away and the train leaves", true, false)
			w.hours(3)
			w.sign("kim", "T1015", "override", "the owner is away and the train leaves", false, true)
		}
		if week == 15 {
			w.hours(2)
			w.propose("kim", "T1030")
		}
		w.publish("prod", "core")
		for range 3 {
			component := []string{"core", "ext/OAuth"}[next%2]
			w.hours(1)
			w.add(id(next), component, people[next%3], severities[next%4], next%11-1)
			next++
		}
		for n := 1001; n < next-14+week/2; n++ {
			if p := w.ledger.Patches[id(n)]; n != 1003 && n != 1015 && !p.Landed.Happened() && !p.Dropped.Happened() && (n+week)%3 == 0 {
				w.land(id(n))
			}
		}
		w.later(7)
	}
	w.later(-3)
	w.change("lee", "T1040", func(p *patchset.Patch) { p.Severity = patchset.Critical })
	w.change("kim", "T1041", func(p *patchset.Patch) { p.OwnerConfirmed = false })
	w.change("kim", "T1042", func(p *patchset.Patch) { p.Owner = "rosa" })
	w.change("sam", "T1043", func(p *patchset.Patch) {
		p.Dropped = patchset.Event{At: w.now, By: "sam", Reason: "the feature is switched off"}
	})
	w.change("lee", "T1003", func(p *patchset.Patch) {
		p.Disclosed = patchset.Event{At: w.now.AddDate(0, 0, -40), By: "lee", Where: "https://example.org/advisory"}
	})
	w.hours(1)
	return w
}

var (
	storyOnce sync.Once
	storyTold audit.Account
	storyNow  audit.Report
)

// storyAccount is the account of the story a day after its end, made once.
func storyAccount(t *testing.T) audit.Account {
	storyOnce.Do(func() {
		w := story(t)
		asOf := w.now.AddDate(0, 0, 1)
		storyTold, storyNow = w.account(asOf), audit.New(audit.Gather(w.ledger, w.registry(), asOf, false))
	})
	return storyTold
}

// storyReport is what git carry audit would say then.
func storyReport(t *testing.T) audit.Report {
	storyAccount(t)
	return storyNow
}
