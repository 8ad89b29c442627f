package main

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// history is a branch of half a year, and a commit on top that touches what
// nobody else did.
const history = `
at 2025-01-01T00:00:00Z
as Ann <ann@example.org>
git init
git add a.txt b.txt
git commit -m first
at 2025-08-01T00:00:00Z
cp a2.txt a.txt
git commit -a -m second
at 2025-09-01T00:00:00Z
cp b2.txt b.txt
git commit -a -m third

-- a.txt --
one
-- a2.txt --
two
-- b.txt --
three
-- b2.txt --
four
`

func testComparer(t *testing.T) *comparer {
	t.Helper()
	repo := gittest.Load(t, history)
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	c, err := newComparer(t.Context(), git, picks.Repository{Name: "o/a", Dir: repo.Dir}, merge3.StyleMerge, t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRandomRowsAreMergedAndCounted(t *testing.T) {
	c := testComparer(t)
	rows, err := c.randomRows(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	// The first commit has no parent, and nothing is two years old.
	if len(rows) != 2 || rows[0].group != "o/a, 6 months" || rows[0].onto != rows[1].onto {
		t.Fatalf("got %+v", rows)
	}
	rows = append(rows, row{repo: "o/a", group: "missing", base: rows[0].base, pick: id("d"), onto: rows[0].onto})
	tallies, err := c.all(t.Context(), rows)
	if err != nil || len(tallies) != 2 {
		t.Fatalf("got %v, %v", tallies, err)
	}
	if got := tallies[0]; got.merges() != 2 || got.sameTree != 2 || got.clean != 2 || got.differ[same] != 2 || len(got.ours) != 2 {
		t.Errorf("got %+v", got)
	}
	if got := tallies[1]; got.merges() != 0 || got.rows != 1 || total(got.skipped) != 1 {
		t.Errorf("a pick that is not there: got %+v", got)
	}
}

func TestAllStopsWithItsContext(t *testing.T) {
	c := testComparer(t)
	rows, err := c.randomRows(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.all(ctx, rows); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type panics struct{}

func (panics) Merge(context.Context, merge3.Request) (merge3.Result, error) {
	panic("index out of range")
}

func TestPanicIsAnAnswer(t *testing.T) {
	if a := timed(t.Context(), panics{}, merge3.Request{}); a.err == nil {
		t.Error("a panic was no error")
	}
}

func TestParseLog(t *testing.T) {
	got, err := parseLog(string(id("1")+" 86400 "+id("2")+" "+id("3")) + "\n" + string(id("2")) + " 0\n")
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if got[0].id != id("1") || got[0].parent != id("2") || !got[0].at.Equal(time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)) || got[1].parent != "" {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"x\n", "x y z\n"} {
		if _, err := parseLog(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestBefore(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	branch := []logged{{id: id("3"), at: day(9)}, {id: id("2"), at: day(5)}, {id: id("1"), at: day(2)}}
	for n, want := range map[int]merge3.ID{1: "", 2: id("1"), 4: id("1"), 5: id("2"), 20: id("3")} {
		if got := before(branch, day(n)); got != want {
			t.Errorf("day %d: got %s, want %s", n, got, want)
		}
	}
}
