package gitops

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"github.com/git-carry/git-carry/patchset"
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
	crashPoint()
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return err
}

// keepWait is how long whoever is writing to the vault is waited for when something is to
// be kept.
const keepWait = 20 * time.Millisecond

// keep writes a value for readKept. It is no error when it cannot be written. meaning is one
// more whenever the same value is to be understood otherwise.
func (v *Vault) keep(ctx context.Context, name string, meaning int, value any) {
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(value) != nil {
		return
	}
	sum, err := keptSum(meaning, reflect.TypeOf(value), b.Bytes())
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keepWait)
	defer cancel()
	_ = v.WriteCache(ctx, name, append(sum, b.Bytes()...))
}

// readKept reads what keep wrote into *value; false when there is nothing that a program with
// the same types and the same meaning wrote, whole.
func (v *Vault) readKept(name string, meaning int, value any) bool {
	data, err := v.ReadCache(name)
	if err != nil || len(data) < sha256.Size {
		return false
	}
	sum, data := data[:sha256.Size], data[sha256.Size:]
	want, err := keptSum(meaning, reflect.TypeOf(value).Elem(), data)
	return err == nil && bytes.Equal(sum, want) && gob.NewDecoder(bytes.NewReader(data)).Decode(value) == nil
}

// keptSum is over the data and over the types that it is read into, which gob writes down
// before the first value.
func keptSum(meaning int, t reflect.Type, data []byte) ([]byte, error) {
	h := sha256.New()
	fmt.Fprintf(h, "git-carry %d %d\n", patchset.Format, meaning)
	if err := gob.NewEncoder(h).EncodeValue(reflect.Zero(t)); err != nil {
		return nil, err
	}
	h.Write(data)
	return h.Sum(nil), nil
}
