package objstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// maxChain is the number of deltas on top of each other that are followed. Git
// makes no more than 4,095.
const maxChain = 10_000

var errChain = fmt.Errorf("a chain of more than %d deltas", maxChain)

// unpacker reads objects out of packs. It works down a chain of deltas to a base
// without inflating anything, then up again, with at most one object, two deltas
// and one result in its hands.
type unpacker struct {
	cache *cache
	limit int64 // bytes of an object or a delta
}

// step is one delta of a chain.
type step struct {
	entry
	off int64
}

// read reads the object at off, which may have limit bytes. What it is a delta of may
// have more.
func (u *unpacker) read(ctx context.Context, p *pack, off, limit int64) (object, error) {
	h := takeHands()
	defer h.release()
	chain, base, err := u.descend(p, off, h)
	if err != nil {
		return object{}, err
	}
	size := base.length()
	if len(chain) > 0 {
		// Only the last delta to be applied knows how large the object is.
		if h.last, size, err = u.delta(ctx, p, chain[0], h.last); err != nil {
			return object{}, err
		}
	}
	if size > limit {
		return object{}, p.faultAt(off, tooLarge{size, limit})
	}
	obj, err := u.full(ctx, p, base)
	for i, s := range slices.Backward(chain) {
		delta := h.last
		if i > 0 && err == nil {
			h.delta, size, err = u.delta(ctx, p, s, h.delta)
			delta = h.delta
		}
		if err != nil {
			return object{}, err
		}
		room := &h.between[i%2]
		if i == 0 || u.cache.takes(size) {
			room = new([]byte) // it stays
		}
		if obj.data, err = applyDelta(*room, obj.data, delta, u.limit); err != nil {
			return object{}, p.faultAt(s.off, err)
		}
		*room = obj.data
		u.cache.put(location{p, s.off}, obj)
	}
	return obj, err
}

// delta reads a delta whose result, of size bytes, is not too large, into data if there
// is room for it.
func (u *unpacker) delta(ctx context.Context, p *pack, s step, data []byte) (delta []byte, size int64, err error) {
	if delta, err = p.inflate(ctx, s.entry, data, u.limit); err == nil {
		size, _, err = deltaSizes(delta, anyBase, u.limit)
	}
	return delta, size, p.faultAt(s.off, err)
}

// size is the size of the object at off.
func (u *unpacker) size(p *pack, off int64) (int64, error) {
	if obj, ok := u.cache.get(location{p, off}); ok {
		return int64(len(obj.data)), nil
	}
	h := takeHands()
	defer h.release()
	e, err := p.entry(off, h)
	if err != nil || !e.isDelta() {
		return e.size, p.faultAt(off, err)
	}
	size, err := u.deltaSize(p, step{e, off})
	var large tooLarge
	if errors.As(err, &large) {
		return large.size, nil // only reading it is refused
	}
	return size, err
}

// foot is where a chain ends: an object that is no delta, or any that is in memory.
type foot struct {
	entry
	off   int64
	known []byte // nil when it has to be inflated
}

// length is that of the object, in bytes.
func (f foot) length() int64 {
	if f.known != nil {
		return int64(len(f.known))
	}
	return f.size
}

// descend follows the bases of the entry at off. The deltas come in the order in
// which they were met; they live as long as h does.
func (u *unpacker) descend(p *pack, off int64, h *hands) ([]step, foot, error) {
	chain := h.chain[:0]
	defer func() { h.chain = chain }()
	for {
		if obj, ok := u.cache.get(location{p, off}); ok {
			return chain, foot{entry{kind: obj.kind}, off, obj.data}, nil
		}
		e, err := p.entry(off, h)
		if err != nil {
			return nil, foot{}, p.faultAt(off, err)
		}
		if !e.isDelta() {
			return chain, foot{e, off, nil}, nil
		}
		chain = append(chain, step{e, off})
		// A base that is named by id may lie behind its delta, and only so can a
		// chain come back to where it was.
		if e.base >= off && slices.ContainsFunc(chain, func(s step) bool { return s.off == e.base }) {
			return nil, foot{}, p.faultAt(off, errors.New("a delta that is its own base"))
		}
		if len(chain) > maxChain {
			return nil, foot{}, p.faultAt(off, errChain)
		}
		off = e.base
	}
}

// full is the object at the foot of a chain.
func (u *unpacker) full(ctx context.Context, p *pack, f foot) (object, error) {
	if f.known != nil {
		return object{f.kind, f.known}, nil
	}
	data, err := p.inflate(ctx, f.entry, nil, u.limit)
	if err != nil {
		return object{}, p.faultAt(f.off, err)
	}
	obj := object{f.kind, data}
	u.cache.put(location{p, f.off}, obj)
	return obj, nil
}

// deltaSize is the size of the object that a delta makes.
func (u *unpacker) deltaSize(p *pack, s step) (int64, error) {
	head, err := p.inflateHead(s.entry)
	if err != nil {
		return 0, p.faultAt(s.off, err)
	}
	size, _, err := deltaSizes(head, anyBase, u.limit)
	return size, p.faultAt(s.off, err)
}

// inflate reads the zlib stream of an entry whole, into data if there is room for it.
func (p *pack) inflate(ctx context.Context, e entry, data []byte, limit int64) ([]byte, error) {
	if e.size > limit {
		return nil, tooLarge{e.size, limit}
	}
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	z, err := newInflater(window{e.head, p.data, e.data, p.end.Load()})
	if err != nil {
		return nil, err
	}
	defer z.release()
	return z.rest(ctx, data, e.size)
}

const (
	deltaHead = 20  // bytes of the largest head of a delta: two sizes
	headInput = 256 // bytes of a zlib stream in which it should be
)

// inflateHead reads the first bytes of an entry's zlib stream. What is given to the library
// it inflates as far as it can; so at first it gets no more than should be needed.
func (p *pack) inflateHead(e entry) ([]byte, error) {
	end := p.end.Load()
	if short := e.data + headInput; short < end {
		head, err := p.inflateHeadBefore(e, short)
		if err == nil {
			return head, nil
		}
	}
	return p.inflateHeadBefore(e, end)
}

func (p *pack) inflateHeadBefore(e entry, end int64) ([]byte, error) {
	z, err := newInflater(window{e.head[:min(int64(len(e.head)), end-e.data)], p.data, e.data, end})
	if err != nil {
		return nil, err
	}
	defer z.release()
	head := make([]byte, min(deltaHead, e.size))
	_, err = io.ReadFull(z.stream, head)
	return head, noEOF(err)
}

// faultAt is fault for an entry of the pack. An error that was located already
// keeps its place.
func (p *pack) faultAt(off int64, err error) error {
	var where *misread
	if err == nil || errors.As(err, &where) {
		return err
	}
	err = p.fault(p.data, err)
	if errors.As(err, &where) {
		where.where += " at " + strconv.FormatInt(off, 10)
	}
	return err
}
