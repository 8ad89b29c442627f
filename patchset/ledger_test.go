package patchset_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var (
	anyID   = rapid.Custom(func(t *rapid.T) patchset.ID { return patchset.ID(rapid.StringMatching(`[0-9a-f]{40}`).Draw(t, "id")) })
	anyTime = rapid.Custom(func(t *rapid.T) time.Time { return time.Unix(rapid.Int64Range(1, 4e9).Draw(t, "time"), 0).UTC() })
	anyText = rapid.StringMatching(`[ -~é"\\]{0,20}`)
	anyPath = rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte("\"a/\xff\\\xc3\xa9\n")), 1, 6).Draw(t, "path")) // bytes, not text
	})
	anyVersion = rapid.StringMatching(`1\.4[0-9]\.0-wmf\.[1-9]`)
	anyPatchID = rapid.StringMatching(`T[0-9]{4}(-2)?`)
	anyEvent   = rapid.Custom(func(t *rapid.T) patchset.Event {
		return patchset.Event{At: anyTime.Draw(t, "at"), By: anyText.Draw(t, "by"), Where: anyText.Draw(t, "where"), Reason: anyText.Draw(t, "reason")}
	})
	anyIncarnation = rapid.Custom(func(t *rapid.T) patchset.Incarnation {
		in := patchset.Incarnation{
			State: rapid.SampledFrom(patchset.States).Draw(t, "state"), Position: rapid.IntRange(1, 99).Draw(t, "position"),
			Commit: anyID.Draw(t, "commit"), Source: anyID.Draw(t, "source"), Why: anyText.Draw(t, "why"),
		}
		if rapid.Bool().Draw(t, "parked") {
			in.Paths = rapid.SliceOfN(anyPath, 1, 3).Draw(t, "paths")
			e := anyEvent.Draw(t, "event")
			in.Event = &e
		}
		return in
	})
	anyPatch = rapid.Custom(func(t *rapid.T) patchset.Patch {
		return patchset.Patch{
			Component: "core", CarryID: rapid.StringMatching(`[a-z0-9]{20}`).Draw(t, "carry"), Title: anyText.Draw(t, "title"),
			Owner: "priya", OwnerConfirmed: rapid.Bool().Draw(t, "confirmed"), Severity: rapid.SampledFrom(patchset.Severities).Draw(t, "severity"),
			Found: anyTime.Draw(t, "found"), Added: anyEvent.Draw(t, "added"), Landed: anyEvent.Draw(t, "landed"),
			At: rapid.MapOfN(anyVersion, anyIncarnation, 0, 3).Draw(t, "at"),
		}
	})
)

func anyLedger(t *rapid.T) patchset.Ledger {
	l := patchset.Ledger{}.Clone()
	l.Store = patchset.Store{Format: patchset.Format, ID: "s", Created: anyTime.Draw(t, "created")}
	l.Components["core"] = patchset.Component{Name: "core", URL: anyText.Draw(t, "url")}
	l.Components["extensions/Foo"] = patchset.Component{Name: "extensions/Foo", URL: "/srv/foo"}
	for _, name := range rapid.SliceOfN(anyVersion, 1, 3).Draw(t, "versions") {
		l.Versions[name] = patchset.Version{Name: name, Made: anyTime.Draw(t, "made"), Bases: map[string]patchset.Base{
			"core": {Commit: anyID.Draw(t, "base"), Ref: "refs/heads/" + name}, "extensions/Foo": {Commit: anyID.Draw(t, "base"), Ref: name},
		}}
	}
	for id, p := range rapid.MapOfN(anyPatchID, anyPatch, 0, 4).Draw(t, "patches") {
		p.ID = id
		l.Patches[id] = p
	}
	at := patchset.Spot{Version: "v1", Patch: "T1"}
	l.Conflicts[at] = patchset.Conflict{
		Record: anyID.Draw(t, "record"), Upstream: anyID.Draw(t, "upstream"), Source: anyID.Draw(t, "source"), Found: anyTime.Draw(t, "found"),
		Paths: []patchset.ConflictPath{{Path: anyPath.Draw(t, "path"), Kind: merge3.KindContent, Patch: merge3.Entry{Mode: "100644", ID: anyID.Draw(t, "blob")}}},
	}
	l.Resolutions[at] = patchset.Resolution{Conflict: anyID.Draw(t, "k"), Tree: anyID.Draw(t, "tree"), By: "sam", At: anyTime.Draw(t, "when"), Open: []string{anyPath.Draw(t, "open")}}
	l.Handoffs[at] = patchset.Handoff{About: anyID.Draw(t, "about"), To: "priya", By: "sam", At: anyTime.Draw(t, "handed"), Note: anyText.Draw(t, "note")}
	l.Targets["prod"] = patchset.Target{Name: "prod", URL: "/srv/prod", Ring: "stable", Published: map[string]patchset.Published{
		"v1/extensions/Foo": {Component: "extensions/Foo", Version: "v1", Commit: anyID.Draw(t, "published"), At: anyTime.Draw(t, "t")},
	}}
	l.Other["owners.toml"] = []byte(anyText.Draw(t, "owners"))
	l.Other["signatures/v1/T1/priya.toml"] = []byte("x = 1\n")
	return l
}

func TestLedgerFilesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLedger(t)
		files, err := l.Files()
		if err != nil {
			t.Fatal(err)
		}
		back, err := patchset.ReadLedger(files)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, back); diff != "" {
			t.Fatalf("read back differs:\n%s", diff)
		}
	})
}

func TestPlanTurnsOneLedgerIntoTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyLedger(t), anyLedger(t)
		plan, err := patchset.NewPlan(before, after, patchset.Entry{})
		if err != nil {
			t.Fatal(err)
		}
		files, _ := before.Files()
		for name, data := range plan.Changes {
			if data == nil {
				delete(files, name)
			} else {
				files[name] = data
			}
		}
		got, err := patchset.ReadLedger(files)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(after, got); diff != "" {
			t.Fatalf("the plan leads elsewhere:\n%s", diff)
		}
		known := before.References()
		for _, id := range plan.Keep {
			known[id] = true
		}
		for id := range after.References() {
			if !known[id] {
				t.Fatalf("%s is named, but neither old nor kept", id)
			}
		}
		if same, err := patchset.NewPlan(after, after.Clone(), patchset.Entry{}); err != nil || !same.Empty() {
			t.Fatalf("a plan from a ledger to its copy changes %v (%v)", same.ChangedPaths(), err)
		}
	})
}

func TestCloneIsIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLedger(t)
		want, _ := l.Files()
		c := l.Clone()
		for id := range c.Patches {
			c.Put(id, "v9", patchset.Incarnation{State: patchset.StateClean})
		}
		for _, v := range c.Versions {
			v.Bases["vendor"] = patchset.Base{}
		}
		c.Targets["prod"].Published["x/y"] = patchset.Published{}
		c.Other["new"] = nil
		got, _ := l.Files()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("changing the copy changed the original:\n%s", diff)
		}
	})
}

func TestReadLedgerRefusesWhatItDoesNotKnow(t *testing.T) {
	good := func() map[string][]byte {
		return map[string][]byte{
			"carry.toml":               []byte("format = 1\nid = \"s\"\ncreated = 2026-01-01T00:00:00Z\n"),
			"patches/T1/patch.toml":    []byte("component = \"core\"\ncarry_id = \"0123456789abcdef\"\ntitle = \"x\"\n"),
			"patches/T1/owner.toml":    []byte("owner = \"priya\"\nconfirmed = true\n"),
			"patches/T1/severity.toml": []byte("severity = \"high\"\n"),
		}
	}
	if _, err := patchset.ReadLedger(good()); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	for name, change := range map[string][2]string{
		"newer format":      {"carry.toml", "format = 2\nid = \"s\"\ncreated = 2026-01-01T00:00:00Z\n"},
		"no format":         {"carry.toml", "id = \"s\"\n"},
		"no TOML":           {"patches/T1/owner.toml", "owner = \n"},
		"unknown key":       {"patches/T1/owner.toml", "owner = \"p\"\nconfirmed = true\nroot = 1\n"},
		"unknown fact":      {"patches/T1/mood.toml", "at = 2026-01-01T00:00:00Z\n"},
		"no owner":          {"patches/T1/owner.toml", "owner = \"\"\nconfirmed = true\n"},
		"hostile patch id":  {"patches/-x/patch.toml", "component = \"core\"\n"},
		"hostile component": {"components/$(id).toml", "name = \"x\"\nurl = \"y\"\n"},
		"hostile version":   {"versions/..toml", "name = \"x\"\nmade = 2026-01-01T00:00:00Z\n"},
		"option as id":      {"versions/v1/core.toml", "commit = \"--upload-pack=x\"\nref = \"r\"\n"},
		"no Carry-Id":       {"patches/T1/patch.toml", "component = \"core\"\ncarry_id = \"$(id)\"\ntitle = \"x\"\n"},
	} {
		files := good()
		files[change[0]] = []byte(change[1])
		if _, err := patchset.ReadLedger(files); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzReadLedger(f *testing.F) {
	f.Add("patches/T1/patch.toml", []byte("component = \"core\"\n"))
	f.Add("versions/v1/core.toml", []byte("commit = \"x\"\n"))
	f.Add("conflicts/v1/T1.toml", []byte("[[path]]\npath = \"a\"\n"))
	f.Add("targets/x/v1/core.toml", []byte("commit = 1\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		files := map[string][]byte{
			"carry.toml": []byte("format = 1\nid = \"s\"\ncreated = 2026-01-01T00:00:00Z\n"), name: data,
		}
		l, err := patchset.ReadLedger(files)
		if err != nil {
			return
		}
		if _, err := l.Files(); err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
	})
}
