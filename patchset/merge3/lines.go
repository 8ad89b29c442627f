package merge3

import (
	"bytes"
	"hash/maphash"
)

// lines is a text taken apart into lines. A line reaches up to and including
// its LF; the last may have none.
type lines struct {
	data []byte
	// ids has a number for every line: the same number exactly where the bytes
	// are the same, across all texts that one interner has split.
	ids []int32
	// ends has the offset in data behind every line.
	ends []uint32
}

// count is the number of lines.
func (l lines) count() int { return len(l.ids) }

// bytes are the lines of a span, as they stand in the text.
func (l lines) bytes(s span) []byte {
	return l.data[l.start(s.lo):l.start(s.hi)]
}

// start is the offset of line i; of the line behind the last it is the length
// of the text.
func (l lines) start(i int) uint32 {
	if i == 0 {
		return 0
	}
	return l.ends[i-1]
}

// interner numbers lines: equal lines get equal numbers, from 0 without gaps.
// It is a hash table with open addressing and a random seed, so that nobody
// can write a file whose lines all fall into one slot.
type interner struct {
	seed   maphash.Seed
	slots  []int32 // the number of a line plus 1; 0 is an empty slot
	hashes []uint64
	known  [][]byte // by number
}

// newInterner makes an interner that expects about n different lines.
func newInterner(n int) *interner {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &interner{
		seed: maphash.MakeSeed(), slots: make([]int32, size),
		hashes: make([]uint64, 0, n), known: make([][]byte, 0, n),
	}
}

// split takes a text apart, of at most maxText bytes.
func (n *interner) split(data []byte) lines {
	count := CountLines(data)
	l := lines{data: data, ids: make([]int32, 0, count), ends: make([]uint32, 0, count)}
	for at := 0; at < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		l.ids = append(l.ids, n.number(data[at:end]))
		l.ends = append(l.ends, uint32(end))
		at = end
	}
	return l
}

// number is the number of a line, a new one if the line was never seen.
func (n *interner) number(line []byte) int32 {
	hash := maphash.Bytes(n.seed, line)
	mask := uint64(len(n.slots) - 1)
	at := hash & mask
	for ; n.slots[at] != 0; at = (at + 1) & mask {
		id := n.slots[at] - 1
		if n.hashes[id] == hash && bytes.Equal(n.known[id], line) {
			return id
		}
	}
	id := int32(len(n.known))
	n.hashes, n.known = append(n.hashes, hash), append(n.known, line)
	n.slots[at] = id + 1
	if 2*len(n.known) > len(n.slots) {
		n.grow()
	}
	return id
}

// grow doubles the table.
func (n *interner) grow() {
	n.slots = make([]int32, 2*len(n.slots))
	mask := uint64(len(n.slots) - 1)
	for id, hash := range n.hashes {
		at := hash & mask
		for n.slots[at] != 0 {
			at = (at + 1) & mask
		}
		n.slots[at] = int32(id) + 1
	}
}

// CountLines is the number of lines of a text, one without LF at the end included.
func CountLines(data []byte) int {
	count := bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		count++
	}
	return count
}
