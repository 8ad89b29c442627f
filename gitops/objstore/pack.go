package objstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// pack is a .pack file and its .idx file, each opened when it is first needed.
type pack struct {
	name  string // "pack-…", without ending
	path  string // with directory, without ending
	index *file
	data  *file
	gone  atomic.Bool // one of the files went away or was replaced

	mu     sync.Mutex // held while either is opened
	lookup atomic.Pointer[index]
	end    atomic.Int64 // where the entries end; 0 before the pack is opened
}

func newPack(pool *files, path, name string) *pack {
	return &pack{name: name, path: path, index: pool.file(path + ".idx"), data: pool.file(path + ".pack")}
}

const (
	packHeader  = 12
	packTrailer = hashSize
)

var (
	errPackMagic = errors.New("not a pack")
	errPackCount = errors.New("its number of objects is not that of its index")
	errEntry     = errors.New("not an object's beginning")
)

// find is the offset of the object h, or errAbsent.
func (p *pack) find(h hash) (int64, error) {
	x, err := p.idx()
	if err != nil {
		return 0, p.fault(p.index, err)
	}
	off, err := x.find(h)
	if err == errAbsent {
		return 0, err
	}
	return off, p.fault(p.index, err)
}

func (p *pack) idx() (*index, error) {
	if x := p.lookup.Load(); x != nil {
		return x, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if x := p.lookup.Load(); x != nil {
		return x, nil
	}
	x, err := openIndex(p.index)
	if err == nil {
		p.lookup.Store(x)
	}
	return x, err
}

// open checks the pack's head, and its tail against the index if that was used to
// come here. It returns the offset at which the entries end.
func (p *pack) open() (int64, error) {
	if end := p.end.Load(); end != 0 {
		return end, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	size, err := p.data.size()
	if err != nil {
		return 0, err
	}
	var head [packHeader]byte
	if err := p.data.readFull(head[:], 0); err != nil {
		return 0, err
	}
	if !bytes.Equal(head[:4], []byte("PACK")) {
		return 0, errPackMagic
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 && v != 3 {
		return 0, &Unsupported{fmt.Sprintf("pack version %d (%s)", v, p.data.path)}
	}
	if size < packHeader+packTrailer {
		return 0, errTruncated
	}
	if x := p.lookup.Load(); x != nil {
		if err := p.belongsTo(x, int64(binary.BigEndian.Uint32(head[8:])), size); err != nil {
			return 0, err
		}
	}
	p.end.Store(size - packTrailer)
	return size - packTrailer, nil
}

// belongsTo compares the pack with its index. Another sum can mean that the pack was
// replaced after the index had been opened.
func (p *pack) belongsTo(x *index, objects, size int64) error {
	if objects != x.ids.len() {
		return errPackCount
	}
	want, err := x.packSum()
	if err != nil {
		return err
	}
	var sum hash
	if err := p.data.readFull(sum[:], size-packTrailer); err != nil {
		return err
	}
	if sum != want {
		return errGone
	}
	return nil
}

// fault notes that a file is gone and says where an error came up.
func (p *pack) fault(f *file, err error) error {
	if errors.Is(err, errGone) {
		p.gone.Store(true)
	}
	return at(f.path, err)
}

// entry is the beginning of an object in a pack.
type entry struct {
	kind kind
	size int64  // inflated, in bytes; of a delta: of the delta
	data int64  // where its zlib stream begins
	base int64  // of a delta: where its base begins
	head []byte // the first bytes of its zlib stream, and maybe more
}

func (e entry) isDelta() bool { return e.kind == kindOfsDelta || e.kind == kindRefDelta }

// entry reads what stands at off. Its head lives as long as h does.
func (p *pack) entry(off int64, h *hands) (entry, error) {
	end, err := p.open()
	if err != nil {
		return entry{}, err
	}
	if off < packHeader || off >= end {
		return entry{}, errOffset
	}
	raw, err := h.look(p.data, off, end)
	if err != nil {
		return entry{}, err
	}
	e, ref, n, err := parseEntry(raw, off)
	if err != nil {
		return entry{}, err
	}
	e.data, e.head = off+int64(n), raw[n:]
	if e.kind == kindRefDelta {
		// A pack on disk holds the bases of its deltas.
		if e.base, err = p.find(ref); err == errAbsent {
			return entry{}, fmt.Errorf("the base %s of a delta is not in its pack", ref.id())
		}
	}
	return e, err
}

// parseEntry takes the beginning of the entry at off apart. It returns the id of a
// base that is named by it, and the number of bytes.
func parseEntry(raw []byte, off int64) (e entry, ref hash, n int, err error) {
	e, n, err = parseEntrySize(raw)
	if err != nil {
		return entry{}, hash{}, 0, err
	}
	switch e.kind {
	case kindCommit, kindTree, kindBlob, kindTag:
		return e, ref, n, nil
	case kindOfsDelta:
		back, m, err := parseBack(raw[n:])
		if err != nil || back <= 0 || back > off-packHeader {
			return entry{}, hash{}, 0, errEntry
		}
		e.base = off - back
		return e, ref, n + m, nil
	case kindRefDelta:
		if len(raw)-n < hashSize {
			return entry{}, hash{}, 0, errTruncated
		}
		return e, hash(raw[n : n+hashSize]), n + hashSize, nil
	}
	return entry{}, hash{}, 0, errEntry
}

// parseEntrySize reads the type, and the size: four bits in the first byte, then
// seven a byte, the lowest first.
func parseEntrySize(raw []byte) (entry, int, error) {
	var e entry
	for i, c := range raw {
		switch {
		case i == 0:
			e.kind, e.size = kind(c>>4&7), int64(c&15)
		case i == 9:
			return entry{}, 0, errEntry // more than 60 bits
		default:
			e.size |= int64(c&0x7f) << (4 + 7*(i-1))
		}
		if c&0x80 == 0 {
			return e, i + 1, nil
		}
	}
	return entry{}, 0, errTruncated
}

// parseBack reads how far before its delta a base begins: seven bits a byte, the
// highest first, each byte that is followed by another counting one more.
func parseBack(raw []byte) (back int64, n int, err error) {
	for i, c := range raw {
		if i > 0 {
			back++
		}
		if back >= 1<<55 {
			return 0, 0, errEntry
		}
		back = back<<7 | int64(c&0x7f)
		if c&0x80 == 0 {
			return back, i + 1, nil
		}
	}
	return 0, 0, errTruncated
}
