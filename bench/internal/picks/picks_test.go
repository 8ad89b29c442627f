package picks

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

var columns = []string{"repo", "pick", "base", "onto"}

// table has its columns in another order than the program names them.
var table = strings.Join([]string{
	"repo\tpick\tbase\tonto\tlabel",
	"o/a\t" + string(id("1")+"\t"+id("2")+"\t"+id("3")) + "\tconflict",
	"o/b\t" + string(id("4")+"\t"+id("5")+"\t"+id("6")) + "\tclean",
	"",
}, "\n")

// pick reads the id of a row's pick, and so refuses what is none.
func pick(ids *[]merge3.ID) func(Row) error {
	return func(r Row) error {
		var one merge3.ID
		err := r.IDs(map[string]*merge3.ID{"pick": &one})
		*ids = append(*ids, one)
		return err
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"no column for onto": "repo\tpick\tbase\n",
		"a line cut short":   "repo\tpick\tbase\tonto\no/a\t" + string(id("1")) + "\n",
		"an id that is none": "repo\tpick\tbase\tonto\no/a\t--all\t" + string(id("2")+"\t"+id("3")) + "\n",
	} {
		var ids []merge3.ID
		if err := Parse(strings.NewReader(text), columns, pick(&ids)); err == nil {
			t.Errorf("%s: got %v", name, ids)
		}
	}
}

func TestReadUnpacks(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(table)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"picks.tsv": []byte(table), "picks.tsv.gz": packed.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var ids []merge3.ID
		if err := Read(path, columns, pick(&ids)); err != nil || len(ids) != 2 || ids[1] != id("4") {
			t.Errorf("%s: got %v, %v", name, ids, err)
		}
	}
}

func TestSpread(t *testing.T) {
	rows := strings.Split("abcdefghij", "")
	for n, want := range map[int]string{0: "abcdefghij", 1: "a", 3: "adg", 10: "abcdefghij", 11: "abcdefghij"} {
		got := ""
		for _, r := range Spread(rows, n) {
			got += r
		}
		if got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
