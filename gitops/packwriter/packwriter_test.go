package packwriter

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestWrite(t *testing.T) {
	noise := randomBytes(1, 3<<20)
	a := object("blob", noise[:1000])
	b := object("blob", noise[:500]+"changed"+noise[500:1000])
	tag := fmt.Sprintf("object %s\ntype blob\ntag v1\ntagger Test <test@example.org> 1700000000 +0000\n\nversion 1\n", a.ID)
	text := object("blob", tag)
	tests := []struct {
		name    string
		objects []Object
		deltas  int
	}{
		{"one blob", []Object{a}, 0},
		{"empty blob and empty tree", []Object{object("blob", ""), object("tree", "")}, 0},
		{"delta", []Object{a, basedOn(a.ID, b)}, 1},
		{"base comes later", []Object{basedOn(a.ID, b), a}, 1},
		{"base far away", []Object{a, object("blob", noise), basedOn(a.ID, b)}, 1},
		{"base not there", []Object{a, basedOn(object("blob", "elsewhere").ID, b)}, 0},
		{"base of its own", []Object{basedOn(a.ID, a)}, 0},
		{"circle", []Object{basedOn(b.ID, a), basedOn(a.ID, b)}, 1},
		{"base of another type", []Object{a, text, basedOn(text.ID, object("tag", tag))}, 0},
		{"unlike its base", []Object{a, basedOn(a.ID, object("blob", noise[5000:6000]))}, 0},
		{"too small to gain", []Object{object("blob", "one\n"), basedOn(object("blob", "one\n").ID, object("blob", "one\ntwo\n"))}, 0},
		{"twice", []Object{a, b, a, basedOn(a.ID, b)}, 0},
		{"loaded", []Object{loaded(a), loaded(basedOn(a.ID, b))}, 0},
		{"loaded base", []Object{loaded(a), basedOn(a.ID, b)}, 0},
		{"loaded, with data that does not count", []Object{{ID: a.ID, Type: "blob", Data: b.Data, Load: loaded(a).Load}, basedOn(a.ID, b)}, 0},
		{"just pays", []Object{a, basedOn(a.ID, object("blob", noise[:560]+noise[2000:2440]))}, 1},
		{"just does not pay", []Object{a, basedOn(a.ID, object("blob", noise[:500]+noise[2000:2500]))}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t)
			s, err := Write(r.pack("x"), test.objects, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s.Deltas != test.deltas {
				t.Errorf("%d deltas, want %d", s.Deltas, test.deltas)
			}
			checkPack(t, r, "x", test.objects, s)
			r.git(t, "", "fsck", "--full", "--strict")
			if got, want := names(t, filepath.Dir(r.pack("x"))), []string{"pack-x.idx", "pack-x.pack", "pack-x.rev"}; !slices.Equal(got, want) {
				t.Errorf("there are %q, want %q", got, want)
			}
		})
	}
}

func loaded(o Object) Object {
	data := o.Data
	o.Load, o.Data = func() ([]byte, error) { return data, nil }, nil
	return o
}

