package patchset_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
)

// drawLedger draws a small ledger from few names, so that two of them have files that
// differ, files that are equal and files that only one has.
func drawLedger(t *rapid.T) patchset.Ledger {
	day := func(label string) time.Time {
		return time.Date(2026, 11, rapid.IntRange(1, 3).Draw(t, label), 9, 0, 0, 0, time.UTC)
	}
	event := func(label string) (e patchset.Event) {
		if rapid.Bool().Draw(t, label) {
			e = patchset.Event{At: day(label), By: rapid.SampledFrom([]string{"", "sam"}).Draw(t, label)}
		}
		return e
	}
	id := func(n int) patchset.ID { return patchset.ID(fmt.Sprintf("%040x", n)) }
	l := patchset.Ledger{}.Clone()
	l.Store = patchset.Store{Format: patchset.Format, ID: "store", Created: day("created")}
	l.Other["owners.toml"] = []byte(rapid.SampledFrom([]string{"", "# a\n"}).Draw(t, "owners"))
	for _, name := range []string{"core", "ext/A"} {
		if rapid.Bool().Draw(t, name) {
			l.Components[name] = patchset.Component{Name: name, URL: "https://example.org", Branch: rapid.SampledFrom([]string{"", "wmf/{version}"}).Draw(t, "branch")}
		}
	}
	for _, v := range []string{"wmf.1", "wmf.2"} {
		if rapid.Bool().Draw(t, v) {
			version := patchset.Version{Name: v, From: rapid.SampledFrom([]string{"", "wmf.0"}).Draw(t, "from"), Made: day("made"), Bases: map[string]patchset.Base{}}
			if rapid.Bool().Draw(t, "base") {
				version.Bases["core"] = patchset.Base{Commit: id(rapid.IntRange(1, 2).Draw(t, "base commit")), Ref: "refs/heads/x"}
			}
			l.Versions[v] = version
		}
		if rapid.Bool().Draw(t, "target") {
			target := patchset.Target{Name: v, URL: "/x", Ring: "stable", Branch: rapid.SampledFrom([]string{"", "b"}).Draw(t, "target branch"), Published: map[string]patchset.Published{}}
			if rapid.Bool().Draw(t, "published") {
				target.Published["wmf.1/core"] = patchset.Published{Component: "core", Version: "wmf.1", Commit: id(5), At: day("published")}
			}
			l.Targets[v] = target
		}
	}
	for _, name := range []string{"T1", "T2"} {
		if !rapid.Bool().Draw(t, name) {
			continue
		}
		p := patchset.Patch{
			ID: name, Component: "core", CarryID: "carryid00", Title: rapid.SampledFrom([]string{"", "a"}).Draw(t, "title"), Owner: "sam",
			OwnerConfirmed: rapid.Bool().Draw(t, "confirmed"), Severity: patchset.High, Found: event("found").At, CarriedSince: event("carried").At,
			Added: patchset.Event{At: day("added")}, Disclosed: event("disclosed"), Landed: event("landed"), Dropped: event("dropped"), At: map[string]patchset.Incarnation{},
		}
		if rapid.Bool().Draw(t, "deputies") {
			p.Deputies = []string{"lee"}
		}
		for _, v := range []string{"wmf.1", "wmf.2"} {
			if rapid.Bool().Draw(t, "in "+v) {
				p.At[v] = patchset.Incarnation{State: rapid.SampledFrom(patchset.States).Draw(t, "state"), Source: id(7), Why: rapid.SampledFrom([]string{"", "why"}).Draw(t, "why")}
			}
		}
		l.Patches[name] = p
		at := patchset.Spot{Version: "wmf.1", Patch: name}
		if rapid.Bool().Draw(t, "conflict") {
			l.Conflicts[at] = patchset.Conflict{Record: id(8), Upstream: id(9), Source: id(7), Found: day("conflict")}
			l.Other["signatures/wmf.1/"+name+"/sam.toml"] = []byte("x")
		}
		if rapid.Bool().Draw(t, "hand-off") {
			l.Handoffs[at] = patchset.Handoff{About: id(8), To: rapid.SampledFrom([]string{"sam", "lee"}).Draw(t, "to"), At: day("handed")}
		}
		if rapid.Bool().Draw(t, "told") {
			l.Told[patchset.Telling{Patch: name, Kind: "conflict", Person: "sam"}] = patchset.Told{Of: "wmf.1", At: day("told")}
		}
		if rapid.Bool().Draw(t, "undelivered") {
			l.Undelivered[patchset.Place{Target: name, Stack: "wmf.1/core"}] = patchset.Failure{Commit: id(5), At: day("failed")}
		}
		if rapid.Bool().Draw(t, "resolution") {
			l.Resolutions[at] = patchset.Resolution{Conflict: id(8), Tree: id(1), By: rapid.SampledFrom([]string{"sam", "lee"}).Draw(t, "by"), At: day("resolved")}
		}
	}
	return l
}

// Whatever the changes are and in whatever order their files come, recording them gives
// the ledger that reading all files gives.
func TestSetComesToTheSameAsReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		replayed := patchset.Ledger{}.Clone()
		before := map[string][]byte{}
		for range rapid.IntRange(1, 4).Draw(t, "entries") {
			files, err := drawLedger(t).Files()
			if err != nil {
				t.Fatal(err)
			}
			changed := map[string][]byte{}
			for name := range before {
				changed[name] = nil
			}
			for name, data := range files {
				if was, ok := before[name]; ok && string(was) == string(data) {
					delete(changed, name)
					continue
				}
				changed[name] = data
			}
			names := slices.Sorted(maps.Keys(changed))
			for _, name := range rapid.Permutation(names).Draw(t, "order") {
				if err := replayed.Set(name, changed[name]); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			want, err := patchset.ReadLedger(files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, replayed, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("after %s:\n%s", strings.Join(names, " "), diff)
			}
			before = files
		}
	})
}

func TestSetRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"carry.toml": "format = 2", "components/core.toml": "colour = 1", "patches/T1/mood.toml": "", "versions/wmf.1.toml": "made = 3",
	} {
		l := patchset.Ledger{}.Clone()
		if err := l.Set(name, []byte(data)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	l := patchset.Ledger{}.Clone()
	if err := l.Set("carry.toml", nil); err == nil {
		t.Error("a ledger without carry.toml")
	}
}
