package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
)

func answers(base, upstream, patch string) suggest.Answers {
	return suggest.For(suggest.File{Path: "a", Base: []byte(base), Upstream: []byte(upstream), Patch: []byte(patch)})
}

func TestCompare(t *testing.T) {
	const base, upstream, patch = "first\nlimit( rows, 10 )\nlast\n", "first\nlimit( lines, 10 )\nlast\n", "first\nlimit( rows, 50 )\nlast\n"
	a := answers(base, upstream, patch)
	for _, test := range []struct {
		name, landed string
		right, whole bool
	}{
		{"what was suggested", "first\nlimit( lines, 50 )\nlast\n", true, true},
		{"something else", "first\nlimit( rows, 50 )\nlast\n", false, false},
		{"one space", "first\nlimit( lines,  50 )\nlast\n", false, false},
		{"more in front", "first\nmore\nlimit( lines, 50 )\nlast\n", false, false},
		{"more behind", "first\nlimit( lines, 50 )\nmore\nlast\n", false, false},
		{"the line in front too", "other\nlimit( lines, 50 )\nlast\n", false, false},
		{"a line far away too", "first\nlimit( lines, 50 )\nlast\nand more\n", true, false},
	} {
		v := compare(a, []byte(test.landed), true, nil)
		if len(v.disputes) != 1 || len(v.disputes[0].offered) != 1 {
			t.Fatalf("%s: got %+v", test.name, v)
		}
		if got := v.disputes[0].offered[0]; got.right != test.right || v.whole != test.whole {
			t.Errorf("%s: got %v, whole %v", test.name, got.right, v.whole)
		}
	}
	if v := compare(a, nil, false, nil); v.disputes[0].offered[0].right || v.whole {
		t.Error("a file that did not land made a suggestion right")
	}
}

func TestRegion(t *testing.T) {
	m := answers("a\nx\nb\nc\ny\nd\n", "a\nx1\nb\nc\ny1\nd\n", "a\nx2\nb\nc\ny2\nd\n").Merged
	const landed = "a\nxx\nx3\nb\nc\nd\n"
	for n, want := range []string{"xx\nx3\n", ""} {
		if got, ok := region(m, n, []byte(landed)); !ok || string(got) != want {
			t.Errorf("dispute %d: got %q, %v", n, got, ok)
		}
	}
	if got, ok := region(m, 0, []byte("q\nx3\nr\nc\nd\n")); ok {
		t.Errorf("lines around were changed: got %q", got)
	}
}

// history is a fix that was put, by hand, on a branch where it conflicts.
const history = `
at 2025-01-01T00:00:00Z
as Ann <ann@example.org>
git init
git add a.txt
git commit -m base
git branch old
cp patch.txt a.txt
git commit -a -m fix
git branch fix
git checkout old
cp upstream.txt a.txt
git commit -a -m other
git branch onto
cp landed.txt a.txt
git commit -a -m landed
git branch landed

-- a.txt --
first
limit( rows, 10 )
last
-- patch.txt --
first
limit( rows, 50 )
last
-- upstream.txt --
first
limit( lines, 10 )
last
-- landed.txt --
first
limit( lines, 50 )
last
`

func TestRowsAreJudgedAndCounted(t *testing.T) {
	repo := gittest.Load(t, history)
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	source, err := gitops.OpenSource(t.Context(), git, repo.Dir)
	if err != nil {
		t.Fatal(err)
	}
	r := row{repo: "o/a"}
	for name, to := range map[string]*merge3.ID{"fix": &r.pick, "fix~": &r.base, "onto": &r.onto, "landed": &r.landed} {
		if *to, err = source.Resolve(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	missing := r
	missing.landed = merge3.ID(strings.Repeat("d", 40))
	got, err := judge{git: git, repo: picks.Repository{Name: "o/a", Dir: repo.Dir}, tmp: t.TempDir(), workers: 2}.all(t.Context(), []row{r, r, missing})
	if err != nil {
		t.Fatal(err)
	}
	if got.rows != 3 || got.files != 2 || got.disputes != 2 || got.right != 2 || got.whole != 2 || len(got.skipped) != 1 {
		t.Errorf("got %+v", got)
	}
	want := map[suggest.Source]suggest.Precision{suggest.Words: {Right: 2, Of: 2}, suggest.Known: {Right: 1, Of: 1}}
	for s, p := range want {
		if got.sources[s] != p {
			t.Errorf("%s: got %+v", s, got.sources[s])
		}
	}
	got.tuned = true
	rep := report{tallies: []*tally{got}}
	for _, words := range []string{"| all held out | 0 |", "| o/a | 3 | 1 | 2 | 2 | 100.0 % | 0.0 % | 0.0 % | 100.0 % | 100.0 % |", "| words | 0 | - | 2 | 100.0 % |"} {
		if !strings.Contains(rep.text(), words) {
			t.Errorf("no %q in\n%s", words, rep.text())
		}
	}
	if code := string(rep.code()); !strings.Contains(code, "Words:         {Right: 2, Of: 2},") {
		t.Errorf("got\n%s", code)
	}
}

func TestReadPicks(t *testing.T) {
	id := func(c string) string { return strings.Repeat(c, 40) }
	head := "repo\tpick\tbase\tonto\tlanded\tlabel\tconflict\n"
	good := "o/a\t" + id("1") + "\t" + id("2") + "\t" + id("3") + "\t" + id("4") + "\tconflict\tcode,test\n"
	for _, test := range []struct {
		name, table string
		ok          bool
	}{
		{"good", head + good, true},
		{"empty", "", false},
		{"no such column", "repo\tpick\n", false},
		{"a cell is missing", head + "o/a\n", false},
		{"no id", head + strings.Replace(good, id("2"), "master", 1), false},
	} {
		path := filepath.Join(t.TempDir(), "picks.tsv")
		if err := os.WriteFile(path, []byte(test.table), 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := readRows(path)
		if (err == nil) != test.ok {
			t.Errorf("%s: got %v", test.name, err)
		}
		if test.ok && (len(rows) != 1 || rows[0].only([]string{"code"}) || !rows[0].only([]string{"test", "code"})) {
			t.Errorf("%s: got %+v", test.name, rows)
		}
	}
}
