package gitops

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var (
	treeMerges = flag.Int("treemerges", 0, "how many random merges of trees to compare with git's; 0: a few seconds' worth")
	treeSeed   = flag.Uint64("treeseed", 1, "the first seed of the random merges of trees")
)

// Whatever happened to two trees, the merge in this process is git's, or it says
// that git must be asked.
func TestTreeMergerAgainstGit(t *testing.T) {
	n := 2000
	switch {
	case *treeMerges > 0:
		n = *treeMerges
	case testing.Short():
		n = 200
	}
	r := gittest.Load(t, "git init\ngit commit --allow-empty -m x\n")
	c := treeComparison{asked: map[string]int{}, kinds: map[merge3.Kind]int{}}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		s := testScratch(t, r)
		wg.Go(func() {
			for i := w; i < n && !t.Failed(); i += workers {
				c.compare(t, s, *treeSeed+uint64(i))
			}
		})
	}
	wg.Wait()
	t.Logf("%d merges, %d of them clean; git had to be asked for %v; disputes %v", c.merges, c.clean, c.asked, c.kinds)
	if own := c.merges - total(c.asked); own < c.merges/3 {
		t.Errorf("only %d of %d merges were made here", own, c.merges)
	}
}

func total(count map[string]int) int {
	sum := 0
	for _, n := range count {
		sum += n
	}
	return sum
}

// treeComparison merges both ways and counts.
type treeComparison struct {
	mu            sync.Mutex
	merges, clean int
	asked         map[string]int
	kinds         map[merge3.Kind]int
}

func (c *treeComparison) compare(t *testing.T, s *Scratch, seed uint64) {
	h := history{r: rand.New(rand.NewPCG(seed, 7)), s: s, t: t}
	req, trees := h.request(seed)
	own := &merge3.TreeMerger{
		Objects: s, RediffShifted: s.git.atLeast(2, 54), SkipTail: !s.git.atLeast(2, 44), OverBase: !s.git.atLeast(2, 51),
	}
	got, err := own.Merge(t.Context(), req)
	var beyond *merge3.BeyondError
	if err != nil && !errors.As(err, &beyond) {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	c.mu.Lock()
	c.merges++
	if err == nil && got.Clean() {
		c.clean++
	}
	for _, d := range got.Conflicts {
		c.kinds[d.Kind]++
	}
	if beyond != nil {
		c.asked[beyond.Reason]++
	}
	c.mu.Unlock()
	if beyond != nil {
		return
	}
	want, err := NewGitMerger(s).Merge(t.Context(), req)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("seed %d: ours %s\ngit's %s\n%s", seed, h.show(got), h.show(want), trees)
	}
}

// history makes up trees that have something to do with each other.
type history struct {
	r *rand.Rand
	s *Scratch
	t *testing.T
}

// files is a tree: path to entry, directories left out.
type files map[string]merge3.Entry

func (h history) request(seed uint64) (merge3.Request, string) {
	base := files{}
	for range 2 + h.r.IntN(12) {
		h.add(base)
	}
	up, patch := maps.Clone(base), maps.Clone(base)
	for range h.r.IntN(3) { // what both sides do
		h.change(up)
		patch = maps.Clone(up)
	}
	for range h.r.IntN(6) {
		h.change(up)
	}
	for range 1 + h.r.IntN(4) {
		h.change(patch)
	}
	req := merge3.Request{Style: merge3.Style(h.r.IntN(3))}
	req.Base, req.Upstream, req.Patch = h.side(base, ""), h.side(up, "up-stream"), h.side(patch, "")
	if h.r.IntN(2) == 0 {
		req.Patch.Label = "T1"
	}
	return req, fmt.Sprintf("base %s\nupstream %s\npatch %s", h.list(base), h.list(up), h.list(patch))
}

func (h history) side(f files, label string) merge3.Side {
	tree, err := h.s.EditTree(h.t.Context(), "", f)
	if err != nil {
		h.t.Error(err)
	}
	side := merge3.Side{Tree: tree, Label: label}
	side.Commit, err = h.s.WriteCommit(patchsetCommit(tree))
	if err != nil {
		h.t.Error(err)
	}
	return side
}

func (h history) pick(words ...string) string { return words[h.r.IntN(len(words))] }

// path is a random path; some sort between a directory and a file of its name.
func (h history) path() string {
	name := h.pick("f", "g", "f.c", "h", "d", "d~T1", "d~up-stream")
	for range h.r.IntN(3) {
		name = h.pick("d", "d", "e", "e", "f", "d-x") + "/" + name
	}
	return name
}

// free makes room for a file at path.
func (f files) free(path string) {
	for p := range f {
		if strings.HasPrefix(p, path+"/") || strings.HasPrefix(path, p+"/") {
			delete(f, p)
		}
	}
}

