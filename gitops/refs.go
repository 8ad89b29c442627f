package gitops

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Refs of the vault are read and written here, in git's files format. Git itself
// would do, but leaves its .lock behind when it is killed, moves several refs one
// by one, and does not sync directories. Callers that write hold the vault lock.

// ledgerRef is the only source of truth.
const ledgerRef = "refs/carry/ledger"

// readRef gives the value of a ref, "" when there is none.
func readRef(gitDir, name string) (merge3.ID, error) {
	data, err := os.ReadFile(filepath.Join(gitDir, filepath.FromSlash(name)))
	switch {
	case err == nil:
		id := merge3.ID(strings.TrimSpace(string(data)))
		if !id.Valid() {
			return "", fmt.Errorf("ref %s holds no object id", name)
		}
		return id, nil
	case errors.Is(err, fs.ErrNotExist) || isDirectory(err):
		packed, err := packedRefs(gitDir, name)
		return packed[name], err
	}
	return "", fmt.Errorf("reading ref %s: %w", name, err)
}

func isDirectory(err error) bool {
	var pathErr *fs.PathError
	return errors.As(err, &pathErr) && strings.Contains(pathErr.Err.Error(), "is a directory")
}

// listRefs gives all refs below a prefix that ends in a slash.
func listRefs(gitDir, prefix string) (map[string]merge3.ID, error) {
	refs, err := packedRefs(gitDir, prefix)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(gitDir, filepath.FromSlash(prefix))
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(gitDir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		id, err := readRef(gitDir, name)
		refs[name] = id
		return err
	})
	return refs, err
}

func packedRefs(gitDir, prefix string) (map[string]merge3.ID, error) {
	refs := map[string]merge3.ID{}
	f, err := os.Open(filepath.Join(gitDir, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return refs, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		id, name, ok := strings.Cut(lines.Text(), " ")
		if ok && strings.HasPrefix(name, prefix) && merge3.ID(id).Valid() {
			refs[name] = merge3.ID(id)
		}
	}
	return refs, lines.Err()
}

// refLockWait is how long to wait for a plain git command that holds a ref's lock.
const refLockWait = 3 * time.Second

// writeRef sets a ref: lock file, content, rename, as git does it. With durable
// it reaches the disk before the call returns.
func writeRef(gitDir, name string, id merge3.ID, durable bool) error {
	path := filepath.Join(gitDir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("writing ref %s: %w", name, err)
	}
	crashPoint()
	lock, err := lockRef(path + ".lock")
	if err != nil {
		return err
	}
	crashPoint()
	_, err = fmt.Fprintf(lock, "%s\n", id)
	if err == nil && durable {
		err = lock.Sync()
	}
	if closeErr := lock.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		crashPoint()
		err = os.Rename(path+".lock", path)
		crashPoint()
	}
	if err != nil {
		_ = os.Remove(path + ".lock")
		return fmt.Errorf("writing ref %s: %w", name, err)
	}
	if durable {
		return syncDir(filepath.Dir(path))
	}
	return nil
}

func lockRef(path string) (*os.File, error) {
	deadline := time.Now().Add(refLockWait)
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		if time.Now().After(deadline) {
			return nil, patchset.Faultf(patchset.CodeBusy, "a git command holds %s", path).
				WithHint("try again; if no git is running there, remove that file")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// deleteRef removes a derived ref, loose or packed away by somebody's git gc.
// (A packed one is overwritten by nothing: it is only ever set again.)
func deleteRef(gitDir, name string) error {
	err := os.Remove(filepath.Join(gitDir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the renames inside a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// ValidBranch tells whether name can be a branch, by git's rules (git
// check-ref-format) and a little stricter: nothing that a shell or an option
// parser could take for something else.
func ValidBranch(name string) bool {
	if name == "" || len(name) > 200 || strings.HasPrefix(name, "-") || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/@=") == ""
}
