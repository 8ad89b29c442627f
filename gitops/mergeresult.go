package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// mergeOutput is what `git merge-tree --write-tree -z` wrote:
//
//	<tree> NUL
//	and, when not clean,
//	(<mode> SP <id> SP <stage> TAB <path> NUL)*  NUL
//	(<number of paths> NUL (<path> NUL)* <type> NUL <message> NUL)*
//	<advice about submodules, if one is in dispute>
//
// See "OUTPUT" in git-merge-tree(1).
type mergeOutput struct {
	tree     merge3.ID
	paths    map[string]*[4]merge3.Entry // by stage: 1 base, 2 upstream, 3 patch
	messages []mergeMessage
}

type mergeMessage struct {
	paths []string
	typ   string // a fixed word of git's: "CONFLICT (contents)"
	text  string
}

// maxMessagePaths bounds the paths of one message that are believed.
const maxMessagePaths = 1 << 20

func parseMergeTree(out []byte) (mergeOutput, error) {
	p := nulParser{rest: out}
	o := mergeOutput{paths: map[string]*[4]merge3.Entry{}}
	tree, err := ParseID(p.field())
	p.check(err)
	if o.tree = tree; p.err == nil && len(p.rest) == 0 {
		return o, nil
	}
	for f := p.field(); f != "" && p.err == nil; f = p.field() {
		p.check(o.addStage(f))
	}
	for len(p.rest) > 0 && p.err == nil && !o.isAdvice(p.rest) {
		o.messages = append(o.messages, p.message())
	}
	if p.err != nil {
		return o, fmt.Errorf("git merge-tree: %w", p.err)
	}
	return o, nil
}

// isAdvice tells whether the rest of the output is what git has to say about
// merging submodules by hand: text without any NUL, behind everything else.
func (o *mergeOutput) isAdvice(rest []byte) bool {
	return !bytes.Contains(rest, []byte{0}) && slices.ContainsFunc(o.messages, func(m mergeMessage) bool {
		return m.kind() == merge3.KindSubmodule
	})
}

func (o *mergeOutput) addStage(field string) error {
	head, path, ok := strings.Cut(field, "\t")
	parts := strings.Split(head, " ")
	if !ok || path == "" || len(parts) != 3 || !validMode(parts[0]) || !merge3.ID(parts[1]).Valid() {
		return fmt.Errorf("unexpected entry %.80q", field)
	}
	stage := strings.Index("0123", parts[2])
	if stage < 1 || len(parts[2]) != 1 {
		return fmt.Errorf("unexpected stage in %.80q", field)
	}
	if o.paths[path] == nil {
		o.paths[path] = new([4]merge3.Entry)
	}
	o.paths[path][stage] = merge3.Entry{Mode: parts[0], ID: merge3.ID(parts[1])}
	return nil
}

// nulParser reads fields that end in NUL; the first fault sticks.
type nulParser struct {
	rest []byte
	err  error
}

func (p *nulParser) check(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *nulParser) field() string {
	field, rest, ok := bytes.Cut(p.rest, []byte{0})
	if !ok {
		p.check(errors.New("output is cut short"))
	}
	p.rest = rest
	return string(field)
}

func (p *nulParser) message() mergeMessage {
	count := p.field()
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > maxMessagePaths {
		p.check(fmt.Errorf("unexpected number of paths %.80q", count))
		return mergeMessage{}
	}
	var m mergeMessage
	for range n {
		if p.err != nil {
			return m
		}
		m.paths = append(m.paths, p.field())
	}
	m.typ = p.field()
	m.text = strings.TrimSpace(p.field())
	return m
}

