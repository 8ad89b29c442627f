package advisory

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// schemas are the published ones, by format.
func schemas(t testing.TB) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	add := func(url, file string) {
		f, err := os.Open(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		doc, err := jsonschema.UnmarshalJSON(f)
		if err == nil {
			err = c.AddResource(url, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range []string{"2.0", "3.0", "3.1"} {
		add("https://www.first.org/cvss/cvss-v"+version+".json", "cvss-v"+version+".json")
	}
	out := map[string]*jsonschema.Schema{}
	for format, file := range map[string]string{"osv": "osv.json", "csaf": "csaf-2.0.json", "openvex": "openvex-0.2.0.json"} {
		add("file:///"+file, file)
		schema, err := c.Compile("file:///" + file)
		if err != nil {
			t.Fatal(err)
		}
		out[format] = schema
	}
	return out
}

var writers = map[string]func(Facts) ([]byte, error){"osv": Facts.OSV, "csaf": Facts.CSAF, "openvex": Facts.OpenVEX}

func checked(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, schemas map[string]*jsonschema.Schema, f Facts,
) map[string]string {
	out := map[string]string{}
	for format, write := range writers {
		data, err := write(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err == nil {
			err = schemas[format].Validate(doc)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", format, err, data)
		}
		var small bytes.Buffer
		if err := json.Compact(&small, data); err != nil {
			t.Fatal(err)
		}
		out[format] = small.String()
	}
	return out
}

const (
	carriedID = "1111111111111111111111111111111111111111"
	sourceID  = "2222222222222222222222222222222222222222"
	fixSix    = "6666666666666666666666666666666666666666"
	fixMain   = "7777777777777777777777777777777777777777"
)

// world is a patch that was carried in two versions, is public on one branch, and was
// retired by a commit of another.
func world() (patchset.Ledger, patchset.Patch) {
	day := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	p := patchset.Patch{
		ID: "T1", Component: "extensions/Foo", Title: "SECURITY: Escape the Nightingale name", Severity: patchset.High, CVE: "CVE-2026-12345",
		Owner: "priyaowner", Found: day.AddDate(0, -3, 0), CarriedSince: day.AddDate(0, -2, 0),
		Disclosed: patchset.Event{At: day, By: "priyaowner", Where: "https://example.org/advisories/1", Reason: "canaryreason"},
		Landed:    patchset.Event{At: day.AddDate(0, 0, 3), Where: fixMain},
		At: map[string]patchset.Incarnation{
			"1.4": {State: patchset.StateDropped},
			"1.5": {State: patchset.StateClean, Commit: carriedID, Source: sourceID},
			"1.6": {State: patchset.StateLanded, Public: fixSix, Source: carriedID},
			"1.7": {State: patchset.StateConflict, Source: carriedID},
			"1.8": {State: patchset.StateRetired, Public: fixMain, Source: carriedID},
		},
	}
	l := patchset.Ledger{
		Components: map[string]patchset.Component{"extensions/Foo": {Name: "extensions/Foo", URL: "https://example.org/Foo.git"}},
		Versions:   map[string]patchset.Version{}, Patches: map[string]patchset.Patch{p.ID: p},
		Targets: map[string]patchset.Target{"canarytarget": {Name: "canarytarget", URL: "ssh://canaryhost/x"}},
	}
	for v := range p.At {
		l.Versions[v] = patchset.Version{Name: v}
	}
	return l, p
}

var message = []byte("SECURITY: Escape the Nightingale name\n\nIt was not escaped, says Nightingale.\n\nBug: T1\nCarry-Id: canarycarryid\n")

var example = Publisher{"Example Security", "https://example.org/security/"}

func TestDocuments(t *testing.T) {
	l, p := world()
	f, err := Of(l, p, message, patchset.NewSecretWords([]string{"Nightingale"}), example)
	if err != nil {
		t.Fatal(err)
	}
	got := checked(t, schemas(t), f)
	for format, wants := range map[string][]string{
		"osv": {
			`"id":"CVE-2026-12345"`, `"published":"2026-11-20T09:00:00Z"`, `"modified":"2026-11-23T09:00:00Z"`,
			`"type":"GIT","repo":"https://example.org/Foo.git","events":[{"introduced":"0"},{"fixed":"` + fixSix + `"},{"fixed":"` + fixMain + `"}]`,
			`"versions":["1.5","1.7"]`, `"fixed_versions":["1.6","1.8"]`, `{"type":"ADVISORY","url":"https://example.org/advisories/1"}`,
		},
		"csaf": {
			`"category":"csaf_security_advisory"`, `"cve":"CVE-2026-12345"`, `"status":"final","version":"2"`, `"label":"WHITE"`,
			`"product_status":{"fixed":["extensions/Foo:1.6","extensions/Foo:1.8"],"known_affected":["extensions/Foo:1.5","extensions/Foo:1.7"]}`,
			`"category":"vendor_fix"`, `"name":"Example Security","namespace":"https://example.org/security/"`,
		},
		"openvex": {
			`"@id":"https://example.org/security/t1.openvex.json"`, `"author":"Example Security"`, `"status":"fixed"`, `"status":"affected"`,
			`pkg:generic/extensions/Foo@1.5?vcs_url=git%2Bhttps%3A%2F%2Fexample.org%2FFoo.git`, `"name":"CVE-2026-12345"`,
		},
	} {
		for _, want := range append(wants, "SECURITY: Escape the [...] name") {
			if !strings.Contains(got[format], want) {
				t.Errorf("%s lacks %s:\n%s", format, want, got[format])
			}
		}
		for _, never := range []string{carriedID, sourceID, "ightingale", "canary", "priyaowner", "2026-08", "2026-09", "Carry", "1.4", pending} {
			if strings.Contains(got[format], never) {
				t.Errorf("%s has %s:\n%s", format, never, got[format])
			}
		}
	}
}

// TestMissingFacts: what nobody knows yet is said, or left out.
func TestMissingFacts(t *testing.T) {
	l, p := world()
	p.CVE, p.Landed, p.Disclosed.Where, p.Severity, p.Title = "", patchset.Event{}, "in the meeting", "", ""
	p.At = map[string]patchset.Incarnation{"1.5": p.At["1.5"]}
	for name, versions := range map[string]map[string]patchset.Incarnation{"carried": p.At, "in no version": {}} {
		t.Run(name, func(t *testing.T) {
			p.At = versions
			f, err := Of(l, p, nil, patchset.SecretWords{}, example)
			if err != nil {
				t.Fatal(err)
			}
			for format, doc := range checked(t, schemas(t), f) {
				if !strings.Contains(doc, pending) {
					t.Errorf("%s does not say that the id is pending:\n%s", format, doc)
				}
				if strings.Contains(doc, "meeting") {
					t.Errorf("%s takes words for a URL:\n%s", format, doc)
				}
			}
		})
	}
}

func TestPublicRepo(t *testing.T) {
	for place, want := range map[string]string{
		"https://example.org/a/core.git": "https://example.org/a/core.git",
		"git@example.org:a/core.git":     "git@example.org:a/core.git",
		"/home/priya/core.git":           "core.git",
		"file:///home/priya/core":        "core",
	} {
		if got := publicRepo(place); got != want {
			t.Errorf("%s: got %s, want %s", place, got, want)
		}
	}
}

func TestEmbargoedIsRefused(t *testing.T) {
	l, p := world()
	p.Disclosed, p.Landed = patchset.Event{}, patchset.Event{}
	_, err := Of(l, p, message, patchset.SecretWords{}, example)
	var fault *patchset.Fault
	if !errors.As(err, &fault) || fault.Code != patchset.CodePolicy {
		t.Errorf("got %v", err)
	}
}

// TestAlwaysValid: whatever the ledger holds, the documents are what their schemas demand.
func TestAlwaysValid(t *testing.T) {
	all := schemas(t)
	text := rapid.StringN(0, 20, 80)
	id := rapid.StringMatching(`[0-9a-f]{40}`)
	rapid.Check(t, func(t *rapid.T) {
		l, p := world()
		p.Title, p.Severity = text.Draw(t, "title"), patchset.Severity(text.Draw(t, "severity"))
		p.CVE = rapid.SampledFrom([]string{"", "CVE-2026-0001"}).Draw(t, "cve")
		p.Disclosed.Where = rapid.OneOf(text, rapid.Map(text, func(s string) string { return "https://" + s })).Draw(t, "where")
		p.Landed.Where = rapid.OneOf(id, rapid.Just("")).Draw(t, "fix")
		p.At = map[string]patchset.Incarnation{}
		for v := range l.Versions {
			in := patchset.Incarnation{State: rapid.SampledFrom(patchset.States).Draw(t, "state")}
			if in.State == patchset.StateLanded || in.State == patchset.StateRetired {
				in.Public = patchset.ID(id.Draw(t, "public"))
			}
			p.At[v] = in
		}
		f, err := Of(l, p, []byte(text.Draw(t, "message")), patchset.NewSecretWords([]string{text.Draw(t, "secret")}), example)
		if err != nil {
			t.Fatal(err)
		}
		checked(t, all, f)
	})
}

// A title of spaces is no reason for a document that is not valid.
func TestTitleOfNothing(t *testing.T) {
	l, p := world()
	p.Title = " "
	f, err := Of(l, p, []byte("subject\n\nbody\n"), patchset.SecretWords{}, example)
	if err != nil || f.Title != "Security fix" {
		t.Errorf("title %q, %v", f.Title, err)
	}
}
