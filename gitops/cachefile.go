package gitops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A cache file lies in the vault's directory beside what git keeps there. Nothing
// rests on it: it may be lost, or be broken, at any time.

// maxCacheFile bounds what is read.
const maxCacheFile = 64 << 20

// ReadCache reads a cache file; nil when there is none.
func (v *Vault) ReadCache(name string) ([]byte, error) {
	f, err := os.OpenFile(filepath.Join(v.dir, name), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is not a plain file", name))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxCacheFile+1))
	if err == nil && len(data) > maxCacheFile {
		err = fmt.Errorf("%s is too large", name)
	}
	return data, err
}

// WriteCache puts a cache file in place, for the owner of the vault alone.
func (v *Vault) WriteCache(ctx context.Context, name string, data []byte) error {
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return err
	}
	defer lock.release()
	path := filepath.Join(v.dir, name)
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // left by one that was killed, or by nobody
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return err
}
