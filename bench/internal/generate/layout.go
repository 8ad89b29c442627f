package generate

import (
	"fmt"
	"math/rand/v2"
)

// The fan-out of the tree. Linux has some 12 files a directory and a few
// directories of hundreds, 24 directories at the top, and is seldom deeper than 5.
const (
	filesPerDir = 12
	topDirs     = 24
	deepest     = 5
)

// layout is where the files are.
type layout struct {
	dirs    []string
	small   []string // a Makefile and a Kconfig for each directory
	sources []string
}

func newLayout(r *rand.Rand, files int) layout {
	var l layout
	depth := []int{}
	dirs := max(1, files/filesPerDir)
	for i := range dirs {
		if i < topDirs {
			l.dirs, depth = append(l.dirs, fmt.Sprintf("part%02d", i)), append(depth, 1)
			continue
		}
		parent := r.IntN(i)
		for depth[parent] == deepest {
			parent = r.IntN(parent)
		}
		l.dirs, depth = append(l.dirs, fmt.Sprintf("%s/d%d", l.dirs[parent], i)), append(depth, depth[parent]+1)
	}
	for i := 0; i < dirs && len(l.small)+2 <= files/2; i++ {
		l.small = append(l.small, l.dirs[i]+"/Makefile", l.dirs[i]+"/Kconfig")
	}
	// Half of the files go where others are already: so some directories get large.
	var in []int
	for i := range files - len(l.small) {
		dir := r.IntN(dirs)
		if i > 0 && i%2 == 0 {
			dir = in[r.IntN(i)]
		}
		in = append(in, dir)
		l.sources = append(l.sources, fmt.Sprintf("%s/file%d.c", l.dirs[dir], i))
	}
	return l
}
