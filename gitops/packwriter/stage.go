package packwriter

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// stage holds files under temporary names until all of them can appear.
type stage struct {
	path  string // of the files that are to be, save for their extensions
	step  func()
	files []stagedFile
}

// stagedFile is a file by its extension and the name that it has now; open until it is
// on disk.
type stagedFile struct {
	ext, name string
	open      *os.File
}

// newStage makes sure that nothing is in the way.
func newStage(path string, step func()) (*stage, error) {
	for _, ext := range []string{".pack", ".rev", ".idx"} {
		_, err := os.Lstat(path + ext)
		if err == nil {
			err = &fs.PathError{Op: "create", Path: path + ext, Err: fs.ErrExist}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if step == nil {
		step = func() {}
	}
	return &stage{path: path, step: step}, nil
}

// add stages one file. The name is one that git knows for the leavings of a process
// that was killed.
func (s *stage) add(ext string, fill func(io.Writer) error) error {
	name := filepath.Join(filepath.Dir(s.path), "tmp_"+strings.TrimPrefix(ext, ".")+"_"+rand.Text())
	s.step()
	// Read-only for all but the one who has it open, as git makes its packs.
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	s.files = append(s.files, stagedFile{ext, name, f})
	if err := s.fill(f, fill); err != nil {
		return fmt.Errorf("%s: %w", ext, err)
	}
	return nil
}

// bufferSize is how much is gathered for one write to disk.
const bufferSize = 256 << 10

func (s *stage) fill(f *os.File, fill func(io.Writer) error) error {
	w := bufio.NewWriterSize(stepWriter{f, s.step}, bufferSize)
	if err := fill(w); err != nil {
		return err
	}
	return w.Flush()
}

// sync waits until all files are on disk. They are synced side by side: the file
// system's journal takes them in one go.
func (s *stage) sync() error {
	s.step()
	var g errgroup.Group
	for i := range s.files {
		g.Go(s.files[i].open.Sync)
	}
	err := g.Wait()
	return errors.Join(err, s.close())
}

func (s *stage) close() error {
	var errs []error
	for i := range s.files {
		if f := s.files[i].open; f != nil {
			errs = append(errs, f.Close())
			s.files[i].open = nil
		}
	}
	return errors.Join(errs...)
}

// publish gives the files their names, in the order in which they were added.
func (s *stage) publish() error {
	for i := range s.files {
		f := &s.files[i]
		s.step()
		if err := os.Rename(f.name, s.path+f.ext); err != nil {
			return err
		}
		f.name = s.path + f.ext
	}
	return nil
}

// discard removes the files, the last one first: no index may outlive its pack.
func (s *stage) discard() error {
	errs := []error{s.close()}
	for i := len(s.files) - 1; i >= 0; i-- {
		s.step()
		errs = append(errs, os.Remove(s.files[i].name))
	}
	return errors.Join(errs...)
}

// stepWriter steps before each write.
type stepWriter struct {
	w    io.Writer
	step func()
}

func (w stepWriter) Write(b []byte) (int, error) {
	w.step()
	return w.w.Write(b)
}
