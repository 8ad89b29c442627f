package gitops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// The vault has one lock: a kernel lock (flock) on the file carry.lock. The
// kernel lets it go when its holder dies, so a dead process cannot leave it
// behind. It is held only for the moment in which refs move. Beside it, refs are
// written through git's own .lock files, so that a plain git command at work in
// the vault is respected too; such a file left by a holder of ours that died is
// removed by the next holder, who can tell from what carry.lock says.

// lockWait is how long a command waits for another one to move its refs.
const lockWait = 10 * time.Second

// holder is what carry.lock says while somebody holds it.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

type vaultLock struct{ file *os.File }

func lockVault(ctx context.Context, dir string) (*vaultLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "carry.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the vault's lock: %w", err)
	}
	if err := waitForFlock(ctx, f); err != nil {
		f.Close()
		return nil, err
	}
	l := &vaultLock{f}
	if err := l.takeOver(dir); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

func waitForFlock(ctx context.Context, f *os.File) error {
	deadline := time.Now().Add(lockWait)
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("locking the vault: %w", err)
		case time.Now().After(deadline):
			return busy(f)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func busy(f *os.File) error {
	var h holder
	fault := patchset.Faultf(patchset.CodeBusy, "somebody else is writing to the vault")
	if json.NewDecoder(f).Decode(&h) == nil && h.PID != 0 {
		fault = patchset.Faultf(patchset.CodeBusy, "process %d on %s has been writing to the vault since %s",
			h.PID, h.Host, h.Since.Format(time.TimeOnly))
	}
	return fault.WithHint("try again in a moment; nothing was changed")
}

// takeOver cleans up after a holder that died and writes down the new one.
func (l *vaultLock) takeOver(dir string) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		removeRefLocks(filepath.Join(dir, "refs", "carry"))
	}
	host, _ := os.Hostname() // for people only
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	_, err = l.file.WriteAt(text, 0)
	return err
}

func (l *vaultLock) release() {
	crashPoint()
	_ = l.file.Truncate(0) // an empty file says that its last holder finished
	_ = l.file.Close()     // lets the lock go
}

func removeRefLocks(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".lock") {
			_ = os.Remove(path)
		}
		return nil
	})
}

// lockFile waits until this process alone holds the lock file name of the vault. The
// function that it gives ends that.
func (v *Vault) lockFile(ctx context.Context, name string) (done func(), err error) {
	f, err := os.OpenFile(filepath.Join(v.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a lock of the vault: %w", err)
	}
	if err := waitForFlock(ctx, f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// LockUrgent lets one process at a time move items of the urgent lane, and tells a second
// one at once. The function that it gives ends that.
func (v *Vault) LockUrgent() (done func(), err error) {
	f, err := os.OpenFile(filepath.Join(v.dir, "carry-urgent.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a lock of the vault: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, patchset.Faultf(patchset.CodeBusy, "somebody else is moving the urgent lane in this vault right now").
			WithHint("see how far it is: git carry urgent status")
	}
	return func() { _ = f.Close() }, nil
}
