package patchset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
)

func TestCompareVersionsReadsNumbers(t *testing.T) {
	want := []string{"1.46.0-wmf.1", "1.46.0-wmf.9", "1.46.0-wmf.10", "1.46.0-wmf.26", "1.47.0-wmf.1", "next"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, patchset.CompareVersions)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompareVersionsIsAnOrder(t *testing.T) {
	name := rapid.StringMatching(`[a0.-]{0,3}[0-9]{0,3}[.a]?[0-9]{0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if patchset.CompareVersions(a, b) != -patchset.CompareVersions(b, a) {
			t.Fatalf("%q and %q compare differently both ways", a, b)
		}
		if (patchset.CompareVersions(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: equal only when the same", a, b)
		}
		if patchset.CompareVersions(a, b) < 0 && patchset.CompareVersions(b, c) < 0 && patchset.CompareVersions(a, c) >= 0 {
			t.Fatalf("%q < %q < %q, but not the ends", a, b, c)
		}
	})
}

func TestNamesThatBecomePathsAndArguments(t *testing.T) {
	for _, bad := range []string{
		"", "-x", "--upload-pack=x", "$(id)", "`id`", ";id", "a|b", "a b", "a\nb", "\x1b[31m", "../x", "a/../b", "x..y",
		".git", "a.lock", "a.", "ü", "%s", "a:b", "a*", "a\\b", "\u202e", strings.Repeat("a", 300),
	} {
		for what, check := range map[string]func(string) error{
			"patch id": patchset.CheckPatchID, "version": patchset.CheckVersion, "component": patchset.CheckComponent, "target": patchset.CheckTarget,
		} {
			if check(bad) == nil {
				t.Errorf("%q passed as a %s", bad, what)
			}
		}
	}
	for _, err := range []error{
		patchset.CheckPatchID("T401234-2"), patchset.CheckPatchID("CVE-2026-1234"), patchset.CheckVersion("1.46.0-wmf.6"),
		patchset.CheckVersion("REL1_43"), patchset.CheckComponent("extensions/VisualEditor/lib/ve"), patchset.CheckComponent("core"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestBaseCandidates(t *testing.T) {
	refs := []string{"refs/heads/main", "refs/heads/wmf/1.1", "refs/heads/other/1.1", "refs/tags/1.2", "refs/heads/x1.1"}
	for _, tt := range []struct {
		version, pattern string
		want             []string
	}{
		{"1.1", "", []string{"refs/heads/wmf/1.1", "refs/heads/other/1.1"}},
		{"1.1", "wmf/{version}", []string{"refs/heads/wmf/1.1"}},
		{"1.2", "", []string{"refs/tags/1.2"}},
		{"1.3", "", nil},
		{"1.2", "wmf/{version}", nil},
	} {
		if diff := cmp.Diff(tt.want, patchset.BaseCandidates(tt.version, tt.pattern, refs)); diff != "" {
			t.Errorf("%s %s: %s", tt.version, tt.pattern, diff)
		}
	}
}

func TestTaskOf(t *testing.T) {
	for id, want := range map[string]string{"T401234": "T401234", "T401234-2": "T401234", "CVE-2026-1234": "CVE-2026-1234", "-2": "-2", "T1-": "T1-"} {
		if got := patchset.TaskOf(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestCarryIDTrailer(t *testing.T) {
	for name, tt := range map[string][2]string{
		"subject alone":          {"SECURITY: fix\n", "SECURITY: fix\n\nCarry-Id: 01234567\n"},
		"body":                   {"s\n\nwords\n", "s\n\nwords\n\nCarry-Id: 01234567\n"},
		"trailers":               {"s\n\nwords\n\nBug: T1\nChange-Id: I1\n", "s\n\nwords\n\nBug: T1\nChange-Id: I1\nCarry-Id: 01234567\n"},
		"an older one":           {"s\n\nBug: T1\nCarry-Id: deadbeef\n", "s\n\nBug: T1\nCarry-Id: 01234567\n"},
		"only an older one":      {"s\n\nCarry-Id: deadbeef\n", "s\n\nCarry-Id: 01234567\n"},
		"cherry picked":          {"s\n\nBug: T1\n(cherry picked from commit 1234)\n", "s\n\nBug: T1\n(cherry picked from commit 1234)\nCarry-Id: 01234567\n"},
		"not UTF-8":              {"s\n\n\xe9t\xe9\n", "s\n\n\xe9t\xe9\n\nCarry-Id: 01234567\n"},
		"no newline at the end":  {"s", "s\n\nCarry-Id: 01234567\n"},
		"empty":                  {"", "Carry-Id: 01234567\n"},
		"a paragraph with colon": {"s\n\nNote: this is\nprose.\n", "s\n\nNote: this is\nprose.\n\nCarry-Id: 01234567\n"},
	} {
		got := string(patchset.WithCarryID([]byte(tt[0]), "01234567"))
		if got != tt[1] {
			t.Errorf("%s: %q, want %q", name, got, tt[1])
		}
		if again := string(patchset.WithCarryID([]byte(got), "01234567")); again != got {
			t.Errorf("%s: a second time gives %q", name, again)
		}
		if id := patchset.CarryIDOf([]byte(got)); id != "01234567" {
			t.Errorf("%s: read back %q", name, id)
		}
	}
}
