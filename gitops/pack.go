package gitops

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// New lists the objects in the scratch repository's own store, sorted: those
// that were made here or fetched into it.
func (s *Scratch) New(ctx context.Context) ([]merge3.ID, error) {
	loose, err := s.looseObjects()
	if err != nil {
		return nil, err
	}
	packed, err := s.packedObjects(ctx)
	if err != nil {
		return nil, err
	}
	all := append(loose, packed...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Pack publishes what lives only here and is reachable from roots; without
// roots, all of it. It writes one pack into the repository gitDir and syncs it
// and its directory to disk, so that refs may point at the roots afterwards. It
// returns the pack's path, or "" when nothing was new.
//
// After a fetch into the scratch repository everything in it is published:
// what a server sent belongs together.
func (s *Scratch) Pack(ctx context.Context, gitDir string, roots ...merge3.ID) (string, error) {
	if !filepath.IsAbs(gitDir) {
		return "", fmt.Errorf("publish objects: %q is not an absolute path", gitDir)
	}
	ids, err := s.toPublish(ctx, roots)
	if err != nil {
		return "", fmt.Errorf("publish objects: %w", err)
	}
	if len(ids) == 0 {
		return "", nil
	}
	pack, err := s.writePack(ctx, ids, filepath.Join(gitDir, "objects"))
	if err != nil {
		return "", fmt.Errorf("publish objects: %w", err)
	}
	return pack, nil
}

func (s *Scratch) toPublish(ctx context.Context, roots []merge3.ID) ([]merge3.ID, error) {
	packed, err := s.packedObjects(ctx)
	if err != nil {
		return nil, err
	}
	if len(packed) > 0 || len(roots) == 0 {
		return s.New(ctx)
	}
	loose, err := s.looseObjects()
	if err != nil {
		return nil, err
	}
	return s.reachable(ctx, roots, loose)
}

// reachable walks from roots through the objects in own. It stops at borrowed
// objects: all that they refer to is borrowed too.
func (s *Scratch) reachable(ctx context.Context, roots, own []merge3.ID) ([]merge3.ID, error) {
	unseen := make(map[merge3.ID]bool, len(own))
	for _, id := range own {
		unseen[id] = true
	}
	var found []merge3.ID
	for queue := slices.Clone(roots); len(queue) > 0; {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !unseen[id] {
			continue
		}
		delete(unseen, id)
		found = append(found, id)
		refs, err := s.references(ctx, id)
		if err != nil {
			return nil, err
		}
		queue = append(queue, refs...)
	}
	slices.Sort(found)
	return found, nil
}

// references lists the objects that an object names.
func (s *Scratch) references(ctx context.Context, id merge3.ID) ([]merge3.ID, error) {
	obj, err := s.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	switch obj.Type {
	case "commit":
		c, _, err := ParseCommit(obj.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		return append(c.Parents, c.Tree), nil
	case "tree":
		entries, err := ParseTree(obj.Data, s.format.size())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		refs := make([]merge3.ID, 0, len(entries))
		for _, e := range entries {
			if e.Mode != merge3.ModeGitlink { // a submodule's commit lives elsewhere
				refs = append(refs, e.ID)
			}
		}
		return refs, nil
	case "tag":
		line, _, _ := strings.Cut(string(obj.Data), "\n")
		target, err := ParseID(strings.TrimPrefix(line, "object "))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		return []merge3.ID{target}, nil
	}
	return nil, nil
}

// writePack lets git make the pack here and then puts it into its place, under a
// .keep file: until a ref names what is in it, a git gc at work there would take it
// for garbage. See releasePack.
//
// The pack gets a name that no other has. Under git's own, made from what is in it,
// two commands that make the same objects write the same pack; and a git repack that
// has listed the first, then sees the .keep of the second, leaves the objects out of
// the pack it makes and still deletes the one that holds them.
func (s *Scratch) writePack(ctx context.Context, ids []merge3.ID, objects string) (string, error) {
	if err := s.flush(ids); err != nil {
		return "", err
	}
	var list bytes.Buffer
	for _, id := range ids {
		fmt.Fprintln(&list, id)
	}
	out, err := s.git.Run(ctx, Cmd{
		GitDir: s.dir, Env: s.env(), Stdin: &list,
		Args: []string{"pack-objects", "--quiet", filepath.Join(s.objects(), "pack", "new")},
	})
	if err != nil {
		return "", err
	}
	hash, err := ParseID(strings.TrimSpace(string(out)))
	if err != nil {
		return "", fmt.Errorf("git pack-objects: %w", err)
	}
	crashPoint()
	dir := filepath.Join(objects, "pack")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	made := filepath.Join(s.objects(), "pack", "new-"+string(hash))
	pack := filepath.Join(dir, "pack-"+uniquePackName())
	if err := keepPack(pack); err != nil {
		return "", err
	}
	for _, ext := range []string{".pack", ".rev", ".idx"} { // the index last: with it the pack is there
		crashPoint()
		if err := os.Rename(made+ext, pack+ext); err != nil && !(ext == ".rev" && errors.Is(err, fs.ErrNotExist)) {
			return "", err
		}
	}
	// git syncs the files but never the directories that name them.
	return pack + ".pack", errors.Join(syncDir(dir), syncDir(objects))
}

func uniquePackName() string {
	var name [20]byte
	_, _ = rand.Read(name[:]) // never fails
	return hex.EncodeToString(name[:])
}

// keepMark is what our .keep files say, to tell them from a person's.
const keepMark = "git-carry: not yet named by a ref\n"

func keepPack(pack string) error { return os.WriteFile(pack+".keep", []byte(keepMark), 0o600) }

// releasePack lets a pack be like any other, once a ref names what is in it.
func releasePack(pack string) {
	if pack != "" {
		_ = os.Remove(strings.TrimSuffix(pack, ".pack") + ".keep")
	}
}

// keepAge is how long a pack stays protected whose command died or lost the race:
// another command may be building on objects that it found in there.
const keepAge = time.Hour

// sweepKeeps releases the packs of commands that ended long ago.
func (v *Vault) sweepKeeps() {
	keeps, _ := filepath.Glob(filepath.Join(globQuote(v.dir), "objects", "pack", "*.keep"))
	for _, keep := range keeps {
		info, err := os.Stat(keep)
		if err != nil || time.Since(info.ModTime()) < keepAge {
			continue
		}
		if text, err := os.ReadFile(keep); err == nil && string(text) == keepMark {
			_ = os.Remove(keep)
		}
	}
}

// maxPacks is how many packs a vault may gather before they are rolled up.
const maxPacks = 30

// rollUp joins small packs, once there are many: every command adds one, and git
// opens each of them. Large ones are left alone, nothing is thrown away, and a
// failure costs speed only. The caller holds the lock.
func (v *Vault) rollUp(ctx context.Context) {
	packs, _ := filepath.Glob(filepath.Join(globQuote(v.dir), "objects", "pack", "*.pack"))
	if len(packs) <= maxPacks {
		return
	}
	_, _ = v.git.Run(ctx, Cmd{GitDir: v.dir, Args: []string{"repack", "--quiet", "--geometric=2", "-d"}})
}

// looseObjects lists what was made here, on disk or not yet.
func (s *Scratch) looseObjects() ([]merge3.ID, error) {
	ids := s.unflushed()
	err := filepath.WalkDir(s.objects(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := merge3.ID(filepath.Base(filepath.Dir(path)) + d.Name())
		if len(name) == 2*s.format.size() && name.Valid() { // else a pack, or a file half written
			ids = append(ids, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	return ids, nil
}

func (s *Scratch) packedObjects(ctx context.Context) ([]merge3.ID, error) {
	indexes, err := filepath.Glob(filepath.Join(globEscape(s.objects()), "pack", "*.idx"))
	if err != nil {
		return nil, fmt.Errorf("list packs: %w", err)
	}
	var ids []merge3.ID
	for _, index := range indexes {
		packed, err := s.indexedObjects(ctx, index)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", filepath.Base(index), err)
		}
		ids = append(ids, packed...)
	}
	return ids, nil
}

// indexedObjects reads "<offset> <id> (<crc>)" lines.
func (s *Scratch) indexedObjects(ctx context.Context, index string) ([]merge3.ID, error) {
	f, err := os.Open(index)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := s.Git(ctx, Cmd{Args: []string{"show-index"}, Stdin: f})
	if err != nil {
		return nil, err
	}
	var ids []merge3.ID
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		_, rest, _ := strings.Cut(lines.Text(), " ")
		name, _, _ := strings.Cut(rest, " ")
		id, err := ParseID(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// globEscape makes a path match only itself in filepath.Glob.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
