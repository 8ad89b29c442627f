package gitops

// Git's merge-ort as merge3.Merger. All that is known of `git merge-tree`, its
// versions, its output and its quirks is in this file and in mergeresult.go.
//
// Every merge has a repository to itself: a directory with a HEAD, a
// configuration and the refs that name the sides, on the objects of the
// Scratch. So merges can run at the same time, and attributes of the trees
// (merge=union, conflict-marker-size) have no effect.
//
// How the base is forced:
//
//   - git 2.40 and newer have --merge-base.
//   - In 2.38 and 2.39 a graft file gives upstream and patch the base as their
//     only parent and the base none. The real commits stay the arguments and
//     whatever else their history says does not count.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// GitMerger is the merge-ort of the installed git. It is safe for concurrent
// use.
type GitMerger struct {
	s *Scratch
	// graft forces the base by a graft file even where --merge-base is known.
	graft bool

	mu   sync.Mutex
	free []string // repositories of merges that are over
}

var _ merge3.Merger = (*GitMerger)(nil)

// NewGitMerger merges with the objects of s and writes what comes of it there.
func NewGitMerger(s *Scratch) *GitMerger {
	return &GitMerger{s: s}
}

// Merge answers r with git's default settings. A side without Tree is looked
// up by its Commit; one with a Tree alone gets a commit made for it, with that
// commit's id as its label. A base with neither is the empty tree.
//
// In the diff3 styles the label of the base is its full commit id.
func (m *GitMerger) Merge(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	if err := m.complete(ctx, &r); err != nil {
		return merge3.Result{}, fmt.Errorf("merge: %w", err)
	}
	switch r.Base.Tree {
	case r.Upstream.Tree:
		return merge3.Result{Tree: r.Patch.Tree}, nil
	case r.Patch.Tree:
		return merge3.Result{Tree: r.Upstream.Tree}, nil
	}
	if r.Upstream.Tree == r.Patch.Tree {
		return merge3.Result{Tree: r.Upstream.Tree}, nil
	}
	res, err := m.run(ctx, r)
	if err != nil {
		return merge3.Result{}, fmt.Errorf("merge %s onto %s: %w", r.Patch.Commit.Short(), r.Upstream.Commit.Short(), err)
	}
	return res, nil
}

// complete fills in what the request leaves out.
func (m *GitMerger) complete(ctx context.Context, r *merge3.Request) error {
	if r.Base.Commit == "" && r.Base.Tree == "" {
		tree, err := m.s.Write("tree", nil)
		if err != nil {
			return err
		}
		r.Base.Tree = tree
	}
	for _, side := range []*merge3.Side{&r.Base, &r.Upstream, &r.Patch} {
		if err := m.completeSide(ctx, side); err != nil {
			return err
		}
	}
	return nil
}

func (m *GitMerger) completeSide(ctx context.Context, side *merge3.Side) error {
	if side.Commit == "" {
		return m.wrap(side)
	}
	c, err := m.s.ReadCommit(ctx, side.Commit)
	if err != nil {
		return err
	}
	if side.Tree == "" {
		side.Tree = c.Tree
	}
	if side.Tree != c.Tree {
		return fmt.Errorf("the tree of commit %s is %s, not %s", side.Commit, c.Tree, side.Tree)
	}
	return nil
}

// wrap makes a commit for a tree, always the same one.
func (m *GitMerger) wrap(side *merge3.Side) error {
	if side.Tree == "" {
		return errors.New("a side has neither commit nor tree")
	}
	const nobody = "git-carry <git-carry@localhost> 0 +0000"
	var err error
	side.Commit, err = m.s.WriteCommit(patchset.Commit{Tree: side.Tree, Author: nobody, Committer: nobody})
	return err
}

// borrow gives a repository for one merge. Making one takes longer than many a
// merge, so they are used again.
func (m *GitMerger) borrow() (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.free); n > 0 {
		dir := m.free[n-1]
		m.free = m.free[:n-1]
		return dir, nil
	}
	dir, err := os.MkdirTemp(m.s.dir, "merge-")
	if err != nil {
		return "", err
	}
	return dir, writeGitDir(dir, m.s.format)
}

// giveBack keeps a repository for the next merge. Its names may stay: they are
// written anew, and writing a file that is there is cheaper than making one.
func (m *GitMerger) giveBack(dir string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free = append(m.free, dir)
}

