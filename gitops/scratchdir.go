package gitops

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	scratchPrefix = "git-carry-scratch-"
	scratchLock   = "owner.lock"
)

// lockedTempDir makes a directory, mode 0700, whose lock is held as long as the
// returned file is open and this process lives.
func lockedTempDir(parent string) (string, *os.File, error) {
	return lockedDir(parent, scratchPrefix)
}

func lockedDir(parent, prefix string) (string, *os.File, error) {
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", nil, err
	}
	for range 10 {
		dir, err := os.MkdirTemp(parent, prefix)
		if err != nil {
			return "", nil, err
		}
		crashPoint()
		lock, err := tryLockDir(dir, os.O_CREATE)
		if err == nil {
			crashPoint()
			return dir, lock, nil
		}
		// A sweep came between and took the directory for a dead one.
		if !errors.Is(err, errLocked) && !errors.Is(err, os.ErrNotExist) {
			_ = os.RemoveAll(dir)
			return "", nil, err
		}
	}
	return "", nil, fmt.Errorf("no directory in %s could be locked", parent)
}

var errLocked = errors.New("locked by a living process")

// tryLockDir takes the lock of a scratch directory, or returns errLocked. The
// system drops it when the process ends, however it ends.
func tryLockDir(dir string, create int) (*os.File, error) {
	path := filepath.Join(dir, scratchLock)
	f, err := os.OpenFile(path, os.O_RDWR|create|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, err
	}
	// The file may have been removed between open and lock.
	held, err := f.Stat()
	if err == nil {
		var now os.FileInfo
		if now, err = os.Lstat(path); err == nil && !os.SameFile(held, now) {
			err = errLocked
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// SweepScratch removes the scratch repositories in tmpParent whose process is
// dead. It returns how many it removed; those of living processes stay.
func SweepScratch(tmpParent string) (int, error) {
	entries, err := os.ReadDir(tmpParent)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("sweep scratch repositories: %w", err)
	}
	removed := 0
	var errs []error
	for _, e := range entries {
		// A symbolic link is not ours, whatever its name.
		if !e.IsDir() || !strings.HasPrefix(e.Name(), scratchPrefix) {
			continue
		}
		switch err := sweepDir(filepath.Join(tmpParent, e.Name())); {
		case err == nil:
			removed++
		case !errors.Is(err, errLocked) && !errors.Is(err, os.ErrNotExist):
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return removed, fmt.Errorf("sweep scratch repositories: %w", err)
	}
	return removed, nil
}

func sweepDir(dir string) error {
	lock, err := tryLockDir(dir, 0)
	if errors.Is(err, os.ErrNotExist) {
		// Not locked yet, or on its way out. Whoever is about to lock it makes another one.
		if os.Remove(dir) == nil {
			return nil
		}
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > leftOverAge {
			return removeTree(dir)
		}
		return errLocked
	}
	if err != nil {
		return err
	}
	return removeLocked(dir, lock)
}

// removeLocked removes a directory that this process has locked, and its lock last: what is
// left of it when the process is killed meanwhile is taken for dead at once.
func removeLocked(dir string, lock *os.File) error {
	crashPoint()
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != scratchLock {
			_ = removeTree(filepath.Join(dir, e.Name())) // else below
		}
	}
	crashPoint()
	return errors.Join(removeTree(dir), lock.Close())
}
