package objstore

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zlib"
)

const (
	readAhead  = 8 << 10 // bytes read from a file at a time
	firstChunk = 1 << 20 // bytes allotted to an object on its own word
)

// window is a part of a file as a stream.
type window struct {
	head     []byte // what was read of it before
	from     io.ReaderAt
	off, end int64
}

func (w *window) Read(b []byte) (int, error) {
	if len(w.head) > 0 {
		n := copy(b, w.head)
		w.head, w.off = w.head[n:], w.off+int64(n)
		return n, nil
	}
	if w.off >= w.end {
		return 0, io.EOF
	}
	n, err := w.from.ReadAt(b[:min(int64(len(b)), w.end-w.off)], w.off)
	w.off += int64(n)
	if n > 0 {
		return n, nil // what went wrong comes again
	}
	return 0, err
}

// inflater reads a zlib stream from a file. A new one takes some 60 kB, so they are
// used again.
type inflater struct {
	window window
	buf    *bufio.Reader // of window; zlib takes no byte more than it needs
	stream io.ReadCloser
	one    [1]byte
}

var inflaters = sync.Pool{New: func() any { return &inflater{buf: bufio.NewReaderSize(nil, readAhead)} }}

// newInflater opens the zlib stream that begins with a window.
func newInflater(w window) (*inflater, error) {
	z := inflaters.Get().(*inflater)
	z.window = w
	z.buf.Reset(&z.window)
	if err := z.start(); err != nil {
		z.release()
		return nil, noEOF(err)
	}
	return z, nil
}

func (z *inflater) start() (err error) {
	if z.stream == nil {
		z.stream, err = zlib.NewReader(z.buf)
		return err
	}
	return z.stream.(zlib.Resetter).Reset(z.buf, nil)
}

func (z *inflater) release() {
	z.window = window{}
	inflaters.Put(z)
}

// byte is the next byte of what was deflated.
func (z *inflater) byte() (byte, error) {
	_, err := io.ReadFull(z.stream, z.one[:])
	return z.one[0], noEOF(err)
}

// rest reads what is left, which must be size bytes with the right checksum, into data
// if there is room for it. Memory grows with what is really there.
func (z *inflater) rest(ctx context.Context, data []byte, size int64) ([]byte, error) {
	if data == nil || int64(cap(data)) < size {
		data = make([]byte, min(size, firstChunk))
	}
	data = data[:min(size, int64(cap(data)))]
	for have := int64(0); ; {
		n, err := io.ReadFull(z.stream, data[have:])
		have += int64(n)
		if err != nil {
			return nil, noEOF(err)
		}
		if have == size {
			return data, z.end()
		}
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		data = append(data, make([]byte, min(have, size-have))...)
	}
}

// end checks that the stream is at its end, and its checksum.
func (z *inflater) end() error {
	switch _, err := io.ReadFull(z.stream, z.one[:]); {
	case err == nil:
		return errLonger
	case errors.Is(err, io.EOF):
		return nil
	default:
		return noEOF(err)
	}
}

// noEOF names an end that came too early.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}
