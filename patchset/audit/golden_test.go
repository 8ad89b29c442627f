package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// outputs writes every format of an account, by file name.
func outputs(t *testing.T, a audit.Account) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, write := range map[string]func(io.Writer, audit.Account) error{
		"report.html": audit.HTML, "report.csv": audit.AccountCSV, "report.json": audit.AccountJSON,
		"report.prom": audit.Prometheus, "report.ics": audit.Calendar,
	} {
		var b bytes.Buffer
		if err := write(&b, a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.Bytes()
	}
	for _, c := range audit.Charts(a) {
		out[c.Name+".svg"] = c.File()
	}
	return out
}

// tables writes every format of git carry audit, by file name.
func tables(t *testing.T, public bool) map[string][]byte {
	t.Helper()
	r, limits := storyReport(t), (&world{}).registry().LimitDays
	var table bytes.Buffer
	var doc any = audit.NewDocument(r)
	text, err := audit.Text(r), audit.CSV(&table, r)
	if public {
		counts := r.Counts(limits)
		table.Reset()
		doc, text, err = audit.NewCountsDocument(counts), audit.CountsText(counts), audit.CountsCSV(&table, counts)
	}
	data, err2 := json.Marshal(doc)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"audit.txt": []byte(text), "audit.csv": table.Bytes(), "audit.json": data}
}

func TestGolden(t *testing.T) {
	account := storyAccount(t)
	for dir, a := range map[string]audit.Account{"full": account, "public": account.Public()} {
		files := outputs(t, a)
		maps.Copy(files, tables(t, dir == "public"))
		for name, got := range files {
			if strings.HasSuffix(name, ".json") {
				var b bytes.Buffer // so that a difference can be read
				if err := json.Indent(&b, got, "", " "); err != nil {
					t.Fatal(err)
				}
				got = b.Bytes()
			}
			file := filepath.Join("testdata", dir, name)
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what it was; see the difference with: go test ./patchset/audit -run TestGolden -update; git diff", file)
			}
		}
	}
}
