package patchset

// The arithmetic of forecasts: halving, and what is new since the last one.

// FirstOf finds, among points 0 to n-1, one at which something holds that did not
// hold at the one before, by halving. 0: it holds at the first already. -1: it does
// not hold at the last. It asks at most 2+log2(n) times.
func FirstOf(n int, holds func(i int) (bool, error)) (int, error) {
	if n == 0 {
		return -1, nil
	}
	if ok, err := holds(n - 1); err != nil || !ok {
		return -1, err
	}
	if n == 1 {
		return 0, nil
	}
	if ok, err := holds(0); err != nil || ok {
		return 0, err
	}
	no, yes := 0, n-1
	for yes-no > 1 {
		middle := no + (yes-no)/2
		ok, err := holds(middle)
		if err != nil {
			return -1, err
		}
		if ok {
			yes = middle
		} else {
			no = middle
		}
	}
	return yes, nil
}

// Foreseen is what a forecast said of a patch, as far as the next one asks.
type Foreseen struct {
	State  State `json:"state"`
	Commit ID    `json:"commit,omitempty"` // see Onset.Named
}

// Foreseen is what is remembered of a prospect.
func (p Prospect) Foreseen() Foreseen { return Foreseen{p.Incarnation.State, p.Onset.Named()} }

// News picks the prospects that say something else than the last forecast did; of a
// patch that it did not know, something else than the version it comes from. All that
// needs no word is the same, and the same state is news only for another commit.
func News(last map[string]Foreseen, now []Prospect) []Prospect {
	var news []Prospect
	for _, p := range now {
		before, known := last[p.Patch]
		if !known {
			before.State = p.Was
		}
		after := p.Foreseen()
		same := before.State == after.State || !before.State.Foretold() && !after.State.Foretold()
		other := before.Commit != "" && after.Commit != "" && before.Commit != after.Commit
		if !same || other {
			news = append(news, p)
		}
	}
	return news
}
