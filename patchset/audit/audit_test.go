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

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func daysAgo(n int) time.Time { return noon.AddDate(0, 0, -n) }

// carried is an embargoed patch without a flaw, 10 days old, limit 30.
func carried(id string) audit.Patch {
	return audit.Patch{
		ID: id, Component: "core", Owner: "priya", OwnerActive: true, Confirmed: true,
		Severity: patchset.High, LimitDays: 30, Life: patchset.LifeEmbargoed,
		Found: daysAgo(10), CarriedSince: daysAgo(9), Version: "wmf.6", State: patchset.StateClean, VersionsCarried: 2,
	}
}

func rowOf(t *testing.T, p audit.Patch) audit.Row {
	t.Helper()
	rows := audit.New(audit.Facts{AsOf: noon, Version: "wmf.6", Patches: []audit.Patch{p}}).Rows
	if len(rows) != 1 {
		t.Fatalf("%d rows for one patch", len(rows))
	}
	return rows[0]
}

func TestAgeAndLimit(t *testing.T) {
	tests := []struct {
		name     string
		change   func(*audit.Patch)
		age      int
		from     string
		overdue  bool
		daysOver int
	}{
		{"found", func(*audit.Patch) {}, 10, "found", false, 0},
		{"not found, but carried", func(p *audit.Patch) { p.Found = time.Time{} }, 9, "carried", false, 0},
		{"no day known", func(p *audit.Patch) { p.Found, p.CarriedSince, p.LimitDays = time.Time{}, time.Time{}, 0 }, 0, "", false, 0},
		{"on the last day", func(p *audit.Patch) { p.LimitDays = 10 }, 10, "found", false, 0},
		{"a second short of a day over", func(p *audit.Patch) { p.LimitDays, p.Found = 9, daysAgo(10).Add(time.Second) }, 9, "found", false, 0},
		{"a day over", func(p *audit.Patch) { p.LimitDays = 9 }, 10, "found", true, 1},
		{"public: the clock stands", func(p *audit.Patch) { p.PublicAt = daysAgo(4) }, 6, "found", false, 0},
		{"public too late: no longer overdue", func(p *audit.Patch) { p.PublicAt, p.LimitDays = daysAgo(4), 1 }, 6, "found", false, 5},
		{"dropped: the clock stands", func(p *audit.Patch) { p.DroppedAt, p.LimitDays = daysAgo(7), 1 }, 3, "found", false, 2},
		{"public before it was found", func(p *audit.Patch) { p.PublicAt = daysAgo(20) }, 0, "found", false, 0},
		{"found tomorrow", func(p *audit.Patch) { p.Found = daysAgo(-1) }, 0, "found", false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := carried("T1")
			tt.change(&p)
			r := rowOf(t, p)
			if r.AgeDays != tt.age || r.AgeFrom != tt.from || r.Overdue != tt.overdue || r.DaysOver() != tt.daysOver {
				t.Errorf("age %d from %q, overdue %v by %d; want age %d from %q, overdue %v by %d",
					r.AgeDays, r.AgeFrom, r.Overdue, r.DaysOver(), tt.age, tt.from, tt.overdue, tt.daysOver)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	bad := carried("T1")
	bad.LimitDays, bad.OwnerActive, bad.Confirmed = 3, false, false
	bad.Consent = audit.Consent{Override: true, Unverified: true}
	bad.OwnerAway = "2026-11-16 to 2026-11-30" // who is gone is not away
	want := []audit.Problem{audit.ProblemOverdue, audit.ProblemNoOwner, audit.ProblemUnconfirmed, audit.ProblemOverride, audit.ProblemUnverified}
	if got := rowOf(t, bad).Problems; !slices.Equal(got, want) {
		t.Errorf("problems %v, want %v", got, want)
	}
	late := carried("T1")
	late.OwnerAway, late.PublicAt = "2026-11-16 to 2026-11-30", daysAgo(audit.LateDays+1)
	if got := rowOf(t, late).Problems; !slices.Equal(got, []audit.Problem{audit.ProblemOwnerAway, audit.ProblemPublicLate}) {
		t.Errorf("problems %v of a patch that is public for long, and whose owner is away", got)
	}
	bad.Life = patchset.LifeClosed
	if got := rowOf(t, bad).Problems; len(got) > 0 {
		t.Errorf("a closed patch has problems: %v", got)
	}
	report := audit.New(audit.Facts{AsOf: noon, Patches: []audit.Patch{carried("T1"), {ID: "T2", OwnerActive: true}}})
	for word, want := range map[audit.Problem]int{audit.ProblemUnconfirmed: 1, audit.ProblemNoOwner: 0} {
		if got := len(report.Breaches([]audit.Problem{word})); got != want {
			t.Errorf("%d breaches of %s, want %d", got, word, want)
		}
	}
}

func TestParseProblems(t *testing.T) {
	got, err := audit.ParseProblems("overdue, no-owner,overdue")
	if want := []audit.Problem{audit.ProblemOverdue, audit.ProblemNoOwner}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, list := range []string{"", "late", "overdue,", "Overdue"} {
		if got, err := audit.ParseProblems(list); err == nil {
			t.Errorf("%q was read as %v", list, got)
		}
	}
}

func TestGather(t *testing.T) {
	spot := func(version, id string) patchset.Spot { return patchset.Spot{Version: version, Patch: id} }
	at := func(old, new patchset.State) map[string]patchset.Incarnation {
		return map[string]patchset.Incarnation{"wmf.9": {State: old}, "wmf.10": {State: new}}
	}
	l := patchset.Ledger{
		Versions: map[string]patchset.Version{"wmf.9": {}, "wmf.10": {}},
		Patches: map[string]patchset.Patch{
			"T1": {ID: "T1", Owner: "priya", At: at(patchset.StateResolved, patchset.StateConflict)},
			"T2": {ID: "T2", Owner: "gone", Disclosed: patchset.Event{At: daysAgo(3)}, At: at(patchset.StateClean, patchset.StateMoved)},
			"T3": {ID: "T3", Landed: patchset.Event{At: daysAgo(3)}, At: at(patchset.StateClean, patchset.StateLanded)},
			"T4": {ID: "T4", Dropped: patchset.Event{At: daysAgo(3)}, At: at(patchset.StateClean, patchset.StateDropped)},
			"T5": {ID: "T5", At: map[string]patchset.Incarnation{"wmf.9": {State: patchset.StateClean}}},
		},
		Conflicts: map[patchset.Spot]patchset.Conflict{spot("wmf.9", "T1"): {}, spot("wmf.10", "T1"): {}},
		Resolutions: map[patchset.Spot]patchset.Resolution{
			spot("wmf.9", "T1"): {}, spot("wmf.9", "T2"): {},
		},
	}
	registry := audit.Registry{
		LimitDays: func(patchset.Severity) int { return 30 },
		Active:    func(person string) bool { return person == "priya" },
		Consent:   func(p patchset.Patch) audit.Consent { return audit.Consent{Override: p.ID == "T1"} },
	}
	lines := func(all bool) []string {
		var out []string
		for _, p := range audit.Gather(l, registry, noon, all).Patches {
			out = append(out, fmt.Sprintf("%s %s %s %s active=%v override=%v versions=%d conflicts=%d",
				p.ID, p.Life, p.Version, p.State, p.OwnerActive, p.Consent.Override, p.VersionsCarried, p.Conflicts))
		}
		return out
	}
	want := []string{
		"T1 embargoed wmf.10 conflict active=true override=true versions=2 conflicts=2",
		"T2 disclosed wmf.10 moved active=false override=false versions=2 conflicts=1",
		"T5 embargoed wmf.9 clean active=false override=false versions=1 conflicts=0",
	}
	if got := lines(false); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := lines(true); len(got) != 5 {
		t.Errorf("with all: %d patches, want 5:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func drawFacts(t *rapid.T) audit.Facts {
	when := func(label string) time.Time {
		n := rapid.IntRange(-1, 400*86400).Draw(t, label)
		if n < 0 {
			return time.Time{}
		}
		return noon.Add(-time.Duration(n) * time.Second)
	}
	f := audit.Facts{AsOf: noon, Version: "wmf.6"}
	for i := range rapid.IntRange(0, 12).Draw(t, "patches") {
		p := audit.Patch{
			ID: fmt.Sprintf("T%d", i), Component: rapid.SampledFrom([]string{"core", "ext/A"}).Draw(t, "component"),
			Owner: rapid.String().Draw(t, "owner"), OwnerActive: rapid.Bool().Draw(t, "active"), Confirmed: rapid.Bool().Draw(t, "confirmed"),
			Severity:  rapid.SampledFrom(patchset.Severities).Draw(t, "severity"),
			LimitDays: rapid.IntRange(0, 300).Draw(t, "limit"), Life: patchset.LifeEmbargoed,
			Found: when("found"), CarriedSince: when("carried"),
			State:           rapid.SampledFrom(patchset.States).Draw(t, "state"),
			VersionsCarried: rapid.IntRange(0, 60).Draw(t, "versions"), Conflicts: rapid.IntRange(0, 9).Draw(t, "conflicts"),
		}
		if rapid.Bool().Draw(t, "public") {
			p.PublicAt = when("public at")
		}
		f.Patches = append(f.Patches, p)
	}
	return f
}

// document writes a report as JSON and reads it into plain maps, as a stranger
// would.
func document(t *rapid.T, f audit.Facts) (patches []map[string]any, summary map[string]any) {
	data, err := json.Marshal(audit.NewDocument(audit.New(f)))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Patches []map[string]any
		Summary map[string]any
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Patches, doc.Summary
}

// Whoever has only the JSON comes to the same numbers, by other arithmetic.
func TestNumbersCanBeRecomputed(t *testing.T) {
	inStackOrParked := []string{"clean", "moved", "drift", "resolved", "failed", "conflict", "waiting", "proposed"}
	rapid.Check(t, func(t *rapid.T) {
		patches, summary := document(t, drawFacts(t))
		overdue := 0
		ages := []float64{}
		for _, p := range patches {
			age := ageInDays(t, p)
			if p["age_days"] != age {
				t.Fatalf("%v: age_days %v, by its dates %v", p["id"], p["age_days"], age)
			}
			late := p["public_at"] == "" && age > p["limit_days"].(float64)
			if p["overdue"] != late {
				t.Fatalf("%v: overdue %v at %v days, limit %v, public %q", p["id"], p["overdue"], age, p["limit_days"], p["public_at"])
			}
			if from, _ := p["overdue_from"].(string); from != "" && late == noon.Before(instant(t, from)) {
				t.Fatalf("%v: overdue %v, from %s", p["id"], late, from)
			}
			if late {
				overdue++
			}
			if slices.Contains(inStackOrParked, p["state"].(string)) {
				ages = append(ages, age)
			}
		}
		sort.Float64s(ages)
		want := map[string]any{"carried": float64(len(ages)), "overdue": float64(overdue), "median_age_days": median(ages), "oldest_age_days": 0.0}
		if len(ages) > 0 {
			want["oldest_age_days"] = ages[len(ages)-1]
		}
		for name, value := range want {
			if summary[name] != value {
				t.Fatalf("%s is %v, recomputed %v", name, summary[name], value)
			}
		}
	})
}

func instant(t *rapid.T, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func ageInDays(t *rapid.T, p map[string]any) float64 {
	start, _ := p["found_at"].(string)
	if start == "" {
		start, _ = p["carried_since"].(string)
	}
	if start == "" {
		return 0
	}
	end := noon.Unix()
	if s, _ := p["public_at"].(string); s != "" {
		end = min(end, instant(t, s).Unix())
	}
	return float64(max(0, end-instant(t, start).Unix()) / 86400)
}

func median(sorted []float64) float64 {
	switch n := len(sorted); {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	default:
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
}

// The order of the facts does not matter, no patch is lost, and the overdue ones
// come first.
func TestReportIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		report := audit.New(f)
		shuffled := f
		shuffled.Patches = rapid.Permutation(f.Patches).Draw(t, "order")
		if a, b := audit.Text(report), audit.Text(audit.New(shuffled)); a != b {
			t.Fatalf("the order of the facts shows:\n%s\n%s", a, b)
		}
		if len(report.Rows) != len(f.Patches) {
			t.Fatalf("%d rows for %d patches", len(report.Rows), len(f.Patches))
		}
		if !slices.IsSortedFunc(report.Rows, func(a, b audit.Row) int { return b.DaysOverdue() - a.DaysOverdue() }) {
			t.Fatalf("not by how long overdue:\n%s", audit.Text(report))
		}
	})
}

// CSV reads back as one record per patch, and no cell can start a formula.
func TestCSVIsHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		var b bytes.Buffer
		if err := audit.CSV(&b, audit.New(f)); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != len(f.Patches)+1 {
			t.Fatalf("%d records for %d patches", len(records), len(f.Patches))
		}
		for _, record := range records {
			for _, cell := range record {
				if strings.IndexAny(strings.TrimSpace(cell), "=+-@") == 0 {
					t.Fatalf("cell %q starts a formula", cell)
				}
			}
		}
	})
}

func TestCSVCells(t *testing.T) {
	p := carried("T1")
	p.Owner = "\t=HYPERLINK(\"https://example.org\"),\n\x1b[2Jx"
	var b bytes.Buffer
	if err := audit.CSV(&b, audit.New(audit.Facts{AsOf: noon, Patches: []audit.Patch{p}})); err != nil {
		t.Fatal(err)
	}
	want := "id,component,owner,severity,age_days,limit_days,overdue,versions_carried,conflicts,public_at,state,version,life," +
		"age_from,found_at,carried_since,overdue_from,dropped_at,owner_active,owner_confirmed,override,unverified," +
		"owner_away,days_public_and_carried,found_from,carried_from\r\n" +
		`T1,core,"'=HYPERLINK(""https://example.org""), <U+001B>[2Jx",high,10,30,false,2,0,,clean,wmf.6,embargoed,` +
		"found,2026-11-12T12:00:00Z,2026-11-13T12:00:00Z,2026-12-13T12:00:00Z,,true,true,false,false,,0,,\r\n"
	if got := b.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestText(t *testing.T) {
	late, guessed := carried("T2"), carried("T10")
	late.LimitDays = 9
	guessed.Confirmed, guessed.Found = false, time.Time{}
	got := audit.Text(audit.New(audit.Facts{AsOf: noon, Version: "wmf.6", Patches: []audit.Patch{guessed, late}}))
	want := `AUDIT as of 2026-11-22 12:00 UTC   newest version wmf.6
2 carried, 1 overdue; age in days: median 9.5, oldest 10

PATCH  COMPONENT  OWNER   SEVERITY  AGE  LIMIT  SINCE               STATE  VERSIONS  CONFLICTS  NOTES
T2     core       priya   high      10d  9d     found 2026-11-12    clean  2         0          overdue by 1 day
T10    core       priya?  high      9d   30d    carried 2026-11-13  clean  2         0          owner not confirmed
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := audit.Text(audit.New(audit.Facts{AsOf: noon})), "AUDIT as of 2026-11-22 12:00 UTC\n0 carried, 0 overdue\n"; got != want {
		t.Errorf("empty: got %q, want %q", got, want)
	}
}
