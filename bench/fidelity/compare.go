package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// answer is what one side made of a merge.
type answer struct {
	result merge3.Result
	err    error
	took   time.Duration
}

// comparison is one merge by both sides.
type comparison struct {
	row       row
	ours, git answer
	asked     string // why the engine asked git, "" when it did not
}

// difference is how our answer differs from git's; the worst one counts.
type difference string

// The differences, the worst first.
const (
	same          difference = ""
	oursFailed    difference = "ours failed"
	verdictDiffer difference = "verdict"   // one is clean, the other is not
	treeDiffer    difference = "tree"      // the verdict is the same
	listDiffer    difference = "conflicts" // the tree too, but what is in dispute is not
)

// skipped says why a merge cannot be compared, or "".
func (c comparison) skipped() string {
	if c.git.err == nil {
		return ""
	}
	return reason(c.git.err)
}

func (c comparison) difference() difference {
	ours, git := c.ours.result, c.git.result
	switch {
	case c.ours.err != nil:
		return oursFailed
	case ours.Clean() != git.Clean():
		return verdictDiffer
	case ours.Tree != git.Tree:
		return treeDiffer
	case !slices.EqualFunc(ours.Conflicts, git.Conflicts, merge3.Conflict.SameAs):
		return listDiffer
	}
	return same
}

// detail says in a line what the difference is.
func (c comparison) detail() string {
	ours, git := c.ours.result, c.git.result
	if c.ours.err != nil {
		return "ours failed: " + firstLine(c.ours.err)
	}
	text := string(c.difference())
	if ours.Tree != git.Tree {
		text += fmt.Sprintf(": git gives tree %s, ours is %s", git.Tree, ours.Tree)
	}
	text += only("; git alone says", git.Conflicts, ours.Conflicts)
	return text + only("; ours alone says", ours.Conflicts, git.Conflicts)
}

// only lists the conflicts of one side that the other does not have.
func only(intro string, conflicts, others []merge3.Conflict) string {
	const most = 3
	var words []string
	for _, k := range conflicts {
		if !slices.ContainsFunc(others, k.SameAs) {
			words = append(words, fmt.Sprintf("%s %q", k.Kind, k.Path))
		}
	}
	if len(words) == 0 {
		return ""
	}
	if more := len(words) - most; more > 0 {
		words = append(words[:most], fmt.Sprintf("%d more", more))
	}
	return intro + " " + strings.Join(words, ", ")
}

// command is what tries the merge again; the base is the parent of the pick.
func (c comparison) command(dir string) string {
	return fmt.Sprintf("git carry try --repo '%s' %s --onto %s # base %s; %s",
		strings.ReplaceAll(dir, "'", `'\''`), c.row.pick, c.row.onto, c.row.base, c.detail())
}

// anID is an object's id, whole or short.
var anID = regexp.MustCompile(`\b[0-9a-f]{10,64}\b`)

// reason is an error without what is of one merge alone, so that the same ones
// can be counted together.
func reason(err error) string { return anID.ReplaceAllString(firstLine(err), "ID") }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
