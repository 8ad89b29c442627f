package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// reported is the JSON report as a stranger reads it.
type reported struct {
	AsOf    time.Time `json:"as_of"`
	Summary map[string]any
	Patches []map[string]any
	Facts   []map[string]any
	Months  []map[string]any
	Trains  []map[string]any
	Ages    []struct {
		From   int `json:"from_days"`
		To     *int
		Counts map[string]int
	}
	Conflicts []map[string]any
	People    []map[string]any
	Weeks     []map[string]any
}

func readReport(t *testing.T) (reported, [][]string) {
	files := outputs(t, storyAccount(t))
	var doc reported
	if err := json.Unmarshal(files["report.json"], &doc); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(files["report.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return doc, records
}

// Whoever has only the facts comes to the same patches, conflicts and months, by other
// arithmetic.
func TestReportCanBeRecomputedFromItsFacts(t *testing.T) {
	doc, records := readReport(t)
	kinds := map[string]int{}
	state := map[string]string{}     // of each patch, newest
	conflicts := map[string]string{} // open ones, by version and patch
	root, monthly := 0, map[string]int{}
	for _, f := range doc.Facts {
		str := func(key string) string { s, _ := f[key].(string); return s }
		kinds[str("kind")]++
		spot := str("version") + " " + str("id")
		switch str("kind") {
		case "conflict":
			conflicts[spot] = str("cause")
			if str("cause") == "" {
				root++
				monthly[str("at")[:7]]++
			}
		case "carried", "state", "resolved":
			state[str("id")] = str("to")
			if to := str("to"); to != "conflict" && to != "waiting" && to != "proposed" {
				delete(conflicts, spot)
			}
		}
	}
	open := 0
	for _, cause := range conflicts {
		if cause == "" {
			open++
		}
	}
	expect := func(what string, got any, want int) {
		t.Helper()
		if got != float64(want) {
			t.Errorf("%s: %v, from the facts %d", what, got, want)
		}
	}
	expect("added", doc.Summary["added"], kinds["added"])
	expect("dropped", doc.Summary["dropped"], kinds["dropped"])
	expect("went public", doc.Summary["went_public"], kinds["landed"]+kinds["disclosed"])
	expect("conflicts", doc.Summary["conflicts"], root)
	expect("conflicts open", doc.Summary["conflicts_open"], open)
	if len(doc.Patches) != kinds["added"] || len(records) != kinds["added"]+1 || len(doc.Trains) != kinds["version"] {
		t.Errorf("%d patches in JSON, %d lines of CSV, %d trains; facts: %v", len(doc.Patches), len(records), len(doc.Trains), kinds)
	}
	for _, p := range doc.Patches {
		if p["state"] != state[p["id"].(string)] {
			t.Errorf("%v is %v, by the facts %v", p["id"], p["state"], state[p["id"].(string)])
		}
	}
	for _, m := range doc.Months {
		expect("conflicts in "+m["month"].(string), m["conflicts"], monthly[m["month"].(string)])
	}
}

// The CSV alone gives the totals, and the ages bin by bin.
func TestTotalsCanBeRecomputedFromTheCSV(t *testing.T) {
	doc, records := readReport(t)
	column := func(r []string, name string) string { return r[slices.Index(records[0], name)] }
	carried := []string{"clean", "moved", "drift", "resolved", "failed", "conflict", "waiting", "proposed"}
	var ages []float64
	overdue := 0
	var public []float64
	for _, r := range records[1:] {
		var age float64
		if _, err := fmt.Sscan(column(r, "age_days"), &age); err != nil {
			t.Fatal(err)
		}
		if column(r, "overdue") == "true" {
			overdue++
		}
		if column(r, "public_at") != "" {
			public = append(public, age)
		}
		if slices.Contains(carried, column(r, "state")) && column(r, "dropped_at") == "" {
			ages = append(ages, age)
		}
	}
	sort.Float64s(ages)
	sort.Float64s(public)
	for what, pair := range map[string][2]any{
		"carried": {doc.Summary["carried"], float64(len(ages))}, "overdue": {doc.Summary["overdue"], float64(overdue)},
		"median": {doc.Summary["median_age_days"], median(ages)}, "oldest": {doc.Summary["oldest_age_days"], ages[len(ages)-1]},
		"to public":        {doc.Summary["days_to_public"].(map[string]any)["median"], median(public)},
		"p90 to public":    {doc.Summary["days_to_public"].(map[string]any)["p90"], public[(len(public)*9+9)/10-1]},
		"carried, by bins": {binned(doc), len(ages)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: reported %v, from the CSV %v", what, pair[0], pair[1])
		}
	}
}

func binned(doc reported) int {
	n := 0
	for _, b := range doc.Ages {
		for _, c := range b.Counts {
			n += c
		}
	}
	return n
}

func TestSpreadNeedsCases(t *testing.T) {
	for n, want := range map[int][2]bool{0: {false, false}, 4: {false, false}, 5: {true, false}, 19: {true, false}, 20: {true, true}} {
		w := newWorld(t, noon)
		w.train("wmf.1")
		for i := range n {
			w.add(fmt.Sprintf("T%d", i+1), "core", "priya", patchset.High, i)
			w.land(fmt.Sprintf("T%d", i+1))
		}
		s := w.account(noon.AddDate(0, 0, 1)).Totals.ToPublic
		if s.N != n || (s.Median != nil) != want[0] || (s.P90 != nil) != want[1] {
			t.Errorf("%d cases: %+v", n, s)
		}
	}
}

// TestLimitsAreEdges: no bin of ages holds patches that are late and others of the same
// severity that are not.
func TestLimitsAreEdges(t *testing.T) {
	totals := storyAccount(t).Totals
	for _, s := range totals.Severities {
		if !slices.ContainsFunc(totals.Ages, func(b audit.AgeBin) bool { return b.To == s.LimitDays && slices.Contains(b.Limits, s.Severity) }) {
			t.Errorf("no bin ends with the %d days of %s", s.LimitDays, s.Severity)
		}
	}
	for i, b := range totals.Ages[1:] {
		if b.From != totals.Ages[i].To+1 {
			t.Errorf("bin %d begins at %d, the one before ends at %d", i+1, b.From, totals.Ages[i].To)
		}
	}
}

// TestFacts tells a small story and reads it back, line by line.
func TestFacts(t *testing.T) {
	w := newWorld(t, noon)
	w.train("wmf.1")
	w.add("T1", "core", "priya", patchset.High, 3)
	w.train("wmf.2", "T1")
	w.propose("sam", "T1")
	w.sign("sam", "T1", "override", "nobody is there", false, false)
	w.sign("priya", "T1", "owner", "", true, true)
	w.publish("prod", "core")
	w.change("kim", "T1", func(p *patchset.Patch) { p.Owner = "lee" })
	w.change("lee", "T1", func(p *patchset.Patch) { p.Severity = patchset.Low })
	w.change("lee", "T1", func(p *patchset.Patch) { p.Found = daysAgo(20) })
	w.change("lee", "T1", func(p *patchset.Patch) {
		p.Disclosed = patchset.Event{At: daysAgo(1), By: "lee", Where: "https://example.org"}
	})
	w.change("kim", "T1", func(p *patchset.Patch) { p.Disclosed = patchset.Event{} })
	w.land("T1")
	w.change("lee", "T1", func(p *patchset.Patch) { p.Dropped = patchset.Event{At: w.now, By: "lee", Reason: "off"} })
	var got []string
	for _, f := range w.stream.Facts() {
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(f.Kind, " ", f.Patch, " ", f.Component, " ", f.Version, " ", f.Actor, " ", f.Person, " ", f.From, ">", f.To, " ", f.Detail)), " "))
	}
	want := []string{
		"registry kim >",
		"version wmf.1 kim >",
		"carried T1 core wmf.1 kim >clean",
		"added T1 core kim kim >",
		"conflict T1 core wmf.2 kim >",
		"carried T1 core wmf.2 kim >conflict",
		"version wmf.2 kim wmf.1>",
		"state T1 core wmf.2 sam conflict>proposed",
		"proposed T1 core wmf.2 sam sam > includes/Secret.php: both",
		"override T1 core wmf.2 sam sam >override nobody is there",
		"resolved T1 core wmf.2 priya proposed>resolved",
		"signed T1 core wmf.2 priya priya >owner",
		"published core wmf.2 kim kim >prod " + string(w.ledger.Stack("core", "wmf.2").Tip()),
		"owner T1 core kim lee priya>lee",
		"severity T1 core lee high>low",
		"found T1 core lee >",
		"disclosed T1 core lee lee > https://example.org",
		"withdrawn T1 core kim disclosed>",
		"landed T1 core kim kim > " + objectID(7),
		"dropped T1 core lee lee > off",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c := w.account(w.now).Details.Cases
	if len(c) != 1 || !c[0].Resolved() || c[0].By != "sam" || len(c[0].Consents) != 2 {
		t.Errorf("cases: %+v", c)
	}
}

