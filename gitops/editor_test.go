package gitops

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestSplitCommand(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string // nil: refused
	}{
		{"vi", []string{"vi"}},
		{"  code --wait  ", []string{"code", "--wait"}},
		{`'/opt/My Editor/ed' -x "a b" c\ d`, []string{"/opt/My Editor/ed", "-x", "a b", "c d"}},
		{`ed "a\"b\n" ''`, []string{"ed", `a"b\n`, ""}},
		{"ed; rm -rf x", nil},
		{"ed $HOME", nil},
		{`ed "$(id)"`, nil},
		{"ed `id`", nil},
		{"ed > f", nil},
		{"ed 'open", nil},
		{"ed \\", nil},
		{"", nil},
		{"''", nil},
	} {
		got, err := splitCommand(tt.in)
		if (err == nil) != (tt.want != nil) || !slices.Equal(got, tt.want) {
			t.Errorf("splitCommand(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func FuzzSplitCommand(f *testing.F) {
	f.Add(`a 'b c' "d" e\f`)
	f.Add("a;b")
	f.Fuzz(func(t *testing.T, line string) {
		words, err := splitCommand(line)
		if err == nil && (len(words) == 0 || len(strings.Join(words, "")) > len(line)) {
			t.Errorf("%q gives %q", line, words)
		}
	})
}

func TestPlainName(t *testing.T) {
	for in, want := range map[string]string{
		"src/a.js": "carry-a.js", "-rf": "carry--rf", "../x": "carry-x", "a b\n;é": "carry-a-b---",
	} {
		if got := plainName(in); got != want {
			t.Errorf("plainName(%q) = %q, want %q", in, got, want)
		}
	}
}

// toolScratch is a scratch whose person has configured a merge tool that takes
// the patch's side.
func toolScratch(t *testing.T) *Scratch {
	r := gittest.Load(t, "git init\n")
	s := testScratch(t, r)
	home := lookupEnv(s.git.environ, "HOME")
	config := "[merge]\n\ttool = pick\n[mergetool \"pick\"]\n\tcmd = cat \\\"$REMOTE\\\" > \\\"$MERGED\\\"\n\ttrustExitCode = true\n" +
		"[core]\n\tautocrlf = true\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func toolBlob(t *testing.T, s *Scratch, text string) merge3.Entry {
	t.Helper()
	id, err := s.Write("blob", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return merge3.Entry{Mode: merge3.ModeFile, ID: id}
}

func TestMergeTool(t *testing.T) {
	s := toolScratch(t)
	var out bytes.Buffer
	files := []ToolFile{{
		Path: "dir/*.txt", Base: toolBlob(t, s, "b\n"), Upstream: toolBlob(t, s, "u\n"), Patch: toolBlob(t, s, "p\r\nq\n"),
		Marked: []byte("marked\n"),
	}}
	results, err := s.MergeTool(t.Context(), Streams{Stdout: &out, Stderr: &out}, "", files)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(results) != 1 || !results[0].Settled || results[0].Deleted || string(results[0].Content) != "p\r\nq\n" {
		t.Errorf("results: %+v", results)
	}
	left, err := filepath.Glob(filepath.Join(s.Dir(), "tool-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMergeToolStaysInside(t *testing.T) {
	s := toolScratch(t)
	for _, path := range []string{"../evil", "a/../../evil", "/evil", ".git/config", "a/.GIT/hooks/x"} {
		files := []ToolFile{{Path: path, Upstream: toolBlob(t, s, "u\n"), Patch: toolBlob(t, s, "p\n"), Marked: []byte("x")}}
		if _, err := s.MergeTool(t.Context(), Streams{}, "", files); err == nil {
			t.Errorf("%s was accepted", path)
		}
	}
}
