package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/patchset"
)

// DraftLog is a file in the vault to which somebody's choices about a conflict are
// appended as they are made, one line each, so that nothing takes them away: no
// dropped connection, no kill. It is of this machine; what others are to see goes
// into the ledger.
type DraftLog struct{ file *os.File }

const (
	draftLogs = "carry-drafts"
	// maxDraftLog is the size in bytes from which on a log starts over with its last
	// line; maxDraftLine bounds a line.
	maxDraftLog  = 64 << 20
	maxDraftLine = 256 << 20
)

// OpenDraftLog opens the log of a person's work on a patch in a version; person may be "".
func (v *Vault) OpenDraftLog(at patchset.Spot, person string) (*DraftLog, error) {
	for _, err := range []error{patchset.CheckVersion(at.Version), patchset.CheckPatchID(at.Patch)} {
		if err != nil {
			return nil, err
		}
	}
	if patchset.CheckPatchID(person) != nil {
		person = "" // nobody that the registry knows
	}
	dir := filepath.Join(v.dir, draftLogs, at.Version)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keeping the draft: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, at.Patch+"~"+person+".log"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keeping the draft: %w", err)
	}
	return &DraftLog{file}, nil
}

// Last is the last whole line, nil when there is none. A line that was cut off by a
// crash counts for nothing.
func (l *DraftLog) Last() ([]byte, error) {
	if _, err := l.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading the draft: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(l.file, maxDraftLine))
	if err != nil {
		return nil, fmt.Errorf("reading the draft: %w", err)
	}
	end := bytes.LastIndexByte(data, '\n')
	if end < 0 {
		return nil, nil
	}
	begin := bytes.LastIndexByte(data[:end], '\n') + 1
	return data[begin:end], nil
}

// Append adds a line, which may not hold a line break, and waits until it is on disk.
func (l *DraftLog) Append(line []byte) error {
	info, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("keeping the draft: %w", err)
	}
	text := make([]byte, 0, len(line)+2)
	if info.Size() > 0 {
		text = append(text, '\n') // ends a line that was cut off; an empty one does no harm
	}
	text = append(append(text, line...), '\n')
	if _, err := l.file.Write(text); err != nil {
		return fmt.Errorf("keeping the draft: %w", err)
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("keeping the draft: %w", err)
	}
	if info.Size() > maxDraftLog {
		return l.startOver(text)
	}
	return nil
}

// startOver replaces the file by one that holds text alone.
func (l *DraftLog) startOver(text []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(l.file.Name()), ".log-*")
	if err != nil {
		return fmt.Errorf("keeping the draft: %w", err)
	}
	_, err = fresh.Write(text)
	if err == nil {
		err = fresh.Sync()
	}
	if err == nil {
		err = os.Rename(fresh.Name(), l.file.Name())
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return errors.Join(fmt.Errorf("keeping the draft: %w", err), fresh.Close())
	}
	name := l.file.Name()
	_ = fresh.Close()
	_ = l.file.Close()
	l.file, err = os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0o600)
	return err
}

// Remove throws the log away: what it held is in the ledger now.
func (l *DraftLog) Remove() error {
	err := os.Remove(l.file.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.file.Close())
}

// Close leaves the log as it is.
func (l *DraftLog) Close() error { return l.file.Close() }
