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

// pieceList is the pieces of a file, each with its bucket in the upper half and its length
// in bytes in the lower one. A table of all buckets would be larger than most files.
type pieceList []uint64

// maxPieceList is how long a list becomes before it is packed.
const maxPieceList = 4 * pieceBuckets

func (l *pieceList) add(bucket, n uint32) {
	if len(*l) >= maxPieceList {
		l.pack()
	}
	*l = append(*l, uint64(bucket)<<32|uint64(n))
}

// pack sorts the list and adds up what falls into one bucket.
func (l *pieceList) pack() {
	slices.Sort(*l)
	packed := (*l)[:0]
	for _, p := range *l {
		if last := len(packed) - 1; last >= 0 && packed[last]>>32 == p>>32 {
			packed[last] += p & math.MaxUint32
		} else {
			packed = append(packed, p)
		}
	}
	*l = packed
}

// counts lists what is in each bucket.
func (l *pieceList) counts() []pieceCount {
	l.pack()
	counts := make([]pieceCount, len(*l))
	for i, p := range *l {
		counts[i] = pieceCount{uint32(p >> 32), uint32(p)}
	}
	return counts
}

var pieceLists = sync.Pool{New: func() any { return new(pieceList) }}

// cutPieces takes a file apart. In a text a CR before LF does not count. With skipTail,
// neither does what is left behind the last whole piece.
func cutPieces(data []byte, skipTail bool) pieces {
	text := bytes.IndexByte(data[:min(len(data), binaryPeekLen)], 0) < 0
	list := pieceLists.Get().(*pieceList)
	defer pieceLists.Put(list)
	*list = (*list)[:0]
	var h pieceHash
	var n uint32
	for i, c := range data {
		if text && c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			continue
		}
		h.add(c)
		if n++; n == pieceLen || c == '\n' {
			list.add(h.bucket(), n)
			h, n = 0, 0
		}
	}
	if n > 0 && !skipTail {
		list.add(h.bucket(), n)
	}
	return pieces{size: len(data), counts: list.counts()}
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
	if mostAlike(int64(a.size), int64(b.size)) < max(least, 1) {
		return 0
	}
	return score(commonBytes(a.counts, b.counts)) * maxScore / score(max(a.size, b.size))
}

// mostAlike is the score that files of these sizes, in bytes, can have at most.
func mostAlike(a, b int64) score {
	if a == 0 || b == 0 {
		return 0
	}
	return score(min(a, b)) * maxScore / score(max(a, b))
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
