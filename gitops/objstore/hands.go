package objstore

import "sync"

// hands are what one reading needs besides its result. They are used again: chains are
// long, and what is in between is thrown away.
type hands struct {
	chain       []step
	heads       []byte // of the entries of chain
	last, delta []byte
	between     [2][]byte
}

// headSize is how many bytes of an entry are read at once. Most are not longer.
const headSize = 512

const (
	manyHeads = 64        // that have room in one piece of memory
	largeHand = 256 << 10 // bytes of a buffer that is not kept
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
	if h.heads = h.heads[:0]; cap(h.chain) > manyHeads {
		h.chain = nil
	}
	handsPool.Put(h)
}

// head is room for the first bytes of an entry.
func (h *hands) head() []byte {
	n := len(h.heads)
	if n+headSize > cap(h.heads) {
		n, h.heads = 0, make([]byte, 0, manyHeads*headSize)
	}
	h.heads = h.heads[:n+headSize]
	return h.heads[n : n+headSize : n+headSize]
}
