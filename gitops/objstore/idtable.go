package objstore

import (
	"encoding/binary"
	"errors"
	"sort"
	"sync"
)

// A pack index and a multi-pack index hold the same thing at their heart: the
// ids of many objects, sorted, behind a fan-out, which says for each first byte
// how many ids have that one or a smaller one.

const fanoutSize = 256 * 4

// idTable is such a list in a file. Ids are found by reading about one block, where
// the id should be if ids are evenly spread, as hashes are.
type idTable struct {
	from   *file
	fanout [256]uint32
	ids    int64 // offset of the first entry
	stride int64 // bytes from one entry to the next
	lead   int64 // bytes of an entry before its id
}

var errFanout = errors.New("its fan-out decreases")

// readFanout reads the 256 counts at off.
func (t *idTable) readFanout(off int64) error {
	var raw [fanoutSize]byte
	if err := t.from.readFull(raw[:], off); err != nil {
		return err
	}
	for i := range t.fanout {
		t.fanout[i] = binary.BigEndian.Uint32(raw[4*i:])
		if i > 0 && t.fanout[i] < t.fanout[i-1] {
			return errFanout
		}
	}
	return nil
}

// len is the number of ids.
func (t *idTable) len() int64 { return int64(t.fanout[255]) }

// blockSize is how much of a table is read at a time, in bytes.
const blockSize = 4 << 10

var blocks = sync.Pool{New: func() any { return new([blockSize]byte) }}

// search returns the position of the first id that is not smaller than h, and
// whether it is h.
func (t *idTable) search(h hash) (pos int64, found bool, err error) {
	raw := blocks.Get().(*[blockSize]byte)
	defer blocks.Put(raw)
	r := t.bucket(h)
	for tries := 0; r.lo < r.hi; tries++ {
		block, err := t.read(raw, r, r.guess(h, tries))
		if err != nil {
			return 0, false, err
		}
		i := sort.Search(block.n, func(i int) bool { return h.compare(block.id(i)) <= 0 })
		switch {
		case i < block.n && h.compare(block.id(i)) == 0:
			return block.first + int64(i), true, nil
		case i == 0:
			r.hi, r.hiKey = block.first, key(block.id(0))
		case i == block.n:
			r.lo, r.loKey = block.first+int64(i), key(block.id(i-1))
		default:
			return block.first + int64(i), false, nil
		}
	}
	return r.lo, false, nil
}

// span is the part of a table where an id can be: positions lo to hi-1, between
// ids with these keys.
type span struct {
	lo, hi       int64
	loKey, hiKey uint64
}

// key is a number in the order of the ids of one bucket.
func key(id []byte) uint64 { return uint64(binary.BigEndian.Uint32(id[1:])) }

func (t *idTable) bucket(h hash) span {
	r := span{hi: int64(t.fanout[h[0]]), hiKey: 1 << 32}
	if h[0] > 0 {
		r.lo = int64(t.fanout[h[0]-1])
	}
	return r
}

// guess is a position in the span. After some tries the ids are not evenly
// spread, and halving is safer.
func (r span) guess(h hash, tries int) int64 {
	k := key(h[:])
	if tries > 3 || k < r.loKey || k > r.hiKey || r.loKey >= r.hiKey {
		return r.lo + (r.hi-r.lo)/2
	}
	// Both factors are below 2^33, and in a real table the first is below 2^26.
	part := float64(r.hi-r.lo) * float64(k-r.loKey) / float64(r.hiKey-r.loKey)
	return min(r.lo+int64(part), r.hi-1)
}

// block is a run of entries in memory.
type block struct {
	table *idTable
	first int64 // position of the first entry
	n     int
	raw   []byte
}

func (b block) id(i int) []byte {
	start := int64(i)*b.table.stride + b.table.lead
	return b.raw[start : start+hashSize]
}

// read reads the entries around the position middle, within r.
func (t *idTable) read(raw *[blockSize]byte, r span, middle int64) (block, error) {
	n := min(blockSize/t.stride, r.hi-r.lo)
	first := min(max(middle-n/2, r.lo), r.hi-n)
	entries, err := t.from.view(raw[:n*t.stride], t.ids+first*t.stride)
	return block{t, first, int(n), entries}, err
}

// at is the id at a position.
func (t *idTable) at(pos int64) (hash, error) {
	var h hash
	err := t.from.readFull(h[:], t.ids+pos*t.stride+t.lead)
	return h, err
}

// between lists the ids from lo to hi, at most max of them.
func (t *idTable) between(lo, hi hash, max int) ([]hash, error) {
	pos, _, err := t.search(lo)
	var found []hash
	for ; err == nil && pos < t.len() && len(found) < max; pos++ {
		var h hash
		if h, err = t.at(pos); err == nil && hi.compare(h[:]) < 0 {
			break
		}
		if err == nil {
			found = append(found, h)
		}
	}
	return found, err
}
