package gitops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// What doctor asks of a vault. Nothing here changes anything but Sweep, and Sweep
// only removes what can be of no use to anybody.

// Inspect reads the ledger without putting the derived refs right, and names
// those that are wrong.
func (v *Vault) Inspect(ctx context.Context) (s Snapshot, wrong []string, err error) {
	tip, err := readRef(v.dir, ledgerRef)
	if err != nil {
		return Snapshot{}, nil, err
	}
	if s, err = v.SnapshotAt(ctx, tip); err != nil {
		return s, nil, err
	}
	have, err := v.stackRefs()
	return s, slices.Sorted(maps.Keys(wrongRefs(s.Ledger, have))), err
}

// Missing lists the commits of ids that the vault does not have.
func (v *Vault) Missing(ctx context.Context, ids map[merge3.ID]bool) ([]merge3.ID, error) {
	var missing []merge3.ID
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		ok, err := v.Exists(ctx, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// Fsck lets git check every object of the vault and every link between them. The
// error says what git found. Large vaults take minutes.
func (v *Vault) Fsck(ctx context.Context) error {
	_, err := v.git.Run(ctx, Cmd{GitDir: v.dir, Args: []string{"fsck", "--full", "--strict", "--no-dangling", "--no-progress"}})
	return err
}

// FreeBytes is how much the disk under the vault still takes from this user.
func (v *Vault) FreeBytes() (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(v.dir, &st); err != nil {
		return 0, fmt.Errorf("asking for free space: %w", err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// leftOverAge is how old a temporary file of git or of a read-back must be to be
// taken for left over: nothing that is alive writes to one for so long.
const leftOverAge = 24 * time.Hour

// LeftOvers lists what dead processes left in the vault, as paths in it: scratch
// repositories, packs that were never finished, ref locks.
func (v *Vault) LeftOvers(now time.Time) ([]string, error) {
	var found []string
	for _, pattern := range []string{
		"carry-tmp/" + scratchPrefix + "*", "carry-tmp/readback-*",
		"objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*",
	} {
		paths, err := filepath.Glob(filepath.Join(globQuote(v.dir), pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if v.isLeftOver(path, now) {
				found = append(found, v.relative(path))
			}
		}
	}
	locks, err := v.refLocks(now)
	return append(found, locks...), err
}

func (v *Vault) relative(path string) string {
	rel, err := filepath.Rel(v.dir, path)
	if err != nil {
		return path
	}
	return rel
}

// globQuote makes every character of a path stand for itself.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (v *Vault) isLeftOver(path string, now time.Time) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	if info.IsDir() && strings.HasPrefix(info.Name(), scratchPrefix) {
		lock, err := tryLockDir(path, 0)
		if err != nil {
			return false // its process lives
		}
		_ = lock.Close()
		return true
	}
	return now.Sub(info.ModTime()) > leftOverAge
}

// refLocks lists the .lock files of refs that nobody has touched for long.
func (v *Vault) refLocks(now time.Time) ([]string, error) {
	var found []string
	err := filepath.WalkDir(filepath.Join(v.dir, "refs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".lock") && v.isLeftOver(path, now) {
			found = append(found, v.relative(path))
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return found, err
}

// Sweep removes what LeftOvers lists and gives the number. It holds the vault's
// lock meanwhile, so that no ref is being written.
func (v *Vault) Sweep(ctx context.Context, now time.Time) (int, error) {
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return 0, err
	}
	defer lock.release()
	n, err := SweepScratch(v.tmp())
	if err != nil {
		return n, err
	}
	paths, err := v.LeftOvers(now)
	if err != nil {
		return n, err
	}
	for _, path := range paths {
		if err := os.RemoveAll(filepath.Join(v.dir, path)); err != nil {
			return n, fmt.Errorf("removing left-overs: %w", err)
		}
		n++
	}
	return n, nil
}

// Editor is the command by which the person edits texts, as git has it in dir. A
// program that is not there is an error.
func Editor(ctx context.Context, git *Git, dir string) (string, error) {
	var keep []string
	if v := lookupEnv(git.environ, "GIT_EDITOR"); v != "" {
		keep = append(keep, "GIT_EDITOR="+v)
	}
	out, err := git.Run(ctx, Cmd{Dir: dir, Args: []string{"var", "GIT_EDITOR"}, Network: true, Env: keep})
	if err != nil {
		return "", err
	}
	command := strings.TrimSpace(string(out))
	words := strings.Fields(command)
	if len(words) == 0 {
		return "", patchset.Faultf(patchset.CodeFailed, "the editor is set to nothing")
	}
	if !strings.Contains(words[0], "/") {
		_, err = lookPath(words[0], lookupEnv(git.environ, "PATH"))
	}
	if err != nil {
		return "", patchset.Faultf(patchset.CodeFailed, "the editor %s is not on PATH", words[0])
	}
	return command, nil
}

// FindProgram looks for a program on the PATH of environ.
func FindProgram(name string, environ []string) (string, bool) {
	path, err := lookPath(name, lookupEnv(environ, "PATH"))
	return path, err == nil
}
