package main

import (
	"slices"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/picks"
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

// columns are those that a table of picks must have.
var columns = []string{"repo", "pick", "base", "onto", "landed", "label", "conflict"}

func readRows(path string) ([]row, error) { return picks.ReadAll(path, columns, parseRow) }

func parseRow(cells picks.Row) (row, error) {
	r := row{repo: cells["repo"], label: cells["label"], conflict: strings.Split(cells["conflict"], ",")}
	return r, cells.IDs(map[string]*merge3.ID{"base": &r.base, "pick": &r.pick, "onto": &r.onto, "landed": &r.landed})
}
