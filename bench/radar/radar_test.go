package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

func id(digit string) merge3.ID { return merge3.ID(strings.Repeat(digit, 40)) }

func in(s patchset.State) week { return week{told: patchset.Incarnation{State: s}} }

// weeks makes weeks of states, each with the state before it.
func weeks(states ...patchset.State) []week {
	var out []week
	for i, s := range states {
		w := in(s)
		if i > 0 {
			w.was = states[i-1]
		}
		out = append(out, w)
	}
	return out
}

const (
	clean, moved, drift = patchset.StateClean, patchset.StateMoved, patchset.StateDrift
	conflict, landed    = patchset.StateConflict, patchset.StateLanded
)

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		weeks []week
		want  verdict
	}{
		{weeks(clean, clean, landed, landed), toldRight},
		{weeks(clean, clean, conflict, landed), toldLate},
		{weeks(clean, landed, landed, landed), toldEarly},
		{weeks(clean, clean, conflict, clean), toldMissed},
	} {
		if got := judge(test.weeks, train{landed: id("a"), present: 2}).verdict; got != test.want {
			t.Errorf("%v: got %s, want %s", test.weeks, got, test.want)
		}
	}
}

func TestAskedIsAboutTheRightCommitAndNotBefore(t *testing.T) {
	ask := weeks(clean, conflict, conflict)
	ask[2].told.Why = "landed and edited? a public commit bears its Change-Id (aaaaaaaaaa); if it has the fix: git carry retire fix --commit aaaaaaaaaa"
	if got := judge(ask, train{landed: id("a"), present: 2}); got.verdict != toldAsked || got.wrongAsks != 0 {
		t.Errorf("asked in words: got %+v", got)
	}
	if got := judge(ask, train{landed: id("b"), present: 2}).verdict; got != toldMissed {
		t.Errorf("asked about another: got %s", got)
	}
	ask[2].told.Why = ""
	ask[2].told.Grounds = []patchset.Ground{{Kind: patchset.GroundChange, Commit: id("a")}}
	if got := judge(ask, train{landed: id("a"), present: 2}).verdict; got != toldMissed {
		t.Errorf("a ground of drift is no question whether it landed: got %s", got)
	}
	ask[2].told.Grounds[0].Kind = patchset.GroundSimilar
	if got := judge(ask, train{landed: id("a"), present: 2}).verdict; got != toldAsked {
		t.Errorf("a ground: got %s", got)
	}
	ask[1].told.Grounds = ask[2].told.Grounds
	if got := judge(ask, train{landed: id("a"), present: 2}).wrongAsks; got != 1 {
		t.Errorf("asked before it is there: got %d", got)
	}
}

func TestAlarmsAreCountedWhereNothingWasWrong(t *testing.T) {
	// The first week is what a person added, and what follows a conflict was merged
	// from another base: neither is a clean carry.
	got := judge(weeks(drift, drift, clean, conflict, drift, moved, landed, landed, clean, clean), train{present: 6, whole: true})
	want := score{verdict: toldRight, none: true, clean: 3, drift: 1, parked: 1, watched: 2, back: 1, surely: 1}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	gone := weeks(clean, landed, landed, clean)
	gone[2].reverted, gone[3].reverted = true, true
	if got := judge(gone, train{present: 1}); got.gone != 2 || got.returned != 1 || got.back != 0 {
		t.Errorf("reverted: got %+v", got)
	}
}

func TestRaised(t *testing.T) {
	for _, test := range []struct {
		was, told patchset.State
		want      bool
	}{
		{landed, landed, false},
		{landed, clean, true},
		{landed, conflict, true},
		{clean, clean, false},
		{clean, moved, false},
		{clean, drift, true},
	} {
		w := in(test.told)
		w.was = test.was
		if got := w.raised(); got != test.want {
			t.Errorf("%s after %s: got %v", test.told, test.was, got)
		}
	}
}

func TestWarningsAreNewEvidence(t *testing.T) {
	old := patchset.Ground{Kind: patchset.GroundFunction, Path: "a.c"}
	landing := patchset.Ground{Kind: patchset.GroundHunks}
	if newWarning([]patchset.Ground{old}, []patchset.Ground{landing, old}) {
		t.Error("what was said before was taken for news")
	}
	if !newWarning([]patchset.Ground{old}, []patchset.Ground{{Kind: patchset.GroundFunction, Path: "b.c"}}) {
		t.Error("nothing new was seen")
	}
}

