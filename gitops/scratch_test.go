package gitops

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

const smallRepo = "git init\ngit add a dir/b\ngit commit -m x\n-- a --\n1\n-- dir/b --\n2\n"

func TestScratchWritesWhatGitReads(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	s := testScratch(t, r)
	id, err := s.Write("blob", []byte("new\n"))
	if err != nil || id != "3e757656cf36eca53338e520d134963a44f793f8" {
		t.Fatalf("id %s, %v", id, err)
	}
	if out, err := s.Git(t.Context(), Cmd{Args: []string{"cat-file", "-p", string(id)}}); err != nil || string(out) != "new\n" {
		t.Errorf("git reads %q, %v", out, err)
	}
	if obj, err := s.Read(t.Context(), idOf(r, "HEAD:a")); err != nil || string(obj.Data) != "1\n" {
		t.Errorf("borrowed object %q, %v", obj.Data, err)
	}
	if _, err := s.Write("blob ", nil); err == nil {
		t.Error("an unknown type was let through")
	}
	if info, err := os.Stat(s.Dir()); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if ids := madeHere(t, s); !slices.Equal(ids, []string{string(id)}) {
		t.Errorf("made here: %v", ids)
	}
}

// A path with a colon is two paths to git unless it is quoted.
func TestScratchBorrowsFromOddPaths(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	blob := idOf(r, "HEAD:a")
	for _, name := range []string{"a:b", `q"q`, `back\slash`, "new\nline", " space", "#hash", "é"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.CopyFS(dir, os.DirFS(r.GitDir)); err != nil {
			t.Fatal(err)
		}
		s, err := NewScratch(testGit(t), filepath.Join(t.TempDir(), name), filepath.Join(dir, "objects"))
		if err != nil {
			t.Fatal(err)
		}
		if obj, err := s.Read(t.Context(), blob); err != nil || string(obj.Data) != "1\n" {
			t.Errorf("%q: %q, %v", name, obj.Data, err)
		}
		id, err := s.Write("blob", []byte(name))
		if err != nil {
			t.Error(err)
		}
		if _, err := s.Pack(t.Context(), dir, id); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestScratchSHA256(t *testing.T) {
	r := gittest.Load(t, "git init --object-format=sha256\ngit add a\ngit commit -m x\n-- a --\n1\n")
	s := testScratch(t, r)
	c, err := s.ReadCommit(t.Context(), idOf(r, "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	if id, err := s.WriteCommit(c); err != nil || id != idOf(r, "HEAD") {
		t.Errorf("%s, %v", id, err)
	}
	blob, err := s.Write("blob", []byte("2\n"))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := s.EditTree(t.Context(), c.Tree, map[string]merge3.Entry{"b": {Mode: merge3.ModeFile, ID: blob}})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := s.Git(t.Context(), Cmd{Args: []string{"ls-tree", "--name-only", string(tree)}}); err != nil || string(out) != "a\nb\n" {
		t.Errorf("git reads %q, %v", out, err)
	}
}

func TestEmptyTree(t *testing.T) {
	for _, f := range []objectFormat{formatSHA1, formatSHA256} {
		if id, err := f.hash("tree", nil); err != nil || id != f.emptyTree() {
			t.Errorf("%s: the empty tree is %s (%v), not %s", f, id, err, f.emptyTree())
		}
	}
}

func TestPack(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	s := testScratch(t, r)
	if pack, err := s.Pack(t.Context(), r.GitDir, idOf(r, "HEAD")); err != nil || pack != "" {
		t.Errorf("nothing to publish: %q, %v", pack, err)
	}
	blob, err := s.Write("blob", []byte("new\n"))
	if err != nil {
		t.Fatal(err)
	}
	junk, err := s.Write("blob", []byte("text in dispute\n"))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := s.EditTree(t.Context(), treeOf(t, s, idOf(r, "HEAD")), map[string]merge3.Entry{"dir/new": {Mode: merge3.ModeFile, ID: blob}})
	if err != nil {
		t.Fatal(err)
	}
	commit, err := s.WriteCommit(patchsetCommit(tree, idOf(r, "HEAD")))
	if err != nil {
		t.Fatal(err)
	}
	pack, err := s.Pack(t.Context(), r.GitDir, commit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(pack); err != nil {
		t.Error(err)
	}
	r.Git("update-ref", "refs/heads/new", string(commit))
	r.Git("fsck", "--full", "--strict")
	if got := r.Git("show", "new:dir/new") + r.Git("show", "new:a"); got != "new1" {
		t.Errorf("read back %q", got)
	}
	if err := exec.Command("git", "--git-dir", r.GitDir, "cat-file", "-e", string(junk)).Run(); err == nil {
		t.Error("what no root reaches was published too")
	}
	if pack, err := s.Pack(t.Context(), r.GitDir); err != nil || pack != "" {
		t.Errorf("without roots: %q, %v", pack, err)
	}
}

// Trees and files lie beside those of the commit before, as deltas.
func TestPackIsSmall(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	s := testScratch(t, r)
	tip, tree := idOf(r, "HEAD"), treeOf(t, s, idOf(r, "HEAD"))
	for i := range 10 {
		changes := map[string]merge3.Entry{}
		for j := range 300 {
			text := fmt.Sprintf("text %d", j)
			if j == 7 {
				text += strings.Repeat(fmt.Sprintf(" %d", i), 500)
			}
			blob, err := s.WriteBlob([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			changes[fmt.Sprintf("dir/file%d", j)] = merge3.Entry{Mode: merge3.ModeFile, ID: blob}
		}
		var err error
		if tree, err = s.EditTree(t.Context(), tree, changes); err != nil {
			t.Fatal(err)
		}
		if tip, err = s.WriteCommit(patchsetCommit(tree, tip)); err != nil {
			t.Fatal(err)
		}
	}
	pack, err := s.Pack(t.Context(), r.GitDir, tip)
	if err != nil {
		t.Fatal(err)
	}
	r.Git("update-ref", "refs/heads/new", string(tip))
	r.Git("fsck", "--full", "--strict")
	deltas := 0
	for line := range strings.Lines(r.Git("verify-pack", "-v", strings.TrimSuffix(pack, ".pack")+".idx")) {
		if fields := strings.Fields(line); len(fields) == 7 && fields[1] == "tree" {
			deltas++
		}
	}
	if deltas < 9 {
		t.Errorf("%d of 10 trees of 300 entries are deltas", deltas)
	}
}

func TestPackAfterFetch(t *testing.T) {
	r, other := gittest.Load(t, smallRepo), gittest.Load(t, "git init\ngit add z\ngit commit -m z\n-- z --\nz\n")
	s := testScratch(t, r)
	if _, err := s.Git(t.Context(), Cmd{Args: []string{"-c", "fetch.unpackLimit=1", "fetch", "--quiet", other.GitDir, "main"}}); err != nil {
		t.Fatal(err)
	}
	head := idOf(other, "HEAD")
	if _, err := s.Pack(t.Context(), r.GitDir, head); err != nil {
		t.Fatal(err)
	}
	r.Git("update-ref", "refs/heads/other", string(head))
	r.Git("fsck", "--full", "--strict")
}

func TestSweepScratch(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	parent := t.TempDir()
	s, err := NewScratch(testGit(t), parent, filepath.Join(r.GitDir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	for _, dir := range []string{scratchPrefix + "dead", "unrelated"} {
		if err := os.MkdirAll(filepath.Join(parent, dir, "objects"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(parent, scratchPrefix+"dead", scratchLock), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(parent, scratchPrefix+"link")); err != nil {
		t.Fatal(err)
	}
	// Killed before it had the lock, and while it was being removed: the first goes at once.
	for _, dir := range []string{scratchPrefix + "unlocked", scratchPrefix + "half/objects"} {
		if err := os.MkdirAll(filepath.Join(parent, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := SweepScratch(parent); n != 2 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	for _, path := range []string{s.Dir(), filepath.Join(parent, "unrelated"), filepath.Join(parent, scratchPrefix+"half"), outside} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir()); err == nil {
		t.Error("Close left the directory")
	}
	if n, err := SweepScratch(filepath.Join(parent, "nowhere")); n != 0 || err != nil {
		t.Errorf("no directory: %d, %v", n, err)
	}
}

func TestEditTreeRefuses(t *testing.T) {
	s := testScratch(t, gittest.Load(t, smallRepo))
	id := merge3.ID(strings.Repeat("1", 40))
	for _, path := range []string{"", "/a", "a/", "a//b", ".", "../x", "a/../b", ".git", ".GIT/hooks/x", "git~1", "a\x00b"} {
		if tree, err := s.EditTree(t.Context(), "", map[string]merge3.Entry{path: {Mode: merge3.ModeFile, ID: id}}); err == nil {
			t.Errorf("%q: let through as %s", path, tree)
		}
	}
	for _, e := range []merge3.Entry{{Mode: "100645", ID: id}, {Mode: merge3.ModeFile, ID: "x"}, {Mode: merge3.ModeFile}, {ID: id}} {
		if _, err := s.EditTree(t.Context(), "", map[string]merge3.Entry{"a": e}); err == nil {
			t.Errorf("%+v: let through", e)
		}
	}
	both := map[string]merge3.Entry{"a": {Mode: merge3.ModeFile, ID: id}, "a/b": {Mode: merge3.ModeFile, ID: id}}
	if _, err := s.EditTree(t.Context(), "", both); err == nil {
		t.Error("a file that is a directory too was let through")
	}
}

// EditTree does what a map of paths would do.
func TestEditTreeIsAMap(t *testing.T) {
	s := testScratch(t, gittest.Load(t, smallRepo))
	var blobs []merge3.ID
	for i := range 3 {
		id, err := s.Write("blob", fmt.Appendf(nil, "%d", i))
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, id)
	}
	paths := rapid.SampledFrom([]string{"a", "a/b", "a/b/c", "a.b", "a0", "d/e", "d", "d/f/g"})
	rapid.Check(t, func(t *rapid.T) {
		model := map[string]merge3.Entry{}
		var root merge3.ID
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			changes := map[string]merge3.Entry{}
			for range rapid.IntRange(1, 4).Draw(t, "changes") {
				e := merge3.Entry{}
				if i := rapid.IntRange(-1, 2).Draw(t, "blob"); i >= 0 {
					e = merge3.Entry{Mode: merge3.ModeFile, ID: blobs[i]}
				}
				changes[paths.Draw(t, "path")] = e
			}
			next, err := s.EditTree(context.Background(), root, changes)
			if err != nil {
				continue // file and directory at once
			}
			applyToModel(model, changes)
			root = next
		}
		if root == "" {
			return
		}
		out, err := s.Git(context.Background(), Cmd{Args: []string{"ls-tree", "-r", "--name-only", string(root)}})
		want := strings.Join(slices.Sorted(maps.Keys(model)), "\n")
		got := slices.Sorted(strings.FieldsSeq(string(out)))
		if err != nil || strings.Join(got, "\n") != want {
			t.Fatalf("tree holds %q (%v), want %q", got, err, want)
		}
		for path, e := range model {
			if got, ok, err := s.Entry(context.Background(), root, path); err != nil || !ok || got != e {
				t.Fatalf("%s is %v %v %v, want %v", path, got, ok, err, e)
			}
		}
	})
}

func applyToModel(model, changes map[string]merge3.Entry) {
	for path, e := range changes {
		for old := range model {
			gone := old == path || strings.HasPrefix(old, path+"/")
			if _, changed := changes[old]; gone || (e.ID != "" && strings.HasPrefix(path, old+"/")) {
				if !changed || old == path {
					delete(model, old)
				}
			}
		}
	}
	for path, e := range changes {
		if e.ID != "" {
			model[path] = e
		} else {
			delete(model, path)
		}
	}
}

// Two commands that make the same objects publish two packs: under one name, a git
// repack between them would lose both.
func TestPacksNeverShareAName(t *testing.T) {
	r := gittest.Load(t, smallRepo)
	packs := map[string]bool{}
	for range 2 {
		s := testScratch(t, r)
		id, err := s.Write("blob", []byte("the same\n"))
		if err != nil {
			t.Fatal(err)
		}
		pack, err := s.Pack(t.Context(), r.GitDir, id)
		if err != nil || pack == "" || packs[pack] {
			t.Fatalf("pack %q, %v", pack, err)
		}
		packs[pack] = true
	}
	r.Git("fsck", "--full", "--strict")
}

// Thousands of merges whose results nobody wants do not fill the memory.
func TestForgetfulScratchForgets(t *testing.T) {
	s := testScratch(t, gittest.Load(t, smallRepo))
	s.BeForgetful()
	text := strings.Repeat("x", 100_000)
	var first, last merge3.ID
	for i := range 3 * maxMade / len(text) {
		id, err := s.WriteBlob([]byte(fmt.Sprint(i, text)))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = id
		}
		last = id
	}
	if _, err := s.ReadBlob(t.Context(), last); err != nil {
		t.Errorf("the newest object: %v", err)
	}
	if _, err := s.ReadBlob(t.Context(), first); err == nil {
		t.Error("the oldest object is still there")
	}
	if n := (len(s.written) + len(s.older)) * len(text); n > 2*maxMade+len(text) || len(s.pending) > len(s.written) {
		t.Errorf("%d bytes are kept", n)
	}
}
