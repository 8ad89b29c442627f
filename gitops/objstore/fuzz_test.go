package objstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fuzzLimit is the MaxSize under which readers are fuzzed.
const fuzzLimit = 1 << 16

// sample is a small sound pack: a blob and two deltas of it.
func sample() *forged {
	s := forge()
	s.add(kindBlob, 11, nil, deflated([]byte("hello world")))
	s.add(kindOfsDelta, 4, []byte{byte(len(s.pack) - 12)}, deflated(delta(11, 11, 0x90, 11)))
	s.addDelta(number(0), delta(11, 5, 0x90, 5))
	return s
}

func FuzzIndex(f *testing.F) {
	v2 := sample().index(hash{})
	f.Add(v2, byte(1))
	n := len(sample().ids)
	v1 := slices.Clone(v2[idxHeader : idxHeader+fanoutSize])
	for i := range n {
		v1 = append(v1, 0, 0, 0, byte(12+i))
		v1 = append(v1, v2[idxHeader+fanoutSize+i*hashSize:][:hashSize]...)
	}
	f.Add(append(v1, make([]byte, idxTrailer)...), byte(2))
	large := slices.Clone(v2)
	large[len(large)-idxTrailer-4] = 0x80
	large[len(large)-idxTrailer-1] = 0
	f.Add(slices.Insert(large, len(large)-idxTrailer, 0, 0, 0, 0, 0, 0, 0, 12), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, first byte) {
		x, err := openIndex(onDisk(t, data))
		if err != nil {
			return
		}
		for pos := range min(x.ids.len(), 10) {
			if h, err := x.ids.at(pos); err == nil {
				if off, err := x.find(h); err == nil && off < 0 {
					t.Errorf("offset %d", off)
				}
			}
		}
		checkSearch(t, &x.ids, hash{first, 1, 2})
	})
}

func FuzzMultiPackIndex(f *testing.F) {
	s := sample()
	v2 := s.index(hash{})
	n := len(s.ids)
	ids := idxHeader + fanoutSize
	chunks := []struct {
		name string
		data []byte
	}{
		{"PNAM", []byte("pack-1.idx\x00pack-2.idx\x00\x00\x00")},
		{"OIDF", v2[idxHeader:ids]},
		{"OIDL", v2[ids : ids+n*hashSize]},
		{"OOFF", []byte("\x00\x00\x00\x00\x00\x00\x00\x0c\x00\x00\x00\x01\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0c")},
		{"LOFF", []byte("\x00\x00\x00\x01\x00\x00\x00\x0c")},
		{"XTRA", []byte("unknown")},
	}
	file := []byte("MIDX\x01\x01\x06\x00\x00\x00\x00\x02")
	off := midxHeader + (len(chunks)+1)*chunkEntry
	var body []byte
	for _, c := range chunks {
		file = binary.BigEndian.AppendUint64(append(file, c.name...), uint64(off+len(body)))
		body = append(body, c.data...)
	}
	file = binary.BigEndian.AppendUint64(append(file, 0, 0, 0, 0), uint64(off+len(body)))
	file = append(append(file, body...), make([]byte, hashSize)...)
	m := must(openMidx(onDisk(f, file)))(f)
	if p, off, err := m.find(number(1)); p != 1 || off != 1<<32+12 || err != nil {
		f.Fatalf("pack %d, offset %d, %v", p, off, err)
	}
	f.Add(file, byte(1))
	f.Fuzz(func(t *testing.T, data []byte, first byte) {
		m, err := openMidx(onDisk(t, data))
		if err != nil {
			return
		}
		for pos := range min(m.ids.len(), 10) {
			h, err := m.ids.at(pos)
			if err != nil {
				continue
			}
			if number, off, err := m.find(h); err == nil && (number >= len(m.names) || off < 0) {
				t.Errorf("pack %d of %d, offset %d", number, len(m.names), off)
			}
		}
		checkSearch(t, &m.ids, hash{first, 1, 2})
	})
}

