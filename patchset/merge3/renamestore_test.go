package merge3

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// renameStore keeps objects in memory, under the ids that git gives them.
type renameStore struct {
	mu    sync.Mutex
	trees map[ID][]TreeEntry
	blobs map[ID][]byte
}

var _ Objects = (*renameStore)(nil)

func newRenameStore() *renameStore {
	return &renameStore{trees: map[ID][]TreeEntry{}, blobs: map[ID][]byte{}}
}

func (s *renameStore) DiffTree(ctx context.Context, a, b ID) ([]EntryPair, error) {
	old, err := s.ReadTree(ctx, a)
	if err != nil {
		return nil, err
	}
	now, err := s.ReadTree(ctx, b)
	return DiffEntries(old, now), err
}

func (s *renameStore) ReadTree(_ context.Context, id ID) ([]TreeEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tree, ok := s.trees[id]
	if !ok && id != "" {
		return nil, fmt.Errorf("no tree %s", id)
	}
	return tree, nil
}

func (s *renameStore) BlobSize(ctx context.Context, id ID) (int64, error) {
	data, err := s.ReadBlob(ctx, id)
	return int64(len(data)), err
}

func (s *renameStore) ReadBlob(_ context.Context, id ID) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	blob, ok := s.blobs[id]
	if !ok {
		return nil, fmt.Errorf("no blob %s", id)
	}
	return blob, nil
}

func (s *renameStore) WriteBlob(data []byte) (ID, error) {
	id := gitID("blob", data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[id] = data
	return id, nil
}

func (s *renameStore) WriteTree(entries []TreeEntry) (ID, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b TreeEntry) int { return treeOrder(&a, &b) })
	var raw bytes.Buffer
	for _, e := range entries {
		id, err := hex.DecodeString(string(e.ID))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&raw, "%s %s\x00%s", e.Mode, e.Name, id)
	}
	id := gitID("tree", raw.Bytes())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trees[id] = entries
	return id, nil
}

func gitID(kind string, data []byte) ID {
	return ID(fmt.Sprintf("%x", sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", kind, len(data), data))))
}

// fileTree is a tree as its files, by path. A content that begins with "-> " is
// that of a symbolic link.
type fileTree map[string]string

// write stores the tree and returns its id.
func (s *renameStore) write(t testing.TB, files fileTree) ID {
	t.Helper()
	var entries []TreeEntry
	below := map[string]fileTree{}
	for path, content := range files {
		if dir, rest, nested := strings.Cut(path, "/"); nested {
			if below[dir] == nil {
				below[dir] = fileTree{}
			}
			below[dir][rest] = content
			continue
		}
		id, err := s.WriteBlob([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, TreeEntry{Mode: modeOf(content), Name: path, ID: id})
	}
	for dir, files := range below {
		entries = append(entries, TreeEntry{Mode: ModeTree, Name: dir, ID: s.write(t, files)})
	}
	id, err := s.WriteTree(entries)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func modeOf(content string) string {
	if strings.HasPrefix(content, "-> ") {
		return ModeSymlink
	}
	return ModeFile
}

// say is a result in the words of treeCases.
func (s *renameStore) say(t *testing.T, r Result) string {
	paths := slices.Sorted(maps.Keys(s.read(t, "", r.Tree)))
	out := strings.Join(paths, " ")
	for i, c := range r.Conflicts {
		who := ""
		for j, e := range []Entry{c.Base, c.Upstream, c.Patch} {
			if e.ID != "" {
				who += "bup"[j : j+1]
			}
		}
		out += fmt.Sprintf("%s%s %s %s", []string{", ", " | "}[max(0, 1-i)], c.Kind, c.Path, who)
		if c.Message == "" {
			t.Errorf("nobody explains %+v", c)
		}
	}
	return out
}

// read is the files of a tree.
func (s *renameStore) read(t *testing.T, prefix string, id ID) fileTree {
	t.Helper()
	entries, err := s.ReadTree(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	files := fileTree{}
	for _, e := range entries {
		if e.IsDir() {
			maps.Copy(files, s.read(t, prefix+e.Name+"/", e.ID))
			continue
		}
		data, err := s.ReadBlob(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		files[prefix+e.Name] = string(data)
	}
	return files
}

func (s *renameStore) blob(t *testing.T, text string) ID {
	id, err := s.WriteBlob([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return id
}
