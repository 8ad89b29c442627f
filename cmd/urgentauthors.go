package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// authorship is who wrote the patches of an item. Names and addresses in commits prove
// nothing; who is found by them approves nothing, and who is not may be any of the voters.
type authorship struct {
	barred  map[string]string // by person: why their approval does not count
	unknown []string          // authors that are nobody in the registry: "Name <address>"
	named   int               // how many of those somebody has said who they are
}

// strangers is how many authors nobody could be found for.
func (by authorship) strangers() int { return max(0, len(by.unknown)-by.named) }

// authors finds who wrote the patches of an item: as author, in a trailer Co-authored-by, by
// committing it, or because somebody says so.
func (r reading) authors(ctx context.Context, item urgent.Item) (authorship, error) {
	by := authorship{barred: map[string]string{}}
	for _, id := range item.Patches {
		for _, in := range r.ledger.Patches[id].At {
			c, err := r.vault.Commit(ctx, in.Source)
			if err != nil {
				return by, err
			}
			by.add(r.registry, id, c)
		}
	}
	slices.Sort(by.unknown)
	by.unknown = slices.Compact(by.unknown)
	by.name(item.Opened.By, item.Authors)
	by.name(item.Accepted.By, item.Accepted.Authors)
	return by, nil
}

// add adds those who made a commit of a patch.
func (by *authorship) add(r owners.Registry, patch string, c patchset.Commit) {
	by.find(r, c.Author, "the author of "+patch)
	for _, line := range patchset.Trailers(c.Message, "Co-authored-by") {
		if line != "" {
			by.find(r, line, "a co-author of "+patch)
		}
	}
	if p, known := r.ByEmail(addressIn(c.Committer)); known && by.barred[p.ID] == "" {
		by.barred[p.ID] = "committed " + patch
	}
}

// find looks for the person of a line "Name <address> …": by the address, which the registry
// may have beside others, else by the name.
func (by *authorship) find(r owners.Registry, line, what string) {
	if p, known := r.ByEmail(addressIn(line)); known {
		by.barred[p.ID] = "is " + what
		return
	}
	namesakes := r.ByName(nameIn(line))
	for _, p := range namesakes {
		if by.barred[p.ID] == "" {
			by.barred[p.ID] = "has the name of " + what
		}
	}
	if len(namesakes) == 0 {
		by.unknown = append(by.unknown, strings.TrimSpace(fmt.Sprintf("%.80s <%.80s>", nameIn(line), addressIn(line))))
	}
}

// name adds those of whom somebody says that they wrote it. Each stands for one author whom
// the registry does not know; who was found anyhow stands for none.
func (by *authorship) name(who string, people []string) {
	for _, person := range people {
		if by.barred[person] != "" {
			continue
		}
		by.barred[person] = "wrote it, says " + who
		by.named++
	}
}

// warning says what it means that the registry does not know an author; "" when all are known.
func (look *urgentLook) warning() string {
	n := look.strangers()
	if n == 0 {
		return ""
	}
	approvals := "one approval more is"
	if n > 1 {
		approvals = fmt.Sprintf("%d approvals more are", n)
	}
	ways := "git carry owner edit ID --email ADDRESS"
	if !look.Item.Accepted.Happened() {
		ways = "git carry urgent accept " + look.Item.ID + " --author ID" + look.keyFlag() + ", or " + ways
	}
	return fmt.Sprintf("nobody in the registry is %s, who wrote it; it may be one of the voters, so %s needed. If it is somebody here: %s",
		cutList(look.unknown, 3), approvals, ways)
}

// addressIn is the address in "Name <address> …", or in a line that is nothing else.
func addressIn(line string) string {
	_, rest, angled := strings.Cut(line, "<")
	if !angled {
		rest = line
	}
	address, _, _ := strings.Cut(rest, ">")
	return strings.TrimSpace(address)
}

// nameIn is the name in "Name <address> …"; "" in a line that has no address in brackets.
func nameIn(line string) string {
	name, _, angled := strings.Cut(line, "<")
	if !angled {
		return ""
	}
	return strings.TrimSpace(name)
}

// knownAuthors refuses who is not in the registry.
func (s *step) knownAuthors(people []string) error {
	for _, id := range people {
		if _, known := s.registry.Person(id); !known {
			return unknownPerson(s.registry, id)
		}
	}
	return nil
}
