package objstore

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestObjectsThatComeAreFound(t *testing.T) {
	r := newRepo(t, 10)
	s := r.open(Options{})
	compare(t, s, r.all())
	r.history("later", 10, 2) // a pack
	compare(t, s, r.all())
	loose := merge3.ID(strings.TrimSpace(r.gitIn("loose", "hash-object", "-w", "--stdin")))
	if _, data, err := s.Read(ctx, loose); string(data) != "loose" || err != nil {
		t.Errorf("a loose object: %q, %v", data, err)
	}
	r.Git("multi-pack-index", "write")
	r.history("latest", 10, 3)
	compare(t, s, r.all())
}

// A repack puts everything into a new pack and removes the others and what is loose.
func TestRepackedAway(t *testing.T) {
	for _, midx := range []bool{false, true} {
		r := newRepo(t, 10)
		r.history("more", 10, 2)
		if midx {
			r.Git("multi-pack-index", "write")
		}
		want := r.all()
		fresh, warm, idle := r.open(Options{CacheSize: 1}), r.open(Options{CacheSize: 1}), r.open(Options{CacheSize: 1})
		compare(t, warm, want)
		if _, err := fresh.main.packSet(); err != nil { // listed, nothing opened
			t.Fatal(err)
		}
		compare(t, idle, want)
		r.Git("repack", "-adfq")
		for range 2 {
			compare(t, fresh, want)
			compare(t, warm, want)
		}
		// A Store that had to close its files finds others in their place.
		for f := range maps.Clone(idle.files.open) {
			idle.files.forget(f)
		}
		compare(t, idle, want)
	}
}

func TestRepackWhileReading(t *testing.T) {
	r := newRepo(t, 30)
	r.history("more", 10, 2)
	want := r.all()
	s := r.open(Options{CacheSize: 1 << 16})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for rounds := 0; ; rounds++ {
				select {
				case <-stop:
					if rounds > 0 {
						return
					}
				default:
				}
				for id, obj := range want {
					if typ, data, err := s.Read(ctx, id); err != nil || typ != obj.typ || len(data) != len(obj.data) {
						t.Errorf("Read(%s) = %s, %d bytes, %v", id, typ, len(data), err)
						return
					}
				}
			}
		})
	}
	for i := range 2 {
		r.Git("repack", "-adfq", fmt.Sprint("--depth=", 5+i), "--write-midx")
		r.Git("repack", "-adfq", fmt.Sprint("--depth=", 20+i))
	}
	close(stop)
	readers.Wait()
}