func TestFilesAreReadOnly(t *testing.T) {
	r := newRepo(t)
	if _, err := Write(r.pack("x"), []Object{object("blob", "x")}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{".pack", ".rev", ".idx"} {
		if info, err := os.Stat(r.pack("x") + ext); err != nil || info.Mode().Perm()&^0o444 != 0 || info.Mode().Perm()&0o400 == 0 {
			t.Errorf("%s: %v %v", ext, info.Mode(), err)
		}
	}
}

// TestDepth: a long chain of bases becomes chains of deltas that git likes.
func TestDepth(t *testing.T) {
	text := randomBytes(1, 1000)
	objects := []Object{object("blob", text)}
	for i := range 130 {
		objects = append(objects, basedOn(objects[i].ID, object("blob", fmt.Sprint(text, i))))
	}
	slices.Reverse(objects)
	r := newRepo(t)
	s, err := Write(r.pack("x"), objects, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if longest := checkPack(t, r, "x", objects, s); longest != maxDepth {
		t.Errorf("the longest chain has %d deltas, want %d", longest, maxDepth)
	}
	if s.Deltas != len(objects)-3 {
		t.Errorf("%d deltas of %d objects, want all but 3", s.Deltas, len(objects))
	}
}

func TestStack(t *testing.T) {
	r := newRepo(t)
	objects := stack(60)
	s, err := Write(r.pack("x"), objects, Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkPack(t, r, "x", objects, s)
	if s.Deltas < len(objects)/3 {
		t.Errorf("%d deltas of %d objects", s.Deltas, len(objects))
	}
}

// TestLargeOffsets pretends that offsets above a small one need 64 bits, and that git
// believes so too.
func TestLargeOffsets(t *testing.T) {
	objects := stack(10)
	var pack bytes.Buffer
	p, err := writePack(&pack, order(objects))
	if err != nil {
		t.Fatal(err)
	}
	last := p.entries[len(p.entries)-1].offset
	for _, small := range []int64{0, 12, 13, last / 2, last - 1, last} {
		r := newRepo(t)
		path := filepath.Join(string(r), "x")
		if err := os.WriteFile(path+".pack", pack.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		r.git(t, "", "index-pack", fmt.Sprintf("--index-version=2,%d", small), path+".pack")
		if !bytes.Equal(p.idx(small), read(t, path+".idx")) {
			t.Errorf("offsets above %d: the index is not what git makes", small)
		}
	}
}

func TestDistance(t *testing.T) {
	for n, want := range map[int64]string{
		1: "01", 127: "7f", 128: "8000", 16511: "ff7f", 16512: "808000", 1<<31 + 5: "86fefeff05",
	} {
		if got := fmt.Sprintf("%x", distance(n)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestRoundTrip: whatever the objects and their bases, git gets them back; and the same
// objects make the same files.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objects := drawObjects(t)
		dir, err := os.MkdirTemp("", "packwriter")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := repo(dir)
		if out, err := r.try("", "init", "--quiet", "--bare", "."); err != nil {
			t.Fatal(out)
		}
		s, err := Write(r.pack("x"), objects, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if longest := checkPack(t, r, "x", objects, s); longest > maxDepth {
			t.Fatalf("a chain of %d deltas", longest)
		}
		if out, err := r.try("", "fsck", "--full", "--strict"); err != nil {
			t.Fatal(out)
		}
		if _, err := Write(filepath.Join(dir, "again"), objects, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, ext := range []string{".pack", ".idx", ".rev"} {
			if !bytes.Equal(read(t, r.pack("x")+ext), read(t, filepath.Join(dir, "again"+ext))) {
				t.Fatalf("%s differs the second time", ext)
			}
		}
	})
}

// drawObjects makes objects that name each other as git wants it, and bases that are anything.
func drawObjects(t *rapid.T) []Object {
	text := rapid.OneOf(
		rapid.StringMatching(`([a-d]{1,8}\n){0,40}`),
		rapid.Map(rapid.Uint64(), func(seed uint64) string { return randomBytes(seed, int(seed%3000)) }),
	)
	var objects []Object
	blobs := []Object{object("blob", "")}
	for range rapid.IntRange(0, 8).Draw(t, "blobs") {
		near := rapid.SampledFrom(blobs).Draw(t, "near").Data
		at := rapid.IntRange(0, len(near)).Draw(t, "at")
		blobs = append(blobs, object("blob", string(near[:at])+text.Draw(t, "text")+string(near[at:])))
	}
	objects = append(objects, blobs...)
	var trees []Object
	for range rapid.IntRange(0, 8).Draw(t, "trees") {
		files := map[string]merge3.ID{}
		for i := range rapid.IntRange(0, 20).Draw(t, "files") {
			files[fmt.Sprintf("f%02d", i)] = rapid.SampledFrom(blobs).Draw(t, "file").ID
		}
		if len(trees) > 0 {
			files["sub/"] = rapid.SampledFrom(trees).Draw(t, "sub").ID
		}
		trees = append(trees, treeObject(files))
	}
	objects = append(objects, trees...)
	var parent merge3.ID
	for i := range trees {
		c := commitObject(trees[i].ID, parent, "message")
		parent = c.ID
		objects = append(objects, c)
	}
	ids := []merge3.ID{"", "no id", object("blob", "elsewhere").ID}
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	objects = append(objects, rapid.SliceOfN(rapid.SampledFrom(objects), 0, 3).Draw(t, "again")...)
	for i := range objects {
		objects[i].Base = rapid.SampledFrom(ids).Draw(t, "base")
		if rapid.IntRange(0, 9).Draw(t, "load") == 0 {
			objects[i] = loaded(objects[i])
		}
	}
	return rapid.Permutation(objects).Draw(t, "order")
}

func TestErrors(t *testing.T) {
	good := object("blob", "good")
	broken := errors.New("broken")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Object)) []Object {
		o := object("blob", "bad")
		change(&o)
		return []Object{good, o}
	}
	tests := []struct {
		name    string
		path    string // "" for one that is fine
		objects []Object
		is      error
		says    string
	}{
		{name: "nothing", is: ErrNoObjects},
		{name: "other data", objects: with(func(o *Object) { o.Data = []byte("other") }), says: "hashes to"},
		{name: "other type", objects: with(func(o *Object) { o.Type = "tag" }), says: "hashes to"},
		{name: "no id", objects: with(func(o *Object) { o.ID = "" }), says: "hashes to"},
		{name: "id in capitals", objects: with(func(o *Object) { o.ID = merge3.ID(strings.ToUpper(string(o.ID))) }), says: "hashes to"},
		{name: "SHA-256", objects: with(func(o *Object) { o.ID = merge3.ID(strings.Repeat("0", 64)) }), says: "hashes to"},
		{name: "unknown type", objects: with(func(o *Object) { o.Type = "thing" }), says: "unknown type"},
		{name: "not loaded", objects: with(func(o *Object) { o.Load = func() ([]byte, error) { return nil, broken } }), is: broken},
		{name: "loaded other data", objects: with(func(o *Object) { o.Load = func() ([]byte, error) { return nil, nil } }), says: "hashes to"},
		{name: "no directory", path: filepath.Join(t.TempDir(), "missing", "x"), objects: []Object{good}, is: fs.ErrNotExist},
		{name: "directory is a file", path: filepath.Join(file, "x"), objects: []Object{good}, says: "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := test.path
			if path == "" {
				path = filepath.Join(dir, "x")
			}
			s, err := Write(path, test.objects, Options{})
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %v %q", err, test.is, test.says)
			}
			if s != (Summary{}) {
				t.Errorf("a summary beside an error: %+v", s)
			}
			if left := names(t, dir); len(left) > 0 {
				t.Errorf("left over: %q", left)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	in := []Object{
		{ID: "c", Base: "b"},
		{ID: "x"},
		{ID: "b", Base: "a"},
		{ID: "a", Base: "missing"},
		{ID: "c"},
		{ID: "self", Base: "self"},
		{ID: "p", Base: "r"},
		{ID: "q", Base: "p"},
		{ID: "r", Base: "q"},
	}
	var got []merge3.ID
	for _, o := range order(in) {
		got = append(got, o.ID)
	}
	if want := []merge3.ID{"a", "b", "c", "x", "self", "q", "r", "p"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
