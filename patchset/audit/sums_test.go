package audit_test

import (
	"math"
	"sort"
	"testing"
	"time"
)

// What is new in the summary, worked out again from the lists of the same document by other
// arithmetic.
func TestSumsCanBeRecomputed(t *testing.T) {
	doc, _ := readReport(t)
	at := func(m map[string]any, key string) time.Time {
		s, _ := m[key].(string)
		got, _ := time.Parse(time.RFC3339, s)
		return got
	}
	between := func(m map[string]any, from, to string) (float64, bool) {
		a, b := at(m, from), at(m, to)
		return b.Sub(a).Seconds() / 86400, !a.IsZero() && !b.IsZero()
	}
	spread := func(key string) map[string]any { return doc.Summary[key].(map[string]any) }
	expect := func(what string, s map[string]any, values []float64) {
		t.Helper()
		sort.Float64s(values)
		var middle, ninety any
		if len(values) >= 5 {
			middle = median(values)
		}
		if len(values) >= 20 {
			ninety = values[(9*len(values)+9)/10-1]
		}
		if s["n"] != float64(len(values)) || !close(s["median"], middle) || !close(s["p90"], ninety) {
			t.Errorf("%s: reported %v, from the lists %d, %v, %v", what, s, len(values), middle, ninety)
		}
	}
	var toCarried, inStacks []float64
	for _, p := range doc.Patches {
		if d, ok := between(p, "found_at", "carried_since"); ok {
			toCarried = append(toCarried, d)
		}
		if d, ok := between(p, "carried_since", "public_at"); ok {
			inStacks = append(inStacks, d)
		}
	}
	expect("to carried", spread("days_to_carried"), toCarried)
	expect("in stacks", spread("days_from_carried_to_public"), inStacks)

	var whole, working, answering []float64
	held := map[string]float64{}
	for _, c := range doc.Conflicts {
		if c["cause"] != "" || c["outcome"] != "resolved" {
			continue
		}
		d, _ := between(c, "found_at", "settled_at")
		whole = append(whole, d)
		held[c["found_by"].(string)] += d
		d, _ = between(c, "found_at", "proposed_at")
		working = append(working, d)
		d, _ = between(c, "proposed_at", "settled_at")
		answering = append(answering, d)
	}
	if len(whole) == 0 {
		t.Fatal("nothing was resolved in the story")
	}
	expect("to resolution", spread("days_to_resolution"), whole)
	expect("working", spread("days_to_proposal"), working)
	expect("answering", spread("days_from_proposal_to_resolution"), answering)
	for _, p := range doc.People {
		if name := p["person"].(string); !close(p["days_held_up_in_all"], held[name]) {
			t.Errorf("%s was held up for %v, from the conflicts %v", name, p["days_held_up_in_all"], held[name])
		}
	}

	consents := map[string]float64{}
	for _, f := range doc.Facts {
		if f["kind"] == "signed" || f["kind"] == "override" {
			consents[f["to"].(string)]++
		}
	}
	for _, c := range doc.Summary["consents"].([]any) {
		c := c.(map[string]any)
		if as := c["as"].(string); c["count"] != consents[as] || consents[as] == 0 {
			t.Errorf("%v consents as %s, from the facts %v", c["count"], as, consents[as])
		}
	}

	before, came := 0.0, 0.0
	for _, w := range doc.Weeks {
		n := func(key string) float64 { return w[key].(float64) }
		if now := before + n("came") - n("went") - n("dropped"); now != n("carried") {
			t.Errorf("week to %v: %v carried, from what came and went %v", w["end"], n("carried"), now)
		}
		before, came = n("carried"), came+n("came")
	}
	if came != doc.Summary["added"] {
		t.Errorf("%v came, %v were added", came, doc.Summary["added"])
	}
}

func close(got, want any) bool {
	a, isA := got.(float64)
	b, isB := want.(float64)
	return isA == isB && math.Abs(a-b) < 1e-6
}
