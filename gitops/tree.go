package gitops

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// ParseTree takes the raw content of a tree apart; hashSize is the length of a
// binary id, 20 or 32 bytes. It refuses what git would not write: names that
// are empty, hold a slash, come twice or are out of order.
func ParseTree(raw []byte, hashSize int) ([]merge3.TreeEntry, error) {
	// Trees are what a carry reads most: all names share one string, all ids another.
	count, err := countEntries(raw, hashSize)
	if err != nil {
		return nil, err
	}
	entries := make([]merge3.TreeEntry, 0, count)
	text, ids := string(raw), hexIDs(raw, count, hashSize)
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], 0)
		mode, name, _ := strings.Cut(text[at:end], " ")
		e := merge3.TreeEntry{Mode: mode, Name: name, ID: merge3.ID(ids[:2*hashSize])}
		if err := checkTreeEntry(e); err != nil {
			return nil, err
		}
		if n := len(entries); n > 0 && compareEntries(entries[n-1], e) >= 0 {
			return nil, fmt.Errorf("tree: entry %.80q is out of order or there twice", e.Name)
		}
		entries, ids, at = append(entries, e), ids[2*hashSize:], end+1+hashSize
	}
	return entries, nil
}

func countEntries(raw []byte, hashSize int) (int, error) {
	count := 0
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, 0)
		if end < 0 || len(raw) < end+1+hashSize {
			return 0, fmt.Errorf("tree: entry %d is cut short", count)
		}
		raw = raw[end+1+hashSize:]
		count++
	}
	return count, nil
}

// hexIDs are the ids of a tree that countEntries has looked at, one after the other.
func hexIDs(raw []byte, count, hashSize int) string {
	var ids strings.Builder
	ids.Grow(count * 2 * hashSize)
	var room [64]byte
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, 0) + 1
		ids.Write(hex.AppendEncode(room[:0], raw[end:end+hashSize]))
		raw = raw[end+hashSize:]
	}
	return ids.String()
}

// EncodeTree is the raw content of a tree with these entries, sorted as git
// sorts them. Modes may be zero-padded as git prints them. It refuses what
// ParseTree refuses.
func EncodeTree(entries []merge3.TreeEntry) ([]byte, error) {
	if !slices.IsSortedFunc(entries, compareEntries) {
		entries = slices.SortedFunc(slices.Values(entries), compareEntries)
	}
	size := 0
	for _, e := range entries {
		size += len(e.Mode) + len(e.Name) + len(e.ID)/2 + len(" \x00")
	}
	raw := make([]byte, 0, size)
	for i, e := range entries {
		if err := checkTreeEntry(e); err != nil {
			return nil, err
		}
		if i > 0 && entries[i-1].Name == e.Name {
			return nil, fmt.Errorf("tree: entry %.80q is there twice", e.Name)
		}
		raw = append(raw, strings.TrimLeft(e.Mode, "0")...)
		raw = append(raw, ' ')
		raw = append(raw, e.Name...)
		raw = append(raw, 0)
		var err error
		if raw, err = hex.AppendDecode(raw, []byte(e.ID)); err != nil || !e.ID.Valid() {
			return nil, fmt.Errorf("tree: entry %.80q: %.80q is not an object id", e.Name, e.ID)
		}
	}
	return raw, nil
}

func checkTreeEntry(e merge3.TreeEntry) error {
	if e.Name == "" || strings.IndexByte(e.Name, '/') >= 0 || strings.IndexByte(e.Name, 0) >= 0 {
		return fmt.Errorf("tree: bad name %.80q", e.Name)
	}
	if !validMode(e.Mode) {
		return fmt.Errorf("tree: entry %.80q has bad mode %.20q", e.Name, e.Mode)
	}
	return nil
}

// validMode tells whether mode is octal, of the length that git writes or prints.
func validMode(mode string) bool {
	for i := range len(mode) {
		if mode[i] < '0' || mode[i] > '7' {
			return false
		}
	}
	return len(mode) >= 5 && len(mode) <= 6
}

// compareEntries is git's order: by bytes, a directory as if its name ended in
// a slash.
func compareEntries(a, b merge3.TreeEntry) int {
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(a.Name[:n], b.Name[:n]); c != 0 {
		return c
	}
	return cmp.Compare(sortByte(a, n), sortByte(b, n))
}

// sortByte is what counts behind the first n bytes of a name.
func sortByte(e merge3.TreeEntry, n int) int {
	switch {
	case n < len(e.Name):
		return int(e.Name[n])
	case e.IsDir():
		return '/'
	}
	return -1
}
