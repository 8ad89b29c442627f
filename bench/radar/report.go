package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/patchset"
)

// report is what goes into the document.
type report struct {
	begin   time.Time
	took    time.Duration
	results []*result
	seed    uint64
}

func (r report) text() string {
	skipped := map[string]int{}
	rows, weeks := 0, 0
	for _, one := range r.results {
		rows++
		weeks += len(one.weeks) + len(one.watched.weeks) + len(one.carried.weeks)
		if one.skipped != "" {
			skipped[string(one.kind)+": "+one.skipped]++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d cases, %d trains of one fix each, in %v.\n\n",
		r.begin.UTC().Format(time.DateOnly), rows, weeks, r.took.Round(time.Second))
	for _, part := range []string{r.aims(), r.landed(), r.alarms(), r.losses(), r.backports(), page.Skipped("case", skipped)} {
		if part != "" {
			b.WriteString(part + "\n")
		}
	}
	return b.String()
}

// of are the cases of a kind that were carried.
func (r report) of(k kind) []*result {
	return slices.DeleteFunc(slices.Clone(r.results), func(one *result) bool { return one.kind != k || one.skipped != "" })
}

// groups are trains put together by name, those of all trains last.
func (r report) groups(name func(train) string) (names []string, tallies map[string]*tally) {
	tallies = map[string]*tally{"all": {}}
	for _, one := range r.of(kindTrain) {
		s, n := judge(one.weeks, one.train), name(one.train)
		if tallies[n] == nil {
			tallies[n] = &tally{}
			names = append(names, n)
		}
		tallies[n].add(s)
		tallies["all"].add(s)
	}
	return append(names, "all"), tallies
}

// all is the tally of all trains.
func (r report) all() *tally {
	_, tallies := r.groups(func(train) string { return "trains" })
	return tallies["all"]
}

func (r report) aims() string {
	t, l := r.all(), r.lossTally()
	return page.Table([][]string{
		{"aim", "wanted:", "came out:", "of:"},
		{"told as landed before it was there", "0", fmt.Sprint(t.verdicts[toldEarly]), fmt.Sprint(t.rows)},
		{"told as landed at the first point that has it", "", page.Share(t.verdicts[toldRight], t.rows), fmt.Sprint(t.rows)},
		{"told as landed, or the owner asked about the right commit", "95 %", page.Share(t.found(), t.rows), fmt.Sprint(t.rows)},
		{"the right commit named, when told as landed", "", page.Share(t.named, t.told()), fmt.Sprint(t.told())},
		{"silent losses raised at the commit that did it", "90 %", page.Share(l.caught, l.played), fmt.Sprint(l.played)},
		{"drift in clean carries", "5 %", page.Share(t.drift, t.clean), fmt.Sprint(t.clean)},
		{"said to be gone while it is public and was not reverted", "5 %", page.Share(t.back, t.watched), fmt.Sprint(t.watched)},
	})
}

func (r report) landed() string {
	rows := [][]string{{"trains", "fixes:", "right:", "late:", "asked:", "missed:", "early:", "commit named:", "another:", "none:", "asked about another before, weeks:"}}
	add := func(name string, t *tally) {
		rows = append(rows, []string{
			name, fmt.Sprint(t.rows), fmt.Sprint(t.verdicts[toldRight]), fmt.Sprint(t.verdicts[toldLate]), fmt.Sprint(t.verdicts[toldAsked]),
			fmt.Sprint(t.verdicts[toldMissed]), fmt.Sprint(t.verdicts[toldEarly]),
			fmt.Sprint(t.named), fmt.Sprint(t.told() - t.named - t.none), fmt.Sprint(t.none), fmt.Sprint(t.wrongAsks),
		})
	}
	names, tallies := r.groups(func(t train) string { return t.how })
	for _, name := range names[:len(names)-1] {
		add(name, tallies[name])
	}
	names, tallies = r.groups(func(t train) string { return t.repo })
	for _, name := range names {
		add(name, tallies[name])
	}
	return page.Table(rows)
}

func (r report) alarms() string {
	rows := [][]string{{"trains", "clean carries:", "drift:", "", "weeks parked:", "weeks under watch:", "said to be gone:", "surely wrong:", "weeks reverted:", "carried again or asked:"}}
	rows[0][3] = "a carry:"
	names, tallies := r.groups(func(t train) string { return t.repo })
	for _, name := range names {
		t := tallies[name]
		rows = append(rows, []string{
			name, fmt.Sprint(t.clean), fmt.Sprint(t.drift), page.Share(t.drift, t.clean), fmt.Sprint(t.parked),
			fmt.Sprint(t.watched), fmt.Sprint(t.back), fmt.Sprint(t.surely), fmt.Sprint(t.gone), fmt.Sprint(t.returned),
		})
	}
	return page.Table(rows)
}

// tally adds up scores.
type tally struct {
	score
	rows        int
	named, none int
	verdicts    map[verdict]int
}

func (t *tally) add(s score) {
	if t.verdicts == nil {
		t.verdicts = map[verdict]int{}
	}
	t.rows++
	t.verdicts[s.verdict]++
	if s.named {
		t.named++
	}
	if s.none {
		t.none++
	}
	t.wrongAsks += s.wrongAsks
	t.clean += s.clean
	t.drift += s.drift
	t.parked += s.parked
	t.watched += s.watched
	t.back += s.back
	t.surely += s.surely
	t.gone += s.gone
	t.returned += s.returned
}

// told counts the fixes that are told as landed, at whatever point.
func (t *tally) told() int {
	return t.verdicts[toldRight] + t.verdicts[toldLate] + t.verdicts[toldEarly]
}

// found counts the fixes whose landing somebody is told of once they have.
func (t *tally) found() int {
	return t.verdicts[toldRight] + t.verdicts[toldLate] + t.verdicts[toldAsked]
}

// lossTally counts scenes of silent losses.
type lossTally struct{ played, caught int }

func (r report) lossTally() lossTally {
	var t lossTally
	for _, one := range r.of(kindLoss) {
		for _, s := range []scene{one.watched, one.carried} {
			if one.loss.breaker == "" || s.skipped != "" {
				continue
			}
			t.played++
			if s.caught {
				t.caught++
			}
		}
	}
	return t
}

func (r report) losses() string {
	rows := [][]string{{"lost", "repository", "fix", "broken by", "public: weeks before:", "raised:", "public, at the breaker", "secret, at the breaker"}}
	for _, one := range r.of(kindLoss) {
		rows = append(rows, []string{
			one.loss.kind, one.repo, "`" + one.loss.fix.Short() + "`", shortOr(one.loss), fmt.Sprint(one.watched.before), fmt.Sprint(one.watched.alarms),
			sceneWord(one.watched), sceneWord(one.carried),
		})
	}
	if len(rows) == 1 {
		return ""
	}
	return page.Table(rows)
}

// shortOr names the breaker, or the repair that is carried over in its place.
func shortOr(l loss) string {
	switch {
	case l.breaker != "":
		return "`" + l.breaker.Short() + "`"
	case l.repair != "":
		return "(repair `" + l.repair.Short() + "`)"
	}
	return ""
}

func caughtWord(s scene) string {
	if s.caught {
		return "caught"
	}
	return "not caught"
}

// sceneWord says what was told at the breaker and whether that is enough.
func sceneWord(s scene) string {
	if s.skipped != "" {
		return "(" + s.skipped + ")"
	}
	for _, w := range s.weeks {
		if strings.HasPrefix(w.label, "breaker") {
			return fmt.Sprintf("%s: %s", caughtWord(s), w.told.State)
		}
	}
	return caughtWord(s)
}

// backports compares what is said of merges that people left alone with what is said
// of those that they changed.
func (r report) backports() string {
	rows := [][]string{{"backports", "carried:", "clean or moved:", "drift:", "", "conflict:", "landed:"}}
	rows[0][4] = "of those that merge:"
	for _, label := range []string{labelDifferent, labelIdentical} {
		states := map[patchset.State]int{}
		n := 0
		for _, one := range r.of(kindPick) {
			if one.pick.label == label {
				n++
				states[one.weeks[len(one.weeks)-1].told.State]++
			}
		}
		if n == 0 {
			return ""
		}
		quiet, drift := states[patchset.StateClean]+states[patchset.StateMoved], states[patchset.StateDrift]
		rows = append(rows, []string{
			label, fmt.Sprint(n), fmt.Sprint(quiet), fmt.Sprint(drift), page.Share(drift, quiet+drift),
			fmt.Sprint(states[patchset.StateConflict]), fmt.Sprint(states[patchset.StateLanded]),
		})
	}
	return fmt.Sprintf("Backports taken at random (seed %d):\n\n%s", r.seed, page.Table(rows))
}