func (m *GitMerger) run(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	if err := m.s.flushCommits(ctx, r.Base.Commit, r.Upstream.Commit, r.Patch.Commit); err != nil {
		return merge3.Result{}, err
	}
	dir, err := m.borrow()
	if err != nil {
		return merge3.Result{}, err
	}
	defer m.giveBack(dir)
	c := Cmd{
		Dir:    dir, // where git looks for the work trees of submodules: there are none
		Args:   []string{"merge-tree", "--write-tree", "-z"},
		Config: [][2]string{{"merge.conflictStyle", r.Style.String()}, {"core.abbrev", "no"}},
	}
	if m.graft || !m.s.git.atLeast(2, 40) {
		file := filepath.Join(dir, "grafts")
		if err := os.WriteFile(file, []byte(grafts(r)), 0o600); err != nil {
			return merge3.Result{}, err
		}
		c.Env = []string{"GIT_GRAFT_FILE=" + file}
	} else {
		c.Args = append(c.Args, "--merge-base="+string(r.Base.Commit))
	}
	upstream, err := nameSide(dir, r.Upstream, "")
	if err != nil {
		return merge3.Result{}, err
	}
	patch, err := nameSide(dir, r.Patch, upstream)
	if err != nil {
		return merge3.Result{}, err
	}
	c.Args = append(c.Args, upstream, patch)
	return m.call(ctx, dir, c)
}

// call runs merge-tree: status 0 means clean, 1 conflicts, all else failure.
func (m *GitMerger) call(ctx context.Context, dir string, c Cmd) (merge3.Result, error) {
	stdout := &limitedBuffer{limit: maxCaptured}
	c.Stdout = stdout
	_, err := m.s.run(ctx, dir, c)
	code, failed := exitCode(err)
	if err != nil && !(failed && code == 1) {
		return merge3.Result{}, err
	}
	out, perr := parseMergeTree(stdout.Bytes())
	if perr != nil {
		return merge3.Result{}, errors.Join(perr, err)
	}
	res := out.result()
	if res.Clean() != (err == nil) {
		return merge3.Result{}, fmt.Errorf("git merge-tree reports %d conflicts, but ended with status %d",
			len(res.Conflicts), code)
	}
	return res, nil
}

// grafts makes base the only common ancestor that upstream and patch have.
// A line is a commit and the parents it shall have.
func grafts(r merge3.Request) string {
	return fmt.Sprintf("%s %s\n%s %s\n%s\n",
		r.Upstream.Commit, r.Base.Commit, r.Patch.Commit, r.Base.Commit, r.Base.Commit)
}

// nameSide gives git a name for the side that it will write into conflict
// markers: a branch in the merge's own repository, or the full id.
// taken is the name that the other side has.
func nameSide(dir string, side merge3.Side, taken string) (string, error) {
	name := sideName(side, taken)
	if side.Label == "" {
		return name, nil
	}
	return name, os.WriteFile(filepath.Join(dir, "refs", "heads", name), []byte(string(side.Commit)+"\n"), 0o600)
}

// sideName is what a side is called in conflict markers.
func sideName(side merge3.Side, taken string) string {
	if side.Label == "" {
		return string(side.Commit)
	}
	name := MarkerLabel(side.Label)
	if strings.EqualFold(name, taken) { // on some file systems case does not count
		name += "'"
	}
	return name
}

// MarkerLabel is how a [merge3.Side] label is written in conflict markers: what
// cannot be in a branch name becomes "-", and a label that would be taken for
// something else gets "label-" put before it.
func MarkerLabel(label string) string {
	name := strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '\ufffd' || strings.ContainsRune(`~^:?*[\/`, r) {
			return '-'
		}
		return r
	}, label)
	for strings.Contains(name, "..") {
		name = strings.ReplaceAll(name, "..", ".-")
	}
	name = strings.ReplaceAll(name, "@{", "@-")
	if len(name) > maxLabel {
		name = strings.ToValidUTF8(name[:maxLabel], "")
	}
	name = strings.TrimRight(name, ".")
	if cut, ok := strings.CutSuffix(name, ".lock"); ok {
		name = cut + "-lock"
	}
	if ambiguous(name) {
		name = "label-" + name
	}
	return name
}

// maxLabel is in bytes: file systems allow 255 in a name.
const maxLabel = 200

// ambiguous tells whether git could take a branch name for something else: an
// option, an id, HEAD or another file of the repository.
func ambiguous(name string) bool {
	switch name {
	case "", "@", "HEAD", "config", "grafts", "refs", "objects":
		return true
	}
	return strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "_HEAD") ||
		merge3.ID(name).Valid()
}
