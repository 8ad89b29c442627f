package packwriter

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"

	"github.com/pjbgf/sha1cd"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// packed is a pack that has been written: what its indexes are made from.
type packed struct {
	entries  []packEntry // in the order of the pack
	checksum []byte      // the trailer of the pack
	deltas   int
	size     int64
}

func (p packed) summary() Summary {
	return Summary{
		Checksum: merge3.ID(hex.EncodeToString(p.checksum)),
		Objects:  len(p.entries),
		Deltas:   p.deltas,
		Size:     p.size,
	}
}

// smallOffset is the largest offset that has its place in the first table of
// offsets; larger ones go into a second one, of 64 bits each.
const smallOffset = 1<<31 - 1

// sorted are the entries in the order of the index: by id.
func (p packed) sorted() []packEntry {
	return slices.SortedFunc(slices.Values(p.entries), func(a, b packEntry) int {
		return bytes.Compare(a.id, b.id)
	})
}

// writeIdx writes the index: how many ids begin with a byte up to each, the ids, the
// checksums of the entries and their offsets.
func (p packed) writeIdx(w io.Writer) error {
	_, err := w.Write(p.idx(smallOffset))
	return err
}

// idx is the index, with offsets larger than small in the second table.
func (p packed) idx(small int64) []byte {
	var fanout [256]uint32
	var ids, crcs, offsets, large []byte
	for _, e := range p.sorted() {
		for b := int(e.id[0]); b < len(fanout); b++ {
			fanout[b]++
		}
		ids = append(ids, e.id...)
		crcs = binary.BigEndian.AppendUint32(crcs, e.crc)
		if e.offset <= small {
			offsets = binary.BigEndian.AppendUint32(offsets, uint32(e.offset))
			continue
		}
		offsets = binary.BigEndian.AppendUint32(offsets, 1<<31|uint32(len(large)/8))
		large = binary.BigEndian.AppendUint64(large, uint64(e.offset))
	}
	idx := []byte("\xfftOc\x00\x00\x00\x02")
	for _, n := range fanout {
		idx = binary.BigEndian.AppendUint32(idx, n)
	}
	return p.seal(slices.Concat(idx, ids, crcs, offsets, large))
}

// writeRev writes the reverse index: for each entry, in the order of the pack, where the
// index has it.
func (p packed) writeRev(w io.Writer) error {
	sorted := p.sorted()
	places := make([]uint32, len(sorted))
	for i := range places {
		places[i] = uint32(i)
	}
	slices.SortFunc(places, func(a, b uint32) int { return cmp.Compare(sorted[a].offset, sorted[b].offset) })
	rev := []byte("RIDX\x00\x00\x00\x01\x00\x00\x00\x01") // version 1, SHA-1
	for _, place := range places {
		rev = binary.BigEndian.AppendUint32(rev, place)
	}
	_, err := w.Write(p.seal(rev))
	return err
}

// seal ends an index: the checksum of the pack, then that of all before it.
func (p packed) seal(index []byte) []byte {
	index = append(index, p.checksum...)
	sum, _ := sha1cd.Sum(index)
	return append(index, sum[:]...)
}
