package gitops

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// maxPacks is how many packs a vault may gather that the multi-pack-index does not have.
	maxPacks = 30
	// maxRolledUp is the size in bytes up to which packs are joined: larger ones cost more
	// than they are in the way.
	maxRolledUp = 1 << 20
)

// packFile is a pack of the vault.
type packFile struct {
	path string
	size int64
	made time.Time
}

// rollUp has git list all packs in a multi-pack-index once many have come, since every
// command adds one and each would be opened to look for an object, and join the small
// ones. Nothing is thrown away, and a failure costs speed only. The caller holds the lock.
//
// It is not `git repack --geometric`: that walks all the history that the joined packs lead
// to, and ledger entries lead to everything.
func (v *Vault) rollUp(ctx context.Context) {
	packs := v.packFiles()
	if unlisted(packs, v.listed()) <= maxPacks {
		return
	}
	index := func(args ...string) bool {
		_, err := v.git.Run(ctx, Cmd{GitDir: v.dir, Args: append([]string{"multi-pack-index"}, args...)})
		return err == nil
	}
	if batch := batchSize(packs); index("write", "--no-progress") && batch > 0 {
		_ = index("repack", "--no-progress", fmt.Sprintf("--batch-size=%d", batch)) && index("expire", "--no-progress")
	}
}

// batchSize is what git is told to join packs up to, the oldest first: three quarters of
// what the small ones have together. It leaves alone what is larger than that, and gives up
// where less is to be joined.
func batchSize(packs []packFile) int64 {
	var sum int64
	for _, p := range packs {
		if p.size <= maxRolledUp {
			sum += p.size
		}
	}
	return min(sum*3/4, maxRolledUp)
}

func (v *Vault) packFiles() []packFile {
	dir := filepath.Join(v.dir, "objects", "pack")
	entries, _ := os.ReadDir(dir)
	var packs []packFile
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".pack") {
			packs = append(packs, packFile{filepath.Join(dir, e.Name()), info.Size(), info.ModTime()})
		}
	}
	return packs
}

// listed is when the multi-pack-index was written; zero when there is none.
func (v *Vault) listed() time.Time {
	info, err := os.Stat(filepath.Join(v.dir, "objects", "pack", "multi-pack-index"))
	if err != nil || info.Mode()&fs.ModeType != 0 {
		return time.Time{}
	}
	return info.ModTime()
}

// unlisted counts the packs that came after the multi-pack-index.
func unlisted(packs []packFile, listed time.Time) int {
	n := 0
	for _, p := range packs {
		if p.made.After(listed) {
			n++
		}
	}
	return n
}
