package mailbox

import (
	"strings"
	"testing"
	"time"
)

// TestOrigins: each case is a history, a line per file, "commit path blob [renamed-from]",
// with "=" before the old name where the content stayed; and the commit to which the last
// file goes back.
func TestOrigins(t *testing.T) {
	for name, c := range map[string]struct{ history, want string }{
		"new":                            {"1 1.1/core/01-T1.patch a", "1"},
		"copied":                         {"1 1.1/core/01-T1.patch a\n2 1.2/core/01-T1.patch a", "1"},
		"copied and edited":              {"1 1.1/core/01-T1.patch a\n2 1.2/core/01-T1.patch b", "1"},
		"numbered anew":                  {"1 1.1/core/01-T1.patch a\n2 1.2/core/07-T1.patch a", "1"},
		"numbered anew and edited":       {"1 1.1/core/01-T1.patch a\n2 1.2/core/07-T1.patch b", "1"},
		"marked, a revision, and edited": {"1 1.1/core/01-T1.patch a\n2 1.2/core/01-T1-rev2.patch.failed b", "1"},
		"another task in the name":       {"1 1.1/core/01-T1.patch a\n2 1.2/core/01-T2.patch a", "1"},
		"removed and put back":           {"1 1.1/core/01-T1.patch a\n3 1.1/core/01-T1.patch b", "1"},
		"renamed by hand":                {"1 1.1/core/fix.patch a\n2 1.1/core/01-T1.patch b 1.1/core/fix.patch", "1"},
		"over three versions":            {"1 1.1/core/01-T1.patch a\n2 1.2/core/02-T1.patch a\n3 1.3/core/02-T1.patch b\n4 1.4/core/05-T1.patch c", "1"},
		// Two patches on one file look alike, and one often goes when the next comes.
		"git takes another patch for it": {"1 1.1/core/01-T1.patch a\n2 1.1/core/01-T2.patch b 1.1/core/01-T1.patch", "2"},
		"the same, moved as it was":      {"1 1.1/core/01-T1.patch a\n2 1.1/core/01-T2.patch a =1.1/core/01-T1.patch", "1"},
		"another component":              {"1 1.1/core/01-T1.patch a\n2 1.2/vendor/01-T1.patch a", "2"},
		"the second of a task":           {"1 1.1/core/01-T1.patch a\n2 1.1/core/02-T1.patch b", "2"},
		"both of a task go on":           {"1 1.1/core/01-T1.patch a\n2 1.1/core/02-T1.patch b\n3 1.2/core/01-T1.patch c\n3 1.2/core/02-T1.patch d", "2"},
		// The one that is certain takes what is its own, though it comes second.
		"the first is numbered anew": {"1 1.1/core/01-T1.patch a\n2 1.1/core/02-T1.patch b\n3 1.2/core/00-T1.patch c\n3 1.2/core/02-T1.patch d", "2"},
		"spelled out":                {"1 1.1/core/01-T1.patch a\n2 1.1/core/02-T1-2.patch b\n3 1.2/core/09-T1-2.patch c", "2"},
		"a tree of one version":      {"1 core/01-T1.patch a\n2 core/04-T1.patch b core/01-T1.patch", "1"},
	} {
		var changes []TreeChange
		for line := range strings.SplitSeq(c.history, "\n") {
			f := append(strings.Fields(line), "")
			from, same := strings.CutPrefix(f[3], "=")
			changes = append(changes, TreeChange{Commit: f[0], At: time.Unix(int64(f[0][0]), 0), Path: f[1], Blob: f[2], From: from, Same: same})
		}
		last := changes[len(changes)-1]
		if got, ok := NewOrigins(changes).Of(last.Path); !ok || got.Commit != c.want || !got.At.Equal(time.Unix(int64(c.want[0]), 0)) {
			t.Errorf("%s: %s goes back to %q, want %s", name, last.Path, got.Commit, c.want)
		}
	}
	if _, ok := NewOrigins(nil).Of("1.1/core/01-T1.patch"); ok {
		t.Error("a file without a history has an origin")
	}
}
