package packwriter

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func (o Object) content() []byte {
	if o.Load != nil {
		return must(o.Load())
	}
	return o.Data
}

// fatal is what testing.T and rapid.T have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkPack has git look at a pack in every way it has, and compares what it sees with
// the objects. It returns the length of the longest chain of deltas.
func checkPack(t fatal, r repo, name string, objects []Object, s Summary) int {
	t.Helper()
	git := func(stdin string, args ...string) string {
		out, err := r.try(stdin, args...)
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return out
	}
	git("", "index-pack", "--verify", r.pack(name)+".pack")
	if got := read(t, r.pack(name)+".pack"); int64(len(got)) != s.Size || fmt.Sprintf("%x", got[len(got)-20:]) != string(s.Checksum) {
		t.Fatalf("%d bytes, trailer %x; the summary has %+v", len(got), got[len(got)-20:], s)
	}
	checkIndexes(t, r, name)

	unique := map[merge3.ID]Object{}
	for _, o := range objects {
		unique[o.ID] = o
	}
	var ids []string
	for id := range unique {
		ids = append(ids, string(id))
	}
	slices.Sort(ids)
	var want strings.Builder
	for _, id := range ids {
		o := unique[merge3.ID(id)]
		fmt.Fprintf(&want, "%s %s %d\n%s\n", id, o.Type, len(o.content()), o.content())
	}
	if got := git("", "cat-file", "--batch", "--batch-all-objects"); got != want.String() {
		t.Fatalf("git reads\n%q\nwant\n%q", got, want.String())
	}
	if s.Objects != len(ids) {
		t.Fatalf("the summary has %d objects, the pack %d", s.Objects, len(ids))
	}
	return deltaChains(t, git("", "verify-pack", "-v", r.pack(name)+".idx"), s)
}

// checkIndexes compares the indexes with those that git makes of the pack.
func checkIndexes(t fatal, r repo, name string) {
	t.Helper()
	dir, err := os.MkdirTemp(string(r), "indexes")
	if err != nil {
		t.Fatalf("%v", err)
	}
	pack := filepath.Join(dir, "x.pack")
	if err := os.WriteFile(pack, read(t, r.pack(name)+".pack"), 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	if out, err := r.try("", "index-pack", "--rev-index", pack); err != nil {
		t.Fatalf("index-pack: %v\n%s", err, out)
	}
	for _, ext := range []string{".idx", ".rev"} {
		if got, want := read(t, r.pack(name)+ext), read(t, filepath.Join(dir, "x"+ext)); !bytes.Equal(got, want) {
			t.Fatalf("%s is not what git makes:\ngot\n%x\nwant\n%x", ext, got, want)
		}
	}
}

var chainLine = regexp.MustCompile(`(?m)^chain length = (\d+): (\d+) objects?$`)

func deltaChains(t fatal, listing string, s Summary) (longest int) {
	t.Helper()
	deltas := 0
	for _, m := range chainLine.FindAllStringSubmatch(listing, -1) {
		longest = max(longest, must(strconv.Atoi(m[1])))
		deltas += must(strconv.Atoi(m[2]))
	}
	if deltas != s.Deltas {
		t.Fatalf("the summary has %d deltas, the pack %d", s.Deltas, deltas)
	}
	return longest
}

func read(t fatal, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return data
}

// names lists what is in a directory.
func names(t fatal, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