func TestSecretNamesNoPublicCommit(t *testing.T) {
	c := secret(patchset.Commit{
		Parents: []merge3.ID{id("1"), id("2")},
		Message: []byte("Check the length\n\nBug: T1\n(cherry picked from commit " + string(id("a")) + ")\nChange-Id: I1\n"),
	})
	message := string(c.Message)
	if strings.Contains(message, string(id("a"))) || len(c.Parents) != 1 {
		t.Errorf("got %v %q", c.Parents, message)
	}
	if taskOf(c.Message) != "T1" || len(patchset.Trailers(c.Message, "Change-Id")) != 1 || titleOf(c.Message) != "Check the length" {
		t.Errorf("what else it says must stay: got %q", message)
	}
}

func TestLastOfWeeks(t *testing.T) {
	const day = 24 * 3600
	line := []merge3.ID{id("1"), id("2"), id("3"), id("4")}
	if got := lastOfWeeks(line, []int64{day, 2 * day, 8 * day, 7 * day}); len(got) != 2 || got[0] != id("2") || got[1] != id("4") {
		t.Errorf("got %v", got)
	}
}

func TestReadTables(t *testing.T) {
	dir := t.TempDir()
	write := func(name, head string, rows ...string) {
		text := strings.ReplaceAll(strings.Join(append([]string{head}, rows...), "\n"), " ", "\t") + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, b := string(id("a")), string(id("b"))
	write("points.tsv", "repo branch seq label date commit",
		"o/r main 4 w4 0 "+a, "o/r main 2 w2 0 "+a, "o/r main 3 w3 0 "+a, "o/r main 5 w5 0 "+b, "o/r old 3 w3 0 "+a)
	const head = "repo branch carried landed how carry_from present last reverted_by rev_end"
	write("trains.tsv", head, "o/r main "+a+" "+b+" itself 3 4 4  1", "o/r main "+a+" "+b+" itself 2 4 4 "+b+" 0")
	write("invalidated.tsv", "repo kind fix breaker repair order", "o/r lost "+a+"   ", "o/r lost "+a+" "+b+"  fix<breaker")
	points, err := readPoints(filepath.Join(dir, "points.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	got := tables{trains: map[string][]train{}}
	if err := got.readTrains(filepath.Join(dir, "trains.tsv"), points); err != nil {
		t.Fatal(err)
	}
	plain, reverted := got.trains["o/r"][0], got.trains["o/r"][1]
	if len(plain.points) != 2 || plain.present != 1 || plain.points[1].label != "w4" || !plain.whole || plain.reverted != "" {
		t.Errorf("got %+v", plain)
	}
	if len(reverted.points) != 4 || reverted.present != 2 || reverted.reverted != id("b") {
		t.Errorf("one that was reverted is watched to the end: got %+v", reverted)
	}
	if err := got.readLosses(filepath.Join(dir, "invalidated.tsv")); err != nil {
		t.Fatal(err)
	}
	if l := got.invalidated; l[0].breaker != "" || l[0].later || l[1].breaker != id("b") || !l[1].later {
		t.Errorf("got %+v", l)
	}
	write("trains.tsv", head, "o/r main "+a+" "+b+" itself 3 9 9  1")
	if err := got.readTrains(filepath.Join(dir, "trains.tsv"), points); err == nil {
		t.Error("a train whose points are missing was taken")
	}
}

func TestSampleIsTheSameForASeed(t *testing.T) {
	t1 := tables{picks: map[string][]pick{}}
	for _, digit := range "0123456789" {
		t1.picks[labelIdentical] = append(t1.picks[labelIdentical], pick{repo: "o/r", pick: id(string(digit))}, pick{repo: "o/other"})
	}
	there := map[string]bool{"o/r": true}
	a, b := t1.sample(5, 1, there), t1.sample(5, 1, there)
	if len(a) != 5 {
		t.Fatalf("got %d", len(a))
	}
	for i := range a {
		if a[i] != b[i] || a[i].repo != "o/r" {
			t.Errorf("got %v and %v", a[i], b[i])
		}
	}
}
