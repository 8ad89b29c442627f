package merge3

import (
	"bytes"
	"context"
	"math"
	"math/bits"
	"slices"
	"sync"
)

// Similarity is measured in pieces: a text is cut behind each LF and after 64
// bytes, and two texts are alike as far as they have the same pieces, in whatever
// order. gitdiffcore(7) calls this the extent of changes.

// A score says how alike two files are, in units of 1/maxScore.
type score int64

const (
	maxScore      score = 60_000
	minRename           = maxScore / 2     // below this, two files are not related
	minSameName         = maxScore * 3 / 4 // what the name alone suggests needs this much
	pieceLen            = 64
	pieceBuckets        = 107_927
	binaryPeekLen       = 8_000
)

// pieces is what a file is made of.
type pieces struct {
	size int
	// counts has, sorted by bucket, the bytes that fall into each.
	counts []pieceCount
}

type pieceCount struct{ bucket, bytes uint32 }

// pieceTable counts bytes by bucket.
type pieceTable struct {
	bytes [pieceBuckets]uint32
	used  []uint32 // the buckets that are not 0
}

func (t *pieceTable) add(bucket, n uint32) {
	if t.bytes[bucket] == 0 {
		t.used = append(t.used, bucket)
	}
	t.bytes[bucket] += n
}

// drain lists the counts by bucket and leaves the table empty.
func (t *pieceTable) drain() []pieceCount {
	slices.Sort(t.used)
	counts := make([]pieceCount, len(t.used))
	for i, bucket := range t.used {
		counts[i] = pieceCount{bucket, t.bytes[bucket]}
		t.bytes[bucket] = 0
	}
	t.used = t.used[:0]
	return counts
}

var pieceTables = sync.Pool{New: func() any { return new(pieceTable) }}

// cutPieces takes a file apart. In a text a CR before LF does not count. With skipTail,
// neither does what is left behind the last whole piece.
func cutPieces(data []byte, skipTail bool) pieces {
	text := bytes.IndexByte(data[:min(len(data), binaryPeekLen)], 0) < 0
	table := pieceTables.Get().(*pieceTable)
	defer pieceTables.Put(table)
	var h pieceHash
	var n uint32
	for i, c := range data {
		if text && c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			continue
		}
		h.add(c)
		if n++; n == pieceLen || c == '\n' {
			table.add(h.bucket(), n)
			h, n = 0, 0
		}
	}
	if n > 0 && !skipTail {
		table.add(h.bucket(), n)
	}
	return pieces{size: len(data), counts: table.drain()}
}

// pieceHash is the hash by which git tells pieces apart. There are few buckets,
// and the score shows it when different pieces share one, so it has to be this one.
type pieceHash uint64

func (h *pieceHash) add(c byte) {
	w := bits.RotateLeft64(uint64(*h), 7)
	*h = pieceHash(w&^math.MaxUint32 | uint64(uint32(w)+uint32(c)))
}

func (h pieceHash) bucket() uint32 {
	return (uint32(h) + 97*uint32(h>>32)) % pieceBuckets
}

// similarity is how much of the larger file is in the other. It is 0 when their
// sizes alone say that it is below least.
func similarity(a, b pieces, least score) score {
	if !couldBeAlike(int64(a.size), int64(b.size), least) {
		return 0
	}
	return score(commonBytes(a.counts, b.counts)) * maxScore / score(max(a.size, b.size))
}

// couldBeAlike tells whether files of these sizes can have a score of least.
func couldBeAlike(a, b int64, least score) bool {
	small, large := score(min(a, b)), score(max(a, b))
	return small > 0 && large*(maxScore-least) >= (large-small)*maxScore
}

// commonBytes is how many bytes the two have in the same buckets.
func commonBytes(a, b []pieceCount) int64 {
	var common int64
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch x, y := a[i], b[j]; {
		case x.bucket < y.bucket:
			i++
		case x.bucket > y.bucket:
			j++
		default:
			common += int64(min(x.bytes, y.bytes))
			i, j = i+1, j+1
		}
	}
	return common
}

// piecesCache keeps what files are made of. It starts over when it is full, and is safe
// for concurrent use.
type piecesCache struct {
	mu    sync.Mutex
	known map[ID]pieces
	size  int
	sizes map[ID]int64 // of files, in bytes
}

// sizeOf is the length of a file, asked for once.
func (f *renameFinder) sizeOf(ctx context.Context, id ID) (int64, error) {
	c := &f.cut
	c.mu.Lock()
	n, ok := c.sizes[id]
	c.mu.Unlock()
	if ok {
		return n, nil
	}
	n, err := f.objects.BlobSize(ctx, id)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sizes == nil || len(c.sizes) >= maxSizes {
		c.sizes = map[ID]int64{}
	}
	c.sizes[id] = n
	return n, nil
}

// maxSizes is how many sizes of files a piecesCache keeps.
const maxSizes = 100_000

// maxPieces is how many pieces a piecesCache keeps: 8 bytes each.
const maxPieces = 3 << 20

// pieces reads a file and takes it apart, unless that has been done.
func (f *renameFinder) pieces(ctx context.Context, id ID) (pieces, error) {
	c := &f.cut
	c.mu.Lock()
	p, ok := c.known[id]
	c.mu.Unlock()
	if ok {
		return p, nil
	}
	data, err := f.objects.ReadBlob(ctx, id)
	if err != nil {
		return pieces{}, err
	}
	p = cutPieces(data, f.rules.SkipTail)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || c.size+len(p.counts) > maxPieces {
		c.known, c.size = map[ID]pieces{}, 0
	}
	c.known[id] = p
	c.size += len(p.counts) + 16
	return p, nil
}