// TestUndoneTrainsCostNothing: the conflicts of a train that was taken back are in the
// facts and in no count.
func TestUndoneTrainsCostNothing(t *testing.T) {
	w := newWorld(t, noon)
	w.train("wmf.1")
	w.add("T1", "core", "priya", patchset.High, 3)
	w.train("wmf.2", "T1")
	if n := w.account(w.now).Totals.OpenConflicts; n != 1 {
		t.Fatalf("%d conflicts are open, want 1", n)
	}
	w.act("kim", func(l *patchset.Ledger) {
		delete(l.Versions, "wmf.2")
		delete(l.Conflicts, patchset.Spot{Version: "wmf.2", Patch: "T1"})
		delete(l.Patches["T1"].At, "wmf.2")
	})
	a := w.account(w.now)
	last := a.Details.History[len(a.Details.History)-1]
	if a.Totals.Conflicts != 0 || a.Totals.OpenConflicts != 0 || a.Totals.Summary.Carried != 1 || last.Kind != audit.KindWithdrawn {
		t.Errorf("%d conflicts, %d open, %d carried, last fact %s", a.Totals.Conflicts, a.Totals.OpenConflicts, a.Totals.Summary.Carried, last.Kind)
	}
}

// TestStreamRefusesWhatItCannotRead: silence would look like something that has not
// happened.
func TestStreamRefusesWhatItCannotRead(t *testing.T) {
	for name, data := range map[string]string{
		"carry.toml": "format = 99", "patches/T1/patch.toml": "title = ", "patches/T1/mood.toml": "",
		"signatures/wmf.1/T1/sam.toml": "no bars", "versions/wmf.1.toml": "colour = 1",
	} {
		s := audit.NewStream(readTestSignature)
		if err := s.Add(audit.Entry{ID: "e1", Changes: map[string][]byte{name: []byte(data)}}); err == nil {
			t.Errorf("%s was taken", name)
		} else if !strings.Contains(err.Error(), "ledger entry e1") {
			t.Errorf("%s: %v does not name the entry", name, err)
		}
	}
}
