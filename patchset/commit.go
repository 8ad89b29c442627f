package patchset

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Commit is a git commit as a value. Author and Committer are git's raw lines,
// "Name <mail> seconds zone", kept byte for byte.
type Commit struct {
	Tree      ID
	Parents   []ID
	Author    string
	Committer string
	Encoding  string // of the message, when not UTF-8
	Message   []byte
}

// Parent is the first parent, or "" for a root commit.
func (c Commit) Parent() ID {
	if len(c.Parents) == 0 {
		return ""
	}
	return c.Parents[0]
}

// committerName stands in every carried commit instead of the person at the
// keyboard, so that the same inputs give the same commit ids on every machine.
const committerName = "git-carry <git-carry@localhost.invalid>"

// CommitterAt is the committer line of the commits that git-carry makes, with a
// time in seconds since 1970.
func CommitterAt(seconds int64) string { return fmt.Sprintf("%s %d +0000", committerName, seconds) }

// Carried is the commit that carries source onto parent with the given tree: the
// author, author date, encoding and message of source, one Carry-Id trailer,
// and a committer line that depends on nothing but the two commits. Its time is
// the later of the author's and the parent's committer time, so that history
// walks see time run forwards.
func Carried(source Commit, parentID ID, parent Commit, tree ID, carryID string) Commit {
	when := max(rawTime(source.Author), rawTime(parent.Committer))
	return Commit{
		Tree:      tree,
		Parents:   []ID{parentID},
		Author:    source.Author,
		Committer: CommitterAt(when),
		Encoding:  source.Encoding,
		Message:   WithCarryID(source.Message, carryID),
	}
}

// recordCommit keeps a conflict's trees reachable: see Conflict.Record.
func recordCommit(tree, upstreamID ID, upstream Commit, source ID) Commit {
	line := fmt.Sprintf("%s %d +0000", committerName, rawTime(upstream.Committer))
	return Commit{
		Tree: tree, Parents: []ID{upstreamID, source}, Author: line, Committer: line,
		Message: []byte("conflict: upstream is the first parent, the patch the second\n"),
	}
}

// rawTime reads the seconds of a raw author or committer line; 0 if there are none.
func rawTime(line string) int64 {
	fields := strings.Fields(line[strings.LastIndexByte(line, '>')+1:])
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// CommitterTime is the committer's time in seconds since 1970.
func (c Commit) CommitterTime() int64 { return rawTime(c.Committer) }

// AuthorTime is when the author wrote it.
func (c Commit) AuthorTime() time.Time { return time.Unix(rawTime(c.Author), 0).UTC() }

// personAt is the person of a raw author line at another time, in seconds since 1970.
func personAt(author string, seconds int64) string {
	return fmt.Sprintf("%s %d +0000", author[:strings.LastIndexByte(author, '>')+1], seconds)
}
