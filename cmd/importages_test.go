package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// Old histories have names of any bytes; the ledger that tells of them can be read again.
func TestPlacesCanBeRead(t *testing.T) {
	for name, want := range map[string]string{
		"1.9/core/01-T1.patch":             "commit 0123456789, 1.9/core/01-T1.patch",
		"fix\xff\x1b[2J\u202e\n.patch":     "commit 0123456789, fix<FF><U+001B>[2J<U+202E> .patch",
		strings.Repeat("ü", 5000) + "\xff": "",
	} {
		place := originWords(mailbox.Origin{Commit: "0123456789abcdef", Path: name})
		if want != "" && place != want || len(place) > 4*maxPlace {
			t.Errorf("%.40q is at %q, want %q", name, place, want)
		}
		l := patchset.Ledger{}.Clone()
		l.Store = patchset.Store{Format: patchset.Format, ID: "store"}
		p := patchset.Patch{ID: "T1", Component: "core", CarryID: "carryid00000001", Owner: "priya", Severity: patchset.High}
		p.CarriedAt(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), place)
		l.Patches["T1"] = p
		files, err := l.Files()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := patchset.ReadLedger(files); err != nil || again.Patches["T1"].CarriedFrom != place {
			t.Errorf("%.40q comes back as %q: %v", name, again.Patches["T1"].CarriedFrom, err)
		}
	}
}

// A clock only goes back, but for the author's date where the history knows better.
func TestClocksGoBack(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	im := &importer{}
	p := patchset.Patch{}
	p.CarriedAt(day(3), fromAuthorDate)
	if !im.carriedBy(&p, day(9), "the history") || !p.CarriedSince.Equal(day(9)) || !p.Found.Equal(day(3)) || p.FoundFrom != latestKnown {
		t.Errorf("the author's date stays: %+v", p)
	}
	if im.carriedBy(&p, day(10), "later") || !p.CarriedSince.Equal(day(9)) {
		t.Errorf("a clock went forward: %+v", p)
	}
	if !im.carriedBy(&p, day(8), "earlier") || p.CarriedFrom != "earlier" {
		t.Errorf("a clock did not go back: %+v", p)
	}
	said := patchset.Patch{Found: day(1)}
	if said.FoundAt(day(2), "a guess") || said.FoundFrom != "" {
		t.Errorf("what a person said is gone: %+v", said)
	}
}
