package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// commit is a commit with one parent.
type commit struct {
	id, tree, parent string
	rest             string // from the author line on, without the committer line
}

// readCommits reads commits with one git process. Those that are no ordinary
// single-parent commits come back with an empty parent.
func readCommits(ctx context.Context, sh *drive.Shell, repo string, ids []string) ([]commit, error) {
	text, err := sh.Text(ctx, drive.Cmd{Dir: repo, Args: []string{"git", "cat-file", "--batch"}, Stdin: strings.Join(ids, "\n") + "\n"})
	if err != nil {
		return nil, err
	}
	commits := make([]commit, 0, len(ids))
	for _, id := range ids {
		var size int
		head, body, _ := strings.Cut(text, "\n")
		if _, err := fmt.Sscanf(head, id+" commit %d", &size); err != nil || size > len(body) {
			return nil, fmt.Errorf("reading commit %s: %q", id, head)
		}
		commits = append(commits, parseCommit(id, body[:size]))
		text = strings.TrimPrefix(body[size:], "\n")
	}
	return commits, nil
}

func parseCommit(id, raw string) commit {
	c := commit{id: id}
	var rest []string
	parents := 0
	head, message, _ := strings.Cut(raw, "\n\n")
	for _, line := range strings.Split(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.tree = value
		case "parent":
			c.parent = value
			parents++
		case "author":
			rest = append(rest, line)
		}
	}
	if parents != 1 {
		c.parent = ""
	}
	c.rest = strings.Join(rest, "\n")
	c.rest += "\n%s\n\n" + strings.ReplaceAll(message, "%", "%%")
	return c
}

// mergeTree carries commits with one git merge-tree process each, as a careful
// script would: it writes the commits itself.
type mergeTree struct {
	sh      *drive.Shell
	repo    string // where git runs
	objects string // where commits are written
	now     int64
	cost    drive.Cost // of the git processes
}

func newMergeTree(sh *drive.Shell, repo, objects string) *mergeTree {
	return &mergeTree{sh: sh, repo: repo, objects: objects, now: time.Now().Unix()}
}

// carry puts the change of c on tip. It gives the new tip, and false when there is a
// conflict. The base is forced to c's parent by merging into a commit with the
// tree of tip and that parent: git has --merge-base from 2.40 on only. Its date
// must be now, else git walks all of the history to find the base.
func (m *mergeTree) carry(ctx context.Context, tip, c commit) (commit, bool, error) {
	ours, err := m.write(commit{tree: tip.tree, parent: c.parent, rest: c.rest})
	if err != nil {
		return tip, false, err
	}
	out, err := m.sh.Run(ctx, drive.Cmd{Dir: m.repo, Args: []string{"git", "merge-tree", "--write-tree", "--no-messages", ours.id, c.id}})
	m.cost = m.cost.Add(out.Cost)
	if err != nil || out.Exit > 1 {
		return tip, false, fmt.Errorf("git merge-tree of %s: %w %s", c.id, err, out.Stderr)
	}
	if out.Exit == 1 {
		return tip, false, nil
	}
	next, err := m.write(commit{tree: strings.TrimSpace(out.Stdout), parent: tip.id, rest: c.rest})
	return next, true, err
}

// write writes a commit as a loose object.
func (m *mergeTree) write(c commit) (commit, error) {
	committer := fmt.Sprintf("committer Bench <bench@example.org> %d +0000", m.now)
	body := fmt.Sprintf("tree %s\nparent %s\n", c.tree, c.parent) + fmt.Sprintf(c.rest, committer)
	object := fmt.Sprintf("commit %d\x00%s", len(body), body)
	c.id = fmt.Sprintf("%x", sha1.Sum([]byte(object)))
	path := filepath.Join(m.objects, c.id[:2], c.id[2:])
	if _, err := os.Stat(path); err == nil {
		return c, nil
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte(object)); err != nil {
		return c, err
	}
	if err := z.Close(); err != nil {
		return c, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return c, err
	}
	return c, os.WriteFile(path, packed.Bytes(), 0o444)
}

// candidates bounds how far after the second week commits are picked from.
const candidates = 2000

// pick stacks commits on the base: the first ones in order of history that change
// something and merge without a conflict there and, carried on, on the other commit.
func (s *scene) pick(ctx context.Context, ids []string, o options) (string, error) {
	talk("picking %d commits", o.count)
	all, err := readCommits(ctx, s.sh, s.public, ids[:min(len(ids), candidates)])
	if err != nil {
		return "", err
	}
	tips, err := readCommits(ctx, s.sh, s.public, []string{s.base, s.onto})
	if err != nil {
		return "", err
	}
	here, there := tips[0], tips[1]
	m := newMergeTree(s.sh, s.public, filepath.Join(s.public, "objects"))
	n := 0
	for _, c := range all {
		next, ok, err := m.fits(ctx, here, c)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		after, ok, err := m.fits(ctx, there, next)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		here, there = next, after
		if n++; n == o.count {
			return here.id, nil
		}
	}
	return "", fmt.Errorf("only %d of %d commits after %s can be carried without a conflict", n, len(all), o.onto)
}

// fits carries a commit, and tells whether that is clean and changes something.
func (m *mergeTree) fits(ctx context.Context, tip, c commit) (commit, bool, error) {
	if c.parent == "" {
		return tip, false, nil
	}
	next, clean, err := m.carry(ctx, tip, c)
	return next, clean && next.tree != tip.tree, err
}
