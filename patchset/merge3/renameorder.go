package merge3

import (
	"context"
	"hash/fnv"
)

// Where several files have an equal claim to be paired, git takes the first one
// that it has come across. So the order in which it looks at a tree decides
// who that is: by path, but directories that only one side changed come last, and in the
// order of a hash table.

// inGitsOrder is a change of one side with its files in the order in which git sees them in
// these trees. Late are the directories that come last, in the order in which they were
// found.
func (f *renameFinder) inGitsOrder(ctx context.Context, c *sideChange, late []string, trees [3]ID) (*sideChange, error) {
	gone, err := f.inSeenOrder(ctx, c.gone, trees)
	if err != nil {
		return nil, err
	}
	come, err := f.inSeenOrder(ctx, c.come, trees)
	if err != nil {
		return nil, err
	}
	return &sideChange{come: lateLast(come, late), gone: lateLast(gone, late), goneDirs: c.goneDirs}, nil
}

// lateLast moves the files of late directories to the end.
func lateLast(files []file, late []string) []file {
	if len(late) == 0 {
		return files
	}
	group := map[string][]file{}
	for _, dir := range late {
		group[dir] = nil
	}
	ordered := make([]file, 0, len(files))
	for _, f := range files {
		dir := dirOf(f.path)
		for ; dir != ""; dir = dirOf(dir) {
			if _, ok := group[dir]; ok {
				group[dir] = append(group[dir], f)
				break
			}
		}
		if dir == "" {
			ordered = append(ordered, f)
		}
	}
	for _, dir := range hashOrder(late) {
		ordered = append(ordered, group[dir]...)
	}
	return ordered
}

// hashOrder is the order in which git's hash table lists keys that were put in one
// after the other: 64 chains by the FNV-1 hash, the newest first in each, and four times as many
// chains whenever there are more keys than four fifths of them.
func hashOrder(keys []string) []string {
	chains := make([][]string, 64)
	put := func(key string) {
		h := fnv.New32()
		h.Write([]byte(key))
		i := int(h.Sum32()) & (len(chains) - 1)
		chains[i] = append(chains[i], key)
	}
	for n, key := range keys {
		put(key)
		if n+1 > len(chains)*80/100 {
			old := chains
			chains = make([][]string, 4*len(old))
			for _, key := range flatten(old) {
				put(key)
			}
		}
	}
	return flatten(chains)
}

// flatten lists chains, each from its newest key.
func flatten(chains [][]string) []string {
	var keys []string
	for _, chain := range chains {
		for i := len(chain) - 1; i >= 0; i-- {
			keys = append(keys, chain[i])
		}
	}
	return keys
}
