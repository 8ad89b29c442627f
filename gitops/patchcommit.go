package gitops

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// trees writes the trees before and after the patch.
func (p *patcher) trees(ctx context.Context) (before, after merge3.ID, err error) {
	if err := p.checkNesting(); err != nil {
		return "", "", err
	}
	root := p.tip.Tree
	if p.partial {
		root = ""
	}
	for _, path := range p.made {
		if _, was := p.before[path]; !was {
			p.before[path] = merge3.Entry{}
		}
	}
	if before, err = p.w.EditTree(ctx, root, p.before); err != nil {
		return "", "", err
	}
	if after, err = p.w.EditTree(ctx, before, p.after); err != nil {
		return "", "", err
	}
	if before == after {
		return "", "", patchErrorf("the patch changes nothing")
	}
	return before, after, nil
}

// checkNesting refuses a patch that makes a path a file and a directory.
func (p *patcher) checkNesting() error {
	for _, entries := range []map[string]merge3.Entry{p.before, p.after} {
		for _, at := range slices.Sorted(maps.Keys(entries)) {
			for dir := path.Dir(at); entries[at].ID != "" && dir != "."; dir = path.Dir(dir) {
				if entries[dir].ID != "" {
					return patchErrorf("%s: made a file and a directory at once", mailbox.QuotePath(dir))
				}
			}
		}
	}
	return nil
}

func (p *patcher) commit(onto, before, after merge3.ID, m mailbox.Message) (merge3.ID, error) {
	parent, err := onto, error(nil)
	when := p.tip.CommitterTime()
	if before != p.tip.Tree {
		line := patchset.CommitterAt(when)
		parent, err = p.w.Scratch.WriteCommit(patchset.Commit{
			Tree: before, Author: line, Committer: line, Message: []byte("what a patch file was made for\n"),
		})
		if err != nil {
			return "", err
		}
	}
	author := authorLine(m, when)
	message := m.CommitMessage()
	if strings.ContainsRune(message, 0) {
		return "", patchErrorf("a NUL byte in the commit message")
	}
	if !utf8.ValidString(message) || !utf8.ValidString(author) {
		p.source.Guessed = append(p.source.Guessed, "The message or the author's name is not UTF-8; its bytes are kept.")
	}
	if !m.Date.IsZero() {
		when = max(0, m.Date.Unix())
	}
	return p.w.Scratch.WriteCommit(patchset.Commit{
		Tree: after, Parents: []merge3.ID{parent}, Author: author, Committer: patchset.CommitterAt(when), Message: []byte(message),
	})
}

// authorLine is the author of a patch as git writes one. Without a date it is
// that of the commit below, so that the same patch gives the same commit.
func authorLine(m mailbox.Message, otherwise int64) string {
	name := cmp.Or(cleanIdent(m.Author.Name), cleanIdent(m.Author.Email), "unknown")
	seconds, zone := otherwise, "+0000"
	if !m.Date.IsZero() {
		seconds, zone = max(0, m.Date.Unix()), m.Date.Format("-0700")
	}
	return fmt.Sprintf("%s <%s> %d %s", name, cleanIdent(m.Author.Email), seconds, zone)
}

// cleanIdent drops what may not stand in a name or an address.
func cleanIdent(s string) string {
	kept := make([]byte, 0, len(s)) // bytes, for names that are not UTF-8
	for _, c := range []byte(s) {
		if c >= ' ' && c != '<' && c != '>' && c != 0x7f {
			kept = append(kept, c)
		}
	}
	return strings.TrimSpace(string(kept))
}