// checkSearch looks for what is perhaps not there.
func checkSearch(t *testing.T, ids *idTable, h hash) {
	pos, found, err := ids.search(h)
	if err != nil {
		return
	}
	if pos < 0 || pos > ids.len() {
		t.Fatalf("position %d of %d", pos, ids.len())
	}
	if found && must(ids.at(pos))(t) != h {
		t.Fatalf("found %s where it is not", h.id())
	}
	_, _ = ids.between(hash{h[0]}, hash{h[0], 0xff}, 5)
}

func FuzzPackEntry(f *testing.F) {
	s := sample()
	f.Add(s.pack[12:], uint16(s.offsets[0]-12), uint16(s.offsets[1]-12), uint16(s.offsets[2]-12))
	f.Add(bytes.Repeat([]byte{0xff}, 40), uint16(0), uint16(1), uint16(20))
	f.Fuzz(func(t *testing.T, entries []byte, a, b, c uint16) {
		p := forge()
		p.pack = append(p.pack, entries...)
		for i, off := range []uint16{a, b, c} {
			p.ids, p.offsets = append(p.ids, number(i)), append(p.offsets, 12+int64(off))
		}
		s := open(t, p.write(t), Options{MaxSize: fuzzLimit, CacheSize: 1 << 12})
		for _, id := range p.ids {
			typ, data, err := s.Read(ctx, id.id())
			checkAnswer(t, s, id, typ, data, err)
		}
	})
}

// checkAnswer holds the promises about whatever has been read.
func checkAnswer(t *testing.T, s *Store, id hash, typ string, data []byte, err error) {
	if err != nil {
		var missing *Missing
		var corrupt *Corrupt
		var large *TooLarge
		if !errors.As(err, &missing) && !errors.As(err, &corrupt) && !errors.As(err, &large) {
			t.Fatalf("an error of no kind: %v", err)
		}
		return
	}
	if _, ok := parseKind(typ); !ok || len(data) > fuzzLimit {
		t.Fatalf("a %q of %d bytes", typ, len(data))
	}
	if size, err := s.Size(ctx, id.id()); size != int64(len(data)) || err != nil {
		t.Fatalf("Read gave a %s of %d bytes, Size says %d, %v", typ, len(data), size, err)
	}
}

func FuzzLoose(f *testing.F) {
	f.Add(deflated([]byte("blob 2\x00hi")), true)
	f.Add([]byte("tree 0\x00"), false)
	f.Add([]byte("commit 99999\x00tree"), false)
	f.Fuzz(func(t *testing.T, data []byte, asIs bool) {
		if !asIs {
			data = deflated(data)
		}
		objects, id := t.TempDir(), number(0)
		_ = os.MkdirAll(filepath.Dir(loosePath(objects, id)), 0o755)
		replace(t, loosePath(objects, id), data)
		s := open(t, objects, Options{MaxSize: fuzzLimit})
		typ, content, err := s.Read(ctx, id.id())
		checkAnswer(t, s, id, typ, content, err)
	})
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("hello world"), delta(11, 11, 0x90, 11))
	f.Add([]byte("hello world"), delta(11, 7, 0x91, 6, 5, 2, 'a', 'b'))
	f.Add(bytes.Repeat([]byte("a"), 1<<17), delta(1<<17, 1<<16, 0x80))
	f.Add([]byte{}, delta(0, 1, 1, 'x'))
	f.Fuzz(func(t *testing.T, base, d []byte) {
		got, err := applyDelta(nil, base, d, fuzzLimit)
		if err != nil {
			return
		}
		if size, _, err := deltaSizes(d, int64(len(base)), fuzzLimit); err != nil || size != int64(len(got)) {
			t.Fatalf("%d bytes, the head says %d, %v", len(got), size, err)
		}
	})
}

