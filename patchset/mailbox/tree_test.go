package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// mapFS makes a file system: a name that ends with a slash is an empty
// directory, one with an arrow a symbolic link.
func mapFS(names ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, n := range names {
		if dir, ok := strings.CutSuffix(n, "/"); ok {
			fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		} else if link, to, ok := strings.Cut(n, " -> "); ok {
			fsys[link] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte(to)}
		} else {
			fsys[n] = &fstest.MapFile{Data: []byte(n)}
		}
	}
	return fsys
}

func TestReadTree(t *testing.T) {
	tree, err := ReadTree(mapFS(
		".git/config", "README", "1.47.0-wmf.10/core/10-T2.patch", "1.47.0-wmf.10/core/9-T9.patch", "1.47.0-wmf.10/core/T1.patch",
		"1.47.0-wmf.9/extensions/VisualEditor/lib/ve/01-T7.patch", "1.47.0-wmf.9/extensions/VisualEditor/02-T8-rev2.patch.updated",
		"1.47.0-wmf.9/extensions/Empty/", "1.47.0-wmf.9/extensions/stray.patch", "1.47.0-wmf.9/skins/Vector/01-T3.patch.dropped",
		"1.47.0-wmf.9/vendor/01-T4.patch.failed", "1.47.0-wmf.9/core/README", "1.47.0-wmf.9/core/01-T5.patch~", "1.47.0-wmf.9/core/.01-T5.patch.swp",
		"1.47.0-wmf.9/core/01-T6.patch -> 02-T6.patch", "1.47.0-wmf.9/core/sub/01-T1.patch", "1.47.0-wmf.9/other/01-T1.patch",
		"1.47.0-wmf.9/core/01-T1\x1b.patch", "next/core/01-T1.patch", "notes/todo.txt", "hollow/",
	))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range tree.Versions {
		for _, f := range v.Files {
			got = append(got, fmt.Sprintf("%s %s %d %s.%d rev%d %s", v.Name, f.Component, f.Number, f.Task, f.Ordinal, f.Revision, f.Suffix))
			if string(f.Data) != f.Path {
				t.Errorf("%s has the data of %s", f.Path, f.Data)
			}
		}
	}
	if d := cmp.Diff([]string{
		"1.47.0-wmf.9 extensions/VisualEditor 2 T8.1 rev2 updated",
		"1.47.0-wmf.9 extensions/VisualEditor/lib/ve 1 T7.1 rev0 ",
		"1.47.0-wmf.9 skins/Vector 1 T3.1 rev0 dropped",
		"1.47.0-wmf.9 vendor 1 T4.1 rev0 failed",
		"1.47.0-wmf.10 core 9 T9.1 rev0 ",
		"1.47.0-wmf.10 core 10 T2.1 rev0 ",
		"1.47.0-wmf.10 core -1 T1.1 rev0 ",
		"next core 1 T1.1 rev0 ",
	}, got); d != "" {
		t.Error(d)
	}
	refused := map[string]bool{}
	for _, f := range tree.Refused {
		refused[f.Path] = true
	}
	for _, want := range []string{
		"README", "notes", "hollow", "1.47.0-wmf.9/extensions/Empty", "1.47.0-wmf.9/extensions/stray.patch", "1.47.0-wmf.9/core/README",
		"1.47.0-wmf.9/core/01-T5.patch~", "1.47.0-wmf.9/core/.01-T5.patch.swp", "1.47.0-wmf.9/core/01-T6.patch", "1.47.0-wmf.9/core/sub",
		"1.47.0-wmf.9/other", "1.47.0-wmf.9/core/01-T1\x1b.patch",
	} {
		if !refused[want] {
			t.Errorf("%q is not refused", want)
		}
		delete(refused, want)
	}
	if len(refused) > 0 {
		t.Errorf("refused as well: %v", refused)
	}
	if len(tree.Guessed) != 4 {
		t.Errorf("guessed %v", tree.Guessed)
	}
}

func TestOneVersion(t *testing.T) {
	tree, err := ReadTree(mapFS("core/01-T1.patch", "extensions/X/01-T2.patch", "README"))
	if err != nil || len(tree.Versions) != 1 || tree.Versions[0].Name != "" || len(tree.Versions[0].Files) != 2 || len(tree.Refused) != 1 {
		t.Errorf("got %+v, %v", tree, err)
	}
}

