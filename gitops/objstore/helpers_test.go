package objstore

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestMain(m *testing.M) {
	gittest.InMemory()
	os.Exit(m.Run())
}

var ctx = context.Background()

// repo is a repository with a history that deltas have something to do with.
type repo struct {
	*gittest.Repo
	t       testing.TB
	objects string
}

func newRepo(t testing.TB, commits int) *repo {
	t.Helper()
	g := gittest.Load(t, "git init\ngit config gc.auto 0\ngit config core.looseCompression 1")
	r := &repo{g, t, filepath.Join(g.GitDir, "objects")}
	r.history("main", commits, 1)
	return r
}

// history adds a branch of commits by fast-import, which makes a pack. Equal seeds make equal
// objects.
func (r *repo) history(branch string, commits int, seed uint64) {
	r.t.Helper()
	var in strings.Builder
	blob := func(text string) { fmt.Fprintf(&in, "data %d\n%s\n", len(text), text) }
	random := rand.New(rand.NewPCG(seed, 0))
	lines := make([]string, 300)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d of %s: %x", i, branch, random.Uint64())
	}
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for i := range commits {
		fmt.Fprintf(&in, "commit refs/heads/%s\nmark :%d\ncommitter Test <t@example.org> %d +0000\n", branch, i+1, 1_700_000_000+i)
		blob(fmt.Sprintf("commit %d of %s\n", i, branch))
		lines[random.IntN(len(lines))] = fmt.Sprintf("changed in %d: %x", i, random.Uint64())
		noise[random.IntN(len(noise))]++
		fmt.Fprintf(&in, "M 644 inline file.txt\n")
		blob(strings.Join(lines, "\n"))
		fmt.Fprintf(&in, "M 644 inline dir/%d/noise\n", i%7)
		blob(string(noise))
		fmt.Fprintf(&in, "M 644 inline dir/%d/small-%d\n", i%7, i)
		blob(fmt.Sprint(random.Uint64()))
		fmt.Fprintf(&in, "M 644 inline empty\n")
		blob("")
	}
	fmt.Fprintf(&in, "tag tag-%s\nfrom :%d\ntagger Test <t@example.org> 1700000000 +0000\n", branch, commits)
	blob("a tag\n")
	r.gitIn(in.String(), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
}

func (r *repo) gitIn(stdin string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, r.Environ(), strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// unpackAll makes every object loose.
func (r *repo) unpackAll() {
	r.t.Helper()
	for _, p := range r.packs("pack") {
		data := must(os.ReadFile(p))(r.t)
		base := strings.TrimSuffix(p, ".pack")
		for _, end := range []string{".pack", ".idx", ".rev"} {
			_ = os.Remove(base + end)
		}
		r.gitIn(string(data), "unpack-objects", "-q")
	}
}

// packs are the paths of the files in the pack directory with this ending.
func (r *repo) packs(ending string) []string {
	return must(filepath.Glob(filepath.Join(r.objects, "pack", "*."+ending)))(r.t)
}

func (r *repo) open(opts Options) *Store { return open(r.t, r.objects, opts) }

func open(t testing.TB, objects string, opts Options) *Store {
	t.Helper()
	s := must(Open(objects, opts))(t)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// must takes the error off a result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type gitObject struct {
	typ  string
	data []byte
}

// all is every object of the repository as git reads it.
func (r *repo) all() map[merge3.ID]gitObject {
	r.t.Helper()
	out := bufio.NewReader(strings.NewReader(r.gitIn("", "cat-file", "--batch", "--batch-all-objects")))
	objects := map[merge3.ID]gitObject{}
	for {
		var id, typ string
		var size int
		head, err := out.ReadString('\n')
		if err == io.EOF {
			return objects
		}
		if _, err := fmt.Sscanf(head, "%s %s %d", &id, &typ, &size); err != nil {
			r.t.Fatalf("%q: %v", head, err)
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(out, data); err != nil {
			r.t.Fatal(err)
		}
		objects[merge3.ID(id)] = gitObject{typ, data[:size]}
	}
}

// compare reads every object of want from s, in Go's random order of maps.
func compare(t testing.TB, s *Store, want map[merge3.ID]gitObject) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("there is nothing to compare")
	}
	for id, obj := range want {
		size, err := s.Size(ctx, id)
		if err != nil || size != int64(len(obj.data)) {
			t.Fatalf("Size(%s) = %d, %v; git says %d", id, size, err, len(obj.data))
		}
		typ, data, err := s.Read(ctx, id)
		if err != nil || typ != obj.typ || !bytes.Equal(data, obj.data) {
			t.Fatalf("Read(%s) = %s, %d bytes, %v; git says %s, %d bytes", id, typ, len(data), err, obj.typ, len(obj.data))
		}
		if has, err := s.Has(ctx, id); !has || err != nil {
			t.Fatalf("Has(%s) = %v, %v", id, has, err)
		}
	}
	absent := merge3.ID(strings.Repeat("0123456789", 4))
	if has, err := s.Has(ctx, absent); has || err != nil {
		t.Fatalf("Has of an absent object: %v, %v", has, err)
	}
}

// onDisk is a file with this content.
func onDisk(t testing.TB, data []byte) *file {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	replace(t, path, data)
	pool := &files{}
	t.Cleanup(pool.close)
	return pool.file(path)
}

func replace(t testing.TB, path string, data []byte) {
	t.Helper()
	_ = os.Remove(path)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
