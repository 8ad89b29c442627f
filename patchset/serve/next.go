package serve

import (
	"cmp"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Target is a server as the ledger has it.
type Target struct {
	ID, URL  string
	Class    string // patchset.ClassMirror, ClassOrigin or ClassPrivate
	Weight   int
	Required bool // panic waits for it
}

// State is what a probe means for a server.
type State int

// The states. What nobody looked at is Silent.
const (
	Silent State = iota // nobody knows
	Bad                 // it does not serve the fix
	Good                // it does, on all branches and by all families of addresses
)

// Sight is what the last probe found of a server, over all items.
type Sight struct {
	State    State
	Reason   string // the verdict
	Families []string
	// At is when it was looked at; zero when it has nothing to catch up with.
	At time.Time
	// Before: an earlier probe, which the ledger remembers, found it good too.
	Before bool
}

// Alarm is a panic that goes on.
type Alarm struct {
	Items     []string
	Floor     int  // percent
	Confirmed bool // two people agreed to go below the floor
	Until     time.Time
}

// Round is all from which the next file follows, but for the last one.
type Round struct {
	Targets []Target
	Seen    map[string]Sight
	Alarm   *Alarm // nil: everything is normal
	Now     time.Time
	Valid   time.Duration // for how long the file holds
	TTL     time.Duration
}

const (
	maxMissed = 3  // probes in a row that tell nothing withdraw a server
	minGood   = 2  // probes in a row that find the fix bring it back
	firstRamp = 25 // percent of its weight with which it comes back; doubled with each good probe
)

// Unverified is the reason for a server that has not been probed twice.
const Unverified = "unverified"

// Next is the file that follows on last, the zero File for none. It fails rather than
// to name no server at all.
func (r Round) Next(last File) (File, error) {
	f := File{
		Format: Format, Mode: Normal, Issued: r.Now.UTC().Truncate(time.Second), TTL: int(r.TTL.Seconds()),
		// From the clock, so that it grows on whatever machine the next round is done.
		Generation: max(last.Generation+1, r.Now.Unix()),
		Floor:      Floor{Actual: 100},
	}
	f.Expires = f.Issued.Add(r.Valid)
	targets := slices.DeleteFunc(slices.Clone(r.Targets), func(t Target) bool { return t.Class == patchset.ClassPrivate })
	slices.SortFunc(targets, func(a, b Target) int { return cmp.Compare(a.ID, b.ID) })
	if r.Alarm != nil {
		r.alarmed(last, &f, targets)
	} else {
		for _, t := range targets {
			f.Serve = append(f.Serve, r.entry(t, 100))
		}
	}
	if len(f.Serve) == 0 {
		return f, patchset.Faultf(patchset.CodePolicy, "no server would be left for users").
			WithHint("name one that they can always be sent to: git carry target edit NAME --origin")
	}
	return f, f.Check()
}

// alarmed fills a file of panic mode.
func (r Round) alarmed(last File, f *File, targets []Target) {
	f.Mode, f.Items = Panic, slices.Sorted(slices.Values(r.Alarm.Items))
	f.Floor = Floor{Weight: r.Alarm.Floor, Confirmed: r.Alarm.Confirmed}
	var total, actual int
	var leaving []decision
	for _, t := range targets {
		d := r.decide(last, t)
		total += t.Weight
		switch {
		case d.out == nil:
			f.Serve = append(f.Serve, d.entry)
		case d.served:
			leaving = append(leaving, d)
		default:
			f.Withdrawn = append(f.Withdrawn, *d.out)
			continue
		}
		actual += d.entry.Weight
	}
	// What is surely wrong goes first: below the floor, the rest has to stay.
	slices.SortStableFunc(leaving, func(a, b decision) int { return cmp.Compare(a.gravity, b.gravity) })
	for _, d := range leaving {
		if left := actual - d.entry.Weight; r.Alarm.Confirmed || 100*left >= r.Alarm.Floor*total {
			actual = left
			f.Withdrawn = append(f.Withdrawn, *d.out)
			continue
		}
		d.entry.Held = d.out.Reason
		f.Serve = append(f.Serve, d.entry)
	}
	if total > 0 {
		f.Floor.Actual = 100 * actual / total
	}
	slices.SortFunc(f.Serve, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Withdrawn, func(a, b Out) int { return cmp.Compare(a.ID, b.ID) })
}

// decision is what becomes of one server.
type decision struct {
	entry   Entry // if it is served
	out     *Out  // if it should not be
	served  bool  // it is served now
	gravity int   // of being withdrawn, the gravest first
}

func (r Round) decide(last File, t Target) decision {
	s := r.Seen[t.ID]
	was, in := find(last.Serve, t.ID)
	gone, out := findOut(last.Withdrawn, t.ID)
	switch {
	case t.Class == patchset.ClassOrigin:
		d := decision{entry: r.entry(t, 100)}
		if s.State == Bad {
			d.entry.Held = s.Reason
		}
		return d
	case last.Mode == Panic && in:
		return r.serving(t, s, was)
	case last.Mode == Panic && out:
		return r.returning(t, s, gone)
	case s.State == Good && s.Before:
		return decision{entry: r.entry(t, 100)}
	}
	d := r.leave(t, s, 100)
	d.served = last.Mode != Panic // else it is new: nobody is there yet
	if s.State == Good {
		d.out.Reason, d.out.Good, d.gravity = Unverified, 1, 3
	}
	return d
}

// serving goes on with a server that users are sent to.
func (r Round) serving(t Target, s Sight, was Entry) decision {
	ramp := 100
	if was.Ramp != 0 {
		ramp = was.Ramp
	}
	switch s.State {
	case Good:
		if was.Ramp != 0 {
			ramp = min(100, 2*ramp)
		}
		return decision{entry: r.entry(t, ramp)}
	case Silent:
		d := decision{entry: r.entry(t, ramp)}
		d.entry.Verified, d.entry.Families, d.entry.Missed, d.entry.Held = was.Verified, was.Families, was.Missed+1, was.Held
		if d.entry.Missed < maxMissed && was.Held == "" {
			return d
		}
		s.Reason = cmp.Or(s.Reason, was.Held)
		left := r.leave(t, s, ramp)
		d.out, d.served, d.gravity = left.out, true, left.gravity
		return d
	}
	d := r.leave(t, s, ramp)
	d.entry.Verified, d.entry.Families = was.Verified, was.Families
	return d
}

// returning goes on with one that was withdrawn.
func (r Round) returning(t Target, s Sight, gone Out) decision {
	if s.State == Good && gone.Good+1 >= minGood {
		return decision{entry: r.entry(t, firstRamp)}
	}
	gone.Good++
	if s.State != Good {
		gone.Good, gone.Reason = 0, cmp.Or(s.Reason, gone.Reason)
	}
	return decision{out: &gone}
}

// leave is the wish to withdraw a server that users may be at.
func (r Round) leave(t Target, s Sight, ramp int) decision {
	d := decision{entry: r.entry(t, ramp), served: true, gravity: 1}
	if s.State != Good {
		d.entry.Verified = time.Time{}
	}
	if s.State == Silent {
		d.gravity = 2
	}
	d.out = &Out{ID: t.ID, Reason: cmp.Or(s.Reason, Unverified), Since: r.Now.UTC().Truncate(time.Second)}
	return d
}

// entry is a server with a part of its weight, in percent.
func (r Round) entry(t Target, ramp int) Entry {
	e := Entry{ID: t.ID, URL: t.URL, Class: cmp.Or(t.Class, Mirror), Weight: max(1, t.Weight*ramp/100), Families: r.Seen[t.ID].Families}
	if s := r.Seen[t.ID]; s.State == Good && !s.At.IsZero() {
		e.Verified = s.At.UTC().Truncate(time.Second)
	}
	if ramp < 100 {
		e.Ramp = ramp
	}
	return e
}

func find(entries []Entry, id string) (Entry, bool) {
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

func findOut(outs []Out, id string) (Out, bool) {
	i := slices.IndexFunc(outs, func(o Out) bool { return o.ID == id })
	if i < 0 {
		return Out{}, false
	}
	return outs[i], true
}

// Over says why a panic may end with this file, or "" while it goes on: every required
// server is back with all of its weight, or the time is up. Below the floor it goes on.
func (r Round) Over(f File) string {
	if r.Alarm == nil || f.Mode != Panic || f.Floor.Actual < f.Floor.Weight {
		return ""
	}
	waits := func(t Target) bool {
		e, in := find(f.Serve, t.ID)
		return t.Required && t.Class != patchset.ClassPrivate && (!in || e.Ramp != 0 || e.Held != "" || e.Missed > 0)
	}
	switch {
	case !slices.ContainsFunc(r.Targets, waits):
		return "every target that is waited for serves the fix"
	case !r.Alarm.Until.IsZero() && !r.Now.Before(r.Alarm.Until):
		return "its time is up"
	}
	return ""
}
