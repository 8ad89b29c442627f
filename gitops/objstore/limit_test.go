package objstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// A limit holds for the object that is asked for, in a pack or not, a delta or not, and
// not for what it is a delta of.
func TestReadUpTo(t *testing.T) {
	r := newRepo(t, 1)
	long := strings.Repeat("a line that is the same in both\n", 200)
	for i, text := range []string{long, long[:len(long)/2] + "and one of its own\n"} {
		r.gitIn(fmt.Sprintf("commit refs/heads/limit%d\ncommitter T <t@example.org> 1 +0000\ndata 0\nM 644 inline f\ndata %d\n%s\n", i, len(text), text), "fast-import", "--quiet")
	}
	large, small := merge3.ID(r.ID("limit0:f")), merge3.ID(r.ID("limit1:f"))
	check := func() {
		t.Helper()
		s := r.open(Options{})
		limit := int64(len(long)) - 1
		var refused *TooLarge
		if _, _, err := s.ReadUpTo(t.Context(), large, limit); !errors.As(err, &refused) || refused.Size != limit+1 || refused.Limit != limit {
			t.Errorf("the large one: %v", err)
		}
		if _, data, err := s.ReadUpTo(t.Context(), small, limit); err != nil || len(data) >= len(long) {
			t.Errorf("the small one: %d bytes, %v", len(data), err)
		}
		if _, data, err := s.ReadUpTo(t.Context(), large, limit+1); err != nil || string(data) != long {
			t.Errorf("at the limit: %d bytes, %v", len(data), err)
		}
	}
	r.Git("repack", "-adfq") // the small one is a delta of the large one
	check()
	r.unpackAll()
	check()
}
