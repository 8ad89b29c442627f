package packwriter

import (
	"encoding/binary"
	"math/bits"
)

// A delta makes a target from a base. It is the sizes of both, then instructions:
// copy a range of the base, or insert the bytes that follow. See "Deltified
// representation" in gitformat-pack(5).
//
// What the two begin and end with in common is copied. That is all there is to say
// of a tree with one entry changed. What lies between is searched for blocks of
// the base, in one pass without second thoughts: each block of the base is known by a
// hash; a block of the target that is found is grown in both directions.

const (
	maxCopy    = 1 << 16 // bytes of one instruction: git's, though the format has room for more
	maxInsert  = 1<<7 - 1
	blockSize  = 16       // twice what a copy instruction takes: it pays
	maxDeltaOf = 16 << 20 // objects larger than this, in bytes, are not compared
)

// deltaEncoder makes deltas, one at a time.
type deltaEncoder struct {
	base, target []byte
	out          []byte
	limit        int // of out
	blocks       []uint32
}

// encode returns the delta that makes target from base. It may be used until the next
// call. There is none when it would take more than limit bytes.
func (e *deltaEncoder) encode(base, target []byte, limit int) ([]byte, bool) {
	if max(len(base), len(target)) > maxDeltaOf {
		return nil, false
	}
	e.base, e.target, e.limit = base, target, limit
	e.out = binary.AppendUvarint(e.out[:0], uint64(len(base)))
	e.out = binary.AppendUvarint(e.out, uint64(len(target)))
	prefix := commonPrefix(base, target)
	suffix := commonSuffix(base[prefix:], target[prefix:])
	e.copy(0, prefix)
	fits := e.middle(prefix, len(base)-suffix, len(target)-suffix)
	e.copy(len(base)-suffix, suffix)
	e.base, e.target = nil, nil
	return e.out, fits && len(e.out) <= limit
}

// middle makes target[from:targetEnd] from base[from:baseEnd]. It gives up, false,
// as soon as the limit is passed.
func (e *deltaEncoder) middle(from, baseEnd, targetEnd int) bool {
	table := e.index(from, baseEnd)
	base, target := e.base[:baseEnd], e.target[:targetEnd]
	pending := from // where in target the bytes begin that were not found
	for at := from; at+blockSize <= targetEnd; {
		if len(e.out)+at-pending > e.limit {
			return false
		}
		found := table.find(base, target[at:at+blockSize])
		if found < 0 {
			at++
			continue
		}
		back := commonSuffix(base[:found], target[pending:at])
		length := back + commonPrefix(base[found:], target[at:])
		e.insert(target[pending : at-back])
		e.copy(found-back, length)
		at += length - back
		pending = at
	}
	if len(e.out)+targetEnd-pending > e.limit {
		return false
	}
	e.insert(target[pending:])
	return true
}

// copy adds instructions to copy length bytes of the base.
func (e *deltaEncoder) copy(offset, length int) {
	for length > 0 {
		n := min(length, maxCopy)
		e.copyOnce(uint32(offset), uint32(n))
		offset, length = offset+n, length-n
	}
}

// copyOnce adds one instruction: the bits of its first byte tell which of the four bytes of the
// offset and the two of the length follow. The others are zero, and a
// length of zero is maxCopy.
func (e *deltaEncoder) copyOnce(offset, length uint32) {
	op := len(e.out)
	e.out = append(e.out, 0x80)
	put := func(bit int, b byte) {
		if b != 0 {
			e.out[op] |= 1 << bit
			e.out = append(e.out, b)
		}
	}
	for i := range 4 {
		put(i, byte(offset>>(8*i)))
	}
	for i := range 2 {
		put(4+i, byte(length>>(8*i)))
	}
}

// insert adds instructions to insert data.
func (e *deltaEncoder) insert(data []byte) {
	for len(data) > 0 {
		n := min(len(data), maxInsert)
		e.out = append(append(e.out, byte(n)), data[:n]...)
		data = data[n:]
	}
}

// blockTable finds a block of the base by what is in it. Of blocks with the same
// hash it knows the first only: that bounds the time whatever the base may be.
type blockTable struct {
	starts []uint32 // one more than where a block starts; 0 for none
	shift  int
}

// index makes the table of the whole blocks in base[from:to]. It is good until
// the next call.
func (e *deltaEncoder) index(from, to int) blockTable {
	slots := bits.Len(uint((to - from) / blockSize * 2)) // of 2^slots, at most half are taken
	if need := 1 << slots; cap(e.blocks) < need {
		e.blocks = make([]uint32, need)
	} else {
		e.blocks = e.blocks[:need]
		clear(e.blocks)
	}
	t := blockTable{e.blocks, 64 - slots}
	for at := from; at+blockSize <= to; at += blockSize {
		if start := t.slot(e.base[at:]); *start == 0 {
			*start = uint32(at + 1)
		}
	}
	return t
}

// find is where in base a block like this one starts, or -1.
func (t blockTable) find(base, block []byte) int {
	at := int(*t.slot(block)) - 1
	if at < 0 || string(base[at:at+blockSize]) != string(block) {
		return -1
	}
	return at
}

func (t blockTable) slot(block []byte) *uint32 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: spreads the bits
	low, high := binary.LittleEndian.Uint64(block), binary.LittleEndian.Uint64(block[8:])
	return &t.starts[(bits.RotateLeft64(low*odd, 32)^high)*odd>>t.shift]
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func commonSuffix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[len(a)-1-i] != b[len(b)-1-i] {
			return i
		}
	}
	return n
}
