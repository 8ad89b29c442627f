package packwriter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// applyDelta makes a target from a base, by the words of gitformat-pack(5).
func applyDelta(base, delta []byte) ([]byte, error) {
	size := func() uint64 {
		n, used := binary.Uvarint(delta)
		delta = delta[max(used, 0):]
		return n
	}
	next := func() (b byte) {
		if len(delta) > 0 {
			b, delta = delta[0], delta[1:]
		}
		return b
	}
	if size() != uint64(len(base)) {
		return nil, errors.New("wrong size of the base")
	}
	want := size()
	var target []byte
	for len(delta) > 0 {
		op := next()
		switch {
		case op == 0:
			return nil, errors.New("reserved instruction")
		case op < 0x80:
			if int(op) > len(delta) {
				return nil, errors.New("insertion is cut short")
			}
			target = append(target, delta[:op]...)
			delta = delta[op:]
		default:
			var arg [7]byte
			for i := range arg {
				if op>>i&1 == 1 {
					arg[i] = next()
				}
			}
			from := int(arg[0]) | int(arg[1])<<8 | int(arg[2])<<16 | int(arg[3])<<24
			n := int(arg[4]) | int(arg[5])<<8 | int(arg[6])<<16
			if n == 0 {
				n = 0x10000
			}
			if from+n > len(base) {
				return nil, errors.New("copy of what is not there")
			}
			target = append(target, base[from:from+n]...)
		}
	}
	if uint64(len(target)) != want {
		return nil, errors.New("wrong size of the target")
	}
	return target, nil
}

// checkDelta encodes and applies; it returns the length of the delta, or -1 for none.
func checkDelta(t interface{ Fatalf(string, ...any) }, e *deltaEncoder, base, target []byte, limit int) int {
	delta, ok := e.encode(base, target, limit)
	if !ok {
		return -1
	}
	if len(delta) > limit {
		t.Fatalf("%d bytes, the limit is %d", len(delta), limit)
	}
	got, err := applyDelta(base, delta)
	if err != nil {
		t.Fatalf("delta %x: %v", delta, err)
	}
	if !bytes.Equal(got, target) {
		t.Fatalf("from %.100q by %x:\ngot  %.100q\nwant %.100q", base, delta, got, target)
	}
	return len(delta)
}

const noLimit = 1 << 30

func TestDelta(t *testing.T) {
	noise := randomBytes(1, 300_000)
	entry := func(id string) string { return "100644 some_file.c\x00" + id }
	var tree []string
	for i := range 100 {
		tree = append(tree, entry(randomBytes(uint64(i), 20)))
	}
	edited := slices.Clone(tree)
	edited[40] = entry(randomBytes(1000, 20))
	twice := slices.Clone(edited)
	twice[80] = entry(randomBytes(1001, 20))
	tests := []struct {
		name, base, target string
		most               int // bytes
	}{
		{"both empty", "", "", 2},
		{"from nothing", "", noise[:1000], 1020},
		{"to nothing", noise[:1000], "", 3},
		{"same", noise[:1000], noise[:1000], 10},
		{"same, of more than one copy", noise, noise, 6 + 5*7},
		{"one entry of a tree", strings.Join(tree, ""), strings.Join(edited, ""), 4 + 3 + 21 + 5},
		{"two entries of a tree", strings.Join(tree, ""), strings.Join(twice, ""), 4 + 3 + 2*21 + 2*5 + 16},
		{"first entry gone", strings.Join(tree, ""), strings.Join(tree[1:], ""), 10},
		{"last entry gone", strings.Join(tree, ""), strings.Join(tree[:99], ""), 10},
		{"halves swapped", noise[:10000], noise[5000:10000] + noise[:5000], 50},
		{"repeated", "x" + noise[:5000] + "y", "a" + noise[:5000] + "b" + noise[:5000] + "c", 40},
		{"common end overlaps the common beginning", "aaaa", "aaaaaaaa", 20},
		{"shrinks", "aaaaaaaa", "aaaa", 10},
	}
	var e deltaEncoder
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := checkDelta(t, &e, []byte(test.base), []byte(test.target), noLimit)
			if n < 0 || n > test.most {
				t.Errorf("%d bytes, want at most %d", n, test.most)
			}
		})
	}
}

