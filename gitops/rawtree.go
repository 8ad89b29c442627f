package gitops

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Most trees that are read are compared with a tree that hardly differs. So they are
// compared as they are stored, and only what differs is taken apart.

// rawEntry is an entry of a tree as it is stored. The zero value is none.
type rawEntry struct{ whole, mode, name, id []byte }

var errRawTree = errors.New("tree: an entry is cut short")

// firstEntry takes the first entry off a tree; of the empty tree it is none.
func firstEntry(raw []byte, hashSize int) (e rawEntry, rest []byte, err error) {
	if len(raw) == 0 {
		return rawEntry{}, nil, nil
	}
	space := bytes.IndexByte(raw, ' ')
	end := bytes.IndexByte(raw[max(space, 0):], 0) + max(space, 0)
	next := end + 1 + hashSize
	if space < 0 || end < space || len(raw) < next {
		return rawEntry{}, nil, errRawTree
	}
	return rawEntry{whole: raw[:next], mode: raw[:space], name: raw[space+1 : end], id: raw[end+1 : next]}, raw[next:], nil
}

func (e rawEntry) none() bool { return e.whole == nil }

func (e rawEntry) isTree() bool { return string(bytes.TrimLeft(e.mode, "0")) == merge3.ModeTree }

// tree is the id of a directory, "" of anything else.
func (e rawEntry) tree() merge3.ID {
	if !e.isTree() {
		return ""
	}
	return hexID(e.id)
}

// parsed is the entry as ParseTree gives it.
func (e rawEntry) parsed() (merge3.TreeEntry, error) {
	if e.none() {
		return merge3.TreeEntry{}, nil
	}
	p := merge3.TreeEntry{Mode: modeOf(e.mode), Name: string(e.name), ID: hexID(e.id)}
	return p, checkTreeEntry(p)
}

// modeOf is the mode as a string, which the usual ones need not be made into.
func modeOf(mode []byte) string {
	switch string(mode) {
	case merge3.ModeFile:
		return merge3.ModeFile
	case merge3.ModeTree:
		return merge3.ModeTree
	}
	return string(mode)
}

// hexID is a binary id as it is written.
func hexID(id []byte) merge3.ID {
	var room [64]byte
	return merge3.ID(hex.AppendEncode(room[:0], id))
}

// rawPair is what two trees have under one name.
type rawPair [2]rawEntry

func (p rawPair) name() []byte {
	if p[0].none() {
		return p[1].name
	}
	return p[0].name
}

// rawDifferences yields what two trees have differently, in git's order: what only one
// of them has with none on the other side. An error is the last that it yields.
func rawDifferences(a, b []byte, hashSize int) iter.Seq2[rawPair, error] {
	return func(yield func(rawPair, error) bool) {
		for len(a) > 0 || len(b) > 0 {
			x, restA, errA := firstEntry(a, hashSize)
			if errA == nil && len(x.whole) > 0 && bytes.HasPrefix(b, x.whole) {
				a, b = restA, b[len(x.whole):]
				continue
			}
			y, restB, errB := firstEntry(b, hashSize)
			if err := cmp.Or(errA, errB); err != nil {
				yield(rawPair{}, err)
				return
			}
			switch order := compareRaw(x, y); {
			case order < 0:
				y, restB = rawEntry{}, b
			case order > 0:
				x, restA = rawEntry{}, a
			}
			a, b = restA, restB
			if !yield(rawPair{x, y}, nil) {
				return
			}
		}
	}
}

// compareRaw is git's order of entries; none comes after all others.
func compareRaw(a, b rawEntry) int {
	switch {
	case a.none() || b.none():
		return cmp.Compare(len(b.whole), len(a.whole))
	case bytes.Equal(a.name, b.name) && bytes.Equal(a.mode, b.mode):
		return 0
	}
	n := min(len(a.name), len(b.name))
	if c := bytes.Compare(a.name[:n], b.name[:n]); c != 0 {
		return c
	}
	return cmp.Compare(a.byteBehind(n), b.byteBehind(n))
}

// byteBehind is what counts behind the first n bytes of a name.
func (e rawEntry) byteBehind(n int) int {
	switch {
	case n < len(e.name):
		return int(e.name[n])
	case e.isTree():
		return '/'
	}
	return -1
}

// readRawTree is a tree as it is stored; "" is the empty one.
func (s *Scratch) readRawTree(ctx context.Context, id merge3.ID) ([]byte, error) {
	if id == "" || id == s.format.emptyTree() {
		return nil, nil // known to git even where it was never written
	}
	return readType(ctx, s, id, "tree")
}

// DiffTree lists the entries in which two trees differ, in git's order. Nobody may change the list.
func (s *Scratch) DiffTree(ctx context.Context, a, b merge3.ID) ([]merge3.EntryPair, error) {
	s.mu.Lock()
	kept, ok := s.differing.get(treePair{a, b})
	s.mu.Unlock()
	if ok {
		return kept, nil
	}
	old, err := s.readRawTree(ctx, a)
	if err != nil {
		return nil, err
	}
	now, err := s.readRawTree(ctx, b)
	if err != nil {
		return nil, err
	}
	pairs := make([]merge3.EntryPair, 0, 4)
	for raw, err := range rawDifferences(old, now, s.format.size()) {
		var pair merge3.EntryPair
		if err == nil {
			pair.Old, err = raw[0].parsed()
		}
		if err == nil {
			pair.New, err = raw[1].parsed()
		}
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", a, b, err)
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}
