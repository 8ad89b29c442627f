package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Nothing that a repository says may run while its trees are merged.
func TestHostileRepository(t *testing.T) {
	r := gittest.Load(t, fmt.Sprintf(conflictBase, "cp up f\ncp attributes .gitattributes", "cp pa f\ncp attributes .gitattributes")+`-- attributes --
* merge=evil filter=evil diff=evil
`)
	marker := filepath.Join(t.TempDir(), "ran")
	hook := "#!/bin/sh\ntouch " + marker + "\n"
	for _, name := range []string{"post-index-change", "reference-transaction", "pre-receive", "fsmonitor-watchman"} {
		if err := os.WriteFile(filepath.Join(r.GitDir, "hooks", name), []byte(hook), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, kv := range []string{
		"merge.evil.driver", "filter.evil.clean", "filter.evil.smudge", "diff.evil.command", "diff.external",
		"core.fsmonitor", "core.alternateRefsCommand", "core.pager", "gpg.program",
	} {
		r.Git("config", kv, "touch "+marker)
	}
	r.Git("config", "merge.default", "evil")
	if err := os.WriteFile(filepath.Join(r.GitDir, "info", "attributes"), []byte("* merge=evil\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := testScratch(t, r)
	res, err := NewGitMerger(s).Merge(t.Context(), request(r))
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Conflicts) != 1 || res.Conflicts[0].Kind != merge3.KindContent {
		t.Errorf("%+v", res.Conflicts)
	}
	if _, err := s.Pack(t.Context(), r.GitDir, res.Tree); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(marker); err == nil {
		t.Error("a program that the repository names was run")
	}
}

func TestHostilePaths(t *testing.T) {
	r := gittest.Load(t, fmt.Sprintf(conflictBase, "", ""))
	s := testScratch(t, r)
	for _, path := range []string{"-x", "--help", "a\tb", "a\nb", "\"q\"", "\x1b[31m", "\xff\xfe", "$(id)", "a b", "0", "\u202e", "~T1234"} {
		commit := func(text string) merge3.ID {
			blob, err := s.Write("blob", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			tree, err := s.EditTree(t.Context(), "", map[string]merge3.Entry{path: {Mode: merge3.ModeFile, ID: blob}})
			if err != nil {
				t.Fatal(err)
			}
			return tree
		}
		res, err := NewGitMerger(s).Merge(t.Context(), merge3.Request{
			Base: merge3.Side{Tree: commit("base\n")}, Upstream: merge3.Side{Tree: commit("up\n")}, Patch: merge3.Side{Tree: commit("patch\n")},
		})
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if len(res.Conflicts) != 1 || res.Conflicts[0].Path != path || res.Conflicts[0].Kind != merge3.KindContent {
			t.Errorf("%q: %+v", path, res.Conflicts)
		}
	}
}

func TestMarkerLabel(t *testing.T) {
	for in, want := range map[string]string{
		"UPSTREAM-1.46.0-wmf.6": "UPSTREAM-1.46.0-wmf.6",
		"T1234: fix it":         "T1234--fix-it",
		"a..b":                  "a.-b",
		"a...b":                 "a.-.b",
		"-x":                    "label--x",
		"HEAD":                  "label-HEAD",
		"wmf/1.46":              "wmf-1.46",
		"x.lock":                "x-lock",
		"":                      "label-",
		"a@{1}":                 "a@-1}",
		strings.Repeat("a", 40): "label-" + strings.Repeat("a", 40),
	} {
		if got := MarkerLabel(in); got != want {
			t.Errorf("MarkerLabel(%q) = %q, want %q", in, got, want)
		}
	}
}

// git must take every label, and write it as MarkerLabel says.
func TestMarkerLabelIsAccepted(t *testing.T) {
	r := gittest.Load(t, fmt.Sprintf(conflictBase, "cp up f", "cp pa f"))
	s := testScratch(t, r)
	m := NewGitMerger(s)
	rapid.Check(t, func(rt *rapid.T) {
		label := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-./@{}~^:a-zA-Z_\\*? ]{1,12}`),
			rapid.SampledFrom([]string{"HEAD", "config", "refs", "FETCH_HEAD", "@", "x.lock.", "objects", "stash"})).Draw(rt, "label")
		if label == "" {
			return
		}
		req := request(r)
		req.Patch.Label = label
		res, err := m.Merge(t.Context(), req)
		if err != nil {
			rt.Fatalf("label %q: %v", label, err)
		}
		e, _, err := s.Entry(t.Context(), res.Tree, "f")
		if err != nil {
			rt.Fatal(err)
		}
		obj, err := s.Read(t.Context(), e.ID)
		if err != nil {
			rt.Fatal(err)
		}
		if !strings.Contains(string(obj.Data), ">>>>>>> "+MarkerLabel(label)+"\n") {
			rt.Errorf("label %q: no %q in\n%s", label, MarkerLabel(label), obj.Data)
		}
	})
}
