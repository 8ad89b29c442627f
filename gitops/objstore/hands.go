package objstore

import "sync"

// hands are what one reading needs besides its result and what stays in the cache. They are
// used again: chains are long.
type hands struct {
	chain       []step
	room        []byte // for parts
	part        part
	last, delta []byte
	between     [2][]byte // what a chain comes to on the way, where it is too large for the cache
}

// part is a piece of a pack that was read.
type part struct {
	raw []byte
	at  int64 // where it begins
	to  int64 // entries that begin before this offset are whole, if they begin here
}

const (
	headSize  = 512       // bytes of an entry that are read at once; most are not longer
	nearSize  = 4 << 10   // bytes before an entry that are read with a base that is among them
	roomSize  = 32 << 10  // bytes of parts in one piece of memory
	largeHand = 256 << 10 // bytes of a buffer that is not kept
	longChain = 64        // deltas of a chain that is not kept
)

var handsPool = sync.Pool{New: func() any { return &hands{} }}

func takeHands() *hands { return handsPool.Get().(*hands) }

func (h *hands) release() {
	for _, b := range []*[]byte{&h.last, &h.delta, &h.between[0], &h.between[1]} {
		if cap(*b) > largeHand {
			*b = nil
		}
	}
	clear(h.chain)
	if cap(h.chain) > longChain {
		h.chain = nil
	}
	h.room, h.part = h.room[:0], part{}
	handsPool.Put(h)
}

// look is what stands in a pack from off on, before end: a short entry whole, of others
// the first bytes. Git writes the deltas of a chain behind each other, so what
// stands before an entry whose base is near is read in one go.
func (h *hands) look(pack *file, off, end int64) ([]byte, error) {
	from := h.part.to // where the entry before began
	if off >= h.part.at && off < from {
		h.part.to = off
		return h.part.raw[off-h.part.at : from-h.part.at], nil
	}
	p := part{at: off, to: off}
	if off < from && from-off <= nearSize {
		p.at = max(packHeader, from-nearSize)
		p.raw = h.take(from - p.at)
	} else {
		p.raw = h.take(min(headSize, end-off))
	}
	if err := pack.readFull(p.raw, p.at); err != nil {
		return nil, err
	}
	h.part = p
	return p.raw[off-p.at:], nil
}

// take is room for n bytes, as long as the hands are not released.
func (h *hands) take(n int64) []byte {
	first := len(h.room)
	if first+int(n) > cap(h.room) {
		first, h.room = 0, make([]byte, 0, roomSize)
	}
	h.room = h.room[:first+int(n)]
	return h.room[first:len(h.room):len(h.room)]
}
