package objstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// index is a pack's .idx file, version 1 or 2. See "pack-*.idx files" in
// gitformat-pack(5). Its checksum is not looked at: that would take reading it whole.
type index struct {
	ids     idTable
	version uint32
	size    int64 // of the file
}

const (
	idxHeader  = 8            // magic and version; version 1 has neither
	idxTrailer = 2 * hashSize // checksums of the pack and of the index
)

var (
	idxMagic     = []byte{0xff, 't', 'O', 'c'}
	errIndexSize = errors.New("its size does not fit the number of objects")
	errOffset    = errors.New("it leads outside the pack")
)

func openIndex(f *file) (*index, error) {
	size, err := f.size()
	if err != nil {
		return nil, err
	}
	var head [idxHeader]byte
	if err := f.readFull(head[:], 0); err != nil {
		return nil, err
	}
	x := &index{version: 1, size: size, ids: idTable{from: f, ids: fanoutSize, stride: hashSize + 4, lead: 4}}
	var fanout int64
	if bytes.Equal(head[:4], idxMagic) {
		if x.version = binary.BigEndian.Uint32(head[4:]); x.version != 2 {
			return nil, &Unsupported{fmt.Sprintf("pack index version %d (%s)", x.version, f.path)}
		}
		fanout = idxHeader
		x.ids = idTable{from: f, ids: idxHeader + fanoutSize, stride: hashSize}
	}
	if err := x.ids.readFanout(fanout); err != nil {
		return nil, err
	}
	if !x.sizeFits() {
		return nil, errIndexSize
	}
	return x, nil
}

func (x *index) sizeFits() bool {
	n := x.ids.len()
	if x.version == 1 {
		return x.size == fanoutSize+n*x.ids.stride+idxTrailer
	}
	least := x.large() + idxTrailer
	return x.size == least || x.size > least && x.size <= least+8*n && (x.size-least)%8 == 0
}

// Version 2 keeps ids, checksums, offsets and offsets beyond 2 GiB in a table each.

func (x *index) offsets() int64 { return x.ids.ids + x.ids.len()*(hashSize+4) }
func (x *index) large() int64   { return x.offsets() + x.ids.len()*4 }

// find is the offset in the pack of the object h, or errAbsent.
func (x *index) find(h hash) (int64, error) {
	pos, found, err := x.ids.search(h)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, errAbsent
	}
	var raw [4]byte
	at := x.ids.ids + pos*x.ids.stride
	if x.version == 2 {
		at = x.offsets() + 4*pos
	}
	if err := x.ids.from.readFull(raw[:], at); err != nil {
		return 0, err
	}
	off := binary.BigEndian.Uint32(raw[:])
	if x.version == 1 || off&isLarge == 0 {
		return int64(off), nil
	}
	return largeOffset(x.ids.from, x.large(), x.size-idxTrailer, off)
}

// isLarge marks an offset that is a position in the table of large ones.
const isLarge = 1 << 31

// largeOffset looks off up in the table of 64-bit offsets between start and end.
func largeOffset(f *file, start, end int64, off uint32) (int64, error) {
	at := start + 8*int64(off&^uint32(isLarge))
	if at+8 > end {
		return 0, errOffset
	}
	var raw [8]byte
	if err := f.readFull(raw[:], at); err != nil {
		return 0, err
	}
	large := binary.BigEndian.Uint64(raw[:])
	if large >= 1<<63 {
		return 0, errOffset
	}
	return int64(large), nil
}

// packSum is the checksum of the pack that the index was made for.
func (x *index) packSum() (hash, error) {
	var h hash
	err := x.ids.from.readFull(h[:], x.size-idxTrailer)
	return h, err
}