func TestDeltaLimit(t *testing.T) {
	var e deltaEncoder
	base, target := []byte(randomBytes(1, 5000)), []byte(randomBytes(2, 5000))
	copy(target[1000:], base[:500])
	n := checkDelta(t, &e, base, target, noLimit)
	for _, limit := range []int{-20, 0, 1, 2, 999, 3000, n - 1} {
		if checkDelta(t, &e, base, target, limit) != -1 {
			t.Errorf("a delta of %d bytes keeps the limit %d", n, limit)
		}
	}
	if got := checkDelta(t, &e, base, target, n); got != n {
		t.Errorf("limit %d: %d bytes", n, got)
	}
}

func TestDeltaOfLargeObjects(t *testing.T) {
	var e deltaEncoder
	large := make([]byte, maxDeltaOf+1)
	if _, ok := e.encode(large, large[1:], noLimit); ok {
		t.Error("a base that is too large was looked at")
	}
	if _, ok := e.encode(large[1:], large, noLimit); ok {
		t.Error("a target that is too large was looked at")
	}
	if n := checkDelta(t, &e, large[1:], large[1:], noLimit); n < 0 {
		t.Error("the largest objects give no delta")
	}
}

func TestCopyInstruction(t *testing.T) {
	tests := []struct {
		offset, length int
		want           []byte
	}{
		{0, 1, []byte{0x90, 1}},
		{0, 0, nil},
		{0, 0x10000, []byte{0x80}},
		{0, 0x10001, []byte{0x80, 0x94, 1, 1}},
		{0x100, 0x100, []byte{0xa2, 1, 1}},
		{0x04030201, 0x0605, []byte{0xbf, 1, 2, 3, 4, 5, 6}},
		{0x04000000, 0x0600, []byte{0xa8, 4, 6}},
	}
	for _, test := range tests {
		var e deltaEncoder
		if e.copy(test.offset, test.length); !bytes.Equal(e.out, test.want) {
			t.Errorf("copy %#x at %#x: % x, want % x", test.length, test.offset, e.out, test.want)
		}
	}
}

// TestDeltaOfEdits: what a few edits make of a text is a short delta that gives the text.
func TestDeltaOfEdits(t *testing.T) {
	var e deltaEncoder
	rapid.Check(t, func(t *rapid.T) {
		base := []byte(randomBytes(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 5000).Draw(t, "size")))
		target := slices.Clone(base)
		edits := rapid.IntRange(0, 8).Draw(t, "edits")
		inserted := 0
		for range edits {
			from := rapid.IntRange(0, len(target)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(target), from+400)).Draw(t, "to")
			with := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "with")
			inserted += len(with)
			target = slices.Concat(target[:from], with, target[to:])
		}
		n := checkDelta(t, &e, base, target, noLimit)
		// An edit costs a copy, the two ends of an insertion, and what shares a block with it.
		if most := 20 + inserted + inserted/maxInsert + edits*(7+2+2*blockSize); n < 0 || n > most {
			t.Fatalf("%d bytes for %d edits of %d bytes, want at most %d", n, edits, inserted, most)
		}
	})
}

func FuzzDelta(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	text := randomText(r, 50)
	f.Add([]byte(""), []byte(""), 0)
	f.Add([]byte(text), []byte(text[100:]+text[:100]), 1000)
	f.Add([]byte(text), []byte(strings.ReplaceAll(text, "int", "long")), noLimit)
	f.Add(make([]byte, 1000), make([]byte, 5000), 50)
	f.Add([]byte(strings.Repeat("0123456789abcdef", 40)), []byte(strings.Repeat("123456789abcdef0", 50)), 300)
	f.Fuzz(func(t *testing.T, base, target []byte, limit int) {
		var e deltaEncoder
		checkDelta(t, &e, base, target, limit)
		checkDelta(t, &e, target, base, limit) // the table is used again
		if checkDelta(t, &e, base, target, noLimit) < 0 {
			t.Error("no delta, without a limit")
		}
	})
}
