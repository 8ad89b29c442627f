package objstore

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zlib"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// forged is a pack that no git wrote, with an index of version 2.
type forged struct {
	pack    []byte
	ids     []hash
	offsets []int64
}

func forge() *forged { return &forged{pack: []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00")} }

// number is an id for the forged object n. They sort by n.
func number(n int) hash { return hash{byte(n + 1), 1} }

// add appends an entry: its type, its declared size, what names its base, its stream.
func (f *forged) add(k kind, size int64, base, stream []byte) {
	f.ids = append(f.ids, number(len(f.ids)))
	f.offsets = append(f.offsets, int64(len(f.pack)))
	c := byte(k)<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		f.pack = append(f.pack, c|0x80)
		c = byte(size & 0x7f)
	}
	f.pack = append(f.pack, c)
	f.pack = append(append(f.pack, base...), stream...)
}

// write puts the pack into an objects directory.
func (f *forged) write(t testing.TB) string {
	t.Helper()
	binary.BigEndian.PutUint32(f.pack[8:], uint32(len(f.ids)))
	sum := sha1.Sum(f.pack)
	f.pack = append(f.pack, sum[:]...)
	objects := filepath.Join(t.TempDir(), "objects")
	if err := os.MkdirAll(filepath.Join(objects, "pack"), 0o755); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(objects, "pack", "pack-1.pack"), f.pack)
	replace(t, filepath.Join(objects, "pack", "pack-1.idx"), f.index(sum))
	return objects
}

