package gitops

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// maxPacks is how many packs a vault may gather that no list of all packs has.
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

// rollUp joins small packs once there are many, since every command adds one, and of those
// that are left, if many, has git write a multi-pack-index: else each is opened to look
// for an object. Nothing is thrown away, and a failure costs speed only. The caller holds
// the lock.
func (v *Vault) rollUp(ctx context.Context) {
	if packs := v.packFiles(); unlisted(packs, v.listed()) > maxPacks {
		args := []string{"repack", "--quiet", "--geometric=2", "-d"}
		small := 0
		for _, p := range packs {
			if p.size > maxRolledUp {
				args = append(args, "--keep-pack="+filepath.Base(p.path))
			} else {
				small++
			}
		}
		if small > 1 {
			_, _ = v.git.Run(ctx, Cmd{GitDir: v.dir, Args: args})
		}
		if len(v.packFiles()) > maxPacks {
			_, _ = v.git.Run(ctx, Cmd{GitDir: v.dir, Args: []string{"multi-pack-index", "write", "--no-progress"}})
		}
	}
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
