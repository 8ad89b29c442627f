package cmd

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// readInbox reads a tree of versions, a quilt series or an mbox.
func (o *importOptions) readInbox(a *app) (inbox, error) {
	at := a.path(o.dir)
	info, err := os.Stat(at)
	if err != nil {
		return inbox{}, patchset.Faultf(patchset.CodeBadInput, "reading the patches: %w", err).
			WithHint("name a directory (VERSION/COMPONENT/*.patch, or a quilt series) or an mbox: git carry help import")
	}
	if !info.IsDir() {
		return o.readMbox(at)
	}
	root, err := os.OpenRoot(at) // no symbolic link leads out of it
	if err != nil {
		return inbox{}, patchset.Faultf(patchset.CodeBadInput, "%w", err)
	}
	defer root.Close()
	quilt, err := mailbox.ReadQuilt(root.FS())
	switch {
	case err == nil:
		return o.readQuilt(quilt)
	case !errors.Is(err, mailbox.ErrNoSeries):
		return inbox{}, err
	case o.component != "":
		return inbox{}, usagef("--component is for an mbox or a quilt series; the directories of a tree name their components")
	}
	return o.readTree(root.FS())
}

func (o *importOptions) readTree(fsys fs.FS) (inbox, error) {
	tree, err := mailbox.ReadTree(fsys)
	if err != nil {
		return inbox{}, err
	}
	if err := o.nameVersions(tree.Versions); err != nil {
		return inbox{}, err
	}
	var b inbox
	for _, f := range tree.Refused {
		if o.wantsPath(f.Path, tree.Versions) {
			b.refuse(f.Path, looksLikePatch(f.Path), f.Reason)
		}
	}
	for _, f := range tree.Guessed {
		if o.wantsPath(f.Path, tree.Versions) {
			b.guess(f.Path, "%s", f.Reason)
		}
	}
	for _, v := range tree.Versions {
		if !o.wantsVersion(v.Name) {
			continue
		}
		if err := patchset.CheckVersion(v.Name); err != nil {
			b.refuse(v.Name, true, err.Error())
			continue
		}
		b.versions = append(b.versions, v.Name)
		b.takeFiles(v)
	}
	return b, nil
}

// nameVersions gives an unnamed tree its name and demands the versions asked for.
func (o *importOptions) nameVersions(versions []mailbox.TreeVersion) error {
	if len(versions) == 1 && versions[0].Name == "" {
		if len(o.versions) != 1 {
			return usagef("%s is the tree of one version: say which with --version VERSION", o.dir)
		}
		versions[0].Name = o.versions[0]
		return nil
	}
	var names []string
	for _, v := range versions {
		names = append(names, v.Name)
	}
	for _, want := range o.versions {
		if !slices.Contains(names, want) {
			return usagef("%s has no version %q (it has: %s)", o.dir, want, cmp.Or(joinWords(names), "none"))
		}
	}
	return nil
}

func (o *importOptions) wantsVersion(name string) bool {
	return len(o.versions) == 0 || slices.Contains(o.versions, name)
}

// wantsPath passes over what lies in versions that were not asked for.
func (o *importOptions) wantsPath(at string, versions []mailbox.TreeVersion) bool {
	top, _, _ := strings.Cut(at, "/")
	for _, v := range versions {
		if v.Name == top {
			return o.wantsVersion(top)
		}
	}
	return true
}