func TestSeveralPatchesOfOneTask(t *testing.T) {
	tree, err := ReadTree(mapFS("v/core/01-T1.patch", "v/core/02-T1.patch", "v/core/03-T1-2.patch", "v/core/04-T1-rev2.patch",
		"v/core/05-T2.patch", "v/core/05-T2.patch.failed", "v/vendor/01-T1.patch"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range tree.Versions[0].Files {
		got = append(got, fmt.Sprintf("%s %s.%d", f.Path, f.Task, f.Ordinal))
	}
	if d := cmp.Diff([]string{
		"v/core/01-T1.patch T1.1", "v/core/02-T1.patch T1.3", "v/core/03-T1-2.patch T1.2", "v/core/04-T1-rev2.patch T1.4",
		"v/core/05-T2.patch T2.1", "v/core/05-T2.patch.failed T2.1", "v/vendor/01-T1.patch T1.1",
	}, got); d != "" {
		t.Error(d)
	}
}

func TestFileNames(t *testing.T) {
	for _, c := range []struct {
		name, want string
		guesses    int
	}{
		{"01-T401234.patch", "1 T401234 0 0", 0},
		{"0001-T401234-fix-title.patch", "1 T401234 0 0", 0},
		{"T1.patch", "-1 T1 0 0", 1},
		{"01-T1-2.patch", "1 T1 2 0", 0},
		{"01-T1-rev2.patch", "1 T1 0 2", 0},
		{"01-T1-2-rev3.patch", "1 T1 2 3", 0},
		{"01-CVE-2024-1234.patch", "1 CVE-2024-1234 0 0", 0},
		{"01-SEC-12.patch", "1 SEC-12 0 0", 0},
		{"01-t5.diff", "1 t5 0 0", 0},
		{"01-fix the title.patch", "1 fix-the-title 0 0", 1},
		{"fix_title.patch", "-1 fix-title 0 0", 2},
		{"401234.patch", "-1 401234 0 0", 2},
		{"01-T1.failed", "1 T1 0 0", 1},
		{"99999999-T1.patch", "-1 99999999-T1 0 0", 2},
	} {
		f, guesses, ok := parseFileName(c.name)
		if got := fmt.Sprintf("%d %s %d %d", f.Number, f.Task, f.explicit, f.Revision); !ok || got != c.want || len(guesses) != c.guesses {
			t.Errorf("%s: got %q %q %v, want %q", c.name, got, guesses, ok, c.want)
		}
	}
	for _, name := range []string{"README", "x.txt", ".patch", "---.patch", "T1"} {
		if _, _, ok := parseFileName(name); ok {
			t.Errorf("%s is taken for a patch", name)
		}
	}
	for n, want := range map[int]string{1: "01-T1.patch", 42: "42-T1.patch", 100: "100-T1.patch"} {
		got := FileName(n, "T1")
		f, _, ok := parseFileName(got)
		if got != want || !ok || f.Number != n || f.Task != "T1" {
			t.Errorf("%d: got %s, read back as %+v", n, got, f)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	order := []string{"", "1.46.0-wmf.9", "1.46.0-wmf.10", "1.46.0-wmf.010a", "1.47.0-wmf.1", "1.100.0-wmf.1", "next"}
	for i, a := range order {
		for j, b := range order {
			if got := CompareNatural(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%q and %q: got %d", a, b, got)
			}
		}
	}
}

func TestReadQuilt(t *testing.T) {
	fsys := mapFS("debian/patches/a.patch", "debian/patches/sub/b.diff", "debian/patches/c.patch", "debian/patches/d.patch",
		"debian/patches/unnamed.patch", "debian/patches/link.patch -> a.patch", "debian/patches/dir.patch/x", "secret")
	fsys["debian/patches/series"] = &fstest.MapFile{Data: []byte("# comment\n\na.patch -p1 # why\nsub/b.diff -p0\r\nc.patch\nd.patch -R\nmissing.patch\n../../secret\nlink.patch\ndir.patch\na.patch\n")}
	q, err := ReadQuilt(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range q.Patches {
		got = append(got, fmt.Sprintf("%s %d %s", p.Name, p.Strip, p.Data))
	}
	for _, f := range q.Refused {
		got = append(got, "refused "+f.Path)
	}
	if d := cmp.Diff([]string{
		"a.patch 1 debian/patches/a.patch", "sub/b.diff -1 debian/patches/sub/b.diff", "c.patch 0 debian/patches/c.patch",
		"refused debian/patches/d.patch", "refused debian/patches/missing.patch", "refused ../../secret", "refused debian/patches/link.patch",
		"refused debian/patches/dir.patch", "refused debian/patches/a.patch", "refused debian/patches/unnamed.patch",
	}, got); d != "" {
		t.Error(d)
	}
	if _, err := ReadQuilt(mapFS("x")); !errors.Is(err, ErrNoSeries) {
		t.Errorf("got %v", err)
	}
}

func TestTreeBounds(t *testing.T) {
	fsys := mapFS("v/core/01-T1.patch")
	fsys["v/core/02-T2.patch"] = &fstest.MapFile{Data: bytes.Repeat([]byte("x"), 32<<20+1)}
	fsys["v/core/03-T3.patch"] = &fstest.MapFile{}
	tree, err := ReadTree(fsys)
	if err != nil || len(tree.Versions[0].Files) != 1 || len(tree.Refused) != 2 {
		t.Errorf("got %d files, refused %v, %v", len(tree.Versions[0].Files), tree.Refused, err)
	}
	if _, err := ReadTree(mapFS("v/extensions/" + strings.Repeat("a/", 50) + "01-T1.patch")); err != nil {
		t.Error(err)
	}
}