// index is the pack's index, version 2.
func (f *forged) index(packSum hash) []byte {
	idx := []byte("\xfftOc\x00\x00\x00\x02")
	for b := range 256 {
		n := 0
		for _, id := range f.ids {
			if int(id[0]) <= b {
				n++
			}
		}
		idx = binary.BigEndian.AppendUint32(idx, uint32(n))
	}
	for _, id := range f.ids {
		idx = append(idx, id[:]...)
	}
	idx = append(idx, make([]byte, 4*len(f.ids))...)
	for _, off := range f.offsets {
		idx = binary.BigEndian.AppendUint32(idx, uint32(off))
	}
	idx = append(idx, packSum[:]...)
	return append(idx, make([]byte, hashSize)...)
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

func varint(n int64) (b []byte) {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// delta makes one by hand.
func delta(base, size int64, steps ...byte) []byte {
	return append(append(varint(base), varint(size)...), steps...)
}

func (f *forged) addDelta(ref hash, d []byte) {
	f.add(kindRefDelta, int64(len(d)), ref[:], deflated(d))
}

func TestForgedPacks(t *testing.T) {
	const limit = 1 << 20
	text := []byte("hello world")
	copyAll := []byte{0x90, byte(len(text))}
	tests := map[string]struct {
		build func(f *forged)
		want  string // part of the error; "" means that the first object can be read
	}{
		"sound": {func(f *forged) { f.add(kindBlob, 11, nil, deflated(text)) }, ""},
		"sound delta": {func(f *forged) {
			f.addDelta(number(1), delta(11, 11, copyAll...))
			f.add(kindBlob, 11, nil, deflated(text))
		}, ""},
		"a delta of itself":        {func(f *forged) { f.addDelta(number(0), delta(11, 11, copyAll...)) }, "its own base"},
		"two deltas of each other": {func(f *forged) { f.addDelta(number(1), delta(1, 1)); f.addDelta(number(0), delta(1, 1)) }, "its own base"},
		"three in a ring": {func(f *forged) {
			f.addDelta(number(2), delta(1, 1))
			f.addDelta(number(0), delta(1, 1))
			f.addDelta(number(1), delta(1, 1))
		}, "its own base"},
		"a base that is not there": {func(f *forged) { f.addDelta(number(7), delta(11, 11)) }, "not in its pack"},
		"a base before the pack": {func(f *forged) {
			f.add(kindOfsDelta, 3, []byte{0x7f}, deflated(delta(1, 1)))
		}, "not an object's beginning"},
		"a base at no distance": {func(f *forged) { f.add(kindOfsDelta, 3, []byte{0}, deflated(delta(1, 1))) }, "not an object's beginning"},
		"a base in the middle of an entry": {func(f *forged) {
			f.add(kindOfsDelta, 2, []byte{3}, nil)
			f.offsets[0] += 3
			f.pack = append(f.pack, 0x62, 3)
		}, "is corrupt"},
		"a distance that overflows": {func(f *forged) { f.add(kindOfsDelta, 3, bytes.Repeat([]byte{0xff}, 12), nil) }, "not an object's beginning"},
		"type 0":                    {func(f *forged) { f.add(0, 11, nil, deflated(text)) }, "not an object's beginning"},
		"type 5":                    {func(f *forged) { f.add(5, 11, nil, deflated(text)) }, "not an object's beginning"},
		"a size without end": {func(f *forged) {
			f.add(kindBlob, 1, nil, nil)
			f.pack = append(f.pack[:12], bytes.Repeat([]byte{0xbf}, 40)...)
		}, "not an object's beginning"},
		"more than declared":           {func(f *forged) { f.add(kindBlob, 10, nil, deflated(text)) }, "more bytes than it declares"},
		"less than declared":           {func(f *forged) { f.add(kindBlob, 12, nil, deflated(text)) }, "ends too early"},
		"a bomb that is declared":      {func(f *forged) { f.add(kindBlob, limit+1, nil, deflated(make([]byte, limit+1))) }, "too large"},
		"a bomb that is not":           {func(f *forged) { f.add(kindBlob, 10, nil, deflated(make([]byte, 1<<26))) }, "more bytes than it declares"},
		"much declared, nothing there": {func(f *forged) { f.add(kindBlob, limit, nil, deflated(nil)) }, "ends too early"},
		"a delta that makes a bomb": {func(f *forged) {
			f.addDelta(number(1), delta(11, limit+1, copyAll...))
			f.add(kindBlob, 11, nil, deflated(text))
		}, "too large"},
		"a base too large": {func(f *forged) {
			f.addDelta(number(1), delta(limit+1, 1, 1, 'x'))
			f.add(kindBlob, limit+1, nil, deflated(make([]byte, limit+1)))
		}, "too large"},
		"a delta of another base": {func(f *forged) {
			f.addDelta(number(1), delta(12, 11, copyAll...))
			f.add(kindBlob, 11, nil, deflated(text))
		}, "does not fit"},
		"bad checksum": {func(f *forged) {
			stream := deflated(text)
			stream[len(stream)-1]++
			f.add(kindBlob, 11, nil, stream)
		}, "checksum"},
		"bad stream":   {func(f *forged) { f.add(kindBlob, 11, nil, []byte("no zlib here")) }, "header"},
		"a dictionary": {func(f *forged) { f.add(kindBlob, 11, nil, []byte{0x78, 0xbb, 0, 0, 0, 0, 0}) }, "is corrupt"},
		"cut short": {func(f *forged) {
			stream := deflated(bytes.Repeat([]byte("abcdefgh"), 1000))
			f.add(kindBlob, 8000, nil, stream[:len(stream)/2])
		}, "ends too early"},
		"an offset behind the end":     {func(f *forged) { f.add(kindBlob, 0, nil, deflated(nil)); f.offsets[0] = 1 << 30 }, "outside the pack"},
		"an offset in the head":        {func(f *forged) { f.add(kindBlob, 0, nil, deflated(nil)); f.offsets[0] = 3 }, "outside the pack"},
		"a large offset without table": {func(f *forged) { f.add(kindBlob, 0, nil, deflated(nil)); f.offsets[0] = isLarge | 5 }, "outside the pack"},
		"pack version 4":               {func(f *forged) { f.add(kindBlob, 0, nil, deflated(nil)); f.pack[7] = 4 }, "pack version 4"},
		"no pack":                      {func(f *forged) { f.add(kindBlob, 0, nil, deflated(nil)); f.pack[0] = 'X' }, "not a pack"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := forge()
			test.build(f)
			s := open(t, f.write(t), Options{MaxSize: limit})
			_, data, err := s.Read(ctx, number(0).id())
			if test.want == "" {
				if err != nil || !bytes.Equal(data, text) {
					t.Errorf("%q, %v", data, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %q, %v; want %s", data, err, test.want)
			}
			wantType(t, test.want, err)
		})
	}
}

// wantType checks that err has the type that goes with its text.
func wantType(t *testing.T, text string, err error) {
	t.Helper()
	var large *TooLarge
	var unsupported *Unsupported
	var corrupt *Corrupt
	ok := errors.As(err, &corrupt) && corrupt.ID == number(0).id() && strings.Contains(corrupt.Where, "pack-1.")
	switch {
	case strings.Contains(text, "too large"):
		ok = errors.As(err, &large) && large.Size == 1<<20+1 && large.Limit == 1<<20
	case strings.Contains(text, "version"):
		ok = errors.As(err, &unsupported)
	}
	if !ok {
		t.Errorf("%T: %v", err, err)
	}
}

func TestChainWithoutEnd(t *testing.T) {
	f := forge()
	f.add(kindBlob, 1, nil, deflated([]byte("x")))
	d := deflated(delta(1, 1, 0x90, 1))
	back := byte(len(f.pack) - 12)
	for range maxChain + 1 {
		f.add(kindOfsDelta, 4, []byte{back}, d)
		back = byte(2 + len(d))
	}
	f.ids, f.offsets = f.ids[:1], f.offsets[len(f.offsets)-1:]
	s := open(t, f.write(t), Options{})
	var corrupt *Corrupt
	if _, _, err := s.Read(ctx, number(0).id()); !errors.As(err, &corrupt) || !errors.Is(err, errChain) {
		t.Errorf("got %v", err)
	}
}

// Of an object that is large Size tells the size, and a sound copy elsewhere is as good
// as the one that is broken.
func TestLargeAndBrokenObjects(t *testing.T) {
	r := newRepo(t, 5)
	blob := merge3.ID(r.ID("main:file.txt"))
	small := r.open(Options{MaxSize: 1000})
	size, err := small.Size(ctx, blob)
	var large *TooLarge
	if _, _, readErr := small.Read(ctx, blob); !errors.As(readErr, &large) || large.Size != size || large.ID != blob {
		t.Errorf("Read: %v, Size: %d %v", readErr, size, err)
	}
	want := r.all()
	r.Git("repack", "-adfq")
	data := must(os.ReadFile(r.packs("pack")[0]))(t)
	r.gitIn(string(data), "index-pack", "--stdin", filepath.Join(r.objects, "pack", "pack-0.pack"))
	for i := 100; i < len(data)-100; i += 10 {
		data[i] ^= 0x55
	}
	replace(t, filepath.Join(r.objects, "pack", "pack-0.pack"), data)
	s := r.open(Options{Verify: true}) // what is damaged may still look like an object
	for id, obj := range want {
		if typ, got, err := s.Read(ctx, id); typ != obj.typ || !bytes.Equal(got, obj.data) || err != nil {
			t.Errorf("%s: %s, %d bytes, %v", id, typ, len(got), err)
		}
	}
}

func TestVerify(t *testing.T) {
	f := forge()
	f.add(kindBlob, 5, nil, deflated([]byte("wrong")))
	objects := f.write(t)
	if _, _, err := open(t, objects, Options{}).Read(ctx, number(0).id()); err != nil {
		t.Error(err)
	}
	var corrupt *Corrupt
	if _, _, err := open(t, objects, Options{Verify: true}).Read(ctx, number(0).id()); !errors.As(err, &corrupt) {
		t.Errorf("a wrong id: %v", err)
	}
}

func TestForgedLooseObjects(t *testing.T) {
	id := number(0)
	tests := map[string]struct {
		file []byte
		want string
	}{
		"sound":                  {deflated([]byte("blob 2\x00hi")), ""},
		"nothing":                {nil, "ends too early"},
		"no zlib":                {[]byte("blob 2\x00hi"), "header"},
		"cut short":              {deflated([]byte("blob 2\x00hi"))[:9], "ends too early"},
		"garbage behind":         {append(deflated([]byte("blob 2\x00hi")), 'x'), "more bytes"},
		"more than declared":     {deflated([]byte("blob 2\x00hi!")), "more bytes"},
		"less than declared":     {deflated([]byte("blob 2\x00h")), "ends too early"},
		"no type":                {deflated([]byte("thing 2\x00hi")), "not the head"},
		"a delta":                {deflated([]byte(" 2\x00hi")), "not the head"},
		"no size":                {deflated([]byte("blob \x00hi")), "not the head"},
		"a size below zero":      {deflated([]byte("blob -2\x00hi")), "not the head"},
		"a size with zeros":      {deflated([]byte("blob 02\x00hi")), "not the head"},
		"a size beyond 63 bits":  {deflated([]byte("blob 9223372036854775808\x00hi")), "not the head"},
		"a head without end":     {deflated(bytes.Repeat([]byte("blob "), 100)), "not the head"},
		"too large":              {deflated([]byte("blob 1048577\x00hi")), "too large"},
		"much declared, no more": {deflated([]byte("blob 1048576\x00hi")), "ends too early"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := t.TempDir()
			path := loosePath(objects, id)
			_ = os.MkdirAll(filepath.Dir(path), 0o755)
			replace(t, path, test.file)
			typ, data, err := open(t, objects, Options{MaxSize: 1 << 20}).Read(ctx, id.id())
			if test.want == "" {
				if typ != "blob" || string(data) != "hi" || err != nil {
					t.Errorf("%s %q %v", typ, data, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// Files that are no files must not be waited for.
func TestNamedPipes(t *testing.T) {
	objects := filepath.Join(t.TempDir(), "objects")
	for _, path := range []string{
		loosePath(objects, number(0)), filepath.Join(objects, "pack", "pack-1.idx"), filepath.Join(objects, "pack", "pack-1.pack"),
		filepath.Join(objects, "pack", "multi-pack-index"), filepath.Join(objects, "info", "alternates"),
	} {
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := syscall.Mkfifo(path, 0o644); err != nil {
			t.Skip(err)
		}
	}
	done := make(chan error, 1)
	s := open(t, objects, Options{})
	go func() {
		_, _, err := s.Read(ctx, number(0).id())
		done <- err
	}()
	select {
	case err := <-done:
		var corrupt *Corrupt
		if !errors.As(err, &corrupt) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("reading hangs")
	}
}

// A file that is cut short while it is open is an error, no crash.
func TestCutShortWhileOpen(t *testing.T) {
	for _, end := range []string{"pack", "idx"} {
		r := newRepo(t, 10)
		s := r.open(Options{CacheSize: 1})
		want := r.all()
		if end == "pack" {
			compare(t, s, want)
		} else if _, _, err := s.Read(ctx, merge3.ID(r.ID("HEAD"))); err != nil {
			t.Fatal(err) // what was found once is not looked for in the index again
		}
		path := r.packs(end)[0]
		_ = os.Chmod(path, 0o644)
		if err := os.Truncate(path, 1500); err != nil {
			t.Fatal(err)
		}
		broken := 0
		for id := range want {
			var corrupt *Corrupt
			_, _, err := s.Read(ctx, id)
			if err == nil {
				continue
			}
			if broken++; !errors.As(err, &corrupt) {
				t.Fatalf("%s: %v", end, err)
			}
		}
		if broken == 0 {
			t.Errorf("%s: nothing was wrong", end)
		}
	}
}

func TestIndexVersions(t *testing.T) {
	r := newRepo(t, 5)
	head := merge3.ID(r.ID("HEAD"))
	path := r.packs("idx")[0]
	data := must(os.ReadFile(path))(t)
	spoil := func(change func([]byte) []byte) error {
		replace(t, path, change(slices.Clone(data)))
		_, _, err := r.open(Options{}).Read(ctx, head)
		return err
	}
	var unsupported *Unsupported
	if err := spoil(func(b []byte) []byte { b[7] = 3; return b }); !errors.As(err, &unsupported) {
		t.Errorf("version 3: %v", err)
	}
	var corrupt *Corrupt
	for name, change := range map[string]func([]byte) []byte{
		"empty":             func([]byte) []byte { return nil },
		"a fan-out falling": func(b []byte) []byte { b[8] = 0xff; return b },
		"more objects":      func(b []byte) []byte { b[8+fanoutSize-1]++; return b },
		"cut short":         func(b []byte) []byte { return b[:len(b)-1] },
		"of another pack":   func(b []byte) []byte { b[len(b)-idxTrailer]++; return b },
	} {
		if err := spoil(change); !errors.As(err, &corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEndOfContext(t *testing.T) {
	r := newRepo(t, 2)
	why := errors.New("enough")
	ended, end := context.WithCancelCause(ctx)
	end(why)
	if _, _, err := r.open(Options{}).Read(ended, merge3.ID(r.ID("HEAD"))); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}
