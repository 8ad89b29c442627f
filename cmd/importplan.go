package cmd

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// identify gives every patch its id, the same in all versions: the task, or
// task-2 and so on. A patch that the vault knows keeps its id.
func identify(l patchset.Ledger, patches []incoming) map[identity]string {
	ids := map[identity]string{}
	taken := map[string]bool{}
	claim := func(k identity, id string) {
		ids[k], taken[id] = id, true
	}
	var order []identity
	for _, p := range patches {
		if k := p.identity(); !slices.Contains(order, k) {
			order = append(order, k)
		}
	}
	// Those whose natural id is theirs or free come first, so that no other gets it.
	for _, k := range order {
		id := k.naturalID()
		if p, known := l.Patches[id]; !taken[id] && (!known || p.Component == k.component) {
			claim(k, id)
		}
	}
	for _, k := range order {
		if ids[k] != "" {
			continue
		}
		if id := knownAs(l, k, taken); id != "" {
			claim(k, id)
			continue
		}
		claim(k, patchset.FreePatchID(k.task, func(id string) bool { return taken[id] || l.HasPatch(id) }))
	}
	return ids
}

func (k identity) naturalID() string {
	if k.number <= 1 {
		return k.task
	}
	return fmt.Sprintf("%s-%d", k.task, k.number)
}

// knownAs finds the patch of the same task and component that an earlier import
// gave an id to.
func knownAs(l patchset.Ledger, k identity, taken map[string]bool) string {
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		if p.Component == k.component && patchset.TaskOf(id) == k.task && !taken[id] {
			return id
		}
	}
	return ""
}

// ownerChoice is who owns a patch, and whether anybody said so.
type ownerChoice struct {
	person    string
	confirmed bool
}

// ownersFileOf reads lines "PATCH-or-TASK OWNER"; # begins a comment.
func (o *importOptions) ownersFileOf(a *app, r owners.Registry) (map[string]string, error) {
	named := map[string]string{}
	if o.ownersFile == "" {
		return named, nil
	}
	data, err := readFileLimited(a.path(o.ownersFile), maxKeyFile)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		switch {
		case len(words) == 0:
			continue
		case len(words) != 2:
			return nil, patchset.Faultf(patchset.CodeBadInput, "%s line %d: not PATCH OWNER", o.ownersFile, n)
		}
		if _, ok := r.Person(words[1]); !ok {
			return nil, unknownPerson(r, words[1])
		}
		named[words[0]] = words[1]
	}
	return named, lines.Err()
}

// chooseOwners finds the owner of every patch that is new: the owners file, the
// author's address, --owner. Authors that leave a patch without one are noted.
func (im *importer) chooseOwners(named map[string]string) (map[string]ownerChoice, error) {
	if im.owner != "" {
		if _, ok := im.s.registry.Person(im.owner); !ok {
			return nil, unknownPerson(im.s.registry, im.owner)
		}
	}
	chosen := map[string]ownerChoice{}
	var strangers []incoming
	for _, p := range slices.Backward(im.in.patches) { // the newest version knows best
		id := im.ids[p.identity()]
		if p.dropped() || im.s.ledger.HasPatch(id) {
			continue
		}
		was, done := chosen[id]
		if done && was.person == "" {
			strangers = append(strangers, p) // the same patch in an older version
		}
		if done {
			continue
		}
		author, known := im.s.registry.ByEmail(p.Message.Author.Email)
		switch {
		case named[id] != "":
			chosen[id] = ownerChoice{named[id], true}
		case named[p.Task] != "":
			chosen[id] = ownerChoice{named[p.Task], true}
		case known:
			chosen[id] = ownerChoice{author.ID, false}
		case im.owner != "":
			chosen[id] = ownerChoice{im.owner, false}
		default:
			chosen[id] = ownerChoice{}
			strangers = append(strangers, p)
		}
	}
	for _, p := range slices.Backward(strangers) {
		im.hinderStranger(p)
	}
	return chosen, nil
}

// hinderStranger notes that a patch has no owner, because the registry does not
// know its author.
func (im *importer) hinderStranger(p incoming) {
	who := p.Message.Author
	if who.Email == "" {
		im.hinder(p.Path, "git carry import "+im.again()+" --owner ID", "no owner: no author is named")
		return
	}
	name := cmp.Or(who.Name, who.Email)
	fix := fmt.Sprintf("git carry owner add %s --name %s --email %s", personID(who.Email), shellWord(name), shellWord(strings.ToLower(who.Email)))
	im.hinder(p.Path, fix, "no owner: the author %s <%s> is not in the registry", name, who.Email)
}

// personID proposes an id for the registry.
func personID(email string) string {
	local, _, _ := strings.Cut(email, "@")
	id := strings.Trim(notInWord().ReplaceAllString(strings.ToLower(local), "-"), "-")
	return cmp.Or(id[:min(len(id), 32)], "ID")
}

// lostOnTheWay finds patches that are in one version and not in the next.
func lostOnTheWay(b inbox, ids map[identity]string) []importFinding {
	in := map[string]map[identity]incoming{}
	for _, p := range b.patches {
		if in[p.Version] == nil {
			in[p.Version] = map[identity]incoming{}
		}
		in[p.Version][p.identity()] = p
	}
	var lost []importFinding
	for i := 1; i < len(b.versions); i++ {
		before, now := b.versions[i-1], b.versions[i]
		for _, p := range b.patches {
			if _, still := in[now][p.identity()]; p.Version == before && !still && !p.dropped() {
				lost = append(lost, importFinding{Path: p.Path, Reason: fmt.Sprintf(
					"%s is in %s but not in %s: lost, dropped, or public by now? git carry train %s finds out", ids[p.identity()], before, now, now)})
			}
		}
	}
	return lost
}
