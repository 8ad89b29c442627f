package merge3

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// renameWorld makes three trees in which much was renamed, and many files are
// alike, so that ties have to be broken.
type renameWorld struct {
	r                     *rand.Rand
	subjects              int
	base, upstream, patch fileTree
}

func newRenameWorld(r *rand.Rand) *renameWorld {
	w := &renameWorld{r: r, subjects: []int{1, 3, 8, 40}[r.IntN(4)]}
	w.base = fileTree{"keep": prose("keep")}
	for range 3 + r.IntN(14) {
		w.put(w.base, w.path(), w.prose())
	}
	w.put(w.base, "a/x/link", "-> "+w.prose())
	w.upstream, w.patch = w.side(), w.side()
	return w
}

// newTiedWorld has equal files that went to as many new directories, none with
// a better claim than another.
func newTiedWorld(r *rand.Rand, files int) *renameWorld {
	w := &renameWorld{base: fileTree{"k": two}, upstream: fileTree{"k": two}, patch: fileTree{"k": two}}
	for i := range files {
		w.base[fmt.Sprintf("old%03d", i)] = one
		w.upstream[fmt.Sprintf("dir%d/new", r.IntN(1000))] = one
	}
	return w
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (w *renameWorld) dir() string {
	return pick(w.r, "", "a/", "b/", "a/x/", "a/x/y/", "b/x/", "c/", "a/z/", "b/x/y/", "a/x/y/q/", "a-b/", "a/x.y/", "a/x-q/y/", "b-b/")
}

func (w *renameWorld) path() string { return w.dir() + pick(w.r, "f", "g", "h", "k", "l", "x", "x-q") }

func (w *renameWorld) prose(edits ...int) string {
	return prose(fmt.Sprint("subject ", w.r.IntN(w.subjects)), edits...)
}

// put adds a file, unless something is there.
func (w *renameWorld) put(files fileTree, path, content string) bool {
	for other := range files {
		if other == path || strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
			return false
		}
	}
	files[path] = content
	return true
}

// edit changes some lines of a file, or none.
func (w *renameWorld) edit(content string) string {
	lines := strings.SplitAfter(content, "\n")
	for range w.r.IntN(2) * w.r.IntN(8) {
		lines[w.r.IntN(len(lines)-1)] = fmt.Sprintf("edit %d\n", w.r.IntN(30))
	}
	return strings.Join(lines, "")
}

// side is what somebody made of the base.
func (w *renameWorld) side() fileTree {
	files := maps.Clone(w.base)
	for range 2 + w.r.IntN(4) {
		paths := slices.Sorted(maps.Keys(files))
		if len(paths) == 0 {
			break
		}
		switch w.r.IntN(6) {
		case 0:
			for range 3 {
				delete(files, pick(w.r, paths...))
			}
		case 1:
			for range 1 + w.r.IntN(4) {
				w.put(files, w.path(), w.prose(w.r.IntN(12)))
			}
		case 2:
			for range 1 + w.r.IntN(3) {
				if from := pick(w.r, paths...); files[from] != "" {
					w.move(files, from, w.path())
				}
			}
		case 3:
			path := pick(w.r, paths...)
			files[path] = w.edit(files[path])
		default:
			w.moveDir(files, paths)
		}
	}
	return files
}

func (w *renameWorld) move(files fileTree, from, to string) {
	content := files[from]
	delete(files, from)
	if !w.put(files, to, w.edit(content)) {
		files[from] = content
	}
}

// moveDir moves a directory, to one place or two.
func (w *renameWorld) moveDir(files fileTree, paths []string) {
	from := w.dir()
	places := []string{w.dir(), pick(w.r, "n/", "m/", "n/x/", "", "a/w/")}
	if w.r.IntN(3) > 0 {
		places = places[1:]
	}
	for _, path := range paths {
		if rest, in := strings.CutPrefix(path, from); in {
			w.move(files, path, pick(w.r, places...)+rest)
		}
	}
}
