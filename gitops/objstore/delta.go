package objstore

import (
	"errors"
	"math/bits"
)

var errDelta = errors.New("the delta does not fit its base or itself")

// A delta is the size of its base, the size of its result, and instructions that
// copy a piece of the base or insert bytes of their own. See "Deltified
// representation" in gitformat-pack(5).

// firstAllotted is how many bytes are allotted to a result on the word of its delta, if
// it is not longer than base and delta together, as most are not.
const firstAllotted = 64 << 10

// applyDelta makes the object that delta describes, in out if there is room for it.
// Memory grows with what the instructions really give.
func applyDelta(out, base, delta []byte, limit int64) ([]byte, error) {
	size, steps, err := deltaSizes(delta, int64(len(base)), limit)
	if err != nil {
		return nil, err
	}
	if out = out[:0]; out == nil || int64(cap(out)) < size {
		out = make([]byte, 0, min(size, max(firstAllotted, int64(len(base)+len(delta)))))
	}
	left := int(size)
	for len(steps) > 0 {
		op := steps[0]
		if op&isCopy == 0 {
			n := int(op)
			if n == 0 || n >= len(steps) || n > left { // 0 is reserved
				return nil, errDelta
			}
			out = append(out, steps[1:1+n]...)
			left, steps = left-n, steps[1+n:]
			continue
		}
		off, n, rest, err := copied(steps)
		if err != nil {
			return nil, err
		}
		if off > len(base) || n > len(base)-off || n > left {
			return nil, errDelta
		}
		out = append(out, base[off:off+n]...)
		left, steps = left-n, rest
	}
	if left != 0 {
		return nil, errDelta
	}
	return out, nil
}

// isCopy marks an instruction that copies.
const isCopy = 0x80

// copied takes an instruction that copies n bytes of the base from off on.
func copied(steps []byte) (off, n int, rest []byte, err error) {
	op, i := steps[0], 1
	if len(steps) < 1+bits.OnesCount8(op&^isCopy) {
		return 0, 0, nil, errDelta
	}
	// Four bytes of offset, then three of length; those without a bit are zero.
	for shift := 0; shift < 32; shift += 8 {
		if op&1 != 0 {
			off |= int(steps[i]) << shift
			i++
		}
		op >>= 1
	}
	for shift := 0; shift < 24; shift += 8 {
		if op&1 != 0 {
			n |= int(steps[i]) << shift
			i++
		}
		op >>= 1
	}
	if n == 0 {
		n = 0x10000
	}
	return off, n, steps[i:], nil
}

// anyBase stands for a base whose size is not known.
const anyBase = -1

// deltaSizes reads the head of a delta: it checks the size of the base and returns
// that of the result, and the instructions.
func deltaSizes(delta []byte, wantBase, limit int64) (size int64, steps []byte, err error) {
	base, steps, err := deltaSize(delta)
	if err != nil {
		return 0, nil, err
	}
	if size, steps, err = deltaSize(steps); err != nil {
		return 0, nil, err
	}
	switch {
	case wantBase != anyBase && base != wantBase:
		return 0, nil, errDelta
	case size > limit:
		return 0, nil, tooLarge{size, limit}
	}
	return size, steps, nil
}

// deltaSize takes a size off: seven bits a byte, the lowest first.
func deltaSize(b []byte) (int64, []byte, error) {
	var size int64
	for i, c := range b {
		if i == 9 {
			break // more than 63 bits
		}
		size |= int64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return size, b[i+1:], nil
		}
	}
	return 0, nil, errDelta
}
