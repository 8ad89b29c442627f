package gitops

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// treeWith writes a tree of files, by mode and path.
func treeWith(t *testing.T, s *Scratch, entries ...merge3.TreeEntry) merge3.ID {
	t.Helper()
	id, err := s.WriteTree(entries)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func blobOf(t *testing.T, s *Scratch, text string) merge3.ID {
	t.Helper()
	id, err := s.WriteBlob([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCheckout(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	inner := treeWith(t, s,
		merge3.TreeEntry{Mode: merge3.ModeFile, Name: "b\xff", ID: blobOf(t, s, "two")},
		merge3.TreeEntry{Mode: merge3.ModeGitlink, Name: "module", ID: merge3.ID(strings.Repeat("1", 40))})
	outside := t.TempDir()
	tree := treeWith(t, s,
		merge3.TreeEntry{Mode: merge3.ModeTree, Name: "dir", ID: inner},
		merge3.TreeEntry{Mode: merge3.ModeSymlink, Name: "out", ID: blobOf(t, s, outside)},
		merge3.TreeEntry{Mode: merge3.ModeExecutable, Name: "run", ID: blobOf(t, s, "#!")})
	c, err := s.Checkout(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Dir(c.Dir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can get in: %v %v", info.Mode(), err)
	}
	if data, err := os.ReadFile(filepath.Join(c.Dir, "dir", "b\xff")); err != nil || string(data) != "two" {
		t.Errorf("%q %v", data, err)
	}
	if info, err := os.Stat(filepath.Join(c.Dir, "run")); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("not executable: %v", err)
	}
	if target, err := os.Readlink(filepath.Join(c.Dir, "out")); err != nil || target != outside {
		t.Errorf("%q %v", target, err)
	}
	if info, err := os.Stat(filepath.Join(c.Dir, "dir", "module")); err != nil || !info.IsDir() {
		t.Errorf("a submodule is an empty directory: %v", err)
	}
	// Somebody shuts everything: it goes away all the same.
	for _, dir := range []string{filepath.Join(c.Dir, "dir"), c.Dir} {
		if err := os.Chmod(dir, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Dir(c.Dir)); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestCheckoutHostile: trees that git would not check out are an error, and write
// nothing outside.
func TestCheckoutHostile(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	file := blobOf(t, s, "x")
	one := func(mode, name string, id merge3.ID) merge3.ID {
		return treeWith(t, s, merge3.TreeEntry{Mode: mode, Name: name, ID: id})
	}
	bomb := file
	for i := range 40 {
		mode := merge3.ModeTree
		if i == 0 {
			mode = merge3.ModeFile
		}
		bomb = treeWith(t, s, merge3.TreeEntry{Mode: mode, Name: "a", ID: bomb}, merge3.TreeEntry{Mode: mode, Name: "b", ID: bomb})
	}
	hostile := map[string]merge3.ID{
		"up":            one(merge3.ModeFile, "..", file),
		"here":          one(merge3.ModeTree, ".", one(merge3.ModeFile, "x", file)),
		"git":           one(merge3.ModeTree, ".GIT", one(merge3.ModeFile, "config", file)),
		"link to zero":  one(merge3.ModeSymlink, "l", blobOf(t, s, "a\x00b")),
		"empty link":    one(merge3.ModeSymlink, "l", blobOf(t, s, "")),
		"missing":       one(merge3.ModeFile, "f", merge3.ID(strings.Repeat("2", 40))),
		"a name of 300": one(merge3.ModeFile, strings.Repeat("n", 300), file),
	}
	for name, tree := range hostile {
		if c, err := s.Checkout(t.Context(), tree); err == nil {
			t.Errorf("%s is checked out to %s", name, c.Dir)
		}
	}
	all := func(string) bool { return true }
	var tooMany *TooManyFilesError
	if err := s.WalkFiles(t.Context(), bomb, all, func(string, merge3.Entry) error { return nil }); !errors.As(err, &tooMany) {
		t.Errorf("a bomb: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(s.Dir()), scratchPrefix+"*"))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
