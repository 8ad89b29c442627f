package merge3

import (
	"context"
	"slices"
	"strings"
)

// detection finds the files that one side renamed. It makes pairs of what is gone
// and what has come, the surest first; a file is in one pair at most.
type detection struct {
	ctx    context.Context
	finder *renameFinder
	relevance
	gone, come       []file // without empty files: they say nothing
	goneTo, comeFrom []int  // the other one of a pair, or -1
	dirs             *dirVotes
}

// The ids of the empty file.
const (
	emptyBlobSHA1   = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
	emptyBlobSHA256 = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
)

// newDetection looks at what is gone and has come, each in git's order.
func newDetection(ctx context.Context, f *renameFinder, change *sideChange, r relevance) *detection {
	d := &detection{ctx: ctx, finder: f, relevance: r, dirs: newDirVotes(change.goneDirs, r)}
	d.gone, d.goneTo = unpaired(change.gone)
	d.come, d.comeFrom = unpaired(change.come)
	return d
}

// unpaired are the files that can be renamed at all, each without a partner.
func unpaired(files []file) (candidates []file, partners []int) {
	candidates = make([]file, 0, len(files))
	for _, f := range files {
		if f.ID != emptyBlobSHA1 && f.ID != emptyBlobSHA256 {
			candidates = append(candidates, f)
		}
	}
	return candidates, slices.Repeat([]int{-1}, len(candidates))
}

func (d *detection) run() error {
	d.pairEqual()
	if err := d.pairByName(); err != nil {
		return err
	}
	d.dirs.settle(d.gone, d.goneTo)
	return d.pairBySimilarity()
}

func (d *detection) pair(gone, come int) {
	d.goneTo[gone], d.comeFrom[come] = come, gone
	d.dirs.vote(d.gone[gone].path, d.come[come].path)
}

// maxEqual is how many equal files without a partner are looked at to find one of
// the same name.
const maxEqual = 100

// pairEqual pairs files of the same content, of the same name if possible.
func (d *detection) pairEqual() {
	byID := map[ID][]int{}
	for i, f := range d.gone {
		byID[f.ID] = append(byID[f.ID], i)
	}
	for come, f := range d.come {
		best, bestSame, seen := -1, false, 0
		for _, gone := range byID[f.ID] {
			if d.goneTo[gone] >= 0 || !sameClass(d.gone[gone].Mode, f.Mode) {
				continue
			}
			if seen++; seen > maxEqual || bestSame {
				break
			}
			if same := sameName(d.gone[gone].path, f.path); best < 0 || same {
				best, bestSame = gone, same
			}
		}
		if best >= 0 {
			d.pair(best, come)
		}
	}
}

// sameClass tells whether what has one mode can become what has the other. Only
// files proper change their mode on the way.
func sameClass(a, b string) bool { return a == b || isRegular(a) && isRegular(b) }

func isRegular(mode string) bool { return mode == ModeFile || mode == ModeExecutable }

// pairByName pairs files of the same name in different directories that are rather similar,
// if they are the only ones of that name or their directory went from the one to the other.
// Where directories went is told by the pairs there were before, not by those made here.
func (d *detection) pairByName() error {
	open := d.openSources()
	if len(open) == 0 {
		return nil
	}
	names := nameIndex{d: d, gone: uniqueNames(d.gone, d.goneTo), come: uniqueNames(d.come, d.comeFrom)}
	partners := make([]int, len(open))
	for i, from := range open {
		partners[i] = names.partner(d.gone[from].path)
	}
	for i, from := range open {
		to := partners[i]
		if to < 0 || d.comeFrom[to] >= 0 {
			continue
		}
		s, err := d.similarity(from, to, minSameName)
		if err != nil {
			return err
		}
		if s >= minSameName {
			d.pair(from, to)
		}
	}
	return nil
}

// openSources are the files that a partner is still wanted for.
func (d *detection) openSources() []int {
	var open []int
	for i, f := range d.gone {
		if d.goneTo[i] < 0 && (d.changed[f.path] || d.dirs.open(f.path)) {
			open = append(open, i)
		}
	}
	return open
}

// nameIndex finds files by name.
type nameIndex struct {
	d          *detection
	gone, come map[string]int // as uniqueNames makes them
	at         map[string]int // what has come, by path; made when it is needed
}

// partner is the file that has come and that, by its name, may be the one that was at
// path; -1 if there is none.
func (n *nameIndex) partner(path string) int {
	name := nameOf(path)
	if to, ok := n.come[name]; ok && to >= 0 && n.gone[name] >= 0 {
		return to
	}
	newDir, ok := n.d.dirs.guess(dirOf(path))
	if !ok || newDir == "" { // git makes no such guess about the root
		return -1
	}
	if n.at == nil {
		n.at = make(map[string]int, len(n.d.come))
		for i, f := range n.d.come {
			n.at[f.path] = i
		}
	}
	if to, ok := n.at[joinPath(newDir, name)]; ok {
		return to
	}
	return -1
}

// uniqueNames finds files without a partner by their last component; -1 is a name that
// several have.
func uniqueNames(files []file, partners []int) map[string]int {
	names := map[string]int{}
	for i, f := range files {
		if partners[i] >= 0 {
			continue
		}
		name := nameOf(f.path)
		if _, several := names[name]; several {
			names[name] = -1
		} else {
			names[name] = i
		}
	}
	return names
}

// renames lists the pairs by where the files were.
func (d *detection) renames() []rename {
	var out []rename
	for i, to := range d.goneTo {
		if to >= 0 {
			out = append(out, rename{d.gone[i].path, d.come[to].path, d.gone[i].Entry, d.come[to].Entry})
		}
	}
	slices.SortFunc(out, func(a, b rename) int { return strings.Compare(a.From, b.From) })
	return out
}
