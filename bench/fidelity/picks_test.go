package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func id(digit string) merge3.ID { return merge3.ID(strings.Repeat(digit, 40)) }

// picks is a table with the columns in another order than the program names them.
var picks = strings.Join([]string{
	"repo\tpick\tbase\tonto\tlabel\trename\tsecurity",
	"o/a\t" + string(id("1")+"\t"+id("2")+"\t"+id("3")) + "\tconflict\t\t0",
	"o/b\t" + string(id("4")+"\t"+id("5")+"\t"+id("6")) + "\tclean-identical\tort-followed\t2",
	"",
}, "\n")

func TestParsePicks(t *testing.T) {
	rows, err := parsePicks(strings.NewReader(picks))
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

func TestParsePicksRefuses(t *testing.T) {
	for name, table := range map[string]string{
		"nothing":            "",
		"no column for onto": "repo\tpick\tbase\n",
		"a line cut short":   "repo\tpick\tbase\tonto\no/a\t" + string(id("1")) + "\n",
		"an id that is none": "repo\tpick\tbase\tonto\no/a\t--all\t" + string(id("2")+"\t"+id("3")) + "\n",
	} {
		if rows, err := parsePicks(strings.NewReader(table)); err == nil {
			t.Errorf("%s: got %v", name, rows)
		}
	}
}

func TestReadPicksUnpacks(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(picks)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"picks.tsv": []byte(picks), "picks.tsv.gz": packed.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if rows, err := readPicks(path); err != nil || len(rows) != 2 {
			t.Errorf("%s: got %v, %v", name, rows, err)
		}
	}
}

func TestSpread(t *testing.T) {
	rows := make([]row, 10)
	for i := range rows {
		rows[i].repo = string(rune('a' + i))
	}
	for n, want := range map[int]string{0: "abcdefghij", 1: "a", 3: "adg", 10: "abcdefghij", 11: "abcdefghij"} {
		got := ""
		for _, r := range spread(rows, n) {
			got += r.repo
		}
		if got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestTableGroupsByRepository(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picks.tsv")
	if err := os.WriteFile(path, []byte(picks), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := options{picks: path, only: "conflict,empty"}.table()
	if err != nil || len(table["o/a"]) != 1 || len(table["o/b"]) != 0 {
		t.Errorf("got %v, %v", table, err)
	}
}
