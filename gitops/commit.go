package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// ParseCommit takes the raw content of a commit apart. Headers that
// patchset.Commit does not hold (signatures, merged tags) are named in extra.
//
// It is strict: headers in git's own order, none twice, no NUL and no CR in
// them. Whoever reads a commit more generously than git can be shown another
// commit than git shows.
func ParseCommit(raw []byte) (c patchset.Commit, extra []string, err error) {
	head, message, ok := bytes.Cut(raw, []byte("\n\n"))
	if !ok {
		return patchset.Commit{}, nil, errors.New("commit: no empty line ends the headers")
	}
	if bytes.ContainsAny(head, "\x00\r") {
		return patchset.Commit{}, nil, errors.New("commit: control character in the headers")
	}
	p := headerParser{lines: strings.Split(string(head), "\n")}
	c.Message = message
	c.Tree = p.id("tree")
	for p.at("parent") {
		c.Parents = append(c.Parents, p.id("parent"))
	}
	c.Author = p.value("author")
	c.Committer = p.value("committer")
	if p.at("encoding") {
		c.Encoding = p.value("encoding")
	}
	extra = p.rest()
	if p.err != nil {
		return patchset.Commit{}, nil, fmt.Errorf("commit: %w", p.err)
	}
	return c, extra, nil
}

// EncodeCommit is the raw content of a commit.
func EncodeCommit(c patchset.Commit) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tree %s\n", c.Tree)
	for _, p := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n", c.Author, c.Committer)
	if c.Encoding != "" {
		fmt.Fprintf(&b, "encoding %s\n", c.Encoding)
	}
	b.WriteByte('\n')
	b.Write(c.Message)
	return b.Bytes()
}

// readCommit reads and parses a commit.
func readCommit(ctx context.Context, r objectReader, id merge3.ID) (patchset.Commit, error) {
	raw, err := readType(ctx, r, id, "commit")
	if err != nil {
		return patchset.Commit{}, err
	}
	c, _, err := ParseCommit(raw)
	if err != nil {
		return patchset.Commit{}, fmt.Errorf("%s: %w", id, err)
	}
	return c, nil
}

// headerParser walks the header lines of a commit; the first fault sticks.
type headerParser struct {
	lines []string
	err   error
}

func (p *headerParser) at(name string) bool {
	return p.err == nil && len(p.lines) > 0 && strings.HasPrefix(p.lines[0], name+" ")
}

func (p *headerParser) value(name string) string {
	if p.err != nil {
		return ""
	}
	if !p.at(name) {
		p.err = fmt.Errorf("no %s header where it belongs", name)
		return ""
	}
	v := p.lines[0][len(name)+1:]
	p.lines = p.lines[1:]
	if v == "" {
		p.err = fmt.Errorf("empty %s header", name)
	}
	return v
}

func (p *headerParser) id(name string) merge3.ID {
	v := p.value(name)
	if p.err != nil {
		return ""
	}
	var id merge3.ID
	if id, p.err = ParseID(v); p.err != nil {
		p.err = fmt.Errorf("%s header: %w", name, p.err)
	}
	return id
}

// rest names the headers that are left; a line that begins with a space
// continues the one before. Only mergetag may come more than once.
func (p *headerParser) rest() []string {
	seen := []string{"tree", "parent", "author", "committer", "encoding"}
	var names []string
	for _, line := range p.lines {
		if p.err != nil {
			return nil
		}
		if strings.HasPrefix(line, " ") && len(names) > 0 {
			continue
		}
		name, _, ok := strings.Cut(line, " ")
		switch {
		case !ok || name == "":
			p.err = fmt.Errorf("malformed header %.40q", line)
		case slices.Contains(seen, name) && name != "mergetag":
			p.err = fmt.Errorf("header %.40q is there twice or out of order", name)
		}
		seen, names = append(seen, name), append(names, name)
	}
	return names
}
