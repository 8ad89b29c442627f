package gitops

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Trees are compared as they are stored, and come to what they do taken apart.
func FuzzDiffTree(f *testing.F) {
	id := "\x01234567890123456789"
	f.Add([]byte("100644 a\x00"+id+"40000 b\x00"+id), []byte("100755 a\x00"+id+"100644 b\x00"+id+"100644 b-\x00"+id))
	f.Add([]byte("40000 a\x00"+id), []byte("100644 a-b\x00"+id+"40000 a\x00"+id))
	f.Add([]byte("100644 a\x00"+id), []byte("100644 a\x00"+id[:19]))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var got []merge3.EntryPair
		var failed error
		for raw, err := range rawDifferences(a, b, 20) {
			old, errOld := raw[0].parsed()
			now, errNow := raw[1].parsed()
			failed = errors.Join(failed, err, errOld, errNow)
			got = append(got, merge3.EntryPair{Old: old, New: now})
		}
		old, errA := ParseTree(a, 20)
		now, errB := ParseTree(b, 20)
		if errA != nil || errB != nil {
			return
		}
		if failed != nil {
			t.Fatalf("both can be read, but not compared: %v", failed)
		}
		if diff := cmp.Diff(merge3.DiffEntries(old, now), got); diff != "" {
			t.Errorf("taken apart and as stored:\n%s", diff)
		}
	})
}

// However two trees are compared, and however often, the answer is the same.
func TestDiffFarEqualsDiffTrees(t *testing.T) {
	s := testScratch(t, gittest.Load(t, smallRepo))
	blobs := make([]merge3.ID, 3)
	for i := range blobs {
		var err error
		if blobs[i], err = s.WriteBlob([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.MapOf(rapid.SampledFrom([]string{"a", "a-b/f", "a/f", "a/g", "b/c/d", "b/c/e", "b/f", "z"}), rapid.SampledFrom(blobs))
		tree := func(label string) merge3.ID {
			changes := map[string]merge3.Entry{}
			taken := files.Draw(t, label)
			for path, blob := range taken {
				if _, file := taken["a"]; !file || !strings.HasPrefix(path, "a/") {
					changes[path] = merge3.Entry{Mode: merge3.ModeFile, ID: blob}
				}
			}
			id, err := s.EditTree(t.Context(), "", changes)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		old, now := tree("old"), tree("now")
		want, err := s.DiffTrees(t.Context(), old, now)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := s.DiffFar(t.Context(), old, now)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("far: %v, %v; want %v", got, err, want)
			}
		}
	})
}
