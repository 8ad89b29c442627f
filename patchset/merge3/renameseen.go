package merge3

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// In a tree, "a-b/" comes before "a/"; but git goes through three trees at once, takes the
// name that is first as it stands of those that are first in the trees, and then
// all that has this name. Where "a-b" is missing in one tree, "a" comes first.

// seenOrder ranks the names in three lists of entries by when git sees them. It is nil
// where that is the order of the trees.
func seenOrder(lists [3][]TreeEntry) map[string]int {
	if !slices.ContainsFunc(lists[:], hasLateName) {
		return nil
	}
	rank := map[string]int{}
	for {
		first, found := "", false
		for i := range lists {
			for len(lists[i]) > 0 && ranked(rank, lists[i][0].Name) {
				lists[i] = lists[i][1:]
			}
			if len(lists[i]) > 0 && (!found || lists[i][0].Name < first) {
				first, found = lists[i][0].Name, true
			}
		}
		if !found {
			return rank
		}
		rank[first] = len(rank)
	}
}

func ranked(rank map[string]int, name string) bool { _, ok := rank[name]; return ok }

// hasLateName tells whether a name comes later in a tree than it would by itself.
func hasLateName(list []TreeEntry) bool {
	for i := 1; i < len(list); i++ {
		if list[i].Name < list[i-1].Name {
			return true
		}
	}
	return false
}

// inSeenOrder puts files that are sorted by path into the order in which git comes to them
// in these trees.
func (f *renameFinder) inSeenOrder(ctx context.Context, files []file, trees [3]ID) ([]file, error) {
	dirs := dirsWithLateNames(files)
	if len(dirs) == 0 {
		return files, nil
	}
	files = slices.Clone(files)
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(dirs))) { // the inner ones first: the outer ones move them
		lists, err := f.listsAt(ctx, trees, dir)
		if err != nil {
			return nil, err
		}
		prefix, from, to := inside(dir), dirs[dir], dirs[dir]
		for from > 0 && strings.HasPrefix(files[from-1].path, prefix) {
			from--
		}
		for to < len(files) && strings.HasPrefix(files[to].path, prefix) {
			to++
		}
		rank := seenOrder(lists)
		slices.SortStableFunc(files[from:to], func(a, b file) int {
			return rank[firstName(a.path[len(prefix):])] - rank[firstName(b.path[len(prefix):])]
		})
	}
	return files, nil
}

// dirsWithLateNames are the directories of files in which a name comes later than it
// would by itself, each with the index of a file in it.
func dirsWithLateNames(files []file) map[string]int {
	dirs := map[string]int{}
	for i := 1; i < len(files); i++ {
		a, b := files[i-1].path, files[i].path
		dir := commonDir(a, b)
		if below := len(inside(dir)); firstName(a[below:]) > firstName(b[below:]) {
			dirs[dir] = i
		}
	}
	return dirs
}

// commonDir is the innermost directory that both paths are in.
func commonDir(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return dirOf(a[:n])
}

// inside is what the paths in dir start with.
func inside(dir string) string {
	if dir == "" {
		return ""
	}
	return dir + "/"
}

// firstName is the first component of path.
func firstName(path string) string {
	name, _, _ := strings.Cut(path, "/")
	return name
}

// listsAt reads a directory of three trees; what is not there is empty.
func (f *renameFinder) listsAt(ctx context.Context, trees [3]ID, dir string) (lists [3][]TreeEntry, err error) {
	for i, id := range trees {
		if lists[i], err = f.readTree(ctx, id); err != nil {
			return lists, err
		}
		for name := range strings.SplitSeq(dir, "/") {
			if dir == "" {
				break
			}
			at := slices.IndexFunc(lists[i], func(e TreeEntry) bool { return e.Name == name && e.IsDir() })
			if at < 0 {
				lists[i] = nil
				break
			}
			if lists[i], err = f.readTree(ctx, lists[i][at].ID); err != nil {
				return lists, err
			}
		}
	}
	return lists, nil
}
