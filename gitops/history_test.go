package gitops

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A walk finds what git rev-list and git merge-base find, with merges, with clocks
// that go wrong, and with paths that come and go.
func TestWalksEqualGit(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	more, listed := 0, 0
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 1))
		commits := randomCommits(t, s, r, 60)
		for range 20 {
			tip, since := commits[r.IntN(len(commits))], commits[r.IntN(len(commits))]
			path := [][]string{{"a"}, {"d/b"}, {"a", "d/b"}, {"d"}, {"none"}}[r.IntN(5)]
			want := gitRevList(t, s, "--date-order", tip, since, path)
			got, err := s.past.touching(t.Context(), tip, since, path, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range want {
				if isAncestor(t, s, id, since) { // git's list is wrong where clocks are
					continue
				}
				if !slices.Contains(got, id) {
					t.Fatalf("seed %d: %s..%s -- %v: %v, git says %v", seed, since, tip, path, got, want)
				}
			}
			for _, id := range got {
				change, err := s.Git(t.Context(), Cmd{Args: append([]string{"diff-tree", "--root", "-r", string(id), "--"}, path...)})
				if err != nil || len(change) == 0 || isAncestor(t, s, id, since) || !isAncestor(t, s, id, tip) {
					t.Fatalf("seed %d: %s..%s -- %v: %s does not touch them, or is not in the range", seed, since, tip, path, id)
				}
			}
			more += len(got) - len(want)
			listed += len(want)
			if is, err := s.past.contains(t.Context(), tip, since); err != nil || is != isAncestor(t, s, since, tip) {
				t.Fatalf("seed %d: %s in %s: %v, %v", seed, since, tip, is, err)
			}
		}
	}
	if listed == 0 || more > listed/20 {
		t.Errorf("%d commits more than git lists, which are %d", more, listed)
	}
}

// What is asked about later is found as if it had been asked about first.
func TestPathsThatAreWatchedLate(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	commits := randomCommits(t, s, rand.New(rand.NewPCG(1, 1)), 300)
	late := newCommitGraph(s)
	for _, path := range []string{"a", "d/b", "e", "d/c"} {
		ask := func(h *commitGraph) []merge3.ID {
			ids, err := h.touching(t.Context(), commits[len(commits)-1], "", []string{path}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		want := ask(newCommitGraph(s))
		if got := ask(late); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: %v, asked alone %v", path, got, want)
		}
	}
}

func isAncestor(t *testing.T, s *Scratch, id, of merge3.ID) bool {
	_, err := s.Git(t.Context(), Cmd{Args: []string{"merge-base", "--is-ancestor", string(id), string(of)}})
	return err == nil
}

func gitRevList(t *testing.T, s *Scratch, how string, tip, since merge3.ID, paths []string) []merge3.ID {
	t.Helper()
	out, err := s.Git(t.Context(), Cmd{Args: append([]string{"rev-list", "--no-merges", how, string(tip), "^" + string(since), "--"}, paths...)})
	if err != nil {
		t.Fatal(err)
	}
	var ids []merge3.ID
	for _, line := range strings.Fields(string(out)) {
		ids = append(ids, merge3.ID(line))
	}
	return ids
}

// randomCommits makes a history in which one commit in four merges two.
func randomCommits(t *testing.T, s *Scratch, r *rand.Rand, n int) []merge3.ID {
	t.Helper()
	blob := func(i int) merge3.ID {
		id, err := s.WriteBlob([]byte(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	var ids []merge3.ID
	for i := range n {
		var c patchset.Commit
		date := 1_700_000_000 + int64(i)*100
		if r.IntN(5) == 0 {
			date -= r.Int64N(5000) // a clock that is slow
		}
		who := fmt.Sprintf("A <a@example.org> %d +0000", date)
		c.Author, c.Committer, c.Message = who, who, []byte(fmt.Sprintf("commit %d\n", i))
		tree := merge3.ID("")
		if i > 0 {
			parent := ids[max(0, i-1-r.IntN(6))]
			c.Parents = []merge3.ID{parent}
			other := ids[max(0, i-1-r.IntN(12))]
			if r.IntN(4) == 0 && other != parent {
				c.Parents = append(c.Parents, other)
			}
			tree = treeOf(t, s, c.Parents[r.IntN(len(c.Parents))])
		}
		changes := map[string]merge3.Entry{}
		if path := []string{"a", "d/b", "d/c", "e", ""}[r.IntN(5)]; path != "" {
			changes[path] = merge3.Entry{Mode: merge3.ModeFile, ID: blob(r.IntN(3))}
			if r.IntN(5) == 0 {
				changes[path] = merge3.Entry{}
			}
		}
		var err error
		if c.Tree, err = s.EditTree(t.Context(), tree, changes); err != nil {
			t.Fatal(err)
		}
		id, err := s.WriteCommit(c)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}
