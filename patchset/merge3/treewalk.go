package merge3

import (
	"slices"
	"strings"
)

// slot is what the three trees have under one name. A tree has a file there
// or a directory, but one may have the former and another the latter.
type slot struct {
	name string
	file [3]Entry // anything but a directory, with its mode as stored; zero: none
	dir  [3]ID    // "": none
}

// put adds what a tree has.
func (s *slot) put(i int, e TreeEntry) {
	s.name = e.Name
	if e.IsDir() {
		s.dir[i] = e.ID
	} else {
		s.file[i] = e.entry()
	}
}

func (s *slot) hasDir() bool { return s.dir != [3]ID{} }

// currentMode is the mode that git writes today for one that it wrote once: the
// permissions of a file are 0644 or 0755.
func currentMode(mode string) string {
	switch mode {
	case ModeFile, ModeExecutable, ModeSymlink, ModeGitlink:
		return mode
	}
	switch mode = strings.TrimLeft(mode, "0"); {
	case len(mode) == 6 && strings.HasPrefix(mode, "10") && (mode[3]-'0')&1 != 0:
		return ModeExecutable
	case len(mode) == 6 && strings.HasPrefix(mode, "10"):
		return ModeFile
	case len(mode) == 6 && strings.HasPrefix(mode, "12"):
		return ModeSymlink
	}
	return ModeGitlink
}

// The ids of the empty tree. Git never writes one into a tree, other programs
// have.
const (
	emptyTreeSHA1   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	emptyTreeSHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
)

// slots reads three directories side by side. What is alike in all of them is same, in
// git's order, but for what something is planned for. The others are open, sorted by name.
func (t *treeMerge) slots(trees [3]ID, planned map[string]bool) (same []TreeEntry, open []slot, err error) {
	var lists [3][]TreeEntry
	for i, id := range trees {
		list, err := t.objects.ReadTree(t.ctx, id)
		if err != nil {
			return nil, nil, err
		}
		lists[i] = list
	}
	open = make([]slot, 0, 8+len(planned))
	same = make([]TreeEntry, 0, len(lists[ofUpstream])+len(planned)+8)
	for name := range planned {
		open = append(open, slot{name: name})
	}
	for s, ok := nextSlot(&lists); ok; s, ok = nextSlot(&lists) {
		if s.alike() && !planned[s.name] {
			same = append(same, s.entry())
		} else {
			open = append(open, s)
		}
	}
	open, err = joinClashes(open)
	return same, open, err
}

// alike tells whether all trees have the same.
func (s *slot) alike() bool {
	return s.file[ofBase] == s.file[ofUpstream] && s.file[ofBase] == s.file[ofPatch] &&
		s.dir[ofBase] == s.dir[ofUpstream] && s.dir[ofBase] == s.dir[ofPatch]
}

// entry is what a slot has that is alike in all trees.
func (s *slot) entry() TreeEntry {
	if s.dir[0] != "" {
		return TreeEntry{Mode: ModeTree, Name: s.name, ID: s.dir[0]}
	}
	return TreeEntry{Mode: s.file[0].Mode, Name: s.name, ID: s.file[0].ID}
}

// nextSlot takes the entries that come first in git's order off the lists.
func nextSlot(lists *[3][]TreeEntry) (s slot, ok bool) {
	var first *TreeEntry
	for i := range lists {
		if len(lists[i]) > 0 && (first == nil || treeOrder(&lists[i][0], first) < 0) {
			first = &lists[i][0]
		}
	}
	if first == nil {
		return s, false
	}
	for i := range lists {
		if len(lists[i]) > 0 && (&lists[i][0] == first || treeOrder(&lists[i][0], first) == 0) {
			s.put(i, lists[i][0])
			lists[i] = lists[i][1:]
		}
	}
	return s, true
}

// treeOrder compares as git orders a tree: by bytes, a directory as if its name
// ended in a slash.
func treeOrder(a, b *TreeEntry) int {
	dirA, dirB := a.IsDir(), b.IsDir()
	if dirA == dirB && a.Name == b.Name {
		return 0
	}
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(a.Name[:n], b.Name[:n]); c != 0 {
		return c
	}
	return int(byteAt(a.Name, n, dirA)) - int(byteAt(b.Name, n, dirB))
}

func byteAt(name string, i int, dir bool) byte {
	switch {
	case i < len(name):
		return name[i]
	case dir:
		return '/'
	}
	return 0
}

// joinClashes sorts slots by name and makes one of those that have the same: a file in
// one tree and a directory in another are apart in git's order.
func joinClashes(open []slot) ([]slot, error) {
	slices.SortStableFunc(open, func(a, b slot) int { return strings.Compare(a.name, b.name) })
	joined := open[:0]
	for _, s := range open {
		if slices.Contains(s.dir[:], emptyTreeSHA1) || slices.Contains(s.dir[:], emptyTreeSHA256) {
			return nil, beyond(beyondTree)
		}
		if n := len(joined); n == 0 || joined[n-1].name != s.name {
			joined = append(joined, s)
		} else if !joined[n-1].join(&s) {
			return nil, beyond(beyondTree)
		}
	}
	return joined, nil
}