// looksLikePatch tells whether somebody meant a file to be a patch.
func looksLikePatch(at string) bool {
	name := at
	for _, suffix := range []string{".updated", ".failed"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return strings.HasSuffix(name, ".patch") || strings.HasSuffix(name, ".diff")
}

// takeFiles takes the files of one version: of several for one patch the newest.
func (b *inbox) takeFiles(v mailbox.TreeVersion) {
	best := map[identity]mailbox.TreeFile{}
	key := func(f mailbox.TreeFile) identity { return identity{f.Component, f.Task, f.Ordinal} }
	for _, f := range v.Files {
		if was, twice := best[key(f)]; !twice || compareTwins(f, was) > 0 {
			best[key(f)] = f
		}
	}
	for _, f := range v.Files {
		if won := best[key(f)]; won.Path != f.Path {
			b.guess(f.Path, "left out: %s is the newer state of the same patch", path.Base(won.Path))
			continue
		}
		b.takeFile(v.Name, f)
	}
}

// number gives every patch its place among those of its task: files as their
// names say, further commits of a file the numbers that are left.
func (b *inbox) number() {
	type place struct {
		version string
		identity
	}
	taken := map[place]bool{}
	for i, p := range b.patches {
		if p.Part == 0 {
			b.patches[i].Number = p.Ordinal
			taken[place{p.Version, b.patches[i].identity()}] = true
		}
	}
	for i, p := range b.patches {
		if p.Part == 0 {
			continue
		}
		n := p.Ordinal + 1
		for taken[place{p.Version, identity{p.Component, p.Task, n}}] {
			n++
		}
		b.patches[i].Number = n
		taken[place{p.Version, b.patches[i].identity()}] = true
	}
}

// compareTwins orders two files of one patch by how new they are.
func compareTwins(f, g mailbox.TreeFile) int {
	rank := map[string]int{"dropped": 0, "failed": 1, "": 2, "updated": 3}
	return cmp.Or(cmp.Compare(f.Revision, g.Revision), cmp.Compare(rank[f.Suffix], rank[g.Suffix]))
}

func (b *inbox) takeFile(version string, f mailbox.TreeFile) {
	in := incoming{
		Path: f.Path, Version: version, Component: f.Component, Task: upperTask(f.Task),
		Ordinal: f.Ordinal, Revision: f.Revision, Suffix: f.Suffix,
	}
	if err := patchset.CheckComponent(f.Component); err != nil {
		b.refuse(f.Path, true, err.Error())
		return
	}
	if in.dropped() {
		b.patches = append(b.patches, in)
		return
	}
	b.takeMessages(in, f.Data, mailbox.Options{}, nil)
}

// upperTask writes t401234 as people write it.
func upperTask(task string) string {
	if number, ok := strings.CutPrefix(task, "t"); ok && strings.Trim(number, "0123456789") == "" && number != "" {
		return "T" + number
	}
	return task
}

// takeMessages takes every commit in a file. name, if given, finds the task of
// each and its place among the patches of the task.
func (b *inbox) takeMessages(in incoming, data []byte, options mailbox.Options, name func(m mailbox.Message) (task string, ordinal int)) {
	messages, err := options.ParseMessages(data)
	if err != nil {
		b.refuse(in.Path, true, err.Error())
		return
	}
	patches := withoutCovers(messages)
	if n := len(messages) - len(patches); n > 0 {
		b.guess(in.Path, "%s without a patch passed over", count(n, "mail", "mails"))
	}
	for i, m := range patches {
		in.Part, in.Message = i, m
		if name != nil {
			in.Part = 0
			in.Task, in.Ordinal = name(m)
		}
		for _, g := range m.Guessed {
			b.guess(in.Path, "%s", g)
		}
		b.patches = append(b.patches, in)
	}
	if name == nil && len(patches) > 1 {
		b.guess(in.Path, "%d commits in one file: each becomes a patch", len(patches))
	}
}

// oneStack is the place that an mbox or a quilt series goes to.
func (o *importOptions) oneStack(what string) (incoming, error) {
	if o.component == "" || len(o.versions) != 1 {
		return incoming{}, usagef("%s is %s: say where it goes with --component NAME --version VERSION", o.dir, what)
	}
	if err := patchset.CheckVersion(o.versions[0]); err != nil {
		return incoming{}, err
	}
	return incoming{Version: o.versions[0], Component: o.component}, nil
}

func (o *importOptions) readMbox(at string) (inbox, error) {
	in, err := o.oneStack("a file of patches")
	if err != nil {
		return inbox{}, err
	}
	data, err := readFileLimited(at, maxPatchFile)
	if err != nil {
		return inbox{}, err
	}
	in.Path = filepath.Base(at)
	b := inbox{versions: o.versions}
	b.takeMessages(in, data, mailbox.Options{}, newNamer(&b).name(in.Path))
	return b, nil
}

func (o *importOptions) readQuilt(q mailbox.Quilt) (inbox, error) {
	in, err := o.oneStack("a quilt series")
	if err != nil {
		return inbox{}, err
	}
	b := inbox{versions: o.versions}
	namer := newNamer(&b)
	for _, p := range q.Patches {
		in.Path = p.Name
		b.takeMessages(in, p.Data, mailbox.Options{Strip: p.Strip}, namer.name(p.Name))
	}
	for _, f := range q.Refused {
		b.refuse(f.Path, looksLikePatch(f.Path) && f.Reason != "not named in the series", f.Reason)
	}
	return b, nil
}

// namer finds the task of patches whose file name is not a task.
type namer struct {
	b    *inbox
	seen map[string]int
}

func newNamer(b *inbox) *namer { return &namer{b, map[string]int{}} }

var (
	taskInText = pattern.Of(`\b(?:CVE-[0-9]{4}-[0-9]{4,}|T[0-9]{2,}|[A-Z]{2,}-[0-9]+)\b`)
	notInWord  = pattern.Of(`[^A-Za-z0-9]+`)
)

// name gives the task in the Bug trailer, the file's name or the subject; else a
// word made of the file's name.
func (n *namer) name(file string) func(m mailbox.Message) (string, int) {
	base := path.Base(file)
	return func(m mailbox.Message) (string, int) {
		task := taskOf("", []byte(m.CommitMessage()))
		for _, text := range []string{base, m.Subject} {
			task = cmp.Or(task, taskInText().FindString(text))
		}
		if task == "" {
			word := strings.TrimSuffix(base, path.Ext(base))
			task = strings.Trim(notInWord().ReplaceAllString(word, "-"), "-")
			task = cmp.Or(strings.Trim(task[:min(len(task), 48)], "-"), "patch")
			n.b.guess(file, "neither its name nor its text has a task: the id %s is made from the name", task)
		}
		n.seen[task]++
		return task, n.seen[task]
	}
}
