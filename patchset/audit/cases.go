package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Case is one conflict: who was waited for, who worked, who consented, and how long it
// took.
type Case struct {
	Patch, Component, Version string
	Cause                     string // the patch that it only waited for
	Found                     time.Time
	Deployer                  string // who ran into it
	Owner                     string // of the patch, today
	Proposed                  time.Time
	By                        string    // who made the newest resolution
	Settled                   time.Time // when nothing was left to do; zero while something is
	Outcome                   patchset.State
	Consents                  []Fact

	undone bool // the train that ran into it was taken back
}

// Open tells whether nothing has settled the conflict.
func (c Case) Open() bool { return c.Settled.IsZero() }

// Resolved tells whether a resolution that somebody made is in the stack.
func (c Case) Resolved() bool { return !c.Open() && c.Outcome == patchset.StateResolved }

// Worked is how long it took until the newest resolution was made; negative where there is none.
func (c Case) Worked() time.Duration {
	if c.Proposed.IsZero() {
		return -1
	}
	return c.Proposed.Sub(c.Found)
}

// Answered is how long the consent took from there; negative where it is not settled by it.
func (c Case) Answered() time.Duration {
	if c.Proposed.IsZero() || !c.Resolved() {
		return -1
	}
	return c.Settled.Sub(c.Proposed)
}

// newCases puts the facts about conflicts together, newest first. Those of a train that
// was undone have not happened.
func newCases(src Source) []Case {
	at := map[patchset.Spot]*Case{}
	var order []*Case
	for _, f := range src.History {
		spot := patchset.Spot{Version: f.Version, Patch: f.Patch}
		c := at[spot]
		if f.Kind == KindConflict {
			c = &Case{
				Patch: f.Patch, Component: f.Component, Version: f.Version, Cause: f.Cause,
				Found: firstKnown(f.On, f.At), Deployer: f.Actor, Owner: src.Ledger.Patches[f.Patch].Owner,
			}
			if before := at[spot]; before != nil && before.Open() {
				before.Settled, before.Outcome = f.At, "" // parked anew: another conflict
			}
			at[spot] = c
			order = append(order, c)
			continue
		}
		if c != nil {
			c.take(f)
		}
	}
	cases := make([]Case, 0, len(order))
	for _, c := range slices.Backward(order) {
		if !c.undone {
			cases = append(cases, *c)
		}
	}
	return cases
}

// take puts a fact about the patch in this version into the case.
func (c *Case) take(f Fact) {
	switch f.Kind {
	case KindProposed:
		c.Proposed, c.By = firstKnown(f.On, f.At), f.Person
	case KindSigned, KindOverride:
		c.Consents = append(c.Consents, f)
	case KindCarried, KindState, KindResolved, KindRetired:
		if to := patchset.State(f.To); to.Parked() {
			c.Settled, c.Outcome = time.Time{}, ""
		} else if c.Open() {
			c.Settled, c.Outcome = f.At, to
		}
	case KindWithdrawn:
		c.undone = c.undone || f.From == string(KindCarried)
	}
}

// Work is what conflicts have cost one person.
type Work struct {
	Person    string
	Ran       int     // conflicts that they ran into as a deployer
	Held      Spread  // days from those until they were resolved
	HeldDays  float64 // in all
	Owned     int     // conflicts of patches that they own
	Made      int     // newest resolutions that they made
	Making    Spread  // days from the conflict to them
	MadeDays  float64
	Consented int    // signatures and overrides
	Answering Spread // days from the resolution to those
	// AnswerDays are those in all.
	AnswerDays float64
}

func newWork(cases []Case) []Work {
	people := map[string]*Work{}
	times := map[string]*[3][]float64{}
	of := func(name string) (*Work, *[3][]float64) {
		if people[name] == nil {
			people[name], times[name] = &Work{Person: name}, &[3][]float64{}
		}
		return people[name], times[name]
	}
	for _, c := range cases {
		if c.Cause != "" {
			continue
		}
		ran, held := of(c.Deployer)
		ran.Ran++
		if c.Resolved() {
			held[0] = append(held[0], days(c.Found, c.Settled))
		}
		owner, _ := of(c.Owner)
		owner.Owned++
		if c.By != "" {
			made, making := of(c.By)
			made.Made++
			making[1] = append(making[1], days(c.Found, c.Proposed))
		}
		for _, f := range c.Consents {
			signer, answering := of(f.Person)
			signer.Consented++
			if !c.Proposed.IsZero() {
				answering[2] = append(answering[2], days(c.Proposed, f.At))
			}
		}
	}
	out := make([]Work, 0, len(people))
	for name, w := range people {
		t := times[name]
		w.HeldDays, w.MadeDays, w.AnswerDays = sumOf(t[0]), sumOf(t[1]), sumOf(t[2])
		w.Held, w.Making, w.Answering = spreadOf(t[0]), spreadOf(t[1]), spreadOf(t[2])
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Work) int {
		return cmp.Or(b.Owned+b.Made-a.Owned-a.Made, b.Ran-a.Ran, cmp.Compare(a.Person, b.Person))
	})
	return out
}

func sumOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

func days(from, to time.Time) float64 { return max(0, to.Sub(from).Hours()/24) }
