package packwriter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/pjbgf/sha1cd"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// The kinds of pack entries.
const (
	kindCommit   = 1
	kindTree     = 2
	kindBlob     = 3
	kindTag      = 4
	kindOfsDelta = 6 // a delta against the entry that begins so many bytes earlier
)

// kinds are the pack's names for git's types.
var kinds = map[string]byte{"commit": kindCommit, "tree": kindTree, "blob": kindBlob, "tag": kindTag}

// maxDepth is how many deltas may build on each other: as many as git repack allows.
const maxDepth = 50

// packEntry is where an object came to be.
type packEntry struct {
	object *Object
	id     []byte // binary
	offset int64
	crc    uint32 // of the entry as it is in the pack
	depth  int    // how many deltas it takes to make the object
}

// packWriter writes the entries of one pack.
type packWriter struct {
	out     io.Writer // the file and the checksum
	offset  int64
	entries []packEntry
	byID    map[merge3.ID]int // where in entries
	deltas  int

	hash  sha1cd.CollisionResistantHash
	delta deltaEncoder
	zip   *zlib.Writer
	buf   bytes.Buffer
}

// writePack writes a whole pack of objects, which come after their bases.
func writePack(w io.Writer, objects []*Object) (packed, error) {
	sum := sha1cd.New()
	p := packWriter{
		out:  io.MultiWriter(w, sum),
		byID: make(map[merge3.ID]int, len(objects)),
		hash: sha1cd.New().(sha1cd.CollisionResistantHash),
	}
	var err error
	if p.zip, err = zlib.NewWriterLevel(&p.buf, zlib.BestSpeed); err != nil {
		return packed{}, err
	}
	header := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(objects)))
	if err := p.write(header); err != nil {
		return packed{}, err
	}
	for _, o := range objects {
		if err := p.add(o); err != nil {
			return packed{}, fmt.Errorf("%.20q %.80q: %w", o.Type, o.ID, err)
		}
	}
	checksum := sum.Sum(nil)
	if err := p.write(checksum); err != nil {
		return packed{}, err
	}
	return packed{entries: p.entries, checksum: checksum, deltas: p.deltas, size: p.offset}, nil
}

func (p *packWriter) write(b []byte) error {
	n, err := p.out.Write(b)
	p.offset += int64(n)
	return err
}

// add writes the entry of one object.
func (p *packWriter) add(o *Object) error {
	data := o.Data
	if o.Load != nil {
		var err error
		if data, err = o.Load(); err != nil {
			return err
		}
	}
	id, err := p.check(o, data)
	if err != nil {
		return err
	}
	e := packEntry{object: o, id: id, offset: p.offset}
	p.buf.Reset()
	if base, delta, ok := p.deltify(o); ok {
		e.depth = base.depth + 1
		p.deltas++
		p.buf.Write(entryHeader(kindOfsDelta, len(delta)))
		p.buf.Write(distance(e.offset - base.offset))
		data = delta
	} else {
		p.buf.Write(entryHeader(kinds[o.Type], len(data)))
	}
	p.zip.Reset(&p.buf)
	if _, err := p.zip.Write(data); err != nil {
		return err
	}
	if err := p.zip.Close(); err != nil {
		return err
	}
	e.crc = crc32.ChecksumIEEE(p.buf.Bytes())
	p.byID[o.ID] = len(p.entries)
	p.entries = append(p.entries, e)
	return p.write(p.buf.Bytes())
}

// check makes sure that the data is what the object's id stands for, and returns
// the id in binary.
func (p *packWriter) check(o *Object, data []byte) ([]byte, error) {
	if kinds[o.Type] == 0 {
		return nil, errors.New("unknown type")
	}
	p.hash.Reset()
	fmt.Fprintf(p.hash, "%s %d\x00", o.Type, len(data))
	p.hash.Write(data)
	sum, attack := p.hash.CollisionResistantSum(nil)
	if attack {
		return nil, errors.New("the data is a collision attack on SHA-1")
	}
	if id := hex.EncodeToString(sum); id != string(o.ID) {
		return nil, fmt.Errorf("the data hashes to %s", id)
	}
	return sum, nil
}

// deltify makes the delta of an object against its base. There is none where that
// would not be less than half as long as the object (git's own rule), and none without a
// base that has been written.
func (p *packWriter) deltify(o *Object) (packEntry, []byte, bool) {
	at, ok := p.byID[o.Base]
	if !ok {
		return packEntry{}, nil, false
	}
	base := p.entries[at]
	if base.object.Type != o.Type || base.object.Load != nil || o.Load != nil || base.depth == maxDepth {
		return packEntry{}, nil, false
	}
	delta, ok := p.delta.encode(base.object.Data, o.Data, len(o.Data)/2-sha1cd.Size)
	return base, delta, ok
}

// entryHeader is a kind and the size of what is compressed: 4 bits of it beside the kind,
// then 7 bits a byte, the lowest first.
func entryHeader(kind byte, size int) []byte {
	first, rest := kind<<4|byte(size&0x0f), uint64(size)>>4
	if rest == 0 {
		return []byte{first}
	}
	return binary.AppendUvarint([]byte{first | 0x80}, rest)
}

// distance is how far back a base begins: 7 bits a byte, the highest first, and one
// less in all bytes but the last, so that each distance has one form only.
func distance(n int64) []byte {
	var b [10]byte
	at := len(b) - 1
	b[at] = byte(n & 0x7f)
	for n >>= 7; n > 0; n >>= 7 {
		n--
		at--
		b[at] = 0x80 | byte(n&0x7f)
	}
	return b[at:]
}
