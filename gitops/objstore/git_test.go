package objstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Whatever way git stores objects in, what is read is what git reads.
func TestEveryObjectAsGitReadsIt(t *testing.T) {
	reindex := func(r *repo, version string) {
		r.Git("repack", "-adq")
		for _, p := range r.packs("pack") {
			_ = os.Remove(strings.TrimSuffix(p, ".pack") + ".rev")
			_ = os.Remove(strings.TrimSuffix(p, ".pack") + ".idx")
			r.Git("index-pack", "--index-version="+version, p)
		}
	}
	several := func(r *repo) {
		for i := range 6 {
			r.history(fmt.Sprint("more-", i), 5, uint64(10+i))
		}
	}
	layouts := map[string]func(*repo){
		"as fast-import left it": func(*repo) {},
		"loose":                  (*repo).unpackAll,
		"loose, no compression": func(r *repo) {
			r.Git("config", "core.looseCompression", "0")
			r.unpackAll()
		},
		"one pack":       func(r *repo) { r.Git("repack", "-adfq", "--depth=50", "--window=10") },
		"deep chains":    func(r *repo) { r.Git("repack", "-adfq", "--depth=4000", "--window=250") },
		"ref deltas":     func(r *repo) { r.Git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq") },
		"no compression": func(r *repo) { r.Git("-c", "pack.compression=0", "repack", "-adFq") },
		"index v1":       func(r *repo) { reindex(r, "1") },
		"large offsets":  func(r *repo) { reindex(r, "2,0x40") },
		"several packs":  several,
		"packed and loose": func(r *repo) {
			several(r)
			r.unpackAll()
			r.Git("repack", "-q")
			r.history("late", 4, 99)
		},
		"multi-pack index": func(r *repo) { several(r); r.Git("multi-pack-index", "write") },
		"multi-pack index and more packs": func(r *repo) {
			several(r)
			r.Git("multi-pack-index", "write")
			r.history("late", 4, 99)
		},
		"multi-pack index with bitmap": func(r *repo) { several(r); r.Git("multi-pack-index", "write", "--bitmap") },
		"equal objects in two packs": func(r *repo) {
			again := filepath.Join(r.objects, "pack", "pack-"+strings.Repeat("ab", 20)+".pack")
			r.gitIn(string(must(os.ReadFile(r.packs("pack")[0]))(r.t)), "index-pack", "--stdin", again)
			r.Git("repack", "-dfq", "--depth=3")
		},
		"no pack directory": func(r *repo) { r.unpackAll(); _ = os.RemoveAll(filepath.Join(r.objects, "pack")) },
		"a repository of its own with alternates": func(r *repo) {
			lent := filepath.Join(r.t.TempDir(), "lender")
			r.Git("clone", "-q", "--bare", r.Dir, lent)
			r.Git("repack", "-adq")
			for _, end := range []string{"idx", "pack"} {
				for _, p := range r.packs(end) {
					_ = os.Remove(p)
				}
			}
			_ = os.MkdirAll(filepath.Join(r.objects, "info"), 0o755)
			list := must(filepath.Rel(r.objects, filepath.Join(lent, "objects")))(r.t)
			if err := os.WriteFile(filepath.Join(r.objects, "info", "alternates"), []byte("# a comment\n"+list+"\n"), 0o644); err != nil {
				r.t.Fatal(err)
			}
			r.history("own", 3, 5)
		},
	}
	for name, arrange := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, 40)
			arrange(r)
			want := r.all()
			compare(t, r.open(Options{Verify: true}), want)
			compare(t, r.open(Options{CacheSize: 1}), want)
		})
	}
}

// The layouts above are no use if git did not do what was asked for.
func TestLayoutsAreWhatTheySay(t *testing.T) {
	r := newRepo(t, 40)
	r.Git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
	kinds := map[kind]int{}
	p := onlyPack(t, r)
	for id := range r.all() {
		h := must(parseID(id))(t)
		kinds[must(p.entry(must(p.find(h))(t), &hands{}))(t).kind]++
	}
	if kinds[kindRefDelta] == 0 || kinds[kindOfsDelta] != 0 {
		t.Errorf("ref deltas are missing: %v", kinds)
	}
	r.Git("repack", "-adfq", "--depth=4000", "--window=250")
	p, deepest := onlyPack(t, r), 0
	u := &unpacker{cache: &cache{}, limit: 1 << 30}
	for id := range r.all() {
		h := must(parseID(id))(t)
		chain, _, err := u.descend(p, must(p.find(h))(t), takeHands())
		if err != nil {
			t.Fatal(err)
		}
		deepest = max(deepest, len(chain))
	}
	if deepest < 30 {
		t.Errorf("the longest chain has only %d deltas", deepest)
	}
	for _, f := range r.packs("pack") {
		_ = os.Remove(strings.TrimSuffix(f, ".pack") + ".idx")
		r.Git("index-pack", "--index-version=1", f)
	}
	if x := must(onlyPack(t, r).idx())(t); x.version != 1 {
		t.Errorf("the index has version %d", x.version)
	}
}

