package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// canaries makes a ledger in which everything that somebody could have typed holds the
// word canary, in some spelling.
func canaries(t *testing.T) *world {
	w := newWorld(t, time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC))
	const c = "canary"
	event := func(what string) patchset.Event {
		return patchset.Event{At: w.now, By: c + "-by-" + what, Where: c + "-where-" + what, Reason: c + "-reason-" + what}
	}
	for n, version := range []string{c + "1", c + "2"} {
		w.act(c+"-actor", func(l *patchset.Ledger) {
			l.Store.ID = c + "-store"
			l.Components[c+"/component"] = patchset.Component{Name: c + "/component", URL: "https://" + c + ".example.org"}
			l.Versions[version] = patchset.Version{Name: version, From: c + "-from", Made: w.now, Bases: map[string]patchset.Base{c + "/component": {Commit: commitID(9), Ref: "refs/heads/" + c}}}
			for i := range 6 {
				id := fmt.Sprintf("%s-%d", c, i)
				p := l.Patches[id]
				p.ID, p.Component, p.CarryID, p.Title, p.Task = id, c+"/component", fmt.Sprintf("canary%06d", i), c+" title", c+"-task"
				p.Owner, p.Deputies, p.Severity = c+"-owner", []string{c + "-deputy"}, patchset.Severity(c+"-severity")
				p.Found, p.CarriedSince, p.Added = w.now.AddDate(0, 0, -9), w.now, event("added")
				switch i {
				case 1:
					p.Disclosed = event("disclosed")
				case 2:
					p.Landed = event("landed")
				case 3:
					p.Dropped = event("dropped")
				}
				l.Patches[id] = p
				retired := event("retired")
				in := patchset.Incarnation{State: patchset.State(c + "-state"), Why: c + " why", Cause: c + "-cause", Paths: []string{c + ".php"}, Event: &retired, Source: commitID(8)}
				if i > 2 {
					in.State = patchset.StateProposed
				}
				l.Put(id, version, in)
				at := patchset.Spot{Version: version, Patch: id}
				l.Conflicts[at] = patchset.Conflict{Record: commitID(7), Found: w.now, Paths: []patchset.ConflictPath{{Path: c + ".php", Message: c + " message"}}}
				l.Resolutions[at] = patchset.Resolution{Tree: commitID(6), Result: commitID(5 + n), By: c + "-worker", At: w.now, How: []string{c + " how"}}
				l.Handoffs[at] = patchset.Handoff{About: commitID(7), At: w.now}
				l.Told[patchset.Telling{Patch: id, Kind: patchset.NoticeKind(c), Person: c}] = patchset.Told{At: w.now}
				p = l.Patches[id]
				p.Checks = map[string]patchset.Check{c: {At: w.now}}
				l.Patches[id] = p
				l.Other["signatures/"+version+"/"+id+"/"+c+".toml"] = []byte(c + "|owner|" + c + " reason|no")
			}
			l.Undelivered[patchset.Place{Target: c, Stack: version + "/" + c + "/component"}] = patchset.Failure{Commit: commitID(4), At: w.now}
			l.Targets[c] = patchset.Target{Name: c, URL: "/srv/" + c, Ring: c, Published: map[string]patchset.Published{
				version + "/" + c + "/component": {Component: c + "/component", Version: version, Branch: c, Commit: commitID(4), At: w.now, By: c},
			}}
			plantCanaries(l)
		})
		w.later(30)
	}
	w.change(c+"-actor", c+"-4", func(p *patchset.Patch) { p.Owner = c + "-heir" })
	return w
}

// TestPublicReportNamesNothing: no canary, no id of a commit, and no day but Mondays gets
// into any format; and the canaries are there in the report that is not for the public,
// so that this test can fail.
func TestPublicReportNamesNothing(t *testing.T) {
	w := canaries(t)
	account := w.account(w.now.AddDate(0, 0, 4))
	for name, data := range outputs(t, account) {
		names := !strings.HasSuffix(name, ".prom") && !strings.HasSuffix(name, ".svg")
		if found := bytes.Contains(bytes.ToLower(data), []byte("canary")); names && !found {
			t.Errorf("%s has no canary: what does it report?", name)
		}
	}
	public := account.Public()
	if public.Totals.Summary.OldestAgeDays%7 != 0 || account.Totals.Summary.OldestAgeDays%7 == 0 {
		t.Errorf("the oldest is %d days old, for the public %d", account.Totals.Summary.OldestAgeDays, public.Totals.Summary.OldestAgeDays)
	}
	if public.Totals.Summary.Carried == 0 || public.Totals.Conflicts == 0 {
		t.Fatal("nothing is left for the public")
	}
	files := outputs(t, public)
	maps.Copy(files, publicCounts(t, w))
	for name, data := range files {
		lower := string(bytes.ToLower(data))
		for _, bad := range []string{"canar", "00000000000", "example.org", "/srv", ".php"} {
			if i := strings.Index(lower, bad); i >= 0 {
				t.Errorf("%s: %q in …%s…", name, bad, lower[max(0, i-60):min(len(lower), i+60)])
			}
		}
		// The holes were found on this day; the week is all that may be known.
		if found := "2026-08-23"; strings.Contains(lower, found) {
			t.Errorf("%s has the day %s", name, found)
		}
	}
}

// publicCounts are the outputs of git carry audit --public, by name. They count the same.
func publicCounts(t *testing.T, w *world) map[string][]byte {
	t.Helper()
	r := w.registry()
	report := audit.New(audit.Gather(w.ledger, r, w.now.AddDate(0, 0, 4), false))
	counts := report.Counts(r.LimitDays)
	if counts.Summary.Carried == 0 || counts.Problems[audit.ProblemOverdue] != counts.Summary.Overdue || counts.Summary.Overdue == 0 {
		t.Fatalf("what is left for the public: %+v", counts)
	}
	var table bytes.Buffer
	if err := audit.CountsCSV(&table, counts); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(table.Bytes())).ReadAll()
	all := 0
	for _, record := range records[1:] {
		n, _ := strconv.Atoi(record[len(record)-1])
		all += n
	}
	doc, err2 := json.Marshal(audit.NewCountsDocument(counts))
	if err := errors.Join(err, err2); err != nil || all != counts.Summary.Carried {
		t.Errorf("%d in the ranges of days, %d carried; %v", all, counts.Summary.Carried, err)
	}
	return map[string][]byte{"counts.txt": []byte(audit.CountsText(counts)), "counts.csv": table.Bytes(), "counts.json": doc}
}

// TestHostileWordsAreShownNotObeyed: what draws on terminals, ends tags or turns the
// direction of writing is shown as what it is.
func TestHostileWordsAreShownNotObeyed(t *testing.T) {
	w := newWorld(t, noon)
	const evil = "<script>alert(1)</script>\u202e\x1b[2J\"'&=1+1"
	w.train("wmf.1")
	w.add("T1", "core", "priya", patchset.High, 90)
	w.change("kim", "T1", func(p *patchset.Patch) {
		p.Title, p.Owner, p.Severity = evil, evil, patchset.Severity(evil)
		p.Dropped = patchset.Event{At: w.now, By: evil, Reason: evil}
	})
	w.later(1)
	w.add("T2", "core", evil, patchset.Severity(evil), 90)
	account := w.account(w.now)
	for name, data := range outputs(t, account) {
		text := string(data)
		markup := strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".svg")
		for _, bad := range []string{"<script", "\u202e", "\x1b"} {
			if name == "report.json" || bad == "<script" && !markup {
				continue // JSON has escapes of its own; in the others it is a text like any
			}
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}
