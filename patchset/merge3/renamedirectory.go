package merge3

import (
	"slices"
	"strings"
)

// dirVotes counts where the files of the directories went that are gone from a side.
// A directory moved where most of them did. The rules are those of git's
// Documentation/technical/directory-rename-detection.
type dirVotes struct {
	relevance
	gone    map[string]bool
	settled map[string]bool // wanted directories whose outcome no further rename changes
	counts  map[string][]dirCount
}

// dirCount is how many files of a directory went to another one.
type dirCount struct {
	to    string
	files int
}

func newDirVotes(gone []string, r relevance) *dirVotes {
	v := &dirVotes{relevance: r, gone: map[string]bool{}, settled: map[string]bool{}, counts: map[string][]dirCount{}}
	for _, dir := range gone {
		v.gone[dir] = true
	}
	return v
}

// vote counts a rename for the directory of the file, and for those above as far as the
// ends of both paths agree: a/x/f to b/x/g is a vote for a to b as well.
func (v *dirVotes) vote(from, to string) {
	for first := true; ; first = false {
		from, to = dirOf(from), dirOf(to)
		if !v.gone[from] {
			return
		}
		if first || v.wanted[from] && !v.settled[from] {
			v.count(from, to)
		}
		if !v.isCounted(from) || to == "" || nameOf(from) != nameOf(to) {
			return
		}
	}
}

func (v *dirVotes) count(from, to string) {
	for i := range v.counts[from] {
		if v.counts[from][i].to == to {
			v.counts[from][i].files++
			return
		}
	}
	v.counts[from] = append(v.counts[from], dirCount{to, 1})
}

// guess says where a directory seems to have gone by the renames so far. Of places
// with equally many files it is the first in git's hash table.
func (v *dirVotes) guess(dir string) (string, bool) {
	files := map[string]int{}
	var places []string
	for _, c := range v.counts[dir] {
		files[c.to] = c.files
		places = append(places, c.to)
	}
	most, best := 0, ""
	for _, to := range hashOrder(places) {
		if files[to] > most {
			most, best = files[to], to
		}
	}
	return best, most > 0
}

// leaders are the two places that most files of a directory went to.
func (v *dirVotes) leaders(dir string) (first, second dirCount) {
	for _, c := range v.counts[dir] {
		switch {
		case c.files > first.files:
			first, second = c, first
		case c.files > second.files:
			second = c
		}
	}
	return first, second
}

// settle notes the directories whose outcome is certain, whatever becomes of
// the files that have no partner yet.
func (v *dirVotes) settle(gone []file, goneTo []int) {
	if len(v.wanted) == 0 {
		return
	}
	open := map[string]int{}
	for i, f := range gone {
		for dir := dirOf(f.path); dir != "" && goneTo[i] < 0; dir = dirOf(dir) {
			open[dir]++
		}
	}
	for dir := range v.wanted {
		if first, second := v.leaders(dir); first.files > second.files+open[dir] {
			v.settled[dir] = true
		}
	}
}

// open tells whether a rename of the file at path could still decide about a directory.
func (v *dirVotes) open(path string) bool {
	for dir := dirOf(path); dir != ""; dir = dirOf(dir) {
		if v.wanted[dir] && !v.settled[dir] {
			return true
		}
	}
	return false
}

// outcome says where directories went, and which went to several places with none
// ahead of the others.
func (v *dirVotes) outcome() (renamed map[string]string, split []string) {
	renamed = map[string]string{}
	for dir := range v.counts {
		if !v.isCounted(dir) {
			continue
		}
		if first, second := v.leaders(dir); first.files > second.files {
			renamed[dir] = first.to
		} else {
			split = append(split, dir)
		}
	}
	slices.Sort(split)
	return renamed, split
}

// dirOf is the directory that path is in; "" is the root.
func dirOf(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

// nameOf is the last component of path.
func nameOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func sameName(a, b string) bool { return nameOf(a) == nameOf(b) }

// joinPath is dir/name, where dir may be "", the root.
func joinPath(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
