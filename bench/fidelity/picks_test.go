package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func id(digit string) merge3.ID { return merge3.ID(strings.Repeat(digit, 40)) }

// table is one with the columns in another order than the program names them.
var table = strings.Join([]string{
	"repo\tpick\tbase\tonto\tlabel\trename\tsecurity",
	"o/a\t" + string(id("1")+"\t"+id("2")+"\t"+id("3")) + "\tconflict\t\t0",
	"o/b\t" + string(id("4")+"\t"+id("5")+"\t"+id("6")) + "\tclean-identical\tort-followed\t2",
	"",
}, "\n")

func TestParsePicks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picks.tsv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := readRows(path)
	if err != nil || len(rows) != 2 {
		t.Fatalf("got %v, %v", rows, err)
	}
	if r := rows[0]; r.repo != "o/a" || r.group != "o/a" || r.pick != id("1") || r.base != id("2") || r.onto != id("3") {
		t.Errorf("got %+v", r)
	}
	for _, test := range []struct {
		kinds       []string
		first, then bool
	}{
		{nil, true, true},
		{[]string{"conflict"}, true, false},
		{[]string{"rename"}, false, true},
		{[]string{"security"}, false, true},
		{[]string{"conflict", "rename"}, true, true},
		{[]string{"empty"}, false, false},
	} {
		if a, b := rows[0].is(test.kinds), rows[1].is(test.kinds); a != test.first || b != test.then {
			t.Errorf("%v: got %v, %v", test.kinds, a, b)
		}
	}
}

func TestTableGroupsByRepository(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picks.tsv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := options{picks: path, only: "conflict,empty"}.table()
	if err != nil || len(table["o/a"]) != 1 || len(table["o/b"]) != 0 {
		t.Errorf("got %v, %v", table, err)
	}
}