// mergeTypes maps the types that merge-ort reports, from git 2.38 to 2.55, to
// the kind of conflict, the most telling first: of several messages about one path
// the first in this list names its kind. The odd ones lack a space in git too.
var mergeTypes = []struct {
	typ  string
	kind merge3.Kind
}{
	{"CONFLICT (file/directory)", merge3.KindFileDirectory},
	{"CONFLICT (distinct modes)", merge3.KindMode},
	{"CONFLICT (rename/rename)", merge3.KindRenameRename},
	{"CONFLICT (rename involved in collision)", merge3.KindRenameRename},
	{"CONFLICT (rename/delete)", merge3.KindRenameDelete},
	{"CONFLICT (directory rename suggested)", merge3.KindDirRename},
	{"CONFLICT (file in way of directory rename)", merge3.KindDirRename},
	{"CONFLICT(directory rename collision)", merge3.KindDirRename},
	{"CONFLICT(directory rename unclear split)", merge3.KindDirRename},
	{"CONFLICT (submodule)", merge3.KindSubmodule},
	{"CONFLICT (submodule with possible resolution)", merge3.KindSubmodule},
	{"CONFLICT (submodule not initialized)", merge3.KindSubmodule},
	{"CONFLICT (submodule history not available)", merge3.KindSubmodule},
	{"CONFLICT (submodule may have rewinds)", merge3.KindSubmodule},
	{"CONFLICT (submodule lacks merge base)", merge3.KindSubmodule},
	{"ERROR (submodule corrupt)", merge3.KindSubmodule},
	{"CONFLICT (binary)", merge3.KindBinary},
	{"CONFLICT (modify/delete)", merge3.KindModifyDelete},
	{typeContents, merge3.KindContent},
}

// typeContents is reported for anything that both sides changed; what it was
// only the stages tell.
const typeContents = "CONFLICT (contents)"

// mergeInfos are the types that report no conflict.
var mergeInfos = []string{
	"Auto-merging",
	"Path updated due to directory rename",
	"Directory rename skipped since directory was renamed on both sides",
	"Fast forwarding submodule",
}

// rank orders message types by how telling they are; unknown ones come last.
func (m mergeMessage) rank() int {
	for i, t := range mergeTypes {
		if t.typ == m.typ {
			return i
		}
	}
	return len(mergeTypes)
}

func (m mergeMessage) kind() merge3.Kind {
	if i := m.rank(); i < len(mergeTypes) {
		return mergeTypes[i].kind
	}
	return merge3.KindOther
}

// result gives every path in dispute one conflict.
func (o mergeOutput) result() merge3.Result {
	best := map[string]mergeMessage{}
	for _, m := range o.messages {
		if slices.Contains(mergeInfos, m.typ) {
			continue
		}
		for _, path := range o.disputed(m) {
			if old, ok := best[path]; !ok || m.rank() < old.rank() {
				best[path] = m
			}
		}
	}
	res := merge3.Result{Tree: o.tree}
	for path, m := range best {
		res.Conflicts = append(res.Conflicts, o.conflict(path, m))
	}
	for path := range o.paths {
		if _, ok := best[path]; !ok { // git said nothing about it
			res.Conflicts = append(res.Conflicts, o.conflict(path, mergeMessage{typ: typeContents}))
		}
	}
	slices.SortFunc(res.Conflicts, func(a, b merge3.Conflict) int { return strings.Compare(a.Path, b.Path) })
	return res
}

// disputed picks the paths of a message that are conflicts: those with stages.
// The others only tell where a file came from. A message about none (a
// directory whose rename is unclear) is a conflict of its first path.
func (o mergeOutput) disputed(m mergeMessage) []string {
	var staged []string
	for _, path := range m.paths {
		if o.paths[path] != nil {
			staged = append(staged, path)
		}
	}
	if len(staged) == 0 && len(m.paths) > 0 {
		return m.paths[:1]
	}
	return staged
}

func (o mergeOutput) conflict(path string, m mergeMessage) merge3.Conflict {
	c := merge3.Conflict{Path: path, Kind: m.kind(), Message: m.text}
	if stages := o.paths[path]; stages != nil {
		c.Base, c.Upstream, c.Patch = stages[1], stages[2], stages[3]
	}
	if m.typ == typeContents {
		c.Kind = merge3.ContentKind(c.Base, c.Upstream, c.Patch)
	}
	return c
}
