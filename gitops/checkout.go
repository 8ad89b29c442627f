package gitops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A tree of a few objects can stand for more files than there are atoms: each
// directory twice the one below it.
const (
	maxCheckoutFiles = 1_000_000
	maxCheckoutBytes = 16 << 30
)

// TooManyFilesError says that a tree is larger than anybody's repository.
type TooManyFilesError struct{ Tree merge3.ID }

func (e *TooManyFilesError) Error() string {
	return fmt.Sprintf("tree %s holds more than %d files or %d GB", e.Tree.Short(), maxCheckoutFiles, maxCheckoutBytes>>30)
}

var _ patchset.FileReader = (*Scratch)(nil)

// WalkFiles implements patchset.FileReader.
func (s *Scratch) WalkFiles(ctx context.Context, tree merge3.ID, enter func(dir string) bool, visit func(path string, e merge3.Entry) error) error {
	w := fileWalk{s: s, root: tree, enter: enter, visit: visit}
	return w.walk(ctx, tree, "", 0)
}

type fileWalk struct {
	s     *Scratch
	root  merge3.ID
	enter func(dir string) bool
	visit func(path string, e merge3.Entry) error
	seen  int
}

func (w *fileWalk) walk(ctx context.Context, tree merge3.ID, prefix string, depth int) error {
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := w.s.ReadTree(ctx, tree)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if w.seen++; w.seen > maxCheckoutFiles {
			return &TooManyFilesError{w.root}
		}
		switch {
		case !e.IsDir():
			err = w.visit(prefix+e.Name, merge3.Entry{Mode: e.Mode, ID: e.ID})
		case w.enter(prefix + e.Name):
			err = w.walk(ctx, e.ID, prefix+e.Name+"/", depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Checkout is the files of a tree in a throw-away directory, for programs that want
// to see them, and an empty Room beside it. Nobody else can get there.
type Checkout struct {
	Dir, Room string
	parent    string
	lock      *os.File
}

// Checkout writes the files of a tree. Submodules are empty directories.
func (s *Scratch) Checkout(ctx context.Context, tree merge3.ID) (*Checkout, error) {
	parent, lock, err := lockedTempDir(filepath.Dir(s.dir))
	if err != nil {
		return nil, fmt.Errorf("checkout: %w", err)
	}
	c := &Checkout{Dir: filepath.Join(parent, "tree"), Room: filepath.Join(parent, "room"), parent: parent, lock: lock}
	err = errors.Join(os.Mkdir(c.Dir, 0o700), os.Mkdir(c.Room, 0o700))
	if err == nil {
		err = s.writeFiles(ctx, tree, c.Dir)
	}
	if err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("checkout: %w", err)
	}
	return c, nil
}

// Close removes the directory, whatever was done to it.
func (c *Checkout) Close() error { return removeLocked(c.parent, c.lock) }

// writeFiles writes the files of a tree below dir. Links come last, so that nothing is
// ever written through one.
func (s *Scratch) writeFiles(ctx context.Context, tree merge3.ID, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	w := treeFiles{ctx: ctx, s: s, root: root, tree: tree, made: map[string]bool{".": true}}
	if err := s.WalkFiles(ctx, tree, func(string) bool { return true }, w.file); err != nil {
		return err
	}
	for _, l := range w.links {
		if err := w.link(l.path, l.id); err != nil {
			return err
		}
	}
	return nil
}

type treeFiles struct {
	ctx   context.Context
	s     *Scratch
	root  *os.Root
	tree  merge3.ID
	made  map[string]bool // directories
	links []symlink
	bytes int64
}

type symlink struct {
	path string
	id   merge3.ID
}

func (w *treeFiles) file(path string, e merge3.Entry) error {
	if err := checkoutPath(path); err != nil {
		return err
	}
	if err := w.directory(filepath.Dir(path)); err != nil {
		return err
	}
	switch e.Mode {
	case merge3.ModeSymlink:
		w.links = append(w.links, symlink{path, e.ID})
		return nil
	case merge3.ModeGitlink:
		return w.directory(path)
	}
	data, err := w.content(e.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	mode := fs.FileMode(0o644)
	if e.Mode == merge3.ModeExecutable {
		mode = 0o755
	}
	f, err := w.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (w *treeFiles) content(id merge3.ID) ([]byte, error) {
	data, err := w.s.ReadBlob(w.ctx, id)
	if w.bytes += int64(len(data)); w.bytes > maxCheckoutBytes {
		return nil, &TooManyFilesError{w.tree}
	}
	return data, err
}

func (w *treeFiles) directory(path string) error {
	if w.made[path] {
		return nil
	}
	w.made[path] = true
	return w.root.MkdirAll(path, 0o755)
}

// maxLink bounds the target of a symbolic link in bytes, as systems do.
const maxLink = 4095

func (w *treeFiles) link(path string, id merge3.ID) error {
	target, err := w.content(id)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(target) == 0 || len(target) > maxLink || strings.ContainsRune(string(target), 0) {
		return fmt.Errorf("%.80q: a symbolic link to nowhere", path)
	}
	return w.root.Symlink(string(target), path)
}

// checkoutPath refuses what git would not check out.
func checkoutPath(path string) error {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") {
			return fmt.Errorf("%.80q is no path for a file", path)
		}
	}
	return nil
}

// removeTree is os.RemoveAll for directories that somebody has shut.
func removeTree(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // before it is read
		}
		return nil
	})
	return os.RemoveAll(dir)
}