// Along a chain of deltas, lines move: no result may be made in the memory of its base.
func TestLinesThatMoveAlongAChain(t *testing.T) {
	r := newRepo(t, 1)
	var in strings.Builder
	lines := strings.SplitAfter(strings.Repeat("one\ntwo\nthree\nfour\nfive\n", 40), "\n")
	for i := range 40 {
		lines = append([]string{fmt.Sprintf("line %d is new, and comes first\n", i)}, append(lines[7:], lines[:7]...)...)
		text := strings.Join(lines, "")
		fmt.Fprintf(&in, "commit refs/heads/moving\ncommitter Test <t@example.org> %d +0000\ndata 0\nM 644 inline moving.txt\ndata %d\n%s\n", 1_700_000_000+i, len(text), text)
	}
	r.gitIn(in.String(), "fast-import", "--quiet")
	r.Git("repack", "-adfq", "--depth=50", "--window=50")
	want := r.all()
	for id := range want {
		compare(t, r.open(Options{}), map[merge3.ID]gitObject{id: want[id]})
	}
}

func onlyPack(t *testing.T, r *repo) *pack {
	t.Helper()
	set := must(r.open(Options{}).main.packSet())(t)
	if len(set.single) != 1 {
		t.Fatalf("%d packs", len(set.single))
	}
	return set.single[0]
}

func TestMultiPackIndexIsUsed(t *testing.T) {
	r := newRepo(t, 5)
	r.history("more", 5, 2)
	r.Git("multi-pack-index", "write")
	r.history("late", 5, 3)
	set := must(r.open(Options{}).main.packSet())(t)
	if set.midx == nil || len(set.covered) != 2 || len(set.single) != 1 {
		t.Errorf("midx %v, %d covered, %d not", set.midx != nil, len(set.covered), len(set.single))
	}
}

func TestReadersTogether(t *testing.T) {
	r := newRepo(t, 40)
	r.Git("repack", "-adfq")
	want := r.all()
	s := r.open(Options{CacheSize: 1 << 18})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { compare(t, s, want) })
	}
	all.Wait()
}

func TestKinds(t *testing.T) {
	sha256 := gittest.Load(t, "git init --object-format=sha256")
	plain := newRepo(t, 2)
	var unsupported *Unsupported
	if _, err := Open(filepath.Join(sha256.GitDir, "objects"), Options{}); !errors.As(err, &unsupported) {
		t.Errorf("a SHA-256 repository: %v", err)
	}
	if _, err := Open(plain.objects, Options{ObjectFormat: "sha256"}); !errors.As(err, &unsupported) {
		t.Errorf("a SHA-256 repository by the caller's word: %v", err)
	}
	plain.Git("config", "core.repositoryFormatVersion", "1")
	plain.Git("config", "extensions.objectFormat", "sha1")
	plain.Git("config", "extensions.partialClone", "origin")
	compare(t, plain.open(Options{}), plain.all())
	plain.Git("config", "extensions.newThing", "true")
	if _, err := Open(plain.objects, Options{}); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), "newthing") {
		t.Errorf("an unknown extension: %v", err)
	}
	if _, err := Open("objects", Options{}); err == nil {
		t.Error("a relative path was taken")
	}
	if _, err := Open(filepath.Join(plain.Dir, "nothing"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestIDs(t *testing.T) {
	r := newRepo(t, 2)
	s := r.open(Options{})
	var missing *Missing
	if _, _, err := s.Read(ctx, merge3.ID(strings.Repeat("1", 40))); !errors.As(err, &missing) || missing.ID[0] != '1' {
		t.Errorf("an absent object: %v", err)
	}
	var unsupported *Unsupported
	if _, _, err := s.Read(ctx, merge3.ID(strings.Repeat("1", 64))); !errors.As(err, &unsupported) {
		t.Errorf("a SHA-256 id: %v", err)
	}
	for _, bad := range []merge3.ID{"", "main", merge3.ID(strings.Repeat("A", 40)), "../../../../../../../../../../../../../x/"} {
		if _, _, err := s.Read(ctx, bad); err == nil || errors.As(err, &missing) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if typ, data, err := s.Read(ctx, emptyTree.id()); typ != "tree" || data == nil || len(data) != 0 || err != nil {
		t.Errorf("the empty tree: %s %q %v", typ, data, err)
	}
	_ = s.Close()
	if _, _, err := s.Read(ctx, merge3.ID(r.ID("HEAD"))); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestPrefixAsGitAnswers(t *testing.T) {
	for _, layout := range []string{"packed", "loose", "midx"} {
		r := newRepo(t, 40)
		r.history("more", 5, 2)
		switch layout {
		case "loose":
			r.unpackAll()
		case "midx":
			r.Git("multi-pack-index", "write")
		}
		s, all := r.open(Options{}), r.all()
		for id := range all {
			for _, n := range []int{4, 5, 12, 40} {
				got := must(s.Prefix(ctx, string(id[:n])))(t)
				var want []string
				for other := range all {
					if strings.HasPrefix(string(other), string(id[:n])) {
						want = append(want, string(other))
					}
				}
				if len(got) != len(want) || got[0][:n] != id[:n] {
					t.Fatalf("%s: Prefix(%s) = %v, want %v", layout, id[:n], got, want)
				}
			}
		}
		if got := must(s.Prefix(ctx, "0123456789"))(t); len(got) != 0 {
			t.Errorf("%s: found %v", layout, got)
		}
		for _, bad := range []string{"", "abc", "ABCD", "abcg", strings.Repeat("a", 41)} {
			if _, err := s.Prefix(ctx, bad); err == nil {
				t.Errorf("Prefix(%q) was answered", bad)
			}
		}
	}
}
