package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/mailbox"
)

// maxRenames bounds how many files of one commit git compares with each other to find
// renames; the same content is found in any number of files.
const maxRenames = "2000"

// FileHistory reads what the commits of the repository around dir, oldest first, did to
// the files in dir. Merges count for what they change against their first parent. Paths
// are from dir; files that are renamed into dir from elsewhere are new there.
func FileHistory(ctx context.Context, git *Git, dir string) ([]mailbox.TreeChange, error) {
	repo, err := OpenSource(ctx, git, dir)
	if err != nil {
		return nil, err
	}
	// The person's own safe.directory counts for where dir is in the work tree.
	prefix, err := git.Run(ctx, Cmd{Dir: dir, Network: true, Args: []string{"rev-parse", "--show-prefix"}})
	if err != nil {
		return nil, err
	}
	under := strings.TrimSuffix(string(prefix), "\n")
	args := []string{
		"log", "--reverse", "--topo-order", "--full-history", "--diff-merges=first-parent", "--raw", "-z", "--no-abbrev",
		"-M", "-l" + maxRenames, "--no-ext-diff", "--no-show-signature", "--format=" + commitMark + "%H %at %ct", "--end-of-options", "HEAD", "--",
	}
	if under != "" {
		args = append(args, ":(top,literal)"+under)
	}
	out, err := git.Run(ctx, Cmd{GitDir: repo.GitDir, Args: args})
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", dir, err)
	}
	return parseFileHistory(out, under)
}

// commitMark begins the line of a commit in the output of git log. A path cannot be taken
// for one: it follows a line of its own.
const commitMark = "commit "

var errFileHistory = errors.New("git log says something that is not understood")

// parseFileHistory reads `git log --raw -z` with the format of [FileHistory].
func parseFileHistory(out []byte, under string) ([]mailbox.TreeChange, error) {
	var changes []mailbox.TreeChange
	var now mailbox.TreeChange // the commit
	for len(out) > 0 {
		token, rest := nextToken(out)
		out = rest
		if head, ok := strings.CutPrefix(token, commitMark); ok {
			var err error
			if now, err = parseCommitLine(head); err != nil {
				return nil, err
			}
			continue
		}
		fields := strings.Fields(strings.TrimPrefix(token, "\n"))
		if now.Commit == "" || len(fields) != 5 || fields[0][0] != ':' {
			return nil, errFileHistory
		}
		c := now
		c.Blob = fields[3]
		if kind := fields[4][0]; kind == 'R' || kind == 'C' {
			c.From, out = nextToken(out)
		}
		c.Path, out = nextToken(out)
		c.Same = fields[4] == "R100"
		if fields[4] == "D" {
			continue
		}
		inside := false
		if c.Path, inside = strings.CutPrefix(c.Path, under); !inside || c.Path == "" {
			return nil, errFileHistory
		}
		c.From = strings.TrimPrefix(c.From, under)
		changes = append(changes, c)
	}
	return changes, nil
}

func nextToken(out []byte) (token string, rest []byte) {
	head, rest, _ := bytes.Cut(out, []byte{0})
	return string(head), rest
}

// parseCommitLine reads "id author-time committer-time". What counts is the earlier time:
// who rewrites a history keeps the one and renews the other.
func parseCommitLine(line string) (mailbox.TreeChange, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return mailbox.TreeChange{}, errFileHistory
	}
	written, err := strconv.ParseInt(fields[1], 10, 64)
	committed, err2 := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || err2 != nil {
		return mailbox.TreeChange{}, errFileHistory
	}
	if written <= 0 || committed > 0 && committed < written {
		written = committed
	}
	return mailbox.TreeChange{Commit: fields[0], At: time.Unix(written, 0).UTC()}, nil
}
