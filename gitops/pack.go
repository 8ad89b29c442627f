package gitops

import (
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

	"github.com/git-carry/git-carry/gitops/objstore"
	"github.com/git-carry/git-carry/gitops/packwriter"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Pack publishes what lives only here and is reachable from roots. It writes one
// pack into the repository gitDir and syncs it and its directory to disk, so that
// refs may point at the roots afterwards. It returns the pack's path, or "" when
// nothing was new.
func (s *Scratch) Pack(ctx context.Context, gitDir string, roots ...merge3.ID) (string, error) {
	if !filepath.IsAbs(gitDir) {
		return "", fmt.Errorf("publish objects: %q is not an absolute path", gitDir)
	}
	own, err := s.ownStore()
	if err != nil {
		return "", fmt.Errorf("publish objects: %w", err)
	}
	defer own.Close()
	ids, err := s.reachable(ctx, roots, func(id merge3.ID) (bool, error) {
		if s.isPending(id) {
			return true, nil
		}
		return own.Has(ctx, id)
	})
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

// ownStore reads what git has put into the scratch repository so far, and nothing that
// is borrowed.
func (s *Scratch) ownStore() (*objstore.Store, error) {
	return objstore.Open(s.objects(), objstore.Options{Still: true})
}

func (s *Scratch) isPending(id merge3.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending[id]
}

// reachable walks from roots through the objects that are own. It stops at
// borrowed objects: all that they refer to is borrowed too. What refers to an
// object comes before it, the newest commit first.
func (s *Scratch) reachable(ctx context.Context, roots []merge3.ID, own func(merge3.ID) (bool, error)) ([]merge3.ID, error) {
	seen := map[merge3.ID]bool{}
	var found []merge3.ID
	for queue := slices.Clone(roots); len(queue) > 0; {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		if ok, err := own(id); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		found = append(found, id)
		refs, err := s.references(ctx, id)
		if err != nil {
			return nil, err
		}
		queue = append(queue, refs...)
	}
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
		entries, err := s.ReadTree(ctx, id)
		if err != nil {
			return nil, err
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

// writePack puts a pack into its place under a .keep file: until a ref names what is
// in it, a git gc at work there would take it for garbage. See releasePack.
//
// The pack gets a name that no other has. Under git's own, made from what is in it,
// two commands that make the same objects write the same pack; and a git repack that
// has listed the first, then sees the .keep of the second, leaves the objects out of
// the pack it makes and still deletes the one that holds them.
func (s *Scratch) writePack(ctx context.Context, ids []merge3.ID, objects string) (string, error) {
	packed, err := s.packObjects(ctx, ids)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(objects, "pack")
	if err := os.Mkdir(dir, 0o700); err == nil {
		if err := syncDir(objects); err != nil {
			return "", err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	pack := filepath.Join(dir, "pack-"+uniquePackName())
	crashPoint()
	if err := keepPack(pack); err != nil {
		return "", err
	}
	if _, err := packwriter.Write(pack, packed, packwriter.Options{Step: crashPoint}); err != nil {
		_ = os.Remove(pack + ".keep")
		return "", err
	}
	return pack + ".pack", syncDir(dir)
}

// packObjects makes the content of a pack, each tree and file with the one of the
// commit before at the same path, which it hardly differs from.
func (s *Scratch) packObjects(ctx context.Context, ids []merge3.ID) ([]packwriter.Object, error) {
	own := map[merge3.ID]bool{}
	for _, id := range ids {
		own[id] = true
	}
	bases := map[merge3.ID]merge3.ID{}
	var objects []packwriter.Object
	for _, id := range ids {
		obj, err := s.Read(ctx, id)
		if err != nil {
			return nil, err
		}
		o := packwriter.Object{ID: id, Type: obj.Type, Data: obj.Data}
		if len(obj.Data) > keepInMemory {
			o.Data = nil
			o.Load = func() ([]byte, error) { return readType(ctx, s, id, obj.Type) }
		}
		objects = append(objects, o)
		if obj.Type == "commit" {
			if err := s.pairWithParent(ctx, obj.Data, own, bases); err != nil {
				return nil, err
			}
		}
	}
	for i := range objects {
		objects[i].Base = bases[objects[i].ID]
	}
	return objects, nil
}

func (s *Scratch) pairWithParent(ctx context.Context, commit []byte, own map[merge3.ID]bool, bases map[merge3.ID]merge3.ID) error {
	c, _, err := ParseCommit(commit)
	if err != nil || !own[c.Parent()] {
		return err
	}
	parent, err := s.ReadCommit(ctx, c.Parent())
	if err != nil {
		return err
	}
	return s.pairTrees(ctx, parent.Tree, c.Tree, own, bases)
}

// pairTrees notes for each tree and file of our own below b its namesake below a.
func (s *Scratch) pairTrees(ctx context.Context, a, b merge3.ID, own map[merge3.ID]bool, bases map[merge3.ID]merge3.ID) error {
	if a == b || !own[a] || !own[b] || bases[b] != "" {
		return nil
	}
	bases[b] = a
	old, err := s.ReadTree(ctx, a)
	if err != nil {
		return err
	}
	now, err := s.ReadTree(ctx, b)
	if err != nil {
		return err
	}
	for _, e := range now {
		if !own[e.ID] || bases[e.ID] != "" {
			continue
		}
		was, ok := findEntry(old, e.Name)
		switch {
		case !ok || was.ID == e.ID || was.IsDir() != e.IsDir():
		case e.IsDir():
			if err := s.pairTrees(ctx, was.ID, e.ID, own, bases); err != nil {
				return err
			}
		case own[was.ID]:
			bases[e.ID] = was.ID
		}
	}
	return nil
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
