package main

import (
	"slices"

	"github.com/git-carry/git-carry/bench/internal/picks"
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

// columns are those that a table of picks must have.
var columns = []string{"repo", "pick", "base", "onto"}

func readRows(path string) ([]row, error) { return picks.ReadAll(path, columns, parseRow) }

func parseRow(cells picks.Row) (row, error) {
	r := row{repo: cells["repo"], group: cells["repo"]}
	if label := cells["label"]; label != "" {
		r.kinds = append(r.kinds, label)
	}
	if cells["rename"] != "" {
		r.kinds = append(r.kinds, "rename")
	}
	if s := cells["security"]; s != "" && s != "0" {
		r.kinds = append(r.kinds, "security")
	}
	return r, cells.IDs(map[string]*merge3.ID{"base": &r.base, "pick": &r.pick, "onto": &r.onto})
}
