package objstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// midx is a multi-pack index, version 1: the objects of several packs in one list.
// See "multi-pack-index (MIDX) files" in gitformat-pack(5).
//
// Packs have their own indexes besides, so whatever is wrong with a multi-pack
// index, the answer is to do without it.
type midx struct {
	ids     idTable
	names   []string // of the packs, without ending
	offsets chunk    // pack and offset of each object
	large   chunk    // 64-bit offsets; may be empty
}

// chunk is a part of the file.
type chunk struct{ start, end int64 }

func (c chunk) size() int64 { return c.end - c.start }

const (
	midxHeader  = 12
	chunkEntry  = 12       // of the table of chunks: id and offset
	maxPackList = 16 << 20 // bytes of pack names
)

var (
	errMidx  = errors.New("not a multi-pack index that can be used")
	errChunk = errors.New("its chunks are not in order")
)

func openMidx(f *file) (*midx, error) {
	size, err := f.size()
	if err != nil {
		return nil, err
	}
	var head [midxHeader]byte
	if err := f.readFull(head[:], 0); err != nil {
		return nil, err
	}
	// Version, SHA-1, and no base: this package does not read chains of them.
	if !bytes.Equal(head[:6], []byte("MIDX\x01\x01")) || head[7] != 0 {
		return nil, errMidx
	}
	chunks, err := readChunks(f, int(head[6]), size-hashSize)
	if err != nil {
		return nil, err
	}
	m := &midx{ids: idTable{from: f, ids: chunks["OIDL"].start, stride: hashSize}, offsets: chunks["OOFF"], large: chunks["LOFF"]}
	if chunks["OIDF"].size() != fanoutSize {
		return nil, errChunk
	}
	if err := m.ids.readFanout(chunks["OIDF"].start); err != nil {
		return nil, err
	}
	if n := m.ids.len(); chunks["OIDL"].size() != n*hashSize || m.offsets.size() != n*8 {
		return nil, errIndexSize
	}
	m.names, err = readPackNames(f, chunks["PNAM"], binary.BigEndian.Uint32(head[8:]))
	return m, err
}

// readChunks reads the table of n chunks, which end before end. A chunk ends where
// the next begins.
func readChunks(f *file, n int, end int64) (map[string]chunk, error) {
	raw := make([]byte, (n+1)*chunkEntry)
	if err := f.readFull(raw, midxHeader); err != nil {
		return nil, err
	}
	chunks := make(map[string]chunk, n)
	last := uint64(midxHeader + len(raw))
	for i := range n {
		entry := raw[i*chunkEntry:]
		start, next := binary.BigEndian.Uint64(entry[4:]), binary.BigEndian.Uint64(entry[4+chunkEntry:])
		if start < last || next < start || next > uint64(max(end, 0)) {
			return nil, errChunk
		}
		chunks[string(entry[:4])] = chunk{int64(start), int64(next)}
		last = start
	}
	return chunks, nil
}

// readPackNames reads n names of .idx files, each with a zero byte behind it.
func readPackNames(f *file, c chunk, n uint32) ([]string, error) {
	if c.size() > maxPackList {
		return nil, errMidx
	}
	raw := make([]byte, c.size())
	if err := f.readFull(raw, c.start); err != nil {
		return nil, err
	}
	list := strings.Split(string(raw), "\x00")
	if int64(len(list)) <= int64(n) {
		return nil, errTruncated
	}
	names := make([]string, n)
	for i := range names {
		name, ok := strings.CutSuffix(list[i], ".idx")
		if !ok || strings.ContainsRune(name, '/') {
			return nil, fmt.Errorf("%.80q is not the name of a pack", list[i])
		}
		names[i] = name
	}
	if slices.ContainsFunc(list[n:], func(pad string) bool { return pad != "" }) {
		return nil, errMidx
	}
	return names, nil
}

// find is the pack, as a position in names, and the offset of h, or errAbsent.
func (m *midx) find(h hash) (pack int, off int64, err error) {
	pos, found, err := m.ids.search(h)
	if err != nil {
		return 0, 0, err
	}
	if !found {
		return 0, 0, errAbsent
	}
	var raw [8]byte
	if err := m.ids.from.readFull(raw[:], m.offsets.start+8*pos); err != nil {
		return 0, 0, err
	}
	number, small := binary.BigEndian.Uint32(raw[:]), binary.BigEndian.Uint32(raw[4:])
	if int64(number) >= int64(len(m.names)) {
		return 0, 0, errOffset
	}
	// Without the chunk of large offsets all 32 bits are the offset.
	if small&isLarge == 0 || m.large.size() == 0 {
		return int(number), int64(small), nil
	}
	off, err = largeOffset(m.ids.from, m.large.start, m.large.end, small)
	return int(number), off, err
}
