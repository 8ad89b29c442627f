package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func disputed(tree merge3.ID, kind merge3.Kind, message string) answer {
	return answer{result: merge3.Result{Tree: tree, Conflicts: []merge3.Conflict{
		{Path: "dir/a file", Kind: kind, Upstream: merge3.Entry{Mode: merge3.ModeFile, ID: id("9")}, Message: message},
	}}}
}

func clean(tree merge3.ID) answer { return answer{result: merge3.Result{Tree: tree}} }

func TestDifference(t *testing.T) {
	for _, test := range []struct {
		name      string
		ours, git answer
		want      difference
		detail    []string
	}{
		{"both clean", clean(id("1")), clean(id("1")), same, nil},
		{"other words", disputed(id("1"), merge3.KindContent, "a"), disputed(id("1"), merge3.KindContent, "b"), same, nil},
		{"other tree", clean(id("1")), clean(id("2")), treeDiffer, []string{"git gives tree " + string(id("2")), "ours is " + string(id("1"))}},
		{"ours is clean", clean(id("1")), disputed(id("2"), merge3.KindContent, ""), verdictDiffer, []string{`git alone says content "dir/a file"`}},
		{"ours is clean, the tree the same", clean(id("1")), disputed(id("1"), merge3.KindModifyDelete, ""), verdictDiffer, nil},
		{
			"other kind", disputed(id("1"), merge3.KindContent, ""), disputed(id("1"), merge3.KindAddAdd, ""), listDiffer,
			[]string{`git alone says add/add "dir/a file"; ours alone says content "dir/a file"`},
		},
		{"ours failed", answer{err: errors.New("too deep\nmore")}, clean(id("1")), oursFailed, []string{"ours failed: too deep"}},
	} {
		c := comparison{ours: test.ours, git: test.git}
		if got := c.difference(); got != test.want {
			t.Errorf("%s: got %q", test.name, got)
		}
		for _, words := range test.detail {
			if !strings.Contains(c.detail(), words) {
				t.Errorf("%s: got %q, which lacks %q", test.name, c.detail(), words)
			}
		}
	}
}

func TestOnlyStopsListing(t *testing.T) {
	var many []merge3.Conflict
	for i := range 5 {
		many = append(many, merge3.Conflict{Path: fmt.Sprint(i), Kind: merge3.KindContent})
	}
	if got := only("says", many, nil); got != `says content "0", content "1", content "2", 2 more` {
		t.Errorf("got %q", got)
	}
}

func TestCommandCanBePasted(t *testing.T) {
	c := comparison{row: row{base: id("a"), pick: id("b"), onto: id("c")}, ours: clean(id("1")), git: clean(id("2"))}
	want := fmt.Sprintf(`git carry try --repo '/a'\''b' %s --onto %s # base %s; tree: `, id("b"), id("c"), id("a"))
	if got := c.command("/a'b"); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestReasonForgetsTheIDs(t *testing.T) {
	err := fmt.Errorf("merge %s onto %s: git merge-tree: unable to read tree (%s)\nfatal", id("a").Short(), id("b").Short(), id("c"))
	if got := reason(err); got != "merge ID onto ID: git merge-tree: unable to read tree (ID)" {
		t.Errorf("got %q", got)
	}
	if got := reason(errors.New("a deadbeef cafe decade: fades")); got != "a deadbeef cafe decade: fades" {
		t.Errorf("a word was taken for an id: %q", got)
	}
}
