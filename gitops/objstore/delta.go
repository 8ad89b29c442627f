package objstore

import "errors"

var errDelta = errors.New("the delta does not fit its base or itself")

// A delta is the size of its base, the size of its result, and instructions that
// copy a piece of the base or insert bytes of their own. See "Deltified
// representation" in gitformat-pack(5).

// instruction is one step of a delta: n bytes of the base from off on, or, when
// insert is not nil, these.
type instruction struct {
	off, n int
	insert []byte
}

// applyDelta makes the object that delta describes. Nothing is allocated before
// the whole delta has been found in order.
func applyDelta(base, delta []byte, limit int64) ([]byte, error) {
	size, steps, err := deltaSizes(delta, int64(len(base)), limit)
	if err != nil {
		return nil, err
	}
	if err := checkSteps(steps, len(base), size); err != nil {
		return nil, err
	}
	out := make([]byte, 0, size)
	for len(steps) > 0 {
		var step instruction
		step, steps, _ = nextStep(steps) // checkSteps has seen it
		if step.insert != nil {
			out = append(out, step.insert...)
		} else {
			out = append(out, base[step.off:step.off+step.n]...)
		}
	}
	return out, nil
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

func checkSteps(steps []byte, base int, size int64) error {
	var sum int64
	for len(steps) > 0 {
		step, rest, err := nextStep(steps)
		if err != nil {
			return err
		}
		if step.insert == nil && (step.off > base || step.n > base-step.off) {
			return errDelta
		}
		if sum += int64(step.n); sum > size {
			return errDelta
		}
		steps = rest
	}
	if sum != size {
		return errDelta
	}
	return nil
}

// nextStep takes the first instruction off.
func nextStep(steps []byte) (instruction, []byte, error) {
	op, rest := steps[0], steps[1:]
	if op&0x80 == 0 {
		n := int(op)
		if n == 0 || n > len(rest) { // 0 is reserved
			return instruction{}, nil, errDelta
		}
		return instruction{n: n, insert: rest[:n]}, rest[n:], nil
	}
	var step instruction
	for bit := range 7 { // four bytes of offset, then three of length; absent ones are zero
		if op&(1<<bit) == 0 {
			continue
		}
		if len(rest) == 0 {
			return instruction{}, nil, errDelta
		}
		if bit < 4 {
			step.off |= int(rest[0]) << (8 * bit)
		} else {
			step.n |= int(rest[0]) << (8 * (bit - 4))
		}
		rest = rest[1:]
	}
	if step.n == 0 {
		step.n = 0x10000
	}
	return step, rest, nil
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