func (h history) add(f files) {
	path := h.path()
	f.free(path)
	switch h.r.IntN(16) {
	case 0:
		f[path] = merge3.Entry{Mode: merge3.ModeSymlink, ID: h.blob(h.pick("f", "g", "nowhere"))}
	case 1:
		f[path] = merge3.Entry{Mode: merge3.ModeGitlink, ID: merge3.ID(strings.Repeat(h.pick("1", "2", "3"), 40))}
	case 2:
		f[path] = merge3.Entry{Mode: merge3.ModeFile, ID: h.blob("\x00" + h.pick("a", "b"))}
	case 3:
		f[path] = merge3.Entry{Mode: merge3.ModeExecutable, ID: h.blob("#!\n")}
	default:
		f[path] = merge3.Entry{Mode: merge3.ModeFile, ID: h.blob(h.text())}
	}
}

// text is one of a few texts, so that files may be alike.
func (h history) text() string {
	end := h.pick("\n", "\n", "\n", "\r\n")
	kind, n := h.pick("a", "b", "c", "d"), 1+h.r.IntN(12)
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %d%s", kind, i, end)
	}
	return strings.TrimSuffix(b.String(), h.pick("", "", "\n"))
}

func (h history) blob(text string) merge3.ID {
	id, err := h.s.WriteBlob([]byte(text))
	if err != nil {
		h.t.Error(err)
	}
	return id
}

// change does something to a tree that people do.
func (h history) change(f files) {
	path, ok := h.choose(f)
	if !ok {
		h.add(f)
		return
	}
	e := f[path]
	switch h.r.IntN(20) {
	case 0, 1, 2, 3:
		h.add(f)
	case 4:
		delete(f, path)
	case 5:
		h.move(f, path, h.path())
	case 6:
		h.moveDir(f, path)
	case 7:
		if e.Mode == merge3.ModeFile {
			f[path] = merge3.Entry{Mode: merge3.ModeExecutable, ID: e.ID}
		}
	case 8: // another type under the same name
		delete(f, path)
		f[path] = merge3.Entry{Mode: merge3.ModeSymlink, ID: h.blob(h.pick("f", "g"))}
	case 9: // a directory in place of a file, or the other way round
		h.move(f, path, h.pick(path+"/f", parent(path)))
	case 10:
		f[path] = merge3.Entry{Mode: e.Mode, ID: h.anew(e)}
	default:
		if e.Mode == merge3.ModeFile || e.Mode == merge3.ModeExecutable {
			f[path] = merge3.Entry{Mode: e.Mode, ID: h.edit(e.ID)}
		}
	}
}

func (h history) choose(f files) (string, bool) {
	paths := slices.Sorted(maps.Keys(f))
	if len(paths) == 0 {
		return "", false
	}
	return paths[h.r.IntN(len(paths))], true
}

func (h history) move(f files, from, to string) {
	e := f[from]
	delete(f, from)
	f.free(to)
	f[to] = e
	if e.Mode == merge3.ModeFile && h.r.IntN(2) == 0 {
		f[to] = merge3.Entry{Mode: e.Mode, ID: h.edit(e.ID)}
	}
}

func (h history) moveDir(f files, path string) {
	dir, to := parent(path), h.pick("d", "e", "new", "d/new", "new/e")
	for _, p := range slices.Sorted(maps.Keys(f)) {
		if rest, ok := strings.CutPrefix(p, dir+"/"); ok && h.r.IntN(8) > 0 {
			h.move(f, p, to+"/"+rest)
		}
	}
}

// parent is the directory of a path; a file at the top is its own.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return path
}

// anew is other content of the same type.
func (h history) anew(e merge3.Entry) merge3.ID {
	switch e.Mode {
	case merge3.ModeGitlink:
		return merge3.ID(strings.Repeat(h.pick("4", "5"), 40))
	case merge3.ModeSymlink:
		return h.blob(h.pick("x", "y"))
	}
	return h.blob(h.text())
}

// edit changes some lines of a text.
func (h history) edit(id merge3.ID) merge3.ID {
	text, err := h.s.ReadBlob(h.t.Context(), id)
	if err != nil {
		h.t.Error(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for range 1 + h.r.IntN(2) {
		i := h.r.IntN(len(lines))
		lines[i] = h.pick("", "new\n", "new\n", "newer\n", lines[i]+"more\n", "\x00\n")
	}
	return h.blob(strings.Join(lines, ""))
}

func (h history) list(f files) string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "\n  %s %.8s %s", f[p].Mode, f[p].ID, p)
	}
	return b.String()
}

// show is a result and its tree.
func (h history) show(r merge3.Result) string {
	changes, err := h.s.DiffTrees(h.t.Context(), "", r.Tree)
	if err != nil {
		return err.Error()
	}
	f := files{}
	for _, c := range changes {
		f[c.Path] = c.New
	}
	out := string(r.Tree) + h.list(f)
	for _, c := range r.Conflicts {
		out += fmt.Sprintf("\n  %+v", c)
	}
	return out
}
