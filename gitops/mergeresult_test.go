package gitops

import (
	"slices"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

const (
	idTree = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	idOne  = "1111111111111111111111111111111111111111"
	idTwo  = "2222222222222222222222222222222222222222"
)

// nul writes | for NUL so that the tables can be read.
func nul(s string) []byte { return []byte(strings.ReplaceAll(s, "|", "\x00")) }

func TestParseMergeTree(t *testing.T) {
	entry := func(mode, id string, stage, path string) string {
		return mode + " " + id + " " + stage + "\t" + path + "|"
	}
	for _, tt := range []struct {
		name, out string
		want      []string
	}{
		{"clean", idTree + "|", nil},
		{"informational only", idTree + "||1|f|Auto-merging|Auto-merging f\n|", nil},
		{
			"a type of tomorrow", idTree + "|" + entry("100644", idOne, "2", "f") + "|1|f|CONFLICT (quantum)|never seen\n|",
			[]string{"f other never seen"},
		},
		{"no message", idTree + "|" + entry("100644", idOne, "2", "f") + "|", []string{"f modify/delete "}},
		{"mode only", idTree + "|" + entry("100644", idOne, "2", "f") + entry("100755", idOne, "3", "f") +
			"|1|f|CONFLICT (contents)|m\n|", []string{"f mode m"}},
		{"binary wins over contents", idTree + "|" + entry("100644", idOne, "2", "f") + entry("100644", idTwo, "3", "f") +
			"|1|f|CONFLICT (binary)|b\n|1|f|CONFLICT (contents)|m\n|", []string{"f binary b"}},
		{"only where a file came from", idTree + "|" + entry("100644", idOne, "2", "new") +
			"|2|new|old|CONFLICT (rename/delete)|m\n|", []string{"new rename/delete m"}},
		{"no stages", idTree + "||1|dir|CONFLICT(directory rename unclear split)|m\n|", []string{"dir directory rename m"}},
		{"advice about submodules", idTree + "|" + entry("160000", idOne, "2", "s") +
			"|1|s|CONFLICT (submodule not initialized)|m\n|Merge by hand.\n", []string{"s submodule m"}},
	} {
		o, err := parseMergeTree(nul(tt.out))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, c := range o.result().Conflicts {
			got = append(got, c.Path+" "+string(c.Kind)+" "+c.Message)
		}
		if o.tree != merge3.ID(idTree) || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParseMergeTreeRefuses(t *testing.T) {
	for _, out := range []string{
		"", "|", "not a tree|", idTree, idTree + "|100644 x 2\tf||", idTree + "|100644 " + idOne + " 4\tf||",
		idTree + "|100644 " + idOne + " 0\tf||", idTree + "|100644 " + idOne + " 2 f||", idTree + "|100644 " + idOne + " 2\t||",
		idTree + "||-1|", idTree + "||9999999999|f|", idTree + "||2|f|", idTree + "||1|f|t|m", idTree + "||Merge by hand.\n",
	} {
		if o, err := parseMergeTree(nul(out)); err == nil {
			t.Errorf("%q: let through as %+v", out, o)
		}
	}
}

func FuzzParseMergeTree(f *testing.F) {
	f.Add(nul(idTree + "|100644 " + idOne + " 2\tf||1|f|CONFLICT (contents)|m\n|"))
	f.Add(nul(idTree + "||1|f|Auto-merging|m\n|"))
	f.Fuzz(func(t *testing.T, out []byte) {
		o, err := parseMergeTree(out)
		if err != nil {
			return
		}
		paths := map[string]bool{}
		for _, c := range o.result().Conflicts {
			if paths[c.Path] {
				t.Errorf("two conflicts for %q", c.Path)
			}
			paths[c.Path] = true
		}
		for path := range o.paths {
			if !paths[path] {
				t.Errorf("no conflict for %q", path)
			}
		}
	})
}
