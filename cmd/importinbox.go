package cmd

import (
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset/mailbox"
)

// incoming is one patch in one version, as it was found in a file.
type incoming struct {
	Path      string // from the directory that is imported
	Version   string
	Component string
	Task      string
	Ordinal   int // counts the files of a task in a component from 1
	Part      int // counts the commits in one file from 0
	Number    int // its place among the patches of the task: Ordinal, but for further parts
	Revision  int // of a name with -revN
	Suffix    string
	Message   mailbox.Message // not for a dropped one
}

// identity is what a patch has in common in all versions.
type identity struct {
	component, task string
	number          int // its place among the patches of the task
}

func (i incoming) identity() identity { return identity{i.Component, i.Task, i.Number} }

func (i incoming) dropped() bool { return i.Suffix == "dropped" }

// importFinding is a remark in the report.
type importFinding struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Stops: a patch would be left out, so nothing is imported; else it is a file
	// that is no patch, and only left out.
	Stops bool `json:"stops"`
}

// inbox is what there is to import, before anything is looked up.
type inbox struct {
	patches  []incoming // by version, oldest first, then component, then stack order
	versions []string
	guessed  []importFinding
	refused  []importFinding
}

// clone gives a copy whose findings can grow on their own.
func (b inbox) clone() inbox {
	b.guessed, b.refused = slices.Clone(b.guessed), slices.Clone(b.refused)
	return b
}

func (b *inbox) guess(path, format string, args ...any) {
	b.guessed = append(b.guessed, importFinding{Path: path, Reason: fmt.Sprintf(format, args...)})
}

func (b *inbox) refuse(path string, stops bool, reason string) {
	b.refused = append(b.refused, importFinding{path, reason, stops})
}