// A delta that was put together from known steps makes what the steps make.
func TestDelta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SliceOfN(rapid.Byte(), 1, 1000).Draw(t, "base")
		base = bytes.Repeat(base, rapid.IntRange(1, 100).Draw(t, "times"))
		var steps, want []byte
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			if own := rapid.SliceOfN(rapid.Byte(), 0, 127).Draw(t, "insert"); len(own) > 0 {
				steps = append(append(steps, byte(len(own))), own...)
				want = append(want, own...)
				continue
			}
			off := rapid.IntRange(0, len(base)-1).Draw(t, "off")
			n := rapid.IntRange(1, len(base)-off).Draw(t, "n")
			steps = append(steps, copyStep(off, n)...)
			want = append(want, base[off:off+n]...)
		}
		d := delta(int64(len(base)), int64(len(want)), steps...)
		got, err := applyDelta(nil, base, d, 1<<30)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(want))
		}
		if len(steps) > 0 {
			if got, err := applyDelta(nil, base, d[:len(d)-1], 1<<30); err == nil {
				t.Fatalf("a delta cut short made %d bytes", len(got))
			}
		}
	})
}

// copyStep writes an instruction in as few bytes as can be.
func copyStep(off, n int) []byte {
	if n == 0x10000 {
		n = 0
	}
	step := []byte{0x80}
	for bit, b := range []int{off, off >> 8, off >> 16, off >> 24, n, n >> 8, n >> 16} {
		if b&0xff != 0 {
			step[0] |= 1 << bit
			step = append(step, byte(b))
		}
	}
	return step
}

func FuzzAlternates(f *testing.F) {
	f.Add("/a/b\n../c\n# no\n\n\"/q\\\"\\011\"\n\"broken\n")
	f.Add(`"\400"` + "\n" + `"\08"` + "\r\n" + `"`)
	f.Fuzz(func(t *testing.T, list string) {
		names := parseAlternates(list)
		total := 0
		for _, name := range names {
			if total += len(name); name == "" || strings.ContainsRune(name, 0) {
				t.Fatalf("name %q", name)
			}
		}
		if total > len(list) {
			t.Fatalf("%q became %q", list, names)
		}
		for _, name := range names {
			if back := parseAlternates(quote(name)); !slices.Equal(back, []string{name}) {
				t.Fatalf("%q became %q", name, back)
			}
		}
	})
}

// quote writes s as a C string.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\011`).Replace(s) + `"` + "\n"
}

// Ids are found however they are spread: as hashes are, or to mislead.
func TestSearch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(rt, "n")
		mask := rapid.SampledFrom([]uint32{0xffffffff, 0xff, 0xff000000, 0x10101, 0}).Draw(rt, "mask")
		random := rapid.Uint32()
		ids := make([]hash, n)
		for i := range ids {
			ids[i][0] = byte(random.Draw(rt, "first")) & 3
			binary.BigEndian.PutUint32(ids[i][1:], random.Draw(rt, "key")&mask)
			binary.BigEndian.PutUint32(ids[i][9:], uint32(i))
		}
		slices.SortFunc(ids, func(a, b hash) int { return a.compare(b[:]) })
		var raw []byte
		table := &idTable{stride: hashSize}
		for _, id := range ids {
			raw = append(raw, id[:]...)
			for b := int(id[0]); b < 256; b++ {
				table.fanout[b]++
			}
		}
		table.from = onDisk(t, raw)
		probes := append(slices.Clone(ids[:min(n, 200)]), hash{}, hash{0xff}, hash{1, 5}, hash{2, 0xff, 0xff})
		for _, h := range probes {
			want, wantFound := slices.BinarySearchFunc(ids, h, func(a, b hash) int { return a.compare(b[:]) })
			got, found, err := table.search(h)
			if int(got) != want || found != wantFound || err != nil {
				rt.Fatalf("search(%s) = %d, %v, %v; want %d, %v", h.id(), got, found, err, want, wantFound)
			}
		}
	})
}
