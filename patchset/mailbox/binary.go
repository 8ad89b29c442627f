package mailbox

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// maxRatio is the most that deflate can shrink data, rounded up. A literal
// that announces more is a lie and is refused before memory is set aside.
const maxRatio = 1033

var errDelta = errors.New("the binary delta is damaged")

// readBinary reads what follows "GIT binary patch": the forward change, and
// perhaps the reverse one, which is passed over. room is how many bytes may
// still be unpacked.
func readBinary(t *text, room int) (*BinaryChange, error) {
	b, err := readBinaryHunk(t, room)
	if err != nil {
		return nil, err
	}
	if _, _, ok := binaryHeader(t.peek()); ok {
		t.next()
		if _, err := readBase85(t); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// errNoRoom is turned into a LimitError by the reader that keeps the account.
var errNoRoom = errors.New("no room")

func readBinaryHunk(t *text, room int) (*BinaryChange, error) {
	delta, size, ok := binaryHeader(t.next())
	if !ok {
		return nil, t.syntax("a binary patch must go on with literal or delta and a size")
	}
	if size > room {
		return nil, errNoRoom
	}
	packed, err := readBase85(t)
	if err != nil {
		return nil, err
	}
	data, err := inflate(packed, size)
	if err != nil {
		return nil, t.syntax("binary data: " + err.Error())
	}
	b := &BinaryChange{Delta: delta, Data: data, Size: size}
	if delta {
		if _, b.Size, _, err = deltaSizes(data); err != nil {
			return nil, t.syntax(err.Error())
		}
		if b.Size > room-size {
			return nil, errNoRoom
		}
	}
	return b, nil
}

func binaryHeader(line []byte) (delta bool, size int, ok bool) {
	word, number, _ := strings.Cut(bare(line), " ")
	if word != "literal" && word != "delta" {
		return false, 0, false
	}
	n, err := strconv.ParseUint(number, 10, 62)
	return word == "delta", int(n), err == nil
}

// readBase85 reads lines up to the empty one that ends them. The first byte of
// a line says how many bytes it holds: A to Z for 1 to 26, a to z for 27 to 52.
func readBase85(t *text) ([]byte, error) {
	var out []byte
	for {
		l := bare(t.next())
		if l == "" {
			return out, nil
		}
		n := 0
		switch c := l[0]; {
		case 'A' <= c && c <= 'Z':
			n = int(c-'A') + 1
		case 'a' <= c && c <= 'z':
			n = int(c-'a') + 27
		}
		chunk, ok := decode85(l[1:])
		if n == 0 || !ok || (n+3)/4*4 != len(chunk) {
			return nil, t.syntax("a line of binary data is damaged")
		}
		out = append(out, chunk[:n]...)
	}
}

// alphabet85 is git's (base85.c); encoding/ascii85 has another.
const alphabet85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

var value85 = func() (v [256]int8) {
	for i := range v {
		v[i] = -1
	}
	for i := range len(alphabet85) {
		v[alphabet85[i]] = int8(i)
	}
	return v
}()

func decode85(s string) ([]byte, bool) {
	if len(s)%5 != 0 {
		return nil, false
	}
	out := make([]byte, 0, len(s)/5*4)
	for ; s != ""; s = s[5:] {
		var n uint64
		for i := range 5 {
			v := value85[s[i]]
			if v < 0 {
				return nil, false
			}
			n = n*85 + uint64(v)
		}
		if n > 0xffffffff {
			return nil, false
		}
		out = append(out, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return out, true
}

// inflate unpacks exactly size bytes.
func inflate(packed []byte, size int) ([]byte, error) {
	if size > len(packed)*maxRatio {
		return nil, errors.New("the announced size cannot be true")
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(z, out); err != nil && size > 0 {
		return nil, err
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, errors.New("the size is not the announced one")
	}
	return out, nil
}

// deltaSizes reads the head of a git delta: the lengths of the old and of the
// new content. rest are the instructions.
func deltaSizes(delta []byte) (oldSize, newSize int, rest []byte, err error) {
	if oldSize, rest, err = deltaVarint(delta); err == nil {
		newSize, rest, err = deltaVarint(rest)
	}
	return oldSize, newSize, rest, err
}

func deltaVarint(b []byte) (n int, rest []byte, err error) {
	var wide uint64
	for i := 0; i < len(b) && i < 5; i++ {
		wide |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 && wide <= math.MaxInt32 {
			return int(wide), b[i+1:], nil
		}
	}
	return 0, nil, errDelta
}

// applyDelta makes the new content from the old one; the format is git's
// pack delta (gitformat-pack, "deltified representation").
func applyDelta(old, delta []byte) ([]byte, error) {
	oldSize, newSize, ops, err := deltaSizes(delta)
	if err != nil {
		return nil, err
	}
	if oldSize != len(old) {
		return nil, errors.New("the binary delta is for a file of another length")
	}
	// A byte of instructions copies at most all of old, or is itself new
	// content; memory is set aside for no more than that.
	if newSize > (Limits{}).withDefaults().Expanded || newSize > len(ops)*max(len(old), 1) {
		return nil, errDelta
	}
	out := make([]byte, 0, newSize)
	for len(ops) > 0 {
		var chunk []byte
		if chunk, ops, err = deltaStep(old, ops); err != nil {
			return nil, err
		}
		if len(out)+len(chunk) > newSize {
			return nil, errDelta
		}
		out = append(out, chunk...)
	}
	if len(out) != newSize {
		return nil, errDelta
	}
	return out, nil
}

// deltaStep carries out one instruction: a copy from old (high bit set, then
// up to four bytes of offset and three of length, those that its low bits
// name), or 1 to 127 bytes that follow.
func deltaStep(old, ops []byte) (chunk, rest []byte, err error) {
	op, ops := ops[0], ops[1:]
	if op&0x80 == 0 {
		n := int(op)
		if n == 0 || n > len(ops) {
			return nil, nil, errDelta
		}
		return ops[:n], ops[n:], nil
	}
	var arg [7]byte
	for i := range arg {
		if op&(1<<i) == 0 {
			continue
		}
		if len(ops) == 0 {
			return nil, nil, errDelta
		}
		arg[i], ops = ops[0], ops[1:]
	}
	from := int(arg[0]) | int(arg[1])<<8 | int(arg[2])<<16 | int(arg[3])<<24
	n := int(arg[4]) | int(arg[5])<<8 | int(arg[6])<<16
	if n == 0 {
		n = 0x10000
	}
	if from < 0 || from > len(old) || n > len(old)-from {
		return nil, nil, errDelta
	}
	return old[from : from+n], ops, nil
}
