package audit_test

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// largeLedger makes ten entries for each patch: added, carried six times, a resolution,
// the signature, and the end. The files are written by hand: for so many it is faster.
func largeLedger(patches int) []audit.Entry {
	begin := time.Date(2022, 1, 3, 9, 0, 0, 0, time.UTC)
	stamp := func(t time.Time) string { return t.Format(time.RFC3339) }
	var entries []audit.Entry
	record := func(at time.Time, person string, files map[string]string) {
		changes := map[string][]byte{}
		for name, text := range files {
			changes[name] = []byte(text)
		}
		entries = append(entries, audit.Entry{ID: objectID(len(entries)), Entry: patchset.Entry{Person: person, At: at}, Changes: changes})
	}
	for n := range patches {
		at := begin.Add(time.Duration(n) * 20 * time.Hour)
		owner, commit := fmt.Sprintf("person%d", n%40), objectID(n)
		dir := fmt.Sprintf("patches/T%d/", n+1)
		version := func(i int) string { return fmt.Sprintf("wmf.%d", n/10+i) }
		spot := fmt.Sprintf("%s/T%d", version(3), n+1)
		in := func(state, commits string) string { return fmt.Sprintf("state = %q\nposition = 1\n%s", state, commits) }
		inStack := fmt.Sprintf("commit = %q\nsource = %q\n", commit, commit)
		added := map[string]string{
			dir + "patch.toml": fmt.Sprintf("component = \"ext/%d\"\ncarry_id = \"carryid%08d\"\ntitle = \"Escape the output\"\n[added]\nat = %s\nby = %q\n",
				n%50, n, stamp(at), owner),
			dir + "owner.toml":    fmt.Sprintf("owner = %q\nconfirmed = true\n", owner),
			dir + "severity.toml": fmt.Sprintf("severity = %q\n", patchset.Severities[n%4]),
			dir + "found.toml":    "at = " + stamp(at.AddDate(0, 0, -n%30)) + "\n",
			dir + "carried.toml":  "at = " + stamp(at) + "\n",
		}
		if n == 0 {
			added["carry.toml"] = "format = 1\nid = \"store\"\n"
			added["owners.toml"] = "# people\n"
		}
		record(at, owner, added)
		for i := range 6 {
			carried := map[string]string{dir + "at/" + version(i) + ".toml": in("clean", inStack)}
			if n%10 == 0 {
				carried["versions/"+version(i)+".toml"] = fmt.Sprintf("name = %q\nmade = %s\n", version(i), stamp(at.AddDate(0, 0, 7*i)))
			}
			if i == 3 {
				carried[dir+"at/"+version(i)+".toml"] = in("conflict", fmt.Sprintf("source = %q\n", commit))
				carried["conflicts/"+spot+".toml"] = fmt.Sprintf("record = %q\nupstream = %q\nsource = %q\nposition = 1\nfound = %s\n", commit, commit, commit, stamp(at.AddDate(0, 0, 21)))
			}
			record(at.AddDate(0, 0, 7*i), "kim", carried)
		}
		record(at.AddDate(0, 0, 22), "kim", map[string]string{
			"resolutions/" + spot + ".toml": fmt.Sprintf("conflict = %q\ntree = %q\nresult = %q\nby = \"kim\"\nat = %s\n", commit, commit, commit, stamp(at.AddDate(0, 0, 22))),
		})
		record(at.AddDate(0, 0, 23), owner, map[string]string{
			"signatures/" + spot + "/" + owner + ".toml": owner + "|owner||yes",
			dir + "at/" + version(3) + ".toml":           in("resolved", inStack),
		})
		end := map[string]string{dir + "severity.toml": "severity = \"low\"\n"}
		if n%8 != 0 {
			end[dir+"landed.toml"] = fmt.Sprintf("at = %s\nby = \"kim\"\n", stamp(at.AddDate(0, 0, 50)))
			end[dir+"at/"+version(6)+".toml"] = in("landed", fmt.Sprintf("source = %q\npublic = %q\n", commit, commit))
		}
		record(at.AddDate(0, 0, 50), "kim", end)
	}
	return entries
}

// reportOn turns entries into every format and counts what was asked for.
func reportOn(t testing.TB, entries []audit.Entry) (patches, weighed, consents int) {
	stream := audit.NewStream(func(file []byte, at patchset.Spot, l patchset.Ledger) (audit.Signature, error) {
		weighed++
		return readTestSignature(file, at, l)
	})
	for _, e := range entries {
		if err := stream.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	ledger, err := stream.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	asOf := entries[len(entries)-1].At
	r := (&world{}).registry()
	r.Consent = func(patchset.Patch) audit.Consent { consents++; return audit.Consent{} }
	a := audit.NewAccount(audit.Source{
		Facts: audit.Gather(ledger, r, asOf, true), Ledger: ledger, History: stream.Facts(),
		Entries: stream.Count(), Last: stream.Last(), Limits: r.LimitDays,
	})
	for _, write := range []func(io.Writer, audit.Account) error{audit.HTML, audit.AccountCSV, audit.AccountJSON, audit.Prometheus, audit.Calendar} {
		if err := write(io.Discard, a); err != nil {
			t.Fatal(err)
		}
	}
	return len(a.Details.Patches), weighed, consents
}

// TestWorkIsLinear: eight times the ledger takes eight times the allocations and no more;
// every signature is weighed once, every patch asked about once.
func TestWorkIsLinear(t *testing.T) {
	var perPatch []uint64
	for _, n := range []int{250, 2000} {
		entries := largeLedger(n)
		if len(entries) != 10*n {
			t.Fatalf("%d entries for %d patches", len(entries), n)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		patches, weighed, consents := reportOn(t, entries)
		runtime.ReadMemStats(&after)
		if patches != n || weighed != n || consents != n {
			t.Errorf("%d patches: %d reported, %d signatures weighed, %d asked about", n, patches, weighed, consents)
		}
		perPatch = append(perPatch, (after.Mallocs-before.Mallocs)/uint64(n))
	}
	if least, most := slices.Min(perPatch), slices.Max(perPatch); most > least+least/4 {
		t.Errorf("allocations per patch grow with the ledger: %v", perPatch)
	}
}

// BenchmarkReport is a report over 20,000 entries and 2,000 patches, in every format.
func BenchmarkReport(b *testing.B) {
	entries := largeLedger(2000)
	b.ReportAllocs()
	for b.Loop() {
		reportOn(b, entries)
	}
}