func TestFewFilesStayOpen(t *testing.T) {
	r := newRepo(t, 2)
	var in strings.Builder
	for i := range maxOpen { // each checkpoint ends a pack
		fmt.Fprintf(&in, "commit refs/heads/b%d\ncommitter T <t@example.org> 1 +0000\ndata 0\nM 644 inline a\ndata 4\n%04d\ncheckpoint\n", i, i)
	}
	r.gitIn(in.String(), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
	if n := len(r.packs("pack")); n <= maxOpen {
		t.Fatalf("only %d packs", n)
	}
	s := r.open(Options{})
	compare(t, s, r.all())
	if n := len(s.files.open); n > maxOpen {
		t.Errorf("%d files are open", n)
	}
}

// What a multi-pack index says wrong, the packs' own indexes say right.
func TestBadMultiPackIndex(t *testing.T) {
	fill := func(chunk string, value byte) func([]byte) []byte {
		return func(b []byte) []byte { return fillChunk(t, b, chunk, value) }
	}
	damage := map[string]func([]byte) []byte{
		"empty":           func([]byte) []byte { return nil },
		"cut short":       func(b []byte) []byte { return b[:len(b)/2] },
		"version 2":       func(b []byte) []byte { b[4] = 2; return b },
		"SHA-256":         func(b []byte) []byte { b[5] = 2; return b },
		"a chain":         func(b []byte) []byte { b[7] = 1; return b },
		"more packs":      func(b []byte) []byte { b[11]++; return b },
		"offsets of zero": fill("OOFF", 0),
		"offsets of ones": fill("OOFF", 0xff),
		"no fan-out":      fill("OIDF", 0),
		"no names":        fill("PNAM", 'x'),
	}
	r := newRepo(t, 5)
	r.history("more", 5, 2)
	r.Git("multi-pack-index", "write")
	want := r.all()
	path := filepath.Join(r.objects, "pack", "multi-pack-index")
	sound := must(os.ReadFile(path))(t)
	for name, spoil := range damage {
		replace(t, path, spoil(slices.Clone(sound)))
		t.Run(name, func(t *testing.T) {
			s := r.open(Options{})
			compare(t, s, want)
		})
	}
}

// fillChunk fills a chunk of a multi-pack index.
func fillChunk(t testing.TB, b []byte, name string, value byte) []byte {
	t.Helper()
	c := must(readChunks(onDisk(t, b), int(b[6]), int64(len(b)-hashSize)))(t)[name]
	for i := c.start; i < c.end; i++ {
		b[i] = value
	}
	return b
}

func TestPackOfMultiPackIndexIsGone(t *testing.T) {
	r := newRepo(t, 10)
	r.history("more", 10, 2)
	r.Git("multi-pack-index", "write")
	want := r.all()
	r.Git("-c", "core.multiPackIndex=false", "repack", "-adq")
	compare(t, r.open(Options{}), want)
}

func TestAlternatesAsGitFollowsThem(t *testing.T) {
	root := t.TempDir()
	dirs := make([]string, 10)
	ids := make([]merge3.ID, len(dirs))
	r := newRepo(t, 1)
	for i := range dirs {
		name := fmt.Sprintf("store %d", i)
		if i == 3 {
			name = "a:b\n\"c\"\t#" // only in quotes
		}
		dirs[i] = filepath.Join(root, name)
		r.Git("init", "-q", "--bare", dirs[i])
		ids[i] = merge3.ID(strings.TrimSpace(r.gitIn(fmt.Sprint("object ", i), "--git-dir", dirs[i], "hash-object", "-w", "--stdin")))
	}
	objects := func(i int) string { return filepath.Join(dirs[i], "objects") }
	for i, list := range map[int]string{
		0: "# comment\n\n" + objects(1) + "\n/nowhere\n" + objects(0) + "\n",
		1: "../../store 2/objects\n",
		2: `"` + root + `/a:b\n\"c\"\011#/objects"` + "\n",
		3: objects(4),
		4: objects(1) + "\n" + objects(5) + "\n", // a cycle
		5: objects(6) + "\n",
		6: objects(7) + "\n",
		7: objects(8) + "\n",
		8: objects(9) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(objects(i), "info", "alternates"), []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, objects(0), Options{})
	followed := 0
	for i, id := range ids {
		git := strings.Contains(r.gitIn(string(id)+"\n", "--git-dir", dirs[0], "cat-file", "--batch-check"), "blob")
		_, data, err := s.Read(ctx, id)
		if git != (err == nil) || git && string(data) != fmt.Sprint("object ", i) {
			t.Errorf("object %d: git has it: %v; we: %q, %v", i, git, data, err)
		}
		if git {
			followed++
		}
	}
	if followed < 6 || followed == len(ids) {
		t.Errorf("git follows %d of %d: the test shows too little", followed, len(ids))
	}
	extra := open(t, r.objects, Options{Alternates: []string{objects(5)}})
	for i, id := range ids {
		if has, err := extra.Has(ctx, id); has != (i >= 5) || err != nil {
			t.Errorf("with an extra alternate, object %d: %v, %v", i, has, err)
		}
	}
	var unsupported *Unsupported
	r.Git("init", "-q", "--bare", "--object-format=sha256", filepath.Join(root, "sha256"))
	mixed := open(t, r.objects, Options{Alternates: []string{filepath.Join(root, "sha256", "objects")}})
	if _, _, err := mixed.Read(ctx, ids[0]); !errors.As(err, &unsupported) {
		t.Errorf("an alternate with SHA-256: %v", err)
	}
}

// Indexes that are asked often are read once, if there is room; what they said stays right, and
// they leave memory with their packs.
func TestSmallIndexesMoveIntoMemory(t *testing.T) {
	r := newRepo(t, 5)
	r.history("side", 5, 2)
	held := func(s *Store) int64 {
		for i := range 3_000 {
			id := merge3.ID(fmt.Sprintf("%08x%032d", i*1_000_003, i))
			if has, err := s.Has(ctx, id); has || err != nil {
				t.Fatalf("Has(%s) = %v, %v", id, has, err)
			}
		}
		compare(t, s, r.all())
		return s.files.held.Load()
	}
	s, full := r.open(Options{}), r.open(Options{})
	full.files.held.Store(maxHeld)
	for range 2 {
		var size int64
		for _, path := range r.packs("idx") {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
		if got := held(s); got != size {
			t.Errorf("%d bytes are in memory, the indexes have %d", got, size)
		}
		if got := held(full); got != maxHeld {
			t.Errorf("%d bytes are in memory, %d at most", got, maxHeld)
		}
		r.Git("repack", "-a", "-d", "-q")
	}
}
