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
	text, err := sh.Text(ctx, drive.Cmd{Dir: repo, Args: []string{"git", "cat-file", "--batch"}, Stdin: strings.NewReader(strings.Join(ids, "\n") + "\n")})
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

// writer writes commits as loose objects, for the ways to carry that make only
// trees.
type writer struct {
	objects string // the directory
	now     int64
}

func newWriter(objects string) writer { return writer{objects, time.Now().Unix()} }

// write gives the commit with its new id.
func (w writer) write(c commit) (commit, error) {
	committer := fmt.Sprintf("committer Bench <bench@example.org> %d +0000", w.now)
	body := fmt.Sprintf("tree %s\nparent %s\n", c.tree, c.parent) + fmt.Sprintf(c.rest, committer)
	object := fmt.Sprintf("commit %d\x00%s", len(body), body)
	c.id = fmt.Sprintf("%x", sha1.Sum([]byte(object)))
	path := filepath.Join(w.objects, c.id[:2], c.id[2:])
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
