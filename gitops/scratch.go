package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Scratch is a throw-away bare repository that borrows the objects of a real
// one. Nothing else of the real one is used: no configuration, hook, attribute
// or ref, so that hostile ones cannot act. What is made stays here until
// [Scratch.Pack] publishes it.
//
// It is safe for concurrent use.
type Scratch struct {
	git     *Git
	dir     string   // also GIT_DIR
	lenders []string // objects directories of real repositories
	format  objectFormat
	lock    *os.File
	reader  *Reader
	mu      sync.Mutex
	written map[merge3.ID]Object // what was made here, but large blobs
	pending map[merge3.ID]bool   // of these, what is not on disk yet
	// Of a forgetful scratch, what was made before, and how much has been since.
	forgetful bool
	older     map[merge3.ID]Object
	made      int // bytes
	flushMu   sync.Mutex
	past      *commitGraph
	seen      idCache[merge3.ID, Object] // commits that were borrowed
	trees     idCache[merge3.ID, []merge3.TreeEntry]
	differing idCache[treePair, []merge3.EntryPair] // of DiffFar
}

// keepInMemory is the size up to which an object that was written is kept for
// the next Read.
const keepInMemory = 1 << 20

// NewScratch makes a scratch repository in tmpParent, which is made when it is
// not there, that borrows from objectsDir, the absolute path of the objects directory of a real repository,
// and from more of the kind. The object format is that of the configuration beside objectsDir.
func NewScratch(g *Git, tmpParent, objectsDir string, more ...string) (*Scratch, error) {
	for _, path := range append([]string{tmpParent, objectsDir}, more...) {
		if !filepath.IsAbs(path) {
			return nil, fmt.Errorf("scratch repository: %q is not an absolute path", path)
		}
	}
	if info, err := os.Stat(objectsDir); err != nil {
		return nil, fmt.Errorf("scratch repository: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("scratch repository: %s is not a directory", objectsDir)
	}
	format, err := detectFormat(objectsDir)
	if err != nil {
		return nil, fmt.Errorf("scratch repository: %w", err)
	}
	return newScratch(g, tmpParent, format, append([]string{objectsDir}, more...)...)
}

// newScratch makes a scratch that borrows from lenders, or from nobody.
func newScratch(g *Git, tmpParent string, format objectFormat, lenders ...string) (*Scratch, error) {
	dir, lock, err := lockedTempDir(tmpParent)
	if err != nil {
		return nil, fmt.Errorf("scratch repository: %w", err)
	}
	s := &Scratch{git: g, dir: dir, lenders: lenders, format: format, lock: lock, written: map[merge3.ID]Object{}, pending: map[merge3.ID]bool{}}
	if err := s.init(); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("scratch repository: %w", err)
	}
	s.reader = NewReader(g, dir, lenders...)
	s.past = newCommitGraph(s)
	return s, nil
}

func (s *Scratch) init() error {
	if err := os.MkdirAll(filepath.Join(s.objects(), "pack"), 0o700); err != nil {
		return err
	}
	return writeGitDir(s.dir, s.format)
}

// writeGitDir makes dir a bare repository in git's eyes, save for objects.
func writeGitDir(dir string, format objectFormat) error {
	if err := os.MkdirAll(filepath.Join(dir, "refs", "heads"), 0o700); err != nil {
		return err
	}
	// The branch that HEAD names is never born.
	if err := os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/.none\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "config"), []byte(format.config()), 0o600)
}

// Dir is the scratch repository's own directory, its GIT_DIR.
func (s *Scratch) Dir() string { return s.dir }

func (s *Scratch) objects() string { return filepath.Join(s.dir, "objects") }

// env lends the real repository's objects.
func (s *Scratch) env() []string { return lending(s.objects(), s.lenders...) }

// Git runs git in the scratch repository. GitDir of c is not looked at.
// Nothing is synced to disk here: Pack does that for what is published.
func (s *Scratch) Git(ctx context.Context, c Cmd) ([]byte, error) {
	if err := s.flushAll(); err != nil {
		return nil, err
	}
	return s.run(ctx, s.dir, c)
}

// run runs git on what has been flushed.
func (s *Scratch) run(ctx context.Context, gitDir string, c Cmd) ([]byte, error) {
	if c.Dir == "" {
		c.Dir = gitDir
	}
	c.GitDir = gitDir
	c.Env = append(s.env(), c.Env...)
	c.Config = append([][2]string{{"core.fsync", "none"}, {"core.commitGraph", "false"}}, c.Config...)
	return s.git.Run(ctx, c)
}

// Read returns an object that was made here or is borrowed. Errors are those
// of [Reader.Read].
func (s *Scratch) Read(ctx context.Context, id merge3.ID) (Object, error) {
	if obj, ok := s.lookUp(id); ok {
		return obj, nil
	}
	obj, err := s.reader.Read(ctx, id)
	if err == nil && obj.Type == "commit" { // trees are kept parsed
		s.mu.Lock()
		s.seen.put(id, obj, len(obj.Data), maxSeen)
		s.mu.Unlock()
	}
	return obj, err
}

