package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// row is one merge to be done.
type row struct {
	repo             string
	group            string // the line of the table that it counts for
	base, pick, onto merge3.ID
	kinds            []string // what -only can ask for
}

// is tells whether the row is of one of these kinds; all rows are when there are none.
func (r row) is(kinds []string) bool {
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(r.kinds, k) })
}

// readPicks reads a table of picks: lines of columns with tabs between, the first
// line names the columns.
func readPicks(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	rows, err := parsePicks(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

func parsePicks(r io.Reader) ([]row, error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil, errors.Join(lines.Err(), errors.New("the table is empty"))
	}
	columns := strings.Split(lines.Text(), "\t")
	for _, name := range []string{"repo", "pick", "base", "onto"} {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("no column is named %s", name)
		}
	}
	var rows []row
	for number := 2; lines.Scan(); number++ {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != len(columns) {
			return nil, fmt.Errorf("line %d has %d columns, not %d", number, len(cells), len(columns))
		}
		named := map[string]string{}
		for i, name := range columns {
			named[name] = cells[i]
		}
		parsed, err := parseRow(named)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		rows = append(rows, parsed)
	}
	return rows, lines.Err()
}

func parseRow(cells map[string]string) (row, error) {
	r := row{repo: cells["repo"], group: cells["repo"]}
	for name, to := range map[string]*merge3.ID{"base": &r.base, "pick": &r.pick, "onto": &r.onto} {
		var err error
		if *to, err = gitops.ParseID(cells[name]); err != nil {
			return row{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if label := cells["label"]; label != "" {
		r.kinds = append(r.kinds, label)
	}
	if cells["rename"] != "" {
		r.kinds = append(r.kinds, "rename")
	}
	if s := cells["security"]; s != "" && s != "0" {
		r.kinds = append(r.kinds, "security")
	}
	return r, nil
}

// spread takes n of the rows, at even distances; all of them when n is 0.
func spread(rows []row, n int) []row {
	if n <= 0 || n >= len(rows) {
		return rows
	}
	some := make([]row, n)
	for i := range some {
		some[i] = rows[i*len(rows)/n]
	}
	return some
}
