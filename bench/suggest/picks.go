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

// row is a real pick.
type row struct {
	repo                     string
	base, pick, onto, landed merge3.ID
	label                    string
	conflict                 []string // the kinds of files in dispute
}

// only tells whether nothing but these kinds is in dispute.
func (r row) only(kinds []string) bool {
	return !slices.ContainsFunc(r.conflict, func(k string) bool { return !slices.Contains(kinds, k) })
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
	for _, name := range []string{"repo", "pick", "base", "onto", "landed", "label", "conflict"} {
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
		r, err := parseRow(named)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		rows = append(rows, r)
	}
	return rows, lines.Err()
}

func parseRow(cells map[string]string) (row, error) {
	r := row{repo: cells["repo"], label: cells["label"], conflict: strings.Split(cells["conflict"], ",")}
	for name, to := range map[string]*merge3.ID{"base": &r.base, "pick": &r.pick, "onto": &r.onto, "landed": &r.landed} {
		var err error
		if *to, err = gitops.ParseID(cells[name]); err != nil {
			return row{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}
