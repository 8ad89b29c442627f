package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replacing is how files are called that are being written for [ReplaceFile].
const replacing = ".git-carry-report-*"

// ReplaceFile makes path a file with this content, at once: whoever reads it sees the
// old one or the new one. Devices, pipes and directories are not replaced; a symbolic
// link is, and what it points to is left alone. What processes that were killed meanwhile
// left beside it is removed.
func ReplaceFile(path string, data []byte, mode fs.FileMode) error {
	const link = fs.ModeSymlink
	if info, err := os.Lstat(path); err == nil && info.Mode().Type()&^link != 0 {
		return fmt.Errorf("%s is no regular file (for stdout use -)", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	sweepReplacing(filepath.Dir(path))
	f, err := lockedTempFile(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer f.Close()
	defer os.Remove(f.Name()) // gone once it has its name
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return err
	}
	crashPoint()
	err = os.Rename(f.Name(), path)
	crashPoint()
	return err
}

// lockedTempFile makes a file, mode 0600, that this process has locked.
func lockedTempFile(dir string) (*os.File, error) {
	for range 10 {
		f, err := os.CreateTemp(dir, replacing)
		if err != nil {
			return nil, err
		}
		crashPoint()
		if lockHere(f) {
			return f, nil
		}
		f.Close() // a sweep came between and took it for a dead one's
	}
	return nil, fmt.Errorf("no file in %s could be locked", dir)
}

// lockHere takes the lock of an open file, and tells whether it got it and the file still
// has its name.
func lockHere(f *os.File) bool {
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	held, err := f.Stat()
	if err != nil || !held.Mode().IsRegular() {
		return false
	}
	now, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(held, now)
}

// sweepReplacing removes the files that nobody writes any more: their lock went with the
// process.
func sweepReplacing(dir string) {
	left, _ := filepath.Glob(filepath.Join(globQuote(dir), replacing))
	for _, path := range left {
		f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if lockHere(f) {
			_ = os.Remove(path)
		}
		f.Close()
	}
}
