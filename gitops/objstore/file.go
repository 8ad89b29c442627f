package objstore

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// maxOpen is the number of files that a Store keeps open at most.
const maxOpen = 128

// files keeps the descriptors of a Store few. When there are too many it closes
// the file that was unused for longest; that one opens again when it is needed.
type files struct {
	clock atomic.Int64 // goes on when a file is opened
	held  atomic.Int64 // bytes of files that are in memory

	mu     sync.Mutex
	open   map[*file]*os.File
	closed bool
}

// file is a file that is opened when it is first read. Its contents never change
// as long as it is the same file: so it is with all that git puts into an
// objects directory. It is read, not mapped: touching a mapped page behind the
// end of a file that somebody cuts short would kill the process.
type file struct {
	path string
	pool *files
	used atomic.Int64
	now  atomic.Pointer[os.File] // nil when it is not open

	asked atomic.Int64           // bytes that were viewed
	whole atomic.Pointer[[]byte] // nil when it is not in memory

	mu    sync.Mutex // held while opening
	first os.FileInfo
}

func (p *files) file(path string) *file { return &file{path: path, pool: p} }

// An index that is not large is taken into memory once as much was viewed of it as it has. So
// it is with what was fetched lately, where everything is looked for, also what is not
// there; the index of the one large pack stays on disk.
const (
	maxWhole = 2 << 20 // bytes of a file
	maxHeld  = 8 << 20 // bytes of all files of a Store
)

// ReadAt is io.ReaderAt.
func (f *file) ReadAt(b []byte, off int64) (int, error) {
	if whole := f.whole.Load(); whole != nil {
		return bytes.NewReader(*whole).ReadAt(b, off)
	}
	return f.readAt(b, off)
}

func (f *file) inMemory() bool { return f.whole.Load() != nil }

// view is the len(room) bytes at off, in room or where they are in memory anyway. Nobody
// may change them.
func (f *file) view(room []byte, off int64) ([]byte, error) {
	if whole := f.whole.Load(); whole != nil {
		if end := off + int64(len(room)); off >= 0 && end <= int64(len(*whole)) {
			return (*whole)[off:end], nil
		}
	}
	if err := f.readFull(room, off); err != nil {
		return nil, err
	}
	return room, f.hold(int64(len(room)))
}

// hold counts what was viewed, and takes the file into memory when it is time.
func (f *file) hold(n int64) error {
	size, asked := f.first.Size(), f.asked.Add(n)
	if size > maxWhole || asked < size || asked-n >= size {
		return nil
	}
	if f.pool.held.Add(size) > maxHeld {
		f.pool.held.Add(-size)
		return nil
	}
	whole := make([]byte, size)
	if _, err := f.readAt(whole, 0); err != nil {
		f.pool.held.Add(-size)
		return err
	}
	f.whole.Store(&whole)
	return nil
}

func (f *file) readAt(b []byte, off int64) (int, error) {
	for {
		h, err := f.handle()
		if err != nil {
			return 0, err
		}
		n, err := h.ReadAt(b, off)
		if errors.Is(err, os.ErrClosed) {
			continue // closed to make room, or with the Store: handle tells
		}
		return n, err
	}
}

// readFull reads len(b) bytes or fails.
func (f *file) readFull(b []byte, off int64) error {
	n, err := f.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errTruncated
	}
	return err
}

// size is the file's length when it was first opened.
func (f *file) size() (int64, error) {
	if _, err := f.handle(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first.Size(), nil
}

func (f *file) handle() (*os.File, error) {
	if now := f.pool.clock.Load(); f.used.Load() != now { // many readers share the line of memory
		f.used.Store(now)
	}
	if h := f.now.Load(); h != nil {
		return h, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.now.Load(); h != nil {
		return h, nil
	}
	h, info, err := openRegular(f.path)
	if err != nil {
		return nil, err
	}
	if f.first == nil {
		f.first = info
	} else if !os.SameFile(f.first, info) || f.first.Size() != info.Size() {
		_ = h.Close()
		return nil, errGone
	}
	if err := f.pool.add(f, h); err != nil {
		_ = h.Close()
		return nil, err
	}
	return h, nil
}

// openRegular opens a file without waiting for the other end of a named pipe.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	h, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE) {
		return nil, nil, errGone
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := h.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		_ = h.Close()
		return nil, nil, err
	}
	return h, info, nil
}

// add makes h the open handle of f.
func (p *files) add(f *file, h *os.File) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if len(p.open) >= maxOpen {
		p.closeOldest()
	}
	if p.open == nil {
		p.open = map[*file]*os.File{}
	}
	p.open[f] = h
	f.used.Store(p.clock.Add(1))
	f.now.Store(h)
	return nil
}

func (p *files) closeOldest() {
	var oldest *file
	for f := range p.open {
		if oldest == nil || f.used.Load() < oldest.used.Load() {
			oldest = f
		}
	}
	p.drop(oldest)
}

func (p *files) drop(f *file) {
	if h := f.now.Swap(nil); h != nil {
		_ = h.Close() // nothing was written
	}
	delete(p.open, f)
}

// forget closes files that nobody will look for again.
func (p *files) forget(fs ...*file) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range fs {
		p.drop(f)
		if whole := f.whole.Swap(nil); whole != nil {
			p.held.Add(-int64(len(*whole)))
		}
	}
}

func (p *files) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for f := range p.open {
		p.drop(f)
	}
}