// join adds what another slot of the same name has, unless a tree has both.
func (s *slot) join(o *slot) bool {
	for i := range s.file {
		if (s.file[i].ID != "" || s.dir[i] != "") && (o.file[i].ID != "" || o.dir[i] != "") {
			return false
		}
		if o.file[i].ID != "" {
			s.file[i] = o.file[i]
		}
		if o.dir[i] != "" {
			s.dir[i] = o.dir[i]
		}
	}
	return true
}

// fileAt is the file, link or submodule at a path of a tree; zero: there is none. A
// directory there, or a file where the path needs a directory, is beyond us.
func (t *treeMerge) fileAt(root ID, path string) (Entry, error) {
	tree, rest := root, path
	for {
		name, below, deeper := strings.Cut(rest, "/")
		entries, err := t.objects.ReadTree(t.ctx, tree)
		if err != nil {
			return Entry{}, err
		}
		e, ok := findEntry(entries, name)
		switch {
		case !ok:
			return Entry{}, nil
		case deeper != e.IsDir():
			return Entry{}, beyond(beyondClash)
		case !deeper:
			return e.entry(), nil
		}
		tree, rest = e.ID, below
	}
}

// findEntry looks a name up in a tree.
func findEntry(entries []TreeEntry, name string) (TreeEntry, bool) {
	for _, mode := range []string{ModeFile, ModeTree} { // they are at different places in git's order
		want := TreeEntry{Mode: mode, Name: name}
		i, ok := slices.BinarySearchFunc(entries, &want, func(e TreeEntry, want *TreeEntry) int { return treeOrder(&e, want) })
		if ok {
			return entries[i], true
		}
	}
	return TreeEntry{}, false
}

// mergeDir merges what the trees have at path, which is "" or ends in a slash,
// and returns the merged tree, "" when nothing is left.
func (t *treeMerge) mergeDir(path string, trees [3]ID, depth int) (ID, error) {
	d := dirMerge{treeMerge: t, path: path, trees: trees, depth: depth}
	planned := d.plannedNames()
	if tree, ok := oneChanged(trees); ok && len(planned) == 0 {
		return tree, nil
	}
	if depth > maxTreeDepth {
		return "", beyond(beyondDepth)
	}
	same, open, err := t.slots(trees, planned)
	if err != nil {
		return "", err
	}
	d.merged = same
	for _, s := range open {
		if err := d.mergeSlot(s); err != nil {
			return "", err
		}
	}
	return d.write(len(same))
}

// dirMerge is the merge of one directory under way.
type dirMerge struct {
	*treeMerge
	path   string
	trees  [3]ID
	depth  int
	merged []TreeEntry
}

// plannedNames are the names in the directory that renames have to do with.
func (d *dirMerge) plannedNames() map[string]bool {
	if d.plan == nil {
		return nil
	}
	return d.plan.below[d.path]
}

// mergeSlot adds what becomes of one name.
func (d *dirMerge) mergeSlot(s slot) error {
	path := d.path + s.name
	file := planned{file: s.file}
	if d.plan != nil && d.plan.paths[path] != nil {
		file = *d.plan.paths[path]
	}
	if !s.hasDir() && (d.plan == nil || d.plan.below[path+"/"] == nil) {
		return d.mergeFile(s.name, file, false)
	}
	tree, err := d.mergeDir(path+"/", s.dir, d.depth+1)
	if err != nil {
		return err
	}
	if tree != "" {
		d.add(s.name, Entry{Mode: ModeTree, ID: tree})
	}
	return d.mergeFile(s.name, file, tree != "")
}

func (d *dirMerge) add(name string, e Entry) {
	d.merged = append(d.merged, TreeEntry{Mode: e.Mode, Name: name, ID: e.ID})
}

// write stores the merged directory, unless a side has the very same one.
func (d *dirMerge) write(sorted int) (ID, error) {
	if len(d.merged) == 0 {
		return "", nil
	}
	d.merged = inTreeOrder(d.merged, sorted)
	for _, side := range []int{ofUpstream, ofPatch} {
		list, err := d.objects.ReadTree(d.ctx, d.trees[side])
		if err != nil {
			return "", err
		}
		if slices.Equal(list, d.merged) {
			return d.trees[side], nil
		}
	}
	return d.objects.WriteTree(d.merged)
}

// inTreeOrder sorts entries of which the first ones are sorted already.
func inTreeOrder(entries []TreeEntry, sorted int) []TreeEntry {
	head, tail := entries[:sorted], slices.Clone(entries[sorted:])
	slices.SortFunc(tail, func(a, b TreeEntry) int { return treeOrder(&a, &b) })
	// From behind, so that every entry moves to its place at once.
	for to := len(entries) - 1; len(tail) > 0; to-- {
		h, t := len(head)-1, len(tail)-1
		if h >= 0 && treeOrder(&head[h], &tail[t]) > 0 {
			entries[to], head = head[h], head[:h]
		} else {
			entries[to], tail = tail[t], tail[:t]
		}
	}
	return entries
}