// lookUp finds an object in memory.
func (s *Scratch) lookUp(id merge3.ID) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if obj, ok := s.written[id]; ok {
		return obj, true
	}
	if obj, ok := s.older[id]; ok {
		return obj, true
	}
	return s.seen.get(id)
}

// maxMade is how many bytes of objects a forgetful scratch makes before it forgets
// those that it made before that many.
const maxMade = 8 << 20

// BeForgetful keeps the memory of thousands of merges bounded whose results nobody
// wants, only their ids: what was made a while ago is forgotten. It cannot be packed.
func (s *Scratch) BeForgetful() { s.forgetful = true }

// ReadCommit reads and parses a commit.
func (s *Scratch) ReadCommit(ctx context.Context, id merge3.ID) (patchset.Commit, error) {
	return readCommit(ctx, s, id)
}

// ReadTree reads and parses a tree; "" is the empty tree. The entries are shared:
// nobody may change them.
func (s *Scratch) ReadTree(ctx context.Context, id merge3.ID) ([]merge3.TreeEntry, error) {
	if id == "" || id == s.format.emptyTree() {
		return nil, nil // known to git even where it was never written
	}
	s.mu.Lock()
	entries, ok := s.trees.get(id)
	s.mu.Unlock()
	if ok {
		return entries, nil
	}
	raw, err := readType(ctx, s, id, "tree")
	if err != nil {
		return nil, err
	}
	if entries, err = ParseTree(raw, s.format.size()); err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	s.mu.Lock()
	s.trees.put(id, entries, len(entries), maxTreeEntries)
	s.mu.Unlock()
	return entries, nil
}

// ReadBlob reads a file.
func (s *Scratch) ReadBlob(ctx context.Context, id merge3.ID) ([]byte, error) {
	return readType(ctx, s, id, "blob")
}

// readBlobUpTo reads a file that has no more than limit bytes; else the error is an
// [*ObjectTooLargeError].
func (s *Scratch) readBlobUpTo(ctx context.Context, id merge3.ID, limit int64) ([]byte, error) {
	obj, ok := s.lookUp(id)
	if !ok {
		var err error
		if obj, err = s.reader.ReadUpTo(ctx, id, limit); err != nil {
			return nil, err
		}
	}
	if size := int64(len(obj.Data)); size > limit {
		return nil, &ObjectTooLargeError{ID: id, Size: size, Limit: limit}
	}
	return obj.ofType(id, "blob")
}

// BlobSize is the length of a file in bytes; it is not read if it can be helped.
func (s *Scratch) BlobSize(ctx context.Context, id merge3.ID) (int64, error) {
	if obj, ok := s.lookUp(id); ok {
		return int64(len(obj.Data)), nil
	}
	return s.reader.Size(ctx, id)
}

// WriteBlob stores a file.
func (s *Scratch) WriteBlob(data []byte) (merge3.ID, error) { return s.Write("blob", data) }

// Write stores an object of the given type and returns its id.
func (s *Scratch) Write(typ string, data []byte) (merge3.ID, error) {
	switch typ {
	case "blob", "tree", "commit", "tag":
		return s.keep(typ, slices.Clone(data))
	}
	return "", fmt.Errorf("write object: unknown type %.20q", typ)
}

// keep is Write for data that nobody changes any more.
func (s *Scratch) keep(typ string, data []byte) (merge3.ID, error) {
	id, err := s.format.hash(typ, data)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", typ, err)
	}
	if _, known := s.lookUp(id); known {
		return id, nil
	}
	if len(data) > keepInMemory {
		return id, s.writeLoose(id, Object{typ, data})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written[id] = Object{Type: typ, Data: data}
	s.pending[id] = true
	if s.made += len(data); s.forgetful && s.made > maxMade {
		s.older, s.written, s.pending, s.made = s.written, map[merge3.ID]Object{}, map[merge3.ID]bool{}, 0
	}
	return id, nil
}

// WriteCommit stores a commit. What ParseCommit would refuse is refused.
func (s *Scratch) WriteCommit(c patchset.Commit) (merge3.ID, error) {
	raw := EncodeCommit(c)
	if _, _, err := ParseCommit(raw); err != nil {
		return "", err
	}
	return s.keep("commit", raw)
}

// WriteTree stores a tree; the entries may come in any order. Nobody may change them
// afterwards.
func (s *Scratch) WriteTree(entries []merge3.TreeEntry) (merge3.ID, error) {
	raw, err := EncodeTree(entries)
	if err != nil {
		return "", err
	}
	id, err := s.keep("tree", raw)
	if err == nil && asParsed(entries) { // the next merge reads it
		s.mu.Lock()
		s.trees.put(id, entries, len(entries), maxTreeEntries)
		s.mu.Unlock()
	}
	return id, err
}

// asParsed tells whether ParseTree would give the entries like this.
func asParsed(entries []merge3.TreeEntry) bool {
	for i, e := range entries {
		if e.Mode[0] == '0' || i > 0 && compareEntries(entries[i-1], e) >= 0 {
			return false
		}
	}
	return true
}

// Close ends the processes and removes the directory.
func (s *Scratch) Close() error {
	if s.reader != nil {
		_ = s.reader.Close()
	}
	// The lock goes last: whoever can take it may remove the directory.
	return removeLocked(s.dir, s.lock)
}
