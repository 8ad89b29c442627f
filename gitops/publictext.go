package gitops

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// What the words and lines of a public commit say.

var (
	pickedLine   = pattern.Of(`(?m)^\(cherry picked from commit ([0-9a-f]{7,64})\)`)
	revertedLine = pattern.Of(`(?i)\b(?:this )?reverts? (?:commit |changeset )([0-9a-f]{7,64})`)
)

// pickedFrom are the commits that a message says it was picked from.
func pickedFrom(message []byte) []string { return namedBy(pickedLine(), message) }

// reverts are the commits that a message says it takes back.
func reverts(message []byte) []string { return namedBy(revertedLine(), message) }

func namedBy(line *regexp.Regexp, message []byte) []string {
	var ids []string
	for _, m := range line.FindAllSubmatch(message, -1) {
		ids = append(ids, string(m[1]))
	}
	return ids
}

// minSubject is how long a subject must be to say which change it is about.
const minSubject = 16

// announced is what people put before the subject of a fix that becomes public.
var announced = pattern.Of(`(?i)^(?:\[?security\]?|\[[^\]]*\]|T[0-9]+)[: ]+`)

// plainSubject is the subject of a message without what only announces it.
func plainSubject(message []byte) string {
	s := strings.TrimSpace(patchset.Subject(message))
	for {
		rest := announced().ReplaceAllString(s, "")
		if rest == s || rest == "" {
			return strings.ToLower(s)
		}
		s = rest
	}
}

// notInName tells whether a rune ends the name of a ticket.
func notInName(r rune) bool {
	return !strings.ContainsRune("-_#", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// revertedBy finds, among commits newest first, the one that says it takes back id.
func (w *Workbench) revertedBy(ctx context.Context, id merge3.ID, commits []*pastCommit) (patchset.Undoing, error) {
	for i := len(commits) - 1; i >= 0; i-- {
		message, err := w.publicMessage(ctx, commits[i].id)
		if err != nil {
			return patchset.Undoing{}, err
		}
		for _, named := range reverts(message) {
			if strings.HasPrefix(string(id), named) {
				return patchset.Undoing{Happened: true, Commit: commits[i].id, Words: "says that it reverts " + id.Short()}, nil
			}
		}
	}
	return patchset.Undoing{}, nil
}

// lineChanges counts the lines that a commit removes and adds in paths; nil: in all.
// Lines without a word do not count.
func (w *Workbench) lineChanges(ctx context.Context, id merge3.ID, paths []string) (map[string]int, error) {
	old, now, err := w.treesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	changes, err := w.changesAt(ctx, old, now, paths)
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for _, c := range changes {
		files, err := w.fileChanges(ctx, movedFile{TreeChange: c})
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			for _, h := range file.Hunks {
				for _, l := range h.Lines {
					if text := bytes.TrimSpace(l.Text); len(text) > 3 {
						lines[string(l.Op)+string(text)]++
					}
				}
			}
		}
	}
	return lines, nil
}

// changesAt are the changes between two trees at paths; nil: all of them.
func (w *Workbench) changesAt(ctx context.Context, old, now merge3.ID, paths []string) ([]TreeChange, error) {
	if paths == nil {
		return w.DiffTrees(ctx, old, now)
	}
	var changes []TreeChange
	for _, path := range paths {
		before, _, err := w.Entry(ctx, old, path)
		if err != nil {
			return nil, err
		}
		after, _, err := w.Entry(ctx, now, path)
		if err != nil {
			return nil, err
		}
		isTree := before.Mode == merge3.ModeTree || after.Mode == merge3.ModeTree || before.Mode == "040000" || after.Mode == "040000"
		if before != after && !isTree {
			changes = append(changes, TreeChange{path, before, after})
		}
	}
	return changes, nil
}

// sharedPercent is how many percent of their lines two changes have in common: of those
// that they add, since whatever conflicts removes the same; of the others when the first
// adds none.
func sharedPercent(a, b map[string]int) int {
	if shared, some := sharedOf(a, b, '+'); some {
		return shared
	}
	shared, _ := sharedOf(a, b, '-')
	return shared
}

func sharedOf(a, b map[string]int, op byte) (percent int, some bool) {
	all, common := 0, 0
	for line, n := range a {
		if line[0] == op {
			all += n
			common += 2 * min(n, b[line])
		}
	}
	if all == 0 {
		return 0, false
	}
	for line, n := range b {
		if line[0] == op {
			all += n
		}
	}
	return 100 * common / all, true
}
